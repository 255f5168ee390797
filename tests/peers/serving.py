"""Starts the peers as processes of their own groups on loopback, and ends them for sure.

A peer over HTTP says where it listens; that line, not a pause, is what is waited for. A peer
over stdio is a command that the client starts, so nothing runs here.
"""

import contextlib
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.peers.install import HERE, python_of, script_of_everything
from tests.peers.roster import EVERYTHING, Mode, Peer

START_SECONDS = 60.0
_READY = "listening "


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a peer is reached: a URL, or the command that starts it."""

    url: str = ""
    command: tuple[str, ...] = ()

    def aimed(self, command: str, *options: str) -> tuple[str, ...]:
        """The arguments of mcpverify that aim `command` at this peer."""
        if self.url:
            return (command, self.url, *options)
        return (command, *options, "--", *self.command)


@contextlib.contextmanager
def serving(
    cache: Path, peer: Peer, mode: Mode, logs: Path, variant: str = "reviewed"
) -> Iterator[Endpoint]:
    """A peer that accepts connections, until the block ends. Raises AssertionError if it fails."""
    argv = _argv(cache, peer, mode, variant)
    if mode is Mode.STDIO:
        yield Endpoint(command=tuple(argv))
        return
    path = "/sse" if mode is Mode.SSE else "/mcp"
    with announced(argv, f"{peer.name}-{mode}-{variant}", logs, path) as url:
        yield Endpoint(url=url)


@contextlib.contextmanager
def guarded(cache: Path, peer: Peer, logs: Path, *arguments: str) -> Iterator[str]:
    """The URL of the server of `peer` that demands a token, until the block ends."""
    script = HERE / "servers" / str(peer.server).replace(".py", "_guarded.py")
    argv = [str(python_of(cache, peer)), str(script), *arguments]
    with announced(argv, f"{peer.name}-guarded", logs, "/mcp") as url:
        yield url


@contextlib.contextmanager
def announced(argv: list[str], name: str, logs: Path, path: str) -> Iterator[str]:
    """What a server says it listens at, until the block ends."""
    with (logs / f"{name}.log").open("w+b") as log:
        process = subprocess.Popen(
            argv,
            env=os.environ | {"PEER_PATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        assert process.stdout is not None
        assert process.stdin is not None
        lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        drain = threading.Thread(target=_drain, args=(process.stdout, lines), daemon=True)
        drain.start()
        try:
            yield _address(lines, name, log)
        finally:
            _end(process)
            drain.join(10)
            process.stdin.close()
            process.stdout.close()


def _argv(cache: Path, peer: Peer, mode: Mode, variant: str) -> list[str]:
    if peer is EVERYTHING:
        name = "streamableHttp" if mode is Mode.STATEFUL else str(mode)
        preload = ["--require", str(HERE / "servers" / "on_loopback.cjs")]
        script = str(script_of_everything(cache))
        return ["node", *([] if mode is Mode.STDIO else preload), script, name]
    transport = mode if mode in (Mode.STDIO, Mode.SSE) else "streamable-http"
    argv = [str(python_of(cache, peer)), str(HERE / "servers" / str(peer.server)), str(transport)]
    argv += ["--variant", variant]
    if mode is Mode.STATELESS:
        argv.append("--stateless")
    if mode is Mode.JSON:
        argv.append("--json-response")
    return argv


def _drain(stream: IO[bytes], lines: "queue.SimpleQueue[str | None]") -> None:
    """Read to the end, so that a talkative peer never blocks on a full pipe."""
    for line in stream:
        lines.put(line.decode("utf-8", "replace"))
    lines.put(None)


def _address(lines: "queue.SimpleQueue[str | None]", name: str, log: IO[bytes]) -> str:
    while True:
        try:
            line = lines.get(timeout=START_SECONDS)
        except queue.Empty:
            line = None
        if line is None:
            log.seek(0)
            said = log.read().decode("utf-8", "replace")[-2000:]
            raise AssertionError(f"{name} did not start to serve:\n{said}")
        if line.startswith(_READY):
            return line.removeprefix(_READY).strip()


def _end(process: "subprocess.Popen[bytes]") -> None:
    # Killed, not asked: a peer holds nothing worth saving, and some ignore a request to end.
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait(10)
