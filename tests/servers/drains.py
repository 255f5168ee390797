"""A small server as a process that drains in one of several ways when SIGTERM comes.

`python drains.py WAY [PORT [PATH]]`. It is started by drain, and writes nothing but on stderr.
"""

import json
import os
import signal
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType
from typing import Any

LAME_DUCK = 1.3  # seconds, in which what drain holds back arrives
TOOL = {"name": "brew", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": True}}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, path: str, token: str | None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.path = path
        self.token = token
        self.draining = False
        self.sessions: set[str] = set()
        self.under_way = 0
        self.lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        if self.path == "/readyz":
            self.respond(503 if self.server.draining else 200, b"")
        elif self.path == "/livez":
            self.respond(200, b"")
        else:
            self.respond(405, b"")

    def do_POST(self) -> None:
        draining = self.server.draining
        with self.server.lock:
            self.server.under_way += 1
        try:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) < length:
                self.close_connection = True  # it was held back, and then given up
            elif self.path != self.server.path:
                self.respond(404, b"")
            elif draining:
                self.respond(503, b"draining")
            else:
                self.answer(json.loads(body))
        finally:
            with self.server.lock:
                self.server.under_way -= 1

    def answer(self, message: dict[str, Any]) -> None:
        method = message["method"]
        if method == "initialize":
            session = uuid.uuid4().hex
            self.server.sessions.add(session)
            result: dict[str, Any] = {
                "protocolVersion": "2025-11-25",
                "capabilities": {"tools": {}},
                # Servers repeat what they were given more often than one thinks.
                "serverInfo": {"name": f"drains {self.server.token or ''}", "version": "1.0"},
            }
            self.reply(message, {"result": result}, {"Mcp-Session-Id": session})
        elif method == "server/discover":
            self.reply(message, {"error": {"code": -32601, "message": "no such method"}})
        elif self.headers["Mcp-Session-Id"] not in self.server.sessions:
            self.respond(404, b"")
        elif "id" not in message:
            self.respond(202, b"")
        elif method == "tools/call":
            time.sleep(message["params"]["arguments"].get("seconds", 0))
            self.reply(message, {"result": {"content": []}})
        else:
            self.reply(message, {"result": {"tools": [TOOL]}})

    def reply(
        self, message: dict[str, Any], part: dict[str, Any], headers: dict[str, str] | None = None
    ) -> None:
        text = json.dumps({"jsonrpc": "2.0", "id": message["id"]} | part)
        self.respond(200, text.encode(), {"Content-Type": "application/json"} | (headers or {}))

    def respond(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status == 503:
            self.send_header("Retry-After", "1")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def drain(server: Server) -> None:
    server.draining = True
    time.sleep(LAME_DUCK)
    server.shutdown()
    server.server_close()
    until = time.monotonic() + 10
    while server.under_way and time.monotonic() < until:
        time.sleep(0.01)
    os._exit(0)


def main(way: str, port: str = "0", path: str = "/mcp") -> None:
    if way == "fails":
        sys.exit("there is no database")
    if way == "never-listens":
        time.sleep(60)
    server = Server(int(port), path, os.environ.get("SERVICE_TOKEN"))

    def stop(number: int, frame: FrameType | None) -> None:
        if way == "drains":
            threading.Thread(target=drain, args=(server,)).start()
        elif way == "drops":
            os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if folder := os.environ.get("NOTES"):
        Path(folder, f"{os.getpid()}.pid").write_text(str(server.server_address[1]))
    server.serve_forever(poll_interval=0.02)


if __name__ == "__main__":
    main(*sys.argv[1:])
