"""The least of a client: sends one request and returns the bytes that came back, as they came."""

import json
import socket
import time
from typing import Any

from tests.servers.dialog import CAPABILITIES_KEY, STATELESS, VERSION_KEY
from tests.servers.raw_http import RawServer

INITIALIZE = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "raw", "version": "0"},
}


def ask(
    server: RawServer,
    step: str,
    params: Any = None,
    session: str | None = None,
    *,
    seconds: float = 5.0,
    most: int = 2**22,
    **headers: str,
) -> bytes:
    """POSTs one JSON-RPC message. Notifications are told by their name.

    Returns all that came until the end of the answer, at most `most` bytes, at most for
    `seconds`: the servers here may have no end.
    """
    message: dict[str, Any] = {"jsonrpc": "2.0", "method": step}
    message |= {} if params is None else {"params": params}
    message |= {} if step.startswith("notifications/") else {"id": 1}
    body = json.dumps(message).encode()
    lines = {
        "Host": f"127.0.0.1:{server.port}",
        "Accept": "application/json, text/event-stream",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    if session is not None:
        lines["Mcp-Session-Id"] = session
    path = server.url.removeprefix(server.origin)
    head = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in lines.items())]
    return send(server, "\r\n".join([*head, "", ""]).encode() + body, seconds, most)


def ask_stateless(server: RawServer, step: str, **options: Any) -> bytes:
    """The same in the stateless era."""
    meta = {VERSION_KEY: STATELESS, CAPABILITIES_KEY: {}}
    headers: dict[str, Any] = {"MCP_Protocol_Version": STATELESS, "Mcp_Method": step}
    return ask(server, step, {"_meta": meta}, **headers | options)


def send(server: RawServer, data: bytes, seconds: float = 5.0, most: int = 2**22) -> bytes:
    """These bytes on a fresh connection, and what came back."""
    until = time.monotonic() + seconds
    received = bytearray()
    with socket.create_connection(("127.0.0.1", server.port), seconds) as connection:
        try:
            connection.sendall(data)
            while len(received) < most and (left := until - time.monotonic()) > 0:
                connection.settimeout(left)
                piece = connection.recv(65536)
                if not piece:
                    break
                received += piece
                if _is_whole(received):
                    break
        except OSError:
            pass
    return bytes(received)


def open_session(server: RawServer, **options: Any) -> str | None:
    """Performs the handshake; the session id, where one was issued."""
    answer = ask(server, "initialize", INITIALIZE, **options)
    head = answer.partition(b"\r\n\r\n")[0].decode("latin-1")
    named = [line for line in head.split("\r\n") if line.lower().startswith("mcp-session-id:")]
    session = named[0].partition(":")[2].strip() if named else None
    ask(server, "notifications/initialized", None, session, **options)
    return session


def _is_whole(received: bytes | bytearray) -> bool:
    head, end, body = received.partition(b"\r\n\r\n")
    if not end:
        return False
    lowered = head.lower()
    if b"\r\ntransfer-encoding: chunked" in lowered:
        return body.endswith(b"0\r\n\r\n")
    _, named, rest = lowered.partition(b"\r\ncontent-length:")
    return bool(named) and len(body) >= int(rest.split(b"\r\n")[0])
