"""The lines of a standard output, as far as they are of use, and what ids broken ones have."""

import json
import re
from contextlib import suppress

_ID = re.compile(rb'"id"\s*:\s*(\d{1,9})\s*[,}]')


class Lines:
    """Cuts a stream into lines, and forgets a line that is longer than `longest`."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._partial = bytearray()
        self._forgetting = False

    @property
    def rest(self) -> bytes:
        """What came after the last end of a line."""
        return bytes(self._partial)

    def of(self, chunk: bytes) -> list[bytes]:
        *ends, partial = chunk.split(b"\n")
        lines = []
        for end in ends:
            if not self._forgetting:
                lines.append(bytes(self._partial) + end)
            self._partial.clear()
            self._forgetting = False
        if not self._forgetting:
            self._partial += partial
        if len(self._partial) > self._longest:
            self._partial.clear()
            self._forgetting = True
        return lines


def ids_in(line: bytes) -> list[int]:
    """The ids that a line seems to have, which is no JSON or no message."""
    if b'"jsonrpc"' not in line:
        return []
    with suppress(ValueError, RecursionError):
        value = json.loads(line)
        members = value if isinstance(value, list) else [value]
        ids = [member.get("id") for member in members if isinstance(member, dict)]
        return [each for each in ids if type(each) is int]
    return [int(found) for found in _ID.findall(line)]
