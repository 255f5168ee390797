"""The rivals in processes of their own: asked a pair at a time, ended where they do not answer."""

import json
import os
import selectors
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from drift.counting import Answer, Silence

CHILDREN = Path(__file__).resolve().parent / "children"
PATIENCE = 5.0
"""Seconds that a rival has for one pair."""
_START = 60.0


class Asked:
    """A rival that answers a line with a line, started anew where it hung or died."""

    def __init__(self, argv: tuple[str, ...]) -> None:
        self._argv = argv
        self._process: subprocess.Popen[bytes] | None = None

    def contains(self, producer: Any, acceptor: Any) -> Answer:
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        line = json.dumps({"producer": producer, "acceptor": acceptor}) + "\n"
        try:
            process.stdin.write(line.encode())
            process.stdin.flush()
            said = _line(process.stdout, PATIENCE)
        except OSError:
            said = b""
        if said is None or not said.endswith(b"\n"):
            self.end()
            return Answer(Silence.TIMED_OUT if said is None else Silence.RAISED, PATIENCE)
        told = json.loads(said)
        said_so = told.get("contained", Silence.RAISED)
        return Answer(said_so, told["seconds"], told.get("trouble", ""))

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                self._argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
            )
            # What it takes to start is nobody's time for a pair.
            warm = json.dumps({"producer": {"type": "string"}, "acceptor": {"type": "string"}})
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(warm.encode() + b"\n")
            _line(self._process.stdout, _START)
        return self._process

    def end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            with process:
                pass


def _line(stream: IO[bytes], seconds: float) -> bytes | None:
    """What comes up to the end of a line or of the stream; None where time is up before."""
    read = b""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while not read.endswith(b"\n"):
            if not selector.select(seconds):
                return None
            piece = os.read(stream.fileno(), 65_536)
            if not piece:
                break
            read += piece
    return read


@contextmanager
def asked(*argv: str) -> Iterator[Asked]:
    """A rival by its command, until the block ends."""
    rival = Asked(argv)
    try:
        yield rival
    finally:
        rival.end()


def in_node(node: str, package: Path) -> tuple[str, ...]:
    return (node, str(CHILDREN / "json_schema_diff.cjs"), str(package))


def in_python(python: Path) -> tuple[str, ...]:
    return (str(python), str(CHILDREN / "json_subschema.py"))
