"""The last lines of what a process writes: its pipes are drained whatever it says."""

import re
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import IO

from mcpverify.wire.processes import STDERR_LINES

_LINE_BYTES = 4096
_CHUNK = 65_536


_TOLD = 3
_ERROR = re.compile(r"\b(?:\w*Error|\w*Exception|error|fatal|panic)\b:?", re.IGNORECASE)


def telling(lines: Sequence[str]) -> str:
    """What most likely says why a process ended: its last lines, and that of its error."""
    last = [line.strip() for line in lines[-_TOLD:]]
    errors = [line.strip() for line in lines if _ERROR.search(line)]
    told = [*errors[-1:], *last] if errors and errors[-1] not in last else last
    return " | ".join(told)


class Tail:
    """Reads an unbuffered pipe to its end in a thread, in bounded memory."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._lines: deque[bytes] = deque(maxlen=STDERR_LINES)
        self._partial = b""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def lines(self, patience: float = 0.0) -> tuple[str, ...]:
        """The last lines that are not empty; waits up to `patience` seconds for the pipe's end."""
        self._thread.join(patience)
        lines = [*list(self._lines), self._partial][-STDERR_LINES:]
        texts = (line.decode("utf-8", "replace").rstrip() for line in lines)
        return tuple(text for text in texts if text)

    def close(self) -> None:
        """Whoever else holds the pipe may keep it open for ever: not waited for."""
        self._thread.join(0.2)
        with suppress(OSError, ValueError):
            self._pipe.close()

    def _read(self) -> None:
        with suppress(OSError, ValueError):
            while chunk := self._pipe.read(_CHUNK):
                *lines, rest = (self._partial + chunk).split(b"\n")
                self._lines.extend(line[:_LINE_BYTES] for line in lines)
                self._partial = rest[:_LINE_BYTES]
