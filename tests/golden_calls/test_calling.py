"""Which calls are made, how often, and what happens beside them: each transport, both eras."""

import base64
import socket
from typing import Any

import pytest

from mcpverify.facts.finding import Outcome
from mcpverify.facts.golden_call import Condition, RetryReason
from mcpverify.facts.situation import Situation
from mcpverify.facts.target import Limits, Transport
from mcpverify.facts.verdict import Verdict
from mcpverify.verify.gate import Selection
from tests.golden_calls.judging import (
    answering,
    attempts,
    command,
    finding,
    found_in,
    golden,
    reading,
    report,
    text,
)
from tests.servers import honest, honest_sse, talks_inside_streams
from tests.servers.dialog import tool
from tests.servers.honest import Call
from tests.servers.honest_sse import StreamCall
from tests.servers.raw_http import RawServer, Request, response

BOTH = ("handshake", "stateless")
BUSY = response(503, b"busy", "text/plain", (("Retry-After", "0"),))


def calls_of(server: RawServer) -> list[Request]:
    return [each for each in server.requests if each.step == "tools/call"]


# -- which calls


def test_a_tool_that_may_change_things_is_called_only_where_the_user_says_so() -> None:
    tools = [
        tool("sow", annotations={"readOnlyHint": "true"}),
        tool("reap", annotations={"readOnlyHint": False}),
        tool("mow", annotations={"title": "Mow"}),
    ]
    hook = answering(text("done"))
    with honest.serve({"tools/call": hook}, tools=tools) as server:
        told = report(server.url, golden("sow"), golden("reap", mutates=True), golden("mow"))
        made = [each.message["params"]["name"] for each in calls_of(server)]

    found = found_in(told)
    assert made == ["reap"]
    assert [each.subject for each in found.details] == ["sow", "mow"]
    assert "sow: it was not made: sow is not annotated readOnlyHint" in found.message
    assert "mutates = true for sow if calling it on every deploy is safe" in found.hint
    assert told.situation is Situation.GOLDEN_CALL_FAILED
    assert told.headline.startswith("A CALL FAILS: sow: it was not made")
    assert told.next_steps == (found.hint,)


def test_of_two_tools_of_one_name_both_have_to_be_harmless() -> None:
    with honest.serve(
        {"tools/call": answering(text("x"))}, tools=[reading("twin"), tool("twin")]
    ) as server:
        assert "readOnlyHint" in finding(server.url, golden("twin")).message
        assert calls_of(server) == []


def test_a_tool_that_is_not_listed_is_not_called() -> None:
    with honest.serve({"tools/call": answering(text("x"))}, tools=[reading("forecast")]) as server:
        found = finding(server.url, golden("forcast", mutates=True))
        assert calls_of(server) == []

    assert found.outcome is Outcome.FAILED
    assert found.message == "forcast: the server lists no tool forcast; the nearest is forecast"


def test_tools_are_asked_for_even_where_none_are_advertised() -> None:
    with honest.serve({"tools/call": answering(text("x"))}, tools=None) as server:
        found = finding(server.url, golden("forecast", mutates=True))
        assert "tools/list" in {each.step for each in server.requests}
        assert calls_of(server) == []
    assert found.outcome is Outcome.NOT_OBSERVED
    assert found.message.startswith("no call was made: tools/list: ")


def test_no_call_is_made_by_a_list_that_was_not_fully_seen() -> None:
    def half(call: Call) -> bytes | None:
        return call.answer({"tools": [reading()], "nextCursor": 5})

    hooks = {"tools/list": half, "tools/call": answering(text("x"))}
    with honest.serve(hooks) as server:
        assert finding(server.url, golden()).outcome is Outcome.NOT_OBSERVED
        assert calls_of(server) == []


def test_calls_come_after_all_that_is_listed() -> None:
    hooks = {"tools/call": answering(text("x"))}
    with honest.serve(hooks, tools=[reading()], prompts=[], eras=BOTH) as server:
        every = Selection(only=("golden-calls", "capabilities", "eras-agree", "replicas-agree"))
        report(server.url, golden(), selection=every)
        steps = [each.step for each in server.requests]
    assert steps.index("tools/call") > len(steps) - 1 - steps[::-1].index("tools/list")
    assert steps.index("tools/call") > steps.index("prompts/list")


