"""Writes megabytes to stderr before and between its answers: a full pipe would block it."""

import json
import sys

from tests.servers.dialog import Dialog
from tests.servers.stdio.honest import answer_to, write

_FLOOD = ("DEBUG " + "x" * 993 + "\n") * 4096


def main(kind: str = "lines") -> None:
    """`kind`: lines, or one-line (no newline ever)."""
    flood = _FLOOD if kind == "lines" else _FLOOD.replace("\n", "x")
    dialog = Dialog()
    sys.stderr.write(flood)
    sys.stderr.flush()
    for line in sys.stdin.buffer:
        sys.stderr.write(flood)
        sys.stderr.flush()
        if answer := answer_to(json.loads(line), dialog):
            write(answer)
