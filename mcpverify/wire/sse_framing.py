"""Server-Sent Events, parsed as they arrive.

https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Event:
    """One dispatched event. `data` is undecoded, its lines joined by LF; it may be empty."""

    name: str
    data: bytes
    id: str | None


class EventParser:
    """Feed it bytes in any chunks; it yields the events that they complete.

    Memory is bounded by what is fed: cap the stream. Work is linear in it.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._scanned = 0
        self._skip_line_feed = False
        self._at_start = True
        self._name = b""
        self._data: list[bytes] = []
        self._id: bytes | None = None

    def feed(self, chunk: bytes) -> Iterator[Event]:
        if self._skip_line_feed and chunk:
            # The CR that ended the last line was the first half of a CRLF.
            chunk = chunk.removeprefix(b"\n")
            self._skip_line_feed = False
        self._buffer += chunk
        if self._at_start:
            if len(self._buffer) < len(_BOM) and _BOM.startswith(self._buffer):
                return
            if self._buffer.startswith(_BOM):
                del self._buffer[: len(_BOM)]
            self._at_start = False
        begin = 0
        for end in _LINE_END.finditer(self._buffer, self._scanned):
            line = bytes(self._buffer[begin : end.start()])
            begin = end.end()
            event = self._line(line)
            if event is not None:
                yield event
        self._skip_line_feed = begin == len(self._buffer) > 0 and self._buffer.endswith(b"\r")
        del self._buffer[:begin]
        self._scanned = len(self._buffer)

    def _line(self, line: bytes) -> Event | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        match field:
            case b"event":
                self._name = value
            case b"data":
                self._data.append(value)
            case b"id" if b"\0" not in value:
                self._id = value
            case _:
                pass  # comments (an empty field), retry, and fields nobody knows
        return None

    def _dispatch(self) -> Event | None:
        name, data, self._name = self._name, self._data, b""
        if not data:
            return None
        self._data = []
        event_id = None if self._id is None else self._id.decode("utf-8", "replace")
        return Event(name.decode("utf-8", "replace") or "message", b"\n".join(data), event_id)