# -- how often


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (response(429, b"slow down", "text/plain", (("Retry-After", "0"),)), "rate-limited"),
        (BUSY, "unavailable"),
        (response(502, b"bad gateway", "text/plain"), "unavailable"),
    ],
)
def test_a_call_is_repeated_for_the_reason_that_was_named(answer: bytes, reason: str) -> None:
    hook = answering(answer, text("at last"))
    with honest.serve({"tools/call": hook}, tools=[reading()]) as server:
        told = report(server.url, golden(retries=3, retry_on=(RetryReason(reason),)))
        assert len(calls_of(server)) == 2

    found = found_in(told)
    assert found.outcome is Outcome.PASSED
    assert "attempt 2" in found.details[0].text
    assert [each.call for each in attempts(told)] == [0, 0]


def test_a_call_is_repeated_for_no_other_reason_and_no_more_often() -> None:
    calls = (
        golden("one", retries=2, retry_on=(RetryReason.TIMEOUT, RetryReason.SLOW)),
        golden("two", retries=2, retry_on=(RetryReason.UNAVAILABLE,)),
        golden("three", retry_on=(RetryReason.UNAVAILABLE,)),
    )
    hook = answering(BUSY)
    tools = [reading(each.tool) for each in calls]
    with honest.serve({"tools/call": hook}, tools=tools) as server:
        told = report(server.url, *calls)
        made = [each.message["params"]["name"] for each in calls_of(server)]

    assert made == ["one", "two", "two", "two", "three"]
    assert found_in(told).outcome is Outcome.FAILED
    assert "attempt 3" in found_in(told).details[1].text


def test_a_lost_connection_and_a_slow_answer_are_reasons_too() -> None:
    def reset(call: Call) -> bytes | None:
        if len(calls_of(server)) == 1:
            call.wire.reset()
            return None
        return call.answer(text("here"))

    lost = golden("lost", retries=1, retry_on=(RetryReason.CONNECTION,))
    slow = golden("slow", retries=1, retry_on=(RetryReason.SLOW,), max_seconds=1e-6)
    tools = [reading("lost"), reading("slow")]
    with honest.serve({"tools/call": reset}, tools=tools) as server:
        told = report(server.url, lost, slow)
        assert [each.call for each in attempts(told)] == [0, 0, 1, 1]
    assert found_in(told).message.startswith("slow: it took ")


def test_a_call_whose_connection_is_lost_is_not_sent_again_unasked() -> None:
    def reset(call: Call) -> bytes | None:
        call.wire.reset()
        return None

    with honest.serve({"tools/call": reset}, tools=[reading("lost")]) as server:
        found = finding(server.url, golden("lost", mutates=True))
        assert len(calls_of(server)) == 1
    assert found.message.startswith("lost: the connection was lost")


@pytest.mark.parametrize("status", [401, 403, 429])
def test_being_turned_away_is_no_verdict(status: int) -> None:
    with honest.serve(
        {"tools/call": answering(response(status, b"no", "text/plain"))}, tools=[reading()]
    ) as server:
        found = finding(server.url, golden())
    assert found.outcome is Outcome.NOT_OBSERVED
    assert found.message.startswith(f"forecast: HTTP {status}")


# -- what is asked for, and how


def test_input_that_is_asked_for_is_told_and_not_given() -> None:
    asked = {
        "resultType": "input_required",
        "inputRequests": {"1": {"method": "elicitation/create", "params": {}}},
        "requestState": "opaque",
    }
    with honest.serve({"tools/call": answering(asked)}, tools=[reading()], eras=BOTH) as server:
        found = finding(server.url, golden(), era="stateless")
        assert len(calls_of(server)) == 1
    assert found.outcome is Outcome.FAILED
    assert found.message == (
        "forecast: it asks for input first (input_required): elicitation/create"
    )
    assert "needs no input" in found.hint


def test_no_progress_is_asked_for() -> None:
    with honest.serve({"tools/call": answering(text("x"))}, tools=[reading()]) as server:
        finding(server.url, golden(arguments={"a": 1}))
        (made,) = calls_of(server)
    assert made.message["params"] == {"name": "forecast", "arguments": {"a": 1}}
    assert not [name for name, _ in made.headers if name.lower().startswith("mcp-param")]


