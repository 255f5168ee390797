"""Speaks HTTP+SSE, but its stream never says what a client needs to go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.servers import honest, honest_sse
from tests.servers.honest_sse import StreamCall
from tests.servers.raw_http import RawServer


def serve(how: str = "no-endpoint", **options: Any) -> RawServer:
    """`how` names one of the functions below."""
    name = how.replace("-", "_")
    if name in _AT_OPENING:
        return honest_sse.serve({"get": _AT_OPENING[name]}, **options)
    return honest_sse.serve({"initialize": _AT_INITIALIZE[name]}, **options)


@contextmanager
def serve_elsewhere(url: str | None = None) -> Iterator[RawServer]:
    """Announces an endpoint at `url`, by default on another origin: `canary`."""
    with honest.serve() as canary:
        target = url or canary.url
        with honest_sse.serve(endpoint=lambda session: target) as server:
            server.canary = canary
            yield server


def _no_endpoint(call: StreamCall) -> None:
    call.wire.hold()


def _heartbeats_only(call: StreamCall) -> None:
    while True:
        call.wire.chunk(b": ping\n\n")
        call.wire.pause(0.05)


def _empty_endpoint(call: StreamCall) -> bytes:
    return b"event: endpoint\ndata:\n\n"


def _ends_at_once(call: StreamCall) -> None:
    call.wire.chunk(b"")


def _ends_after_endpoint(call: StreamCall) -> None:
    call.wire.chunk(call.honest)
    call.wire.chunk(b"")


def _no_answer(call: StreamCall) -> None:
    """Accepts the POST with 202 and stays silent."""


def _wrong_id(call: StreamCall) -> bytes:
    return honest.sse({"jsonrpc": "2.0", "id": 987_654, "result": call.result})


def _bad_json(call: StreamCall) -> bytes:
    return b"event: message\ndata: {oops\n\n"


_AT_OPENING = {
    "no_endpoint": _no_endpoint,
    "heartbeats_only": _heartbeats_only,
    "empty_endpoint": _empty_endpoint,
    "ends_at_once": _ends_at_once,
    "ends_after_endpoint": _ends_after_endpoint,
}
_AT_INITIALIZE = {"no_answer": _no_answer, "wrong_id": _wrong_id, "bad_json": _bad_json}
