"""The server in the runs that the documents show: lists the tools of FILE, as release VERSION.

It prints its URL once it listens, and ends when it is told to. It knows no more of MCP than a run
of `mcpverify check` asks for, so that it is there at once.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar


class Weather(BaseHTTPRequestHandler):
    """Streamable HTTP without sessions and streams."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    results: ClassVar[dict[str, Any]] = {}

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if "id" not in asked:
            self._answer(202, b"")
            return
        answer: dict[str, Any] = {"jsonrpc": "2.0", "id": asked["id"]}
        if asked["method"] in self.results:
            answer["result"] = self.results[asked["method"]]
        else:
            answer["error"] = {"code": -32601, "message": "Method not found"}
        self._answer(200, json.dumps(answer).encode())

    def do_GET(self) -> None:
        self._answer(405, b"")

    def do_DELETE(self) -> None:
        self._answer(405, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        if body:
            self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the runs are what is shown."""


def main(listing: str, version: str) -> None:
    Weather.results = {
        "initialize": {
            "protocolVersion": "2025-11-25",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "weather", "version": version},
        },
        "tools/list": json.loads(Path(listing).read_text(encoding="utf-8")),
    }
    with ThreadingHTTPServer(("127.0.0.1", 0), Weather) as server:
        sys.stdout.write(f"listening http://127.0.0.1:{server.server_port}/mcp\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
