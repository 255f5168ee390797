"""Honest, but ends its lines with CR LF as servers on Windows do, with empty ones between."""

import json
import sys

from tests.servers.dialog import Dialog
from tests.servers.stdio.honest import answer_to, write


def main() -> None:
    dialog = Dialog()
    for line in sys.stdin.buffer:
        if answer := answer_to(json.loads(line), dialog):
            write(answer, end=b"\r\n\r\n")
