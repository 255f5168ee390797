"""What becomes of one request: each way in which a server can answer it, cut it, or not."""

import asyncio
import json
from collections.abc import Callable

import pytest

from mcpverify.facts.revision import Era
from mcpverify.facts.target import HttpEndpoint, Transport
from mcpverify.facts.timeline import Connection, Purpose, Request, RequestOutcome
from mcpverify.wire.jsonrpc import request
from mcpverify.wire.trial.clients.asking import Hold, Outgoing, post
from mcpverify.wire.trial.clients.connection import Place
from mcpverify.wire.trial.clients.streamable_client import Line
from mcpverify.wire.trial.recorder import Recorder
from tests.servers.raw_http import RawServer, Wire, response
from tests.servers.raw_http import Request as Received

RESULT = json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"tools": []}}).encode()
ERROR = json.dumps(
    {"jsonrpc": "2.0", "id": 1, "error": {"code": -32603, "message": "going away"}}
).encode()
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

Behavior = Callable[[Received, Wire], bool]


def asked(behavior: Behavior, *, seconds: float = 5.0, ids: int = 1) -> Request:
    """One tools/list to a server that behaves so, as it was recorded."""
    with RawServer(behavior) as server:
        return asyncio.run(_asked(server.url, seconds, ids))


async def _asked(url: str, seconds: float, ids: int) -> Request:
    place = Place.of(HttpEndpoint((url,)), url)
    recorder, line = Recorder(None), Line(place)
    draft = recorder.begin(
        "one",
        Purpose.CALL,
        Connection.FRESH,
        Era.HANDSHAKE,
        Transport.STREAMABLE_HTTP,
        "tools/list",
    )
    try:
        async with asyncio.timeout(seconds):
            await line.ask(post(place, request(ids, "tools/list"), {}), draft, recorder)
    except TimeoutError:
        recorder.cut_off("in time")
    finally:
        line.close()
    return recorder.requests()[0]


def answering(status: int, body: bytes, media_type: str = "application/json") -> Behavior:
    def behave(received: Received, wire: Wire) -> bool:
        wire.send(response(status, body, media_type))
        return True

    return behave


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, RESULT, RequestOutcome.OK),
        (200, ERROR, RequestOutcome.JSONRPC_ERROR),
        (200, RESULT.replace(b'"id": 1', b'"id": 2'), RequestOutcome.BAD_ANSWER),
        (200, RESULT.replace(b'"id": 1', b'"id": "1"'), RequestOutcome.BAD_ANSWER),
        (200, b"<html>", RequestOutcome.BAD_ANSWER),
        (200, b"", RequestOutcome.ENDED_WITHOUT_REPLY),
        (503, b"", RequestOutcome.HTTP_503),
        (503, ERROR, RequestOutcome.HTTP_503),
        (503, RESULT, RequestOutcome.HTTP_503),
        (500, b"Internal Server Error", RequestOutcome.HTTP_5XX),
        (500, RESULT, RequestOutcome.HTTP_5XX),
        (500, ERROR, RequestOutcome.JSONRPC_ERROR),
        (502, b"Bad Gateway", RequestOutcome.HTTP_5XX),
        (404, ERROR, RequestOutcome.HTTP_4XX),
        (400, b"", RequestOutcome.HTTP_4XX),
    ],
)
def test_an_answer_that_ends_in_good_order(
    status: int, body: bytes, outcome: RequestOutcome
) -> None:
    seen = asked(answering(status, body))
    assert (seen.outcome, seen.status, seen.received) == (outcome, status, len(body))


def in_stream(*pieces: bytes, end: str) -> Behavior:
    def behave(received: Received, wire: Wire) -> bool:
        wire.send(STREAM)
        for piece in pieces:
            wire.chunk(piece)
        if end == "clean":
            wire.chunk(b"")
        elif end == "reset":
            wire.reset()
        elif end == "held":
            wire.hold()
        return False

    return behave


def event(body: bytes, event_id: str = "") -> bytes:
    named = f"id: {event_id}\r\n".encode() if event_id else b""
    return named + b"event: message\r\ndata: " + body + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("pieces", "end", "outcome"),
    [
        ((event(RESULT),), "clean", RequestOutcome.OK),
        ((event(RESULT),), "held", RequestOutcome.OK),
        ((event(RESULT),), "closed", RequestOutcome.OK),
        ((event(ERROR),), "clean", RequestOutcome.JSONRPC_ERROR),
        ((), "clean", RequestOutcome.ENDED_WITHOUT_REPLY),
        ((b": ping\r\n\r\n",), "clean", RequestOutcome.ENDED_WITHOUT_REPLY),
        ((event(RESULT)[:-1],), "clean", RequestOutcome.OK),  # CR ends a line as well
        ((event(RESULT)[:-4],), "clean", RequestOutcome.ENDED_WITHOUT_REPLY),
        ((event(RESULT.replace(b"1", b"3")),), "clean", RequestOutcome.ENDED_WITHOUT_REPLY),
        ((), "closed", RequestOutcome.TRUNCATED),
        ((), "reset", RequestOutcome.TRUNCATED),
    ],
)
def test_an_event_stream(pieces: tuple[bytes, ...], end: str, outcome: RequestOutcome) -> None:
    seen = asked(in_stream(*pieces, end=end))
    assert (seen.outcome, seen.status, seen.answered_by) == (outcome, 200, "sse")


def test_the_last_event_id_of_a_stream_without_a_reply_is_kept() -> None:
    seen = asked(in_stream(b"id: 7\r\ndata:\r\n\r\n", end="closed"))
    assert (seen.event_id, seen.outcome) == ("7", RequestOutcome.TRUNCATED)


def closing(received: Received, wire: Wire) -> bool:
    return False


