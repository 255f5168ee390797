"""mcpverify as its users run it: a process of its own, with an environment that is known."""

import atexit
import contextlib
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

from mcpverify.demo.options import DemoOptions
from mcpverify.demo.process import started as started_anew

_MEASURED = str(Path(__file__).with_name("measured.py"))
_FORKING = str(Path(__file__).with_name("forking.py"))

# What a process needs to start at all. Everything else could change what it does.
_KEPT = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG", "LC_ALL", "LC_CTYPE", "VIRTUAL_ENV")


@dataclass(frozen=True, slots=True)
class Run:
    """How a run ended. `mebibytes` is its peak resident memory, its children's left out."""

    code: int
    stdout: str
    stderr: str
    seconds: float
    mebibytes: float

    @property
    def output(self) -> str:
        return self.stdout + self.stderr

    @property
    def words(self) -> str:
        """All output with its line breaks and indentation undone, to look for sentences in."""
        return " ".join(self.output.split())

    @property
    def report(self) -> Any:
        """The JSON on stdout."""
        return json.loads(self.stdout)


def environment(home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment without proxies, CI, colors or anyone's configuration."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or name.startswith(("COV_", "COVERAGE_"))
    }
    return kept | {"HOME": str(home), "USERPROFILE": str(home)} | dict(extra or {})


_AT_START = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_", "OPENSSL_", "TYPER_", "_TYPER_")
_FORKED_WITH = environment(Path("/"))


def run(
    *arguments: str,
    cwd: Path,
    home: Path,
    env: Mapping[str, str] | None = None,
    timeout: float = 30.0,
) -> Run:
    """Runs mcpverify to its end. After `timeout` seconds its process group is killed."""
    variables = environment(home, env)
    started = time.monotonic()
    # Files, not pipes: what a killed process leaves behind could keep a pipe open for ever.
    with (home / "stdout").open("w+b") as stdout, (home / "stderr").open("w+b") as stderr:
        files = (stdout.fileno(), stderr.fileno())
        ended = _fork(arguments, cwd, variables, files, timeout) or _start(
            arguments, cwd, variables, files, timeout, home / "measured"
        )
        seconds = time.monotonic() - started
        texts = []
        for file in (stdout, stderr):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "surrogateescape"))
    if not ended.strip():
        raise TimeoutError(f"{arguments} was killed after {seconds:.1f} s:\n{texts[0]}{texts[1]}")
    code, peak = ended.split()
    divisor = 2**20 if sys.platform == "darwin" else 2**10
    return Run(int(code), texts[0], texts[1], seconds, int(peak) / divisor)


def _start(
    arguments: tuple[str, ...],
    cwd: Path,
    variables: Mapping[str, str],
    files: tuple[int, int],
    timeout: float,
    report: Path,
) -> str:
    """In an interpreter of its own: its exit code and peak memory, or "" where it was killed."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-I", "-S", _MEASURED, str(report)),
            *(sys.executable, "-m", "mcpverify", *arguments),
        ],
        cwd=cwd,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=files[0],
        stderr=files[1],
        start_new_session=True,
    )
    with _killed_after(timeout, process.pid):
        process.wait()
    if not report.exists():
        return ""
    ended = report.read_text()
    report.unlink()
    return ended


def _fork(
    arguments: tuple[str, ...],
    cwd: Path,
    variables: Mapping[str, str],
    files: tuple[int, int],
    timeout: float,
) -> str:
    """The same in a fork of a process that has mcpverify imported; "" where that cannot be."""
    with open(os.devnull, "rb") as nothing:
        told = _forked("mcpverify", arguments, cwd, variables, (nothing.fileno(), *files))
    if told is None:
        return ""
    with told:
        group = told.readline()
        if not group:
            return ""
        with _killed_after(timeout, int(group)):
            # A line break, as what was started and killed has told nothing either.
            return told.readline() or "\n"


@contextlib.contextmanager
def demo(options: DemoOptions) -> Iterator[str]:
    """A demo server over HTTP, as `mcpverify.demo.process.started` has it; yields its URL.

    In a fork, where that can be, since its imports take most of a second. It ends with the block,
    or with us.
    """
    listening, stdout = os.pipe()
    stdin, lifeline = os.pipe()
    with open(os.devnull, "wb") as stderr, open(listening) as lines:
        _, _, _, *arguments = replace(options, lifeline=True).command
        streams = (stdin, stdout, stderr.fileno())
        variables = environment(Path.home())
        told = _forked("mcpverify.demo", tuple(arguments), Path.cwd(), variables, streams)
        os.close(stdin)
        os.close(stdout)
        if told is None:
            os.close(lifeline)
            with started_anew(options) as url:
                yield url
            return
        with told:
            group = int(told.readline())
            try:
                yield lines.readline().split()[-1]
            finally:
                os.close(lifeline)
                with _killed_after(2.0, group):
                    told.readline()
                _kill_group(group)


def _forked(
    module: str,
    arguments: tuple[str, ...],
    cwd: Path,
    variables: Mapping[str, str],
    streams: tuple[int, int, int],
) -> TextIO | None:
    """Where it is told which process group it is, and how it ended; None where it cannot be."""
    measured = any(name.startswith("COV") for name in variables)
    if sys.platform != "linux" or measured or _at_start(variables) != _at_start(_FORKED_WITH):
        return None
    umask = os.umask(0)
    os.umask(umask)
    wanted = {
        "arguments": arguments,
        "cwd": str(Path(cwd).resolve()),
        "environment": variables,
        "umask": umask,
    }
    ours, theirs = socket.socketpair()
    with ours, theirs:
        try:
            message = json.dumps(wanted).encode()
            socket.send_fds(_forking(module), [message], [*streams, theirs.fileno()])
        except OSError:
            return None
        return ours.makefile()


def _at_start(variables: Mapping[str, str]) -> dict[str, str]:
    """What is looked at when an interpreter or an import begins, and never again."""
    return {name: value for name, value in variables.items() if name.startswith(_AT_START)}


@functools.cache
def _forking(module: str) -> socket.socket:
    """Where to send how it is to be run. The process at the other end ends with us."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        forking = subprocess.Popen(
            [sys.executable, _FORKING, module, str(theirs.fileno())],
            cwd="/",
            env=_FORKED_WITH,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def end() -> None:
        ours.close()
        forking.wait()

    atexit.register(end)
    return ours


@contextlib.contextmanager
def _killed_after(timeout: float, group: int) -> Iterator[None]:
    watchdog = threading.Timer(timeout, _kill_group, (group,))
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()
        watchdog.join()


@contextlib.contextmanager
def started(
    *arguments: str,
    cwd: Path,
    home: Path,
    env: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[str]]:
    """A running mcpverify, to be signalled. Its process group dies with the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "mcpverify", *arguments],
        cwd=cwd,
        env=environment(home, env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            _kill_group(process.pid)


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
