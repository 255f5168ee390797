"""Ends its answer before it is whole."""

from typing import Any

from tests.servers import honest
from tests.servers.honest import Call
from tests.servers.raw_http import CHUNKED, RawServer, head, response

_EVENT_STREAM = "text/event-stream"


def serve(how: str = "body", at: str = "tools/list", **options: Any) -> RawServer:
    """`how` names one of the functions below."""
    hook = globals()[f"_{how.replace('-', '_')}"]
    return honest.serve({at: hook}, **options)


def _body(call: Call) -> None:
    call.wire.send(call.honest[:-20])  # fewer bytes than Content-Length promised


def _reset_in_body(call: Call) -> None:
    call.wire.send(call.honest[:-20])
    call.wire.reset()


def _chunked_body(call: Call) -> None:
    body = call.honest.partition(b"\r\n\r\n")[2]
    call.wire.send(head(200, "application/json", CHUNKED))
    call.wire.chunk(body)  # all of the JSON, without the last chunk that ends it


def _half_json(call: Call) -> bytes:
    body = call.honest.partition(b"\r\n\r\n")[2]
    return response(200, body[:-20], "application/json")


def _empty_body(call: Call) -> bytes:
    return response(200, b"", "application/json")


def _empty_accepted(call: Call) -> bytes:
    return response(202)


def _empty_stream(call: Call) -> bytes:
    return response(200, b"", _EVENT_STREAM)


def _stream_before_answer(call: Call) -> bytes:
    aside = honest.sse({"jsonrpc": "2.0", "method": "notifications/message", "params": {}})
    return response(200, b": hello\n\n" + aside, _EVENT_STREAM)


def _stream_inside_answer(call: Call) -> None:
    call.wire.send(head(200, _EVENT_STREAM, CHUNKED))
    call.wire.chunk(honest.sse(call.message(result=call.result))[:-20])


def _stream_before_blank_line(call: Call) -> bytes:
    # The event is whole but for the empty line that dispatches it: by the standard it is not sent.
    return response(200, honest.sse(call.message(result=call.result))[:-1], _EVENT_STREAM)


def _headers(call: Call) -> None:
    call.wire.send(call.honest[:30])


def _everything(call: Call) -> None:
    call.wire.reset()
