"""An honest Streamable HTTP server, and the joints at which a bad one differs from it.

A hook is bound to a step (a JSON-RPC method, `get`, `delete`, or `*` for those that have
none of their own). It gets the Call and returns the raw bytes to send in place of the
honest ones; or None when it has written to the wire itself, which ends the connection.
"""

import json
import ssl
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.servers.dialog import (
    CAPABILITIES_KEY,
    HANDSHAKE,
    STATELESS,
    VERSION_KEY,
    Dialog,
    JsonRpcError,
)
from tests.servers.raw_http import RawServer, Request, Wire, response


def dumps(value: Any) -> bytes:
    """JSON as servers write it: compact, UTF-8 unescaped."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def sse(*messages: Any) -> bytes:
    """An event stream with one event for each message."""
    return b"".join(b"event: message\ndata: " + dumps(each) + b"\n\n" for each in messages)


@dataclass
class Call:
    """One request at its step, with the result that an honest server would give.

    `result` is None where no JSON-RPC result is due (notifications, GET, DELETE) or the
    honest answer is an error; `honest` is the whole honest HTTP response.
    """

    step: str
    request: Request
    wire: Wire
    era: str
    id: Any
    result: Any
    headers: tuple[tuple[str, str], ...]
    streams: bool
    honest: bytes = b""

    def framed(self, *messages: Any) -> bytes:
        """These JSON-RPC messages as an HTTP response, JSON or an event stream."""
        if self.streams or len(messages) != 1:
            return response(200, sse(*messages), "text/event-stream", self.headers)
        return self.body(dumps(messages[0]))

    def body(self, text: bytes) -> bytes:
        """These bytes as the body of a JSON response, or as the data of its only event."""
        if self.streams:
            return response(200, b"data: " + text + b"\n\n", "text/event-stream", self.headers)
        return response(200, text, "application/json", self.headers)

    def message(self, **members: Any) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": self.id} | members

    def answer(self, result: Any) -> bytes:
        """The response that carries `result`."""
        return self.framed(self.message(result=result))

    def error(self, code: int, text: str, status: int = 200) -> bytes:
        body = dumps(self.message(error={"code": code, "message": text}))
        return response(status, body, "application/json", self.headers)


Hook = Callable[[Call], bytes | None]


@dataclass
class Honest:
    """The behavior. `streams` answers as event streams; `sessions` issues session ids."""

    dialog: Dialog = field(default_factory=Dialog)
    hooks: Mapping[str, Hook] = field(default_factory=dict)
    streams: bool = False
    sessions: bool = True
    path: str = "/mcp"
    issue: Callable[[], str] = lambda: uuid.uuid4().hex
    live: set[str] = field(default_factory=set)
    lock: Any = field(default_factory=threading.Lock)

    def __call__(self, request: Request, wire: Wire) -> bool:
        if request.path.partition("?")[0] != self.path:
            wire.send(response(404, b"Not Found", "text/plain"))
            return True
        call = self._call(request, wire)
        hook = self.hooks.get(call.step) or self.hooks.get("*")
        sent = hook(call) if hook else call.honest
        if sent is None:
            return False
        wire.send(sent)
        return True

    def _call(self, request: Request, wire: Wire) -> Call:
        message = request.message
        call = Call(request.step, request, wire, "handshake", None, None, (), self.streams)
        if request.method != "POST":
            call.honest = self._ended(request) if request.method == "DELETE" else response(405)
        elif not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
            call.honest = _refused(400, None, JsonRpcError(-32600, "Not one JSON-RPC message"))
        elif not _accepts_both(request):
            call.honest = _refused(406, message.get("id"), JsonRpcError(-32600, "Not Acceptable"))
        else:
            call.id = message.get("id")
            call.era = "stateless" if self._is_stateless(request, message) else "handshake"
            if call.era == "stateless":
                self._answer_stateless(call, message)
            else:
                self._answer_handshake(call, message)
        return call

    def _is_stateless(self, request: Request, message: dict[str, Any]) -> bool:
        if self.dialog.eras == ("stateless",):
            return True
        asked = request.header("MCP-Protocol-Version")
        return "stateless" in self.dialog.eras and asked is not None and asked not in HANDSHAKE

    def _answer_stateless(self, call: Call, message: dict[str, Any]) -> None:
        params = message.get("params") or {}
        try:
            _check_envelope(call.request, call.step, params)
            if "id" not in message:
                call.honest = response(202)
                return
            call.result = self.dialog.result(call.step, params, "stateless")
        except JsonRpcError as refusal:
            call.honest = _refused(
                404 if refusal.error["code"] == -32601 else 400, call.id, refusal
            )
        else:
            call.honest = call.answer(call.result)

    def _answer_handshake(self, call: Call, message: dict[str, Any]) -> None:
        initializes = call.step == "initialize"
        if not initializes and (refused := self._without_session(call)):
            call.honest = refused
            return
        if "method" not in message or "id" not in message:
            call.honest = response(202)
            return
        try:
            call.result = self.dialog.result(call.step, message.get("params") or {}, "handshake")
        except JsonRpcError as refusal:
            call.honest = _refused(200, call.id, refusal)
            return
        if initializes and self.sessions:
            identifier = self.issue()
            with self.lock:
                self.live.add(identifier)
            call.headers = (("Mcp-Session-Id", identifier),)
        call.honest = call.answer(call.result)

    def _without_session(self, call: Call) -> bytes | None:
        version = call.request.header("MCP-Protocol-Version")
        if version is not None and version not in HANDSHAKE:
            return _refused(400, call.id, JsonRpcError(-32600, "Unsupported protocol version"))
        if not self.sessions:
            return None
        identifier = call.request.header("Mcp-Session-Id")
        if identifier is None:
            return _refused(400, call.id, JsonRpcError(-32600, "Bad Request: Missing session ID"))
        with self.lock:
            known = identifier in self.live
        return None if known else _refused(404, call.id, JsonRpcError(-32600, "Session not found"))

    def _ended(self, request: Request) -> bytes:
        identifier = request.header("Mcp-Session-Id")
        with self.lock:
            known = identifier in self.live
            self.live.discard(identifier or "")
        if not self.sessions:
            return response(405)
        return response(200) if known else response(404)


def _accepts_both(request: Request) -> bool:
    accepted = request.header("Accept") or ""
    return "application/json" in accepted and "text/event-stream" in accepted


def _check_envelope(request: Request, method: str, params: dict[str, Any]) -> None:
    asked = request.header("MCP-Protocol-Version")
    meta = params.get("_meta") or {}
    if asked is None or request.header("Mcp-Method") != method:
        raise JsonRpcError(-32020, "A required header is missing or does not fit the body")
    if VERSION_KEY not in meta or CAPABILITIES_KEY not in meta:
        raise JsonRpcError(-32602, "params._meta lacks the version or the capabilities")
    if meta[VERSION_KEY] != asked:
        raise JsonRpcError(-32020, "MCP-Protocol-Version does not fit the body")
    if asked != STATELESS:
        raise JsonRpcError(
            -32022, "Unsupported version", {"supported": [STATELESS], "requested": asked}
        )


def _refused(status: int, identifier: Any, refusal: JsonRpcError) -> bytes:
    body = {"jsonrpc": "2.0", "id": identifier, "error": refusal.error}
    return response(status, dumps(body), "application/json")


def serve(
    hooks: Mapping[str, Hook] | None = None,
    *,
    streams: bool = False,
    sessions: bool = True,
    path: str = "/mcp",
    issue: Callable[[], str] | None = None,
    tls: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
    **contract: Any,
) -> RawServer:
    """An honest server; `hooks` say where it is not, `contract` are Dialog's fields."""
    behavior = Honest(Dialog(**contract), hooks or {}, streams, sessions, path)
    if issue:
        behavior.issue = issue
    return RawServer(behavior, tls=tls, path=path, host=host)
