"""Ends with exit code 3 and its last words on stderr: `start` or at a step that is named.

`signal` in place of an exit code ends it with SIGKILL.
"""

import json
import os
import signal
import sys

from tests.servers.dialog import Dialog
from tests.servers.stdio.honest import answer_to, write


def main(at: str = "start", how: str = "3") -> None:
    if at == "start":
        _end(how)
    dialog = Dialog()
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if message.get("method") == at:
            _end(how)
        if answer := answer_to(message, dialog):
            write(answer)


def _end(how: str) -> None:
    for number in range(1, 15):
        print(f"line {number} of the last words", file=sys.stderr)
    print("\x1b[31mFATAL\x1b[0m \x1b]0;owned\x07[bold]no database[/bold]", file=sys.stderr)
    print("::error::owned by stderr", file=sys.stderr)
    # A typical leak: the configuration, with what the environment gave it.
    print(f"config: token={os.environ.get('SERVICE_TOKEN', 'none')}", file=sys.stderr, flush=True)
    if how == "signal":
        os.kill(os.getpid(), signal.SIGKILL)
    os._exit(int(how))
