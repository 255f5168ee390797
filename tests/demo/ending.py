"""A demo server that is stopped with requests in flight, and requests by hand on sockets."""

import json
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from mcpverify.demo.options import DemoOptions
from tests.demo.conftest import ACCEPT, CLIENT, ENVELOPE

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": CLIENT},
}
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}
MODERN = {"mcp-protocol-version": "2026-07-28"}
HANDSHAKE = {"mcp-protocol-version": "2025-11-25"}


def brewing(seconds: float, request_id: int = 7, modern: bool = False) -> dict[str, Any]:
    """A call of the tool that takes its time."""
    params: dict[str, Any] = {"name": "brew", "arguments": {"tea": "assam", "seconds": seconds}}
    if modern:
        params["_meta"] = ENVELOPE
    return {"jsonrpc": "2.0", "id": request_id, "method": "tools/call", "params": params}


def listing(modern: bool = False) -> dict[str, Any]:
    params = {"_meta": ENVELOPE} if modern else {}
    return {"jsonrpc": "2.0", "id": 8, "method": "tools/list", "params": params}


class Exchange:
    """One connection, on which a request is sent and its answer read."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self.socket = socket.create_connection(address, timeout=15)
        self.response: HTTPResponse | None = None

    def send(
        self,
        method: str,
        path: str,
        message: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        held_back: int = 0,
    ) -> "Exchange":
        """Send a request but for its last `held_back` bytes."""
        body = json.dumps(message).encode() if message is not None else b""
        fields = {"host": "127.0.0.1:1", "content-length": str(len(body)), **ACCEPT}
        if message is not None:
            fields["content-type"] = "application/json"
        if message is not None and headers and headers.get("mcp-protocol-version") == "2026-07-28":
            fields["mcp-method"] = message["method"]
            if "name" in message["params"]:
                fields["mcp-name"] = message["params"]["name"]
        lines = [f"{name}: {value}\r\n" for name, value in {**fields, **(headers or {})}.items()]
        sent = f"{method} {path} HTTP/1.1\r\n{''.join(lines)}\r\n".encode() + body
        cut = len(sent) - held_back
        self._rest = sent[cut:]
        self.socket.sendall(sent[:cut])
        return self

    def release(self) -> "Exchange":
        self.socket.sendall(self._rest)
        return self

    def begun(self) -> HTTPResponse:
        """The answer, once its head has come."""
        if self.response is None:
            self.response = HTTPResponse(self.socket)
            self.response.begin()
        return self.response

    def text(self) -> str:
        """The whole body. Raises IncompleteRead where the connection is cut inside of it."""
        text = self.begun().read().decode()
        self.response, last = None, self.response
        assert last is not None
        self.status, self.headers = last.status, last.headers
        return text

    def message(self) -> dict[str, Any]:
        """The only JSON-RPC message in the answer."""
        found = messages(self.text())
        assert len(found) == 1
        return found[0]


def messages(text: str) -> list[dict[str, Any]]:
    """The JSON-RPC messages in a body, whether it is JSON or an event stream."""
    lines = [line.removeprefix("data: ") for line in text.splitlines()]
    return [json.loads(line) for line in lines if line.startswith("{")]


class Ending:
    """A server that can be signaled."""

    def __init__(self, process: "subprocess.Popen[bytes]", url: str) -> None:
        parts = urlsplit(url)
        self.process = process
        self.path = parts.path
        self._address = (parts.hostname or "", parts.port or 0)
        self._open: list[socket.socket] = []

    def connect(self) -> Exchange:
        exchange = Exchange(self._address)
        self._open.append(exchange.socket)
        return exchange

    def get(self, path: str) -> Exchange:
        return self.connect().send("GET", path)

    def post(self, message: dict[str, Any], headers: dict[str, str], **held: int) -> Exchange:
        return self.connect().send("POST", self.path, message, headers, **held)

    def open_session(self) -> dict[str, str]:
        """The headers of a session of the handshake era."""
        opening = self.post(INITIALIZE, {})
        opening.text()
        session = opening.headers.get("mcp-session-id")
        headers = {**HANDSHAKE, "mcp-session-id": session} if session else HANDSHAKE
        assert self.post(INITIALIZED, headers).begun().status == 202
        return headers

    def signal(self, number: int = signal.SIGTERM) -> None:
        """Send it, and wait until it has arrived: readiness says so."""
        self.process.send_signal(number)
        while self._ready():
            pass

    def _ready(self) -> bool:
        return self.get("/ready").begun().status == 200

    def end(self) -> int:
        return self.process.wait(15)

    def close(self) -> None:
        for each in self._open:
            each.close()


@contextmanager
def ending(options: DemoOptions) -> Iterator[Ending]:
    """A demo server over HTTP, which is killed with the block."""
    with running(options) as process:
        assert process.stdout is not None
        found = Ending(process, process.stdout.readline().decode().split()[-1])
        try:
            yield found
        finally:
            found.close()


@contextmanager
def running(options: DemoOptions) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(
        options.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        watchdog = threading.Timer(40, process.kill)
        watchdog.start()
        try:
            yield process
        finally:
            watchdog.cancel()
            process.kill()
