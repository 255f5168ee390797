"""An honest HTTP+SSE server (2024-11-05): answers travel on the stream that a GET opened.

Hooks are bound to steps as in `honest`. They get a StreamCall and return the raw bytes to put
on the stream, or None for none at all; at `get` they replace the opening of the stream.
"""

import ssl
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.servers.dialog import Dialog, JsonRpcError
from tests.servers.honest import sse
from tests.servers.raw_http import CHUNKED, RawServer, Request, Wire, head, response


@dataclass
class StreamCall:
    """One request at its step; `stream` is the wire that the answer goes to."""

    step: str
    request: Request
    wire: Wire
    stream: Wire
    id: Any
    result: Any
    honest: bytes

    def message(self, **members: Any) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": self.id} | members


Hook = Callable[[StreamCall], bytes | None]


@dataclass
class HonestSse:
    """The behavior. `status` answers the POSTs; `endpoint` makes the URL it announces."""

    dialog: Dialog = field(default_factory=Dialog)
    hooks: Mapping[str, Hook] = field(default_factory=dict)
    status: int = 202
    endpoint: Callable[[str], str] = lambda session: f"/messages?session_id={session}"
    streams: dict[str, Wire] = field(default_factory=dict)
    lock: Any = field(default_factory=threading.Lock)

    def __call__(self, request: Request, wire: Wire) -> bool:
        path, _, query = request.path.partition("?")
        if path == "/sse" and request.method == "GET":
            self._open(request, wire)
            return False
        with self.lock:
            stream = self.streams.get(query.removeprefix("session_id="))
        if path != "/messages" or request.method != "POST":
            wire.send(response(405 if path == "/sse" else 404))
        elif stream is None:
            wire.send(response(404, b"Could not find session", "text/plain"))
        elif self.status != 202:
            wire.send(response(self.status, b"no", "text/plain"))
        else:
            wire.send(response(202, b"Accepted", "text/plain"))
            self._answer(request, wire, stream)
        return True

    def _open(self, request: Request, wire: Wire) -> None:
        session = uuid.uuid4().hex
        announced = f"event: endpoint\ndata: {self.endpoint(session)}\n\n".encode()
        with self.lock:
            self.streams[session] = wire
        wire.send(head(200, "text/event-stream", CHUNKED))
        if hook := self.hooks.get("get"):
            sent = hook(StreamCall("get", request, wire, wire, None, None, announced))
            if sent is None:
                return
            announced = sent
        wire.chunk(announced)
        wire.hold()

    def _answer(self, request: Request, wire: Wire, stream: Wire) -> None:
        message = request.message or {}
        call = StreamCall(request.step, request, wire, stream, message.get("id"), None, b"")
        if "id" in message and "method" in message:
            try:
                params = message.get("params") or {}
                call.result = self.dialog.result(call.step, params, "handshake")
                call.honest = sse(call.message(result=call.result))
            except JsonRpcError as refusal:
                call.honest = sse(call.message(error=refusal.error))
        hook = self.hooks.get(call.step) or self.hooks.get("*")
        sent = hook(call) if hook else call.honest
        if sent:
            with self.lock:
                stream.chunk(sent)


def serve(
    hooks: Mapping[str, Hook] | None = None,
    *,
    status: int = 202,
    endpoint: Callable[[str], str] | None = None,
    tls: ssl.SSLContext | None = None,
    path: str = "/sse",
    **contract: Any,
) -> RawServer:
    behavior = HonestSse(Dialog(**contract), hooks or {}, status)
    if endpoint:
        behavior.endpoint = endpoint
    return RawServer(behavior, tls=tls, path=path)
