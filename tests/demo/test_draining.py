"""How the demo server ends: all that is in flight is answered, and who comes now goes elsewhere."""

import json
import signal
import sys
from dataclasses import replace
from typing import Any

import pytest

from mcpverify.demo.options import DemoOptions
from mcpverify.facts.target import Transport
from tests.demo.ending import (
    HANDSHAKE,
    INITIALIZE,
    INITIALIZED,
    MODERN,
    Ending,
    Exchange,
    brewing,
    ending,
    listing,
    messages,
    running,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")

STREAMABLE = {
    "sse": DemoOptions(lame_duck=0.2),
    "json": DemoOptions(json_response=True, lame_duck=0.2),
}
LONG = DemoOptions(lame_duck=4.0)  # for what is to be seen during the lame duck
SSE = DemoOptions(transport=Transport.SSE, lame_duck=0.2)
STDIO = DemoOptions(transport=Transport.STDIO)


def is_result(message: dict[str, Any], request_id: int) -> bool:
    return message["id"] == request_id and "result" in message


@pytest.mark.parametrize("name", STREAMABLE)
def test_calls_of_both_eras_that_run_at_the_signal_are_answered(name: str) -> None:
    with ending(STREAMABLE[name]) as server:
        calls = [
            server.post(brewing(1.5), server.open_session()),
            server.post(brewing(1.5, modern=True), MODERN),
        ]
        server.signal()
        assert all(is_result(call.message(), 7) for call in calls)
        assert server.end() == 0


def test_calls_whose_body_is_still_coming_at_the_signal_are_answered() -> None:
    with ending(LONG) as server:
        calls = [
            server.post(brewing(0.1), server.open_session(), held_back=3),
            server.post(brewing(0.1, modern=True), MODERN, held_back=3),
        ]
        server.signal()
        assert all(is_result(call.release().message(), 7) for call in calls)


def test_it_is_ready_until_the_signal_and_lives_after_it() -> None:
    with ending(LONG) as server:
        assert server.get("/ready").begun().status == server.get("/live").begun().status == 200
        server.signal()
        readiness = server.get("/ready").begun()
        assert (readiness.status, readiness.headers["retry-after"]) == (503, "1")
        assert server.get("/live").begun().status == 200


def test_who_comes_after_the_signal_is_sent_elsewhere() -> None:
    with ending(LONG) as server:
        idle = server.connect()
        server.signal()
        newcomers = [
            server.post(INITIALIZE, {}),
            server.post({**listing(modern=True), "method": "server/discover"}, MODERN),
            idle.send("POST", server.path, INITIALIZE),
        ]
        for newcomer in newcomers:
            assert "try again" in newcomer.message()["error"]["message"]
            assert newcomer.status == 503
            assert newcomer.headers["retry-after"] == "1"
            assert newcomer.headers["connection"] == "close"


def test_without_sessions_those_are_new_whose_connection_is() -> None:
    with ending(LONG) as server:
        known, idle = server.connect(), server.connect()
        known.send("POST", server.path, listing(modern=True), MODERN).message()
        server.signal()
        while server.post(listing(modern=True), MODERN).begun().status != 503:
            pass  # for a moment, what comes may have come before the signal
        for connection in (known, idle):
            connection.send("POST", server.path, listing(modern=True), MODERN)
            assert is_result(connection.message(), 8)


def test_open_sessions_are_served_during_the_lame_duck_on_any_connection() -> None:
    with ending(LONG) as server:
        session = server.open_session()
        known = server.connect().send("POST", server.path, listing(), session)
        known.message()
        server.signal()
        for connection in (known, server.connect()):
            connection.send("POST", server.path, listing(), session)
            assert is_result(connection.message(), 8)
            assert connection.headers["connection"] == "close"


def test_an_idle_stream_ends_at_once_and_well() -> None:
    with ending(DemoOptions(lame_duck=4.0)) as server:
        session = server.open_session()
        stream = server.connect().send("GET", server.path, headers=session)
        assert stream.begun().status == 200
        call = server.post(brewing(2), session)
        server.signal()
        assert stream.text() == ""
        assert server.get("/live").begun().status == 200
        assert is_result(call.message(), 7)


def test_the_stream_of_http_and_sse_stays_until_its_calls_are_answered() -> None:
    with ending(SSE) as server:
        stream, endpoint = opened_stream(server)
        posted(server, endpoint, brewing(1.5))
        posted(server, endpoint, brewing(1.0, request_id=9))
        server.signal()
        answers = messages(stream.text())
        assert [answer["id"] for answer in answers if "result" in answer] == [1, 9, 7]
        assert server.end() == 0


def opened_stream(server: Ending) -> tuple[Exchange, str]:
    """The stream of an HTTP+SSE session, and where its messages go."""
    stream = server.get(server.path)
    lines = stream.begun()
    while not (line := lines.readline().decode().strip()).startswith("data: "):
        pass
    endpoint = line.removeprefix("data: ")
    posted(server, endpoint, INITIALIZE)
    posted(server, endpoint, INITIALIZED)
    return stream, endpoint


def posted(server: Ending, endpoint: str, message: dict[str, Any]) -> None:
    assert server.connect().send("POST", endpoint, message).begun().status == 202


@pytest.mark.parametrize("name", STREAMABLE)
def test_calls_that_outlast_the_limit_get_an_error_with_their_id(name: str) -> None:
    with ending(replace(STREAMABLE[name], drain_limit=0.5)) as server:
        calls = [
            server.post(brewing(50), server.open_session()),
            server.post(brewing(50, modern=True), MODERN),
        ]
        incomplete = server.post(brewing(0), HANDSHAKE, held_back=3)
        server.signal()
        for call in calls:
            answer = call.message()
            assert (answer["id"], answer["error"]["code"]) == (7, -32603)
        assert incomplete.begun().status == 503
        assert server.end() == 0


def test_calls_over_http_and_sse_that_outlast_the_limit_get_one_error() -> None:
    with ending(DemoOptions(transport=Transport.SSE, lame_duck=0.1, drain_limit=0.5)) as server:
        stream, endpoint = opened_stream(server)
        posted(server, endpoint, brewing(50))
        server.signal()
        errors = [each for each in messages(stream.text()) if "error" in each]
        assert [(each["id"], each["error"]["code"]) for each in errors] == [(7, -32603)]
        assert server.end() == 0


def test_a_client_that_asks_on_and_on_does_not_keep_it() -> None:
    with ending(STREAMABLE["sse"]) as server:
        session = server.open_session()
        long = server.post(brewing(1.0), session)
        server.signal()
        assert is_result(long.message(), 7)
        while True:
            try:
                if server.post(listing(), session).begun().status == 503:
                    break
            except ConnectionError:
                break
        assert server.end() == 0


def test_nothing_waits_for_connections_on_which_nothing_happens() -> None:
    with ending(STREAMABLE["sse"]) as server:
        server.open_session()
        used, unused = server.connect(), server.connect()
        used.send("GET", "/live").text()
        server.signal()
        assert server.end() == 0
        assert used.socket.recv(1) == unused.socket.recv(1) == b""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_ends_it_at_once(number: signal.Signals) -> None:
    with ending(LONG) as server:
        call = server.post(brewing(50), server.open_session())
        call.begun()
        server.signal(number)
        server.process.send_signal(number)
        assert server.end() == 128 + number


@pytest.mark.parametrize("by_signal", [False, True], ids=["end-of-input", "signal"])
@pytest.mark.parametrize("modern", [False, True], ids=["handshake", "stateless"])
def test_calls_over_stdio_are_answered_before_it_ends(modern: bool, by_signal: bool) -> None:
    with running(STDIO) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        opening = [listing(modern=True)] if modern else [INITIALIZE, INITIALIZED]
        calls = [brewing(0.8, 7, modern), brewing(0.4, 9, modern)]
        for message in [*opening, *calls]:
            process.stdin.write(json.dumps(message).encode() + b"\n")
        process.stdin.flush()
        process.stdout.readline()
        if by_signal:
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0
        rest, _ = process.communicate(timeout=15)
        answers = [json.loads(line) for line in rest.splitlines()]
        assert [each["id"] for each in answers if "result" in each] == [9, 7]
        assert process.returncode == 0


def test_calls_over_stdio_that_outlast_the_limit_get_one_error() -> None:
    options = DemoOptions(transport=Transport.STDIO, lame_duck=0, drain_limit=0.5)
    with running(options) as process:
        messages = [INITIALIZE, INITIALIZED, brewing(50)]
        sent = b"".join(json.dumps(each).encode() + b"\n" for each in messages)
        out, _ = process.communicate(sent, timeout=15)
        answers = [json.loads(line) for line in out.splitlines()]
        assert [(each["id"], "error" in each) for each in answers] == [(1, False), (7, True)]
        assert process.returncode == 0