def test_the_stateless_era_gets_the_name_and_marked_arguments_as_headers() -> None:
    marked: dict[str, Any] = {
        "type": "object",
        "properties": {
            "region": {"type": "string", "x-mcp-header": "Region"},
            "count": {"type": "integer", "x-mcp-header": "Count"},
            "dry": {"type": "boolean", "x-mcp-header": "Dry"},
            "left": {"type": "string", "x-mcp-header": "Left"},
            "none": {"type": "string", "x-mcp-header": "None"},
            "bad": {"type": "string", "x-mcp-header": "a b\r\nc"},
            "far": {
                "type": "object",
                "properties": {"place": {"type": "string", "x-mcp-header": "Place"}},
            },
        },
    }
    arguments = {
        "region": "Köln", "count": 3, "dry": True, "none": None, "bad": "x",
        "far": {"place": " spaced"},
    }  # fmt: skip
    tools = [tool("wetter!", annotations={"readOnlyHint": True}, inputSchema=marked)]
    with honest.serve({"tools/call": answering(text("x"))}, tools=tools, eras=BOTH) as server:
        found = finding(server.url, golden("wetter!", arguments=arguments), era="stateless")
        (made,) = calls_of(server)

    def encoded(said: str) -> str:
        return f"=?base64?{base64.b64encode(said.encode()).decode()}?="

    assert found.outcome is Outcome.PASSED
    sent = {name.lower(): value for name, value in made.headers}
    assert sent["mcp-method"] == "tools/call"
    assert sent["mcp-name"] == "wetter!"
    assert {name: value for name, value in sent.items() if name.startswith("mcp-param-")} == {
        "mcp-param-region": encoded("Köln"),
        "mcp-param-count": "3",
        "mcp-param-dry": "true",
        "mcp-param-place": encoded(" spaced"),
    }


# -- what happens beside


@pytest.mark.parametrize("waits", [False, True])
def test_requests_and_notifications_during_a_call_disturb_nothing(waits: bool) -> None:
    replies = talks_inside_streams.Replies()
    tools = [reading()]
    with talks_inside_streams.serve("tools/call", waits, replies, tools=tools) as server:
        # It answers with the result of an honest server, which knows no tools/call: null.
        found = finding(server.url, golden())
        for method, _ in talks_inside_streams.REQUESTS:
            assert replies.wait_for(f"s-{method}", 10)
    assert found.message == "forecast: the result is no object"
    answers = {each: bool(answer.get("error")) for each, answer in replies.received.items()}
    assert answers.pop("s-ping") is False
    assert set(answers.values()) == {True}


def test_http_sse_makes_calls_and_answers_requests_during_them() -> None:
    def talk(call: StreamCall) -> bytes | None:
        message = {"jsonrpc": "2.0", "id": "s-1", "method": "sampling/createMessage"}
        progress = {"jsonrpc": "2.0", "method": "notifications/progress", "params": {}}
        return honest.sse(progress, message, call.message(result=text("fine")))

    with honest_sse.serve({"tools/call": talk}, tools=[reading()]) as server:
        found = finding(server.url, golden(), transport=Transport.SSE)
        replied = [each.message for each in server.requests if each.step == "reply"]
    assert found.outcome is Outcome.PASSED
    assert [each["error"]["code"] for each in replied] == [-32601]


@pytest.mark.parametrize("era", BOTH)
def test_stdio_makes_calls_and_answers_requests_during_them(era: str) -> None:
    arguments: dict[str, Any] = {"city": "Ōsaka", "days": 2}
    echoed = Condition(path="$.content[0].text", matches='"days": 2')
    calls = [golden(each, echoed, arguments=arguments) for each in ("echo", "talk")]
    found = finding(command(era), *calls, era=era)
    assert (found.outcome, found.message[:10]) == (Outcome.PASSED, "2 of 2 cal")


# -- the end of the server


def test_calls_after_the_end_of_a_child_are_not_observed() -> None:
    calls = [golden(each) for each in ("echo", "crash", "echo")]
    told = report(command(), *calls)
    found = found_in(told)

    assert len(attempts(told)) == 2
    assert found.outcome is Outcome.FAILED
    crash, after = (each.text for each in found.details)
    assert crash.startswith("crash({}): the process exited with code 1")
    assert after.startswith("echo({}): it was not made: nothing was heard after crash: the proc")


def test_a_call_that_hangs_hides_no_other() -> None:
    calls = [golden(each) for each in ("hang", "echo")]
    found = finding(command(), *calls, limits=Limits(step_seconds=1.0))
    assert [each.subject for each in found.details] == ["hang"]
    assert "tools/call was not answered within 1 s" in found.message


