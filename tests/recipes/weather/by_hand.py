"""As much of the SDK's MCPServer as the weather server uses, in the same words.

The SDK takes most of a second of CPU to import, and the recipes start a server several times in
each test. This one speaks the handshake era, without sessions. It is to be told from the SDK by
nothing that a recipe does: tests/recipes/test_life_of_a_schema_change.py runs on the SDK itself.
"""

import inspect
import json
import sys
from collections.abc import Callable
from typing import Any, get_args

_VERSIONS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")


class MCPServer:
    def __init__(self, name: str) -> None:
        self._name = name
        self.tools: list[dict[str, Any]] = []

    def tool(self) -> Callable[[Callable[..., str]], Callable[..., str]]:
        def listed(function: Callable[..., str]) -> Callable[..., str]:
            self.tools.append(_described(function))
            return function

        return listed

    def run(self, transport: str) -> None:
        """One message a line, until standard input ends."""
        assert transport == "stdio"
        for line in sys.stdin.buffer:
            answer = self._answer(json.loads(line))
            if answer is not None:
                sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
                sys.stdout.buffer.flush()

    def streamable_http_app(self) -> Any:
        """The same over HTTP, for uvicorn."""

        async def app(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                raise RuntimeError(f"no {scope['type']} here")
            status, answer = self._response(scope, await _body(receive))
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": answer})

        return app

    def _response(self, scope: Any, body: bytes) -> tuple[int, bytes]:
        if scope["path"] != "/mcp":
            return 404, b""
        if scope["method"] != "POST":
            return 405, b""
        version = dict(scope["headers"]).get(b"mcp-protocol-version", b"2025-03-26").decode()
        if version not in _VERSIONS:
            refusal = {"code": -32600, "message": "Bad Request: Unsupported protocol version"}
            return 400, json.dumps({"jsonrpc": "2.0", "id": None, "error": refusal}).encode()
        answer = self._answer(json.loads(body))
        return (202, b"") if answer is None else (200, json.dumps(answer).encode())

    def _answer(self, message: dict[str, Any]) -> dict[str, Any] | None:
        if "id" not in message or "method" not in message:
            return None
        answer = {"jsonrpc": "2.0", "id": message["id"]}
        match message["method"]:
            case "initialize":
                wanted = message["params"]["protocolVersion"]
                return answer | {
                    "result": {
                        "protocolVersion": wanted if wanted in _VERSIONS else _VERSIONS[-1],
                        "capabilities": {"tools": {}},
                        "serverInfo": {"name": self._name, "version": "1.0.0"},
                    }
                }
            case "ping":
                return answer | {"result": {}}
            case "tools/list":
                return answer | {"result": {"tools": self.tools}}
        return answer | {"error": {"code": -32601, "message": "Method not found"}}


def _described(function: Callable[..., str]) -> dict[str, Any]:
    """The tool that this function is, by its signature: texts, and choices of texts."""
    properties: dict[str, Any] = {}
    required = []
    for name, each in inspect.signature(function).parameters.items():
        choices = get_args(each.annotation)
        properties[name] = {"type": "string"} | ({"enum": list(choices)} if choices else {})
        if each.default is inspect.Parameter.empty:
            required.append(name)
        else:
            properties[name]["default"] = each.default
    schema = {"type": "object", "properties": properties, "required": required}
    return {
        "name": function.__name__,
        "description": inspect.getdoc(function) or "",
        "inputSchema": schema,
    }


async def _body(receive: Any) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body
