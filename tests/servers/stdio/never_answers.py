"""Reads all that it is sent and answers none of it; with a step named, from there on."""

import json
import sys

from tests.servers.dialog import Dialog
from tests.servers.stdio.honest import answer_to, write


def main(at: str = "start") -> None:
    dialog = Dialog(prompts=[], resources=[], templates=[])
    silent = at == "start"
    for line in sys.stdin.buffer:
        message = json.loads(line)
        silent = silent or message.get("method") == at
        answer = answer_to(message, dialog)
        if answer and not silent:
            write(answer)
