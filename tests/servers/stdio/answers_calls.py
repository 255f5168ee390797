"""Answers calls of tools that only read; the name of the tool says how.

`echo` returns its arguments, `talk` first sends notifications and asks for a ping and for sampling,
`hang` never answers, `crash` ends the process, `flood` writes a line without an end.
"""

import json
import sys
from typing import Any

from tests.servers.dialog import Dialog, tool
from tests.servers.stdio.honest import answer_to, ask, write

NAMES = ("echo", "talk", "hang", "crash", "flood")


def main(eras: str = "handshake") -> None:
    only_reads = {"readOnlyHint": True}
    tools = [tool(each, annotations=only_reads, inputSchema={"type": "object"}) for each in NAMES]
    dialog = Dialog(tools=tools, eras=tuple(eras.split(",")))
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if message.get("method") == "tools/call":
            call(message)
        elif answer := answer_to(message, dialog):
            write(answer)


def call(message: dict[str, Any]) -> None:
    params = message["params"]
    match params["name"]:
        case "hang":
            return
        case "crash":
            sys.exit("FATAL: no database")
        case "flood":
            while True:
                sys.stdout.buffer.write(b"x" * 65536)
        case "talk":
            for method in ("notifications/progress", "notifications/message"):
                write({"jsonrpc": "2.0", "method": method, "params": {}})
            ask(sys.stdin.buffer)
    text = json.dumps(params["arguments"])
    result = {"content": [{"type": "text", "text": text}], "resultType": "complete"}
    write({"jsonrpc": "2.0", "id": message["id"], "result": result})