def test_a_call_may_take_what_its_budget_says_and_no_longer() -> None:
    def late(call: Call) -> bytes | None:
        call.wire.pause(1.0)
        return call.answer(text("late"))

    limits = Limits(step_seconds=0.5)
    with honest.serve({"tools/call": late}, tools=[reading(), reading("other")]) as server:
        calls = (golden(max_seconds=20), golden("other", max_seconds=0.1))
        found = finding(server.url, *calls, limits=limits)
    assert [each.subject for each in found.details] == ["other"]


def test_calls_leave_time_to_end_the_session() -> None:
    def hang(call: Call) -> bytes | None:
        call.wire.hold()
        return None

    limits = Limits(step_seconds=20, run_seconds=3.5)
    with honest.serve({"tools/call": hang}, tools=[reading()]) as server:
        told = report(server.url, golden(), golden(label="again"), limits=limits)
        assert "delete" in {each.step for each in server.requests}
    found = found_in(told)
    assert len(attempts(told)) == 1
    assert "again" in found.details[1].subject
    assert "it was not made: the run's time was used up" in found.details[1].text


@pytest.mark.parametrize("budget", [None, 1e-3])
def test_a_call_that_the_end_of_the_run_cuts_off_is_not_blamed_on_the_tool(
    budget: float | None,
) -> None:
    def hang(call: Call) -> bytes | None:
        call.wire.hold()
        return None

    limits = Limits(step_seconds=20, run_seconds=3.0)
    calls = (golden(max_seconds=budget, retries=2, retry_on=(RetryReason.TIMEOUT,)),)
    with honest.serve({"tools/call": hang}, tools=[reading()]) as server:
        told = report(server.url, *calls, limits=limits)
    found = found_in(told)
    if budget is None:
        assert (found.outcome, told.verdict) == (Outcome.NOT_OBSERVED, Verdict.INCONCLUSIVE)
        assert found.message.startswith("forecast: the run's deadline left it ")
    else:
        assert found.outcome is Outcome.FAILED  # its own time was up, too
        assert "allowed are 1 ms" in found.message


def test_a_retry_that_the_end_of_the_run_cuts_off_is_not_blamed_on_the_tool() -> None:
    def hang(call: Call) -> bytes | None:
        call.wire.hold()
        return None

    limits = Limits(step_seconds=0.6, run_seconds=3.0)
    calls = (golden(retries=9, retry_on=(RetryReason.TIMEOUT,)),)
    with honest.serve({"tools/call": hang}, tools=[reading()]) as server:
        told = report(server.url, *calls, limits=limits)
    assert len(attempts(told)) > 1
    assert found_in(told).outcome is Outcome.NOT_OBSERVED


def test_what_a_child_floods_us_with_is_not_held() -> None:
    found = finding(command(), golden("flood"), golden("echo"), limits=Limits(answer_bytes=2**20))
    assert found.message.startswith("flood: a line is larger than 1 MiB")
    assert "echo({}): it was not made" in found.details[1].text


def test_a_server_that_a_call_brings_down_is_not_said_to_die_of_its_session() -> None:
    def crash(call: Call) -> bytes | None:
        listener.shutdown(socket.SHUT_RDWR)  # what waits in accept hears of nothing less
        listener.close()
        return None

    with honest.serve({"tools/call": crash}, tools=[reading()]) as server:
        listener = server._listener
        told = report(
            server.url, golden(), selection=Selection(only=("golden-calls", "session-lifecycle"))
        )
    outcomes = {each.check: each.outcome for each in told.findings}
    assert outcomes["golden-calls"] is Outcome.FAILED
    assert outcomes["session-lifecycle"] is Outcome.NOT_OBSERVED
    assert told.headline.startswith("A CALL FAILS: forecast: ")


def test_calls_after_the_end_of_an_event_stream_are_not_observed() -> None:
    def end(call: StreamCall) -> bytes | None:
        call.stream.socket.shutdown(socket.SHUT_RDWR)
        return None

    tools = [reading(), reading("other")]
    with honest_sse.serve({"tools/call": end}, tools=tools) as server:
        told = report(server.url, golden(), golden("other"), transport=Transport.SSE)
        assert len(calls_of(server)) == 1
    lost, after = found_in(told).details
    assert lost.subject == "forecast"
    assert after.text.startswith("other({}): it was not made: nothing was heard after forecast: ")
