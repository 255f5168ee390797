"""Sends the body of an honest answer byte by byte, so slowly that it never ends."""

from typing import Any

from tests.servers import honest
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer


def serve(at: str = "*", **options: Any) -> RawServer:
    return honest.serve({at: _drip}, **options)


def _drip(call: Call) -> None:
    headers, end, body = call.honest.partition(b"\r\n\r\n")
    call.wire.send(headers + end)
    # 200 bytes of body take more than a minute: no bounded test outlives that.
    call.wire.drip(body, 0.4)
    call.wire.hold()
