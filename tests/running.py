"""mcpverify as its users run it: a process of its own, with an environment that is known."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_MEASURED = str(Path(__file__).with_name("measured.py"))

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


def run(
    *arguments: str,
    cwd: Path,
    home: Path,
    env: Mapping[str, str] | None = None,
    timeout: float = 30.0,
) -> Run:
    """Runs mcpverify to its end. After `timeout` seconds its process group is killed."""
    report = home / "measured"
    command = (sys.executable, "-m", "mcpverify", *arguments)
    started = time.monotonic()
    # Files, not pipes: what a killed process leaves behind could keep a pipe open for ever.
    with (home / "stdout").open("w+b") as stdout, (home / "stderr").open("w+b") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", _MEASURED, str(report), *command],
            cwd=cwd,
            env=environment(home, env),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
        watchdog = threading.Timer(timeout, _kill_group, (process.pid,))
        watchdog.start()
        try:
            process.wait()
        finally:
            watchdog.cancel()
            watchdog.join()
        seconds = time.monotonic() - started
        texts = []
        for file in (stdout, stderr):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "surrogateescape"))
    if not report.exists():
        raise TimeoutError(f"{command} was killed after {seconds:.1f} s:\n{texts[0]}{texts[1]}")
    code, peak = report.read_text().split()
    report.unlink()
    divisor = 2**20 if sys.platform == "darwin" else 2**10
    return Run(int(code), texts[0], texts[1], seconds, int(peak) / divisor)


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
