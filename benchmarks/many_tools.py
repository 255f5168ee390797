"""An honest server with as many tools as asked for: `python many_tools.py COUNT`.

It speaks the handshake era over Streamable HTTP, keeps no sessions, and has its one large answer
ready, so that what is measured is the client. Prints its URL and ends with its standard input.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def tool(number: int) -> dict[str, Any]:
    """A tool of usual size: three arguments, one an enum, about 700 bytes."""
    return {
        "name": f"search_orders_{number}",
        "title": f"Search the orders of region {number}",
        "description": "Finds the orders that hold all of the words, the newest first.",
        "annotations": {"readOnlyHint": True, "openWorldHint": False},
        "inputSchema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {
                "words": {"type": "string", "minLength": 1, "description": "What to look for."},
                "state": {"type": "string", "enum": ["open", "paid", "sent", "returned"]},
                "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
            },
            "required": ["words"],
            "additionalProperties": False,
        },
    }


class Handler(BaseHTTPRequestHandler):
    """Answers each method; whatever is unknown is refused."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    tools: bytes

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if "id" not in asked:
            self._answer(202, b"")
            return
        result = self._result(asked)
        number = json.dumps(asked["id"]).encode()
        if result is None:
            problem = b'{"code":-32601,"message":"Method not found"}'
            refusal = b'{"jsonrpc":"2.0","id":' + number + b',"error":' + problem + b"}"
            self._answer(400, refusal)
            return
        self._answer(200, b'{"jsonrpc":"2.0","id":' + number + b',"result":' + result + b"}")

    def _result(self, asked: dict[str, Any]) -> bytes | None:
        match asked["method"]:
            case "initialize":
                opened = {
                    "protocolVersion": "2025-11-25",
                    "capabilities": {"tools": {}},
                    "serverInfo": {"name": "many-tools", "version": "1.0.0"},
                }
                return json.dumps(opened).encode()
            case "tools/list":
                return self.tools
        return None

    def do_GET(self) -> None:
        self._answer(405, b"")

    def do_DELETE(self) -> None:
        self._answer(405, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *values: object) -> None:
        pass


def main(count: int) -> None:
    Handler.tools = json.dumps({"tools": [tool(number) for number in range(count)]}).encode()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}/mcp", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]))
