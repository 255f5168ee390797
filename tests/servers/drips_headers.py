"""Sends the headers of its answer byte by byte, so slowly that they never end."""

from typing import Any

from tests.servers import honest
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer, head


def serve(at: str = "*", **options: Any) -> RawServer:
    return honest.serve({at: _drip}, **options)


def _drip(call: Call) -> None:
    call.wire.send(head(200, "application/json")[:-2])
    while True:
        call.wire.drip(b"X-Still-Here: yes\r\n", 0.1)
