"""Tolerated: event streams framed in every way that the standard allows."""

from typing import Any

from tests.servers import honest
from tests.servers.honest import Call, dumps
from tests.servers.raw_http import CHUNKED, RawServer, head, response

FRAMINGS = (
    "lf",
    "crlf",
    "cr",
    "mixed-ends",
    "bom",
    "multi-line",
    "no-space",
    "two-spaces",
    "priming",
    "priming-crlf",
    "comments",
    "unknown-fields",
    "data-first",
    "charset",
    "byte-by-byte",
    "no-final-chunk",
    "stays-open",
)


def serve(framing: str = "crlf", **options: Any) -> RawServer:
    def answer(call: Call) -> bytes | None:
        if call.result is None:
            return call.honest
        body = _framed(framing, call.message(result=call.result))
        if framing in ("byte-by-byte", "no-final-chunk", "stays-open"):
            return _written(call, framing, body)
        kind = "Text/Event-Stream; Charset=UTF-8" if framing == "charset" else "text/event-stream"
        return response(200, body, kind, call.headers)

    return honest.serve({"*": answer}, **options)


def _framed(framing: str, message: Any) -> bytes:
    data = dumps(message)
    plain = b"event: message\nid: 7\nretry: 100\ndata: " + data + b"\n\n"
    match framing:
        case "crlf":
            return plain.replace(b"\n", b"\r\n")
        case "cr":
            return plain.replace(b"\n", b"\r")
        case "mixed-ends":
            return b": a\r\n: b\r: c\nevent: message\rdata: " + data + b"\r\n\n"
        case "bom":
            return b"\xef\xbb\xbfdata: " + data + b"\n\n"
        case "multi-line":
            # Any place between two tokens can be a line of its own.
            parts = data.replace(b":{", b":\ndata: {").replace(b"},", b"}\ndata: ,")
            return b"data: " + parts + b"\n\n"
        case "no-space":
            return b"event:message\ndata:" + data + b"\n\n"
        case "two-spaces":
            return b"data:  " + data + b"\n\n"
        case "priming":
            return b"id: 0\nretry: 3000\ndata:\n\n" + plain
        case "priming-crlf":
            return b"id: 0\r\ndata: \r\n\r\n" + plain.replace(b"\n", b"\r\n")
        case "comments":
            return b":\n: hello\n\n:\n" + plain + b": bye\n\n"
        case "unknown-fields":
            return b"colour: red\nnonsense\n" + plain
        case "data-first":
            return b"data: " + data + b"\nevent: message\n\n"
    return plain


def _written(call: Call, framing: str, body: bytes) -> bytes | None:
    headers = call.headers
    if framing == "no-final-chunk":
        # A body without a length, which the end of the connection ends.
        call.wire.send(head(200, "text/event-stream", (*headers, ("Connection", "close"))) + body)
        return None
    call.wire.send(head(200, "text/event-stream", (*headers, *CHUNKED)))
    if framing == "stays-open":
        call.wire.chunk(body)
        call.wire.hold()
        return None
    for position in range(len(body)):
        call.wire.chunk(body[position : position + 1])
    return b"0\r\n\r\n"
