"""An honest stdio server: one message a line, until its input ends.

Options: `eras=handshake,stateless`, `strict` (a request before initialize ends it, as mcp
1.6 does), `tools=NAME,NAME`, `requests` (it asks for a ping and for roots before it lists,
and ends where a ping is not answered or roots are not refused).
"""

import json
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

from tests.servers.dialog import (
    CAPABILITIES_KEY,
    STATELESS,
    VERSION_KEY,
    Dialog,
    JsonRpcError,
    tool,
)

Write = Callable[[Any], None]


def main(*options: str) -> None:
    named = dict(option.partition("=")[::2] for option in options)
    dialog = Dialog(eras=tuple(named.get("eras", "handshake").split(",")))
    if "tools" in named:
        dialog.tools = [tool(name) for name in named["tools"].split(",")]
    initialized = False
    for line in sys.stdin.buffer:
        message = json.loads(line)
        initialized = initialized or message.get("method") == "initialize"
        if "strict" in named and not initialized:
            sys.exit("RuntimeError: Received request before initialization was complete")
        if "requests" in named and message.get("method") == "tools/list":
            ask(sys.stdin.buffer)
        if answer := answer_to(message, dialog):
            write(answer)


def answer_to(message: dict[str, Any], dialog: Dialog) -> dict[str, Any] | None:
    """The response to a request, None to anything else."""
    if "id" not in message or "method" not in message:
        return None
    answer: dict[str, Any] = {"jsonrpc": "2.0", "id": message["id"]}
    params = message.get("params") or {}
    try:
        era = _era(params, dialog)
        return answer | {"result": dialog.result(message["method"], params, era)}
    except JsonRpcError as refusal:
        return answer | {"error": refusal.error}


def ask(source: BinaryIO) -> None:
    """Sends requests of our own, and ends if one is answered as a client must not."""
    for method, code in (("ping", None), ("roots/list", -32601)):
        write({"jsonrpc": "2.0", "id": f"s-{method}", "method": method})
        answer = json.loads(source.readline())
        if answer.get("error", {}).get("code") != code or ("result" in answer) != (code is None):
            sys.exit(f"{method} was answered with {answer}")


def write(message: Any, end: bytes = b"\n") -> None:
    sys.stdout.buffer.write(json.dumps(message).encode() + end)
    sys.stdout.buffer.flush()


def _era(params: dict[str, Any], dialog: Dialog) -> str:
    meta = params.get("_meta") or {}
    if VERSION_KEY not in meta or "stateless" not in dialog.eras:
        if "handshake" not in dialog.eras:
            raise JsonRpcError(-32602, "params._meta lacks the version")
        return "handshake"
    if CAPABILITIES_KEY not in meta:
        raise JsonRpcError(-32602, "params._meta lacks the capabilities")
    if meta[VERSION_KEY] != STATELESS:
        raise JsonRpcError(-32022, "Unsupported version", {"supported": [STATELESS]})
    return "stateless"
