"""Sends something that has no end as fast as it is taken: a body, a line, the headers."""

from typing import Any

from tests.servers import honest
from tests.servers.honest import Call
from tests.servers.raw_http import CHUNKED, RawServer, head

_FILLER = b"x" * 65536


def serve(what: str = "body", at: str = "tools/list", **options: Any) -> RawServer:
    """`what`: body, stream-line (one SSE line), events (unending small ones), headers, header."""
    return honest.serve({at: globals()[f"_{what.replace('-', '_')}"]}, **options)


def _body(call: Call) -> None:
    call.wire.send(head(200, "application/json", CHUNKED))
    call.wire.chunk(b'{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"')
    while True:
        call.wire.chunk(_FILLER)


def _stream_line(call: Call) -> None:
    call.wire.send(head(200, "text/event-stream", CHUNKED))
    call.wire.chunk(b'data: {"jsonrpc":"2.0","id":1,"result":"')
    while True:
        call.wire.chunk(_FILLER)


def _events(call: Call) -> None:
    call.wire.send(head(200, "text/event-stream", CHUNKED))
    while True:
        call.wire.chunk(b"data: {}\n\n" * 6000)


def _headers(call: Call) -> None:
    call.wire.send(head(200, "application/json")[:-2])
    while True:
        call.wire.send(b"X-More: and more\r\n" * 3000)


def _header(call: Call) -> None:
    call.wire.send(head(200, "application/json")[:-2] + b"X-Long: ")
    while True:
        call.wire.send(_FILLER)