def resetting(received: Received, wire: Wire) -> bool:
    wire.reset()
    return False


def half_a_body(received: Received, wire: Wire) -> bool:
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{")
    return False


def half_a_head(received: Received, wire: Wire) -> bool:
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Ty")
    return False


def no_http(received: Received, wire: Wire) -> bool:
    wire.send(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    return False


def silent(received: Received, wire: Wire) -> bool:
    wire.hold()
    return False


@pytest.mark.parametrize(
    ("behavior", "outcome"),
    [
        (closing, RequestOutcome.RESET),
        (resetting, RequestOutcome.RESET),
        (half_a_head, RequestOutcome.RESET),
        (no_http, RequestOutcome.RESET),
        (half_a_body, RequestOutcome.TRUNCATED),
    ],
)
def test_a_lost_connection(behavior: Behavior, outcome: RequestOutcome) -> None:
    seen = asked(behavior)
    assert seen.outcome is outcome
    assert seen.sent is not None
    assert seen.detail


def test_silence_ends_with_the_time_that_is_given() -> None:
    assert asked(silent, seconds=0.3).outcome is RequestOutcome.TIMEOUT


def test_nobody_listening_is_a_refusal_and_nothing_was_sent() -> None:
    with RawServer(silent) as server:
        url = server.url
    seen = asyncio.run(_asked(url, 5.0, 1))
    assert (seen.outcome, seen.sent, seen.status) == (RequestOutcome.REFUSED, None, None)
    assert seen.detail == "connection refused"


# -- bytes that are held back


async def _held(server: RawServer, meanwhile: Callable[[Hold], None]) -> Request:
    place = Place.of(HttpEndpoint((server.url,)), server.url)
    recorder, line, hold = Recorder(None), Line(place), Hold()
    draft = recorder.begin(
        "one",
        Purpose.CALL,
        Connection.FRESH,
        Era.HANDSHAKE,
        Transport.STREAMABLE_HTTP,
        "tools/list",
    )
    asking = asyncio.ensure_future(
        line.ask(post(place, request(1, "tools/list"), {}, hold), draft, recorder)
    )
    async with asyncio.timeout(10):
        while not hold.waiting:
            await asyncio.sleep(0.01)
        meanwhile(hold)
        await asking
    line.close()
    return recorder.requests()[0]


def test_a_request_that_is_held_back_reaches_the_server_only_when_it_is_released() -> None:
    with RawServer(answering(200, RESULT)) as server:

        def meanwhile(hold: Hold) -> None:
            assert server.steps == []  # it reads whole requests
            hold.release()

        seen = asyncio.run(_held(server, meanwhile))
        assert server.steps == ["tools/list"]
    assert seen.outcome is RequestOutcome.OK
    assert seen.sent is not None


def test_a_connection_that_is_closed_while_bytes_are_held_back_is_a_loss() -> None:
    with RawServer(answering(200, RESULT)) as server:
        seen = asyncio.run(_held(server, lambda hold: server.stop()))
    assert (seen.outcome, seen.sent) == (RequestOutcome.RESET, None)


def test_an_answer_that_comes_while_bytes_are_held_back_is_read() -> None:
    def refuse(wire: Wire) -> bool:
        received = b""
        while b"method" not in received:
            received += wire.socket.recv(65_536)
        wire.send(response(503, b"", "text/plain", (("Retry-After", "2"),)))
        return False

    with RawServer(silent, on_connect=refuse) as server:
        seen = asyncio.run(_held(server, lambda hold: None))
    assert (seen.outcome, seen.retry_after) == (RequestOutcome.HTTP_503, 2.0)


# -- kept connections


def test_a_kept_connection_is_used_again_and_a_closed_one_is_noticed() -> None:
    def behave(received: Received, wire: Wire) -> bool:
        wire.send(response(200, RESULT, "application/json"))
        return received.path != "/last"

    async def asks(server: RawServer) -> tuple[list[Connection], bool]:
        place = Place.of(HttpEndpoint((server.url,)), server.url)
        line, kinds = Line(place), []
        for path in ("/first", "/second", "/last"):
            kinds.append(line.kind)
            recorder = Recorder(None)
            draft = recorder.begin(
                "one", Purpose.LOOP, line.kind, None, Transport.STREAMABLE_HTTP, "tools/list"
            )
            outgoing = post(place.at(path), request(1, "tools/list"), {})
            await line.ask(outgoing, draft, recorder)
        async with asyncio.timeout(5):
            while line.kind is Connection.KEPT:
                await asyncio.sleep(0.01)
        line.close()
        return kinds, server.connections == 1

    with RawServer(behave) as server:
        kinds, one = asyncio.run(asks(server))
    assert kinds == [Connection.FRESH, Connection.KEPT, Connection.KEPT]
    assert one


def test_the_users_headers_go_to_the_server_and_not_to_another_origin() -> None:
    from mcpverify.facts.target import Header

    async def get(place: Place) -> None:
        recorder = Recorder(None)
        draft = recorder.begin(
            "one", Purpose.READINESS, Connection.FRESH, None, Transport.STREAMABLE_HTTP, "GET"
        )
        line = Line(place)
        await line.ask(Outgoing("GET", place), draft, recorder)
        line.close()

    with RawServer(answering(200, b"ok", "text/plain")) as server:
        endpoint = HttpEndpoint((server.url,), (Header("X-Key", "k-1"), Header("host", "other")))
        asyncio.run(get(Place.of(endpoint, server.url)))
        asyncio.run(get(Place.of(endpoint, server.url, trusted=False)))
        first, second = server.requests
        authority = server.origin.removeprefix("http://")
    assert (first.header("x-key"), first.header("host")) == ("k-1", "other")
    assert (second.header("x-key"), second.header("host")) == (None, authority)
