"""`tests.servers.drains` as processes: the command for drain, and one that a test started."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_SCRIPT = str(Path(__file__).with_name("drains.py"))


def command(way: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, _SCRIPT, way, *arguments)


@dataclass(frozen=True, slots=True)
class Running:
    process: "subprocess.Popen[bytes]"
    url: str


@contextlib.contextmanager
def running(way: str, folder: Path, port: int = 0) -> Iterator[Running]:
    """One that serves. It is gone when the block is left."""
    environment = {**os.environ, "NOTES": str(folder)}
    with subprocess.Popen(command(way, str(port)), env=environment) as process:
        try:
            yield Running(process, f"http://127.0.0.1:{_port(folder, process.pid)}/mcp")
        finally:
            process.send_signal(signal.SIGKILL)


def pids(folder: Path) -> list[int]:
    """Those of all that were started with NOTES in `folder`."""
    return sorted(int(path.stem) for path in folder.glob("*.pid"))


def _port(folder: Path, pid: int) -> int:
    """Told once it listens."""
    until = time.monotonic() + 15
    while time.monotonic() < until:
        with contextlib.suppress(FileNotFoundError, ValueError):
            return int((folder / f"{pid}.pid").read_text())
        time.sleep(0.01)
    raise TimeoutError("the server did not start")
