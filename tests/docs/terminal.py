"""A terminal of someone who has never seen mcpverify: real bash, an empty home and folder.

`pip install mcpverify` cannot be had from an index before a release, and tests ask no index
anyway. In its place `installed.py` runs, by the very python of the reader's own virtual
environment, and leaves there what pip would: the package of this checkout, what it depends on,
and its command. All else is done as it is typed.
"""

import os
import queue
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Self

from tests import running

_INSTALLS = "pip install mcpverify\n"
INSTALLED = Path(__file__).with_name("installed.py")
_PORT = "8000"  # the one that pages tell their readers to use
_END = "--- end of the block:"


class Terminal:
    """One bash, from `with` to its end, which is that of whatever it left running, too."""

    def __init__(self, folder: Path, home: Path, scratch: Path) -> None:
        self._folder = folder
        self._scratch = scratch
        self._port = str(_free_port())
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=running.environment(home, _newcomer(scratch)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        assert self._bash.stdin is not None
        os.killpg(self._bash.pid, signal.SIGKILL)
        self._bash.wait()
        self._bash.stdin.close()

    def _read(self) -> None:
        assert self._bash.stdout is not None
        with self._bash.stdout as lines:
            for line in lines:
                self._lines.put(line)
        self._lines.put(None)

    def type(self, block: str, seconds: float = 60.0) -> tuple[list[int], str]:
        """Runs a block. Returns the codes of the commands that failed, and all that was printed.

        Raises TimeoutError where it has not ended in time.
        """
        assert self._bash.stdin is not None
        file = self._scratch / "typed"
        file.write_text(f"{self._typed(block)}:\n")  # else `.` fails, too, where the last one does
        # From a file, so that no command can eat those after it from standard input.
        self._bash.stdin.write(
            "failures=()\ntrap 'failures+=($?)' ERR\n"
            f". {shlex.quote(str(file))} < /dev/null\n"
            f"trap - ERR\necho; echo {shlex.quote(_END)} ${{failures[*]}}; pwd\n"
        )
        self._bash.stdin.flush()
        printed, deadline = "", time.monotonic() + seconds
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise TimeoutError(f"{block}\nprinted until then:\n{printed}") from None
            if line is None:
                raise EOFError(f"{block}\nended the shell, and printed:\n{printed}")
            if line.startswith(_END):
                codes = [int(code) for code in line.removeprefix(_END).split()]
                self._folder = Path((self._lines.get(timeout=seconds) or "").removesuffix("\n"))
                return codes, self._shown(printed.removesuffix("\n"))
            printed += line

    def save(self, name: str, text: str) -> None:
        self._path(name).write_text(text.replace(_PORT, self._port))

    def edit(self, name: str, old: str, new: str) -> None:
        """Raises ValueError where the lines to replace do not stand there, once."""
        text = self._path(name).read_text()
        if text.count(old) != 1:
            raise ValueError(f"{name} has {text.count(old)} times:\n{old}")
        self._path(name).write_text(text.replace(old, new))

    def _path(self, name: str) -> Path:
        """A file as the reader means it, who has by now changed to some folder."""
        return self._folder / name

    def _typed(self, block: str) -> str:
        command = shlex.join(["python", str(INSTALLED), sys.executable])
        return block.replace(_INSTALLS, f"pip --version > /dev/null\n{command}\n").replace(
            _PORT, self._port
        )

    def _shown(self, printed: str) -> str:
        return printed.replace(self._port, _PORT)


def _newcomer(scratch: Path) -> dict[str, str]:
    """Python 3, git and the usual tools, but no mcpverify, and no name that git knows."""
    # That of these tests, which need not be the `python3` of the system.
    python = Path(sys.base_prefix, "bin", "python{}.{}".format(*sys.version_info))
    file = scratch / "bin" / "python3"
    file.parent.mkdir()
    file.write_text(f'#!/bin/sh\nexec {shlex.quote(str(python))} "$@"\n')
    file.chmod(0o755)
    return {
        "PATH": f"{file.parent}:/usr/bin:/bin",
        "VIRTUAL_ENV": "",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "user.useConfigOnly",
        "GIT_CONFIG_VALUE_0": "true",
    }


def _free_port() -> int:
    """A free port of as many digits as the page's, so that lines are broken at the same place."""
    for port in range(1024 + os.getpid() * 7 % 8000, 10_000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no port of four digits is free")


_STEADY = (
    (r" *\d\d:\d\d:\d\dZ  [\d.]+ (?:ms|s|min)  (?=exit \d)", "  03:12:44Z  86 ms  "),
    (r"slowest \S+ [\d.]+ m?s\b", "slowest initialize 7 ms"),
    (r"\bsha256:[0-9a-f]{12}\b", "sha256:8c3f0b51d2e7"),
    (r"\b(git:|commit )[0-9a-f]{12}\b", r"\g<1>4b1d0aa93c55"),
    # Where this line is broken hangs on how long ago it was.
    (
        r"(live equals \S+ at) [0-9a-f]+\s+\([^)]+\):\s+an\s+old\s+release\s+is\s+serving\n",
        "\\1 4b1d0aa (6 days ago): an old release is\n  serving\n",
    ),
)


def steadied(printed: str) -> str:
    """What was printed, with all that differs from run to run made the same."""
    for pattern, steady in _STEADY:
        printed = re.sub(pattern, steady, printed)
    lines = []
    for line in printed.splitlines():
        left, stamp, right = line.partition("  03:12:44Z")
        lines.append(f"{left}{stamp + right:>{80 - len(left)}}" if stamp else line)
    return "".join(f"{line}\n" for line in lines)
