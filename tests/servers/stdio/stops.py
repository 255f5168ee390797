"""Honest, but its answers to tools/* take a moment; and it stops as the first argument says.

`slow` is a tool that takes as many seconds as it is told. Where a file is named, the process ids
of the server and of the child that it leaves behind are written to it.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from tests.servers.dialog import Dialog, schema, tool
from tests.servers.stdio.honest import answer_to

MOMENT = 0.1
WAYS = (
    "drains",  # answers all it has read, then ends with 0
    "floods",  # likewise, with noise between its answers
    "reads-no-more",  # after a part of its first call
    "dies-when-called",
    "leaves-at-once",  # and a child with it
    "babbles",  # in place of each answer, at the end of its input
    "drops",  # ends at once, with 0
    "refuses",  # answers what is still open with an error
    "cuts",  # begins one answer, and ends inside it
    "waits-for-a-signal",  # the end of its input is nothing to it
    "waits-for-two",  # nor is the first signal; the second ends it with 7
    "hangs",  # nothing ends it
    "leaves-a-child",  # which has the pipes
    "leaves-a-runaway",  # a child in a session of its own
    "answers-no-more",  # after the end of its input, and stays
    "shuts-its-mouth",  # closes standard output, and stays
)
_CHILD = "import time; time.sleep(600)"


class Stopping:
    """A server with answers on their way."""

    def __init__(self, way: str, dialog: Dialog) -> None:
        assert way in WAYS
        self.way = way
        self.dialog = dialog
        self.pending: dict[Any, threading.Thread] = {}
        self.lock = threading.Lock()
        self.mute = False

    def run(self) -> None:
        if self.way == "floods":
            threading.Thread(target=self.flood, daemon=True).start()
        longest = 1024 if self.way == "reads-no-more" else -1
        while line := sys.stdin.buffer.readline(longest):
            if not line.endswith(b"\n"):
                time.sleep(600)
            message = json.loads(line)
            if not str(message.get("method")).startswith("tools/"):
                self.write(self.answer(message))
                continue
            thread = threading.Thread(target=self.answer_later, args=(message,), daemon=True)
            self.pending[message["id"]] = thread
            thread.start()
        self.stop()

    def answer(self, message: dict[str, Any]) -> dict[str, Any] | None:
        if message.get("method") == "tools/call":
            if self.way == "dies-when-called":
                print("the last words", file=sys.stderr, flush=True)
                os._exit(3)
            content = [{"type": "text", "text": "done"}]
            return {"jsonrpc": "2.0", "id": message["id"], "result": {"content": content}}
        return answer_to(message, self.dialog)

    def answer_later(self, message: dict[str, Any]) -> None:
        seconds = message.get("params", {}).get("arguments", {}).get("seconds", MOMENT)
        if not isinstance(seconds, str):
            time.sleep(seconds)
        answer = self.answer(message)
        if answer is not None and isinstance(seconds, str):
            answer["result"]["isError"] = True
        self.write(answer)
        self.pending.pop(message["id"], None)

    def write(self, message: dict[str, Any] | None, end: bytes = b"\n") -> None:
        with self.lock:
            if message is not None and not self.mute:
                sys.stdout.buffer.write(json.dumps(message).encode() + end)
                sys.stdout.buffer.flush()

    def flood(self) -> None:
        # Not so much that the look at the server gives up: it counts what comes unasked.
        while True:
            with self.lock:
                sys.stdout.buffer.write(b"still going...\n" * 100)
                sys.stdout.buffer.flush()
            time.sleep(0.005)

    def stop(self) -> None:
        match self.way:
            case "drains" | "floods" | "reads-no-more":
                for thread in list(self.pending.values()):
                    thread.join()
                os._exit(0)
            case "drops" | "leaves-a-child" | "leaves-a-runaway":
                os._exit(0)
            case "refuses":
                for number in list(self.pending):
                    error = {"code": -32000, "message": "Connection closed"}
                    self.write({"jsonrpc": "2.0", "id": number, "error": error})
                os._exit(0)
            case "babbles":
                for number in list(self.pending):
                    babble = f'{{"jsonrpc": "2.0", "id": {number}, "result": NaN}}\n'
                    sys.stdout.buffer.write(babble.encode())
                sys.stdout.buffer.flush()
                os._exit(0)
            case "cuts":
                with self.lock:
                    number = next(iter(self.pending))
                    begun = json.dumps({"jsonrpc": "2.0", "id": number, "result": {}})[:-2]
                    sys.stdout.buffer.write(begun.encode())
                    sys.stdout.buffer.flush()
                    os._exit(0)
            case "shuts-its-mouth":
                self.mute = True
                os.close(1)
            case "answers-no-more":
                self.mute = True
        while True:
            time.sleep(60)


def main(way: str, pids: str = "") -> None:
    handled = [signal.SIGTERM, signal.SIGINT]
    for number in handled:
        # What a shell runs in the background is born deaf to SIGINT.
        signal.signal(number, signal.SIG_IGN if way == "hangs" else signal.SIG_DFL)
    if way == "waits-for-two":
        second = lambda number, frame: os._exit(7)  # noqa: E731
        first = lambda number, frame: signal.signal(number, second)  # noqa: E731
        signal.signal(signal.SIGTERM, first)
    if way.startswith("leaves"):
        child = subprocess.Popen(
            [sys.executable, "-c", _CHILD],
            stdin=subprocess.DEVNULL,
            start_new_session=way == "leaves-a-runaway",
        )
        told = f"{os.getpid()} {child.pid}\n"
    else:
        told = f"{os.getpid()}\n"
    if pids:
        with Path(pids).open("a") as file:
            file.write(told)
    if way == "leaves-at-once":
        sys.exit(3)
    slow = tool("slow", inputSchema=schema(seconds={"type": "number"}))
    Stopping(way, Dialog(tools=[tool("add"), slow])).run()
