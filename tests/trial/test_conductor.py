"""Trials over HTTP with real processes: what is recorded, and when no trial can be made."""

import asyncio
import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from mcpverify.errors import UsageError
from mcpverify.facts.revision import Era
from mcpverify.facts.target import HttpEndpoint, Target
from mcpverify.facts.timeline import (
    Connection,
    Moment,
    Phase,
    Purpose,
    Request,
    RequestOutcome,
    Signal,
    Timeline,
)
from mcpverify.facts.trial_plan import ToolCall, TrialPlan
from mcpverify.verify.look import look
from mcpverify.wire.trial.clients.connection import Place
from mcpverify.wire.trial.clients.streamable_client import StreamableClient
from mcpverify.wire.trial.conductor import conduct
from mcpverify.wire.trial.recorder import Recorder
from tests.servers.honest import Call, serve
from tests.servers.raw_http import RawServer, response
from tests.trial.serve import asking

_MARK = f"of-{os.getpid()}"  # several workers may run this


def command(manner: str, *known_by: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.trial.serve", manner, *known_by)


def trial(
    *argv: str, url: str = "", watched: list[object] | None = None, **plan: object
) -> Timeline:
    """One trial of a command, or of what `plan` names."""
    target = Target("the server", HttpEndpoint((url,) if url else ()))
    asked = TrialPlan(target, argv or None, **plan)  # type: ignore[arg-type]
    return conduct(asked, look, None if watched is None else watched.append)


def outcomes(timeline: Timeline, purpose: Purpose) -> set[RequestOutcome]:
    return {each.outcome for each in timeline.of(purpose)}


@pytest.fixture(scope="module")
def abrupt() -> tuple[Timeline, list[object]]:
    """A trial of a server that ends at once, on another port each time it is started."""
    watched: list[object] = []
    return trial(*command("ends", _MARK), watched=watched), watched


def test_every_session_has_a_call_in_flight_when_the_signal_comes(
    abrupt: tuple[Timeline, list[object]],
) -> None:
    calls = abrupt[0].of(Purpose.CALL)
    assert len(calls) == 4
    assert all(call.hit and call.sent is None for call in calls)
    assert {call.outcome for call in calls} == {RequestOutcome.RESET}
    assert {(call.era, call.connection) for call in calls} == {
        (era, connection) for era in Era for connection in (Connection.KEPT, Connection.FRESH)
    }


def test_loops_run_before_the_signal_and_are_refused_after_the_end(
    abrupt: tuple[Timeline, list[object]],
) -> None:
    loop = abrupt[0].of(Purpose.LOOP)
    before = [each for each in loop if each.ended < 0]
    assert len(before) > 10
    assert {each.outcome for each in before} == {RequestOutcome.OK}
    assert loop[-1].outcome is RequestOutcome.REFUSED


def test_the_end_is_seen_with_its_exit_code(abrupt: tuple[Timeline, list[object]]) -> None:
    end = abrupt[0].end
    assert end.ended is not None
    assert 0 <= end.ended < 5
    assert (end.exit_code, end.killed, end.leftovers) == (0, False, ())


def test_the_restarted_server_is_found_on_its_other_port(
    abrupt: tuple[Timeline, list[object]],
) -> None:
    after = abrupt[0].aftermath
    assert after.restart == "the same command"
    assert after.first_handshake is not None
    assert after.first_handshake.outcome is RequestOutcome.OK
    assert after.before == after.after is not None
    assert {each.status for each in after.old_sessions} == {404}


def test_whoever_watches_is_told_of_phases_signals_and_requests_in_order(
    abrupt: tuple[Timeline, list[object]],
) -> None:
    phases = [each.phase for each in abrupt[1] if isinstance(each, Moment)]
    assert phases == [
        Phase.STARTING,
        Phase.FILLING,
        Phase.SIGNALED,
        Phase.RESTARTING,
        Phase.AFTERWARDS,
        Phase.DONE,
    ]
    assert [each.name for each in abrupt[1] if isinstance(each, Signal)] == ["SIGTERM"]
    told = [each for each in abrupt[1] if isinstance(each, Request)]
    assert len(told) == len(abrupt[0].requests)


def test_nothing_that_was_started_is_left(abrupt: tuple[Timeline, list[object]]) -> None:
    running = [" ".join(each.info["cmdline"] or ()) for each in psutil.process_iter(["cmdline"])]
    assert not [line for line in running if _MARK in line]


def test_what_is_held_back_is_sent_a_second_after_the_signal_and_answered() -> None:
    timeline = trial(*command("lingers"))
    calls = timeline.of(Purpose.CALL)
    assert {call.outcome for call in calls} == {RequestOutcome.OK}
    assert all(call.sent is not None and call.sent >= 1.0 for call in calls)
    assert RequestOutcome.OK in outcomes(timeline, Purpose.NEW_SESSION)


def test_a_named_tool_is_called_in_every_session_and_its_end_is_awaited() -> None:
    timeline = trial(*command("lingers"), call=ToolCall("wait"))
    calls = [each for each in timeline.of(Purpose.CALL) if each.hit]
    assert len(calls) == 4
    assert {(call.method, call.outcome) for call in calls} == {
        ("tools/call wait", RequestOutcome.OK)
    }


def test_the_event_id_of_a_lost_call_is_used_to_ask_for_what_was_missed() -> None:
    # Without a length or chunks the end of the connection is the end of the answer.
    timeline = trial(*command("primes"), call=ToolCall("wait"), sessions=1)
    (call,) = timeline.of(Purpose.CALL)
    assert (call.event_id, call.outcome) == ("event-5", RequestOutcome.ENDED_WITHOUT_REPLY)
    (resumed,) = timeline.aftermath.resumptions
    assert (resumed.client, resumed.status) == (call.client, 405)


def test_fewer_sessions_than_kinds_say_what_is_left_out() -> None:
    timeline = trial(*command("ends"), sessions=3)
    assert len(timeline.of(Purpose.CALL)) == 3
    (skipped,) = timeline.setting.skipped
    assert "stateless era over fresh connections" in skipped


# -- trials that cannot be made


@pytest.mark.parametrize(
    ("tool", "words"), [("quick", "too quickly"), ("fails", "failed before the signal")]
)
def test_a_tool_that_cannot_be_in_flight_stops_the_trial_before_the_signal(
    tool: str, words: str
) -> None:
    timeline = trial(*command("ends"), call=ToolCall(tool))
    assert words in timeline.problem
    assert timeline.signals == ()


def test_a_command_that_ends_before_it_serves_is_told_with_what_it_said() -> None:
    timeline = trial(sys.executable, "-c", "import sys; sys.exit('no such database')")
    assert "exited with code 1" in timeline.problem
    assert "no such database" in timeline.problem


def test_a_command_that_never_listens_is_given_up() -> None:
    timeline = trial(sys.executable, "-c", "import time; time.sleep(60)", start_seconds=0.5)
    assert "nothing listens" in timeline.problem


def test_a_readiness_url_that_is_not_ready_stops_the_trial_before_the_signal() -> None:
    timeline = trial(*command("ends"), readiness="/no-such-path")
    assert timeline.problem == "--readiness /no-such-path was not well before the signal: HTTP 404"
    assert timeline.signals == ()


@contextmanager
def bystander() -> Iterator[int]:
    """A process that serves nothing."""
    process = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True
    )
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


def ended_sessions(server: RawServer) -> int:
    return server.steps.count("delete")


def test_a_process_that_does_not_serve_the_address_is_refused_and_lives() -> None:
    with serve() as server, bystander() as pid:
        with pytest.raises(UsageError, match=f"does not listen on {server.port}"):
            trial(url=server.url, pid=pid)
        assert psutil.Process(pid).is_running()


def test_the_sessions_of_a_server_that_is_not_stopped_are_ended() -> None:
    with serve() as server:
        timeline = trial(url=server.url, stop_command="true", readiness="/no-such-path")
        assert timeline.problem
        assert ended_sessions(server) == 4


def test_a_stop_command_that_stops_nothing_makes_no_trial() -> None:
    with serve() as server:
        timeline = trial(url=server.url, stop_command="true", grace=3.0)
    assert "connections from before the signal still answer" in timeline.problem


def test_a_server_that_fails_before_the_signal_is_not_blamed_for_its_end() -> None:
    answered = itertools.count()

    def now_and_then(call: Call) -> bytes:
        return response(500) if next(answered) % 7 == 6 else call.honest

    with serve({"tools/list": now_and_then}) as server:
        timeline = trial(url=server.url, stop_command="true")
    assert "safe requests failed before the signal, the first with: HTTP 500" in timeline.problem
    assert timeline.signals == ()


def test_sessions_that_cannot_be_opened_make_no_trial() -> None:
    opened = itertools.count()

    def few(call: Call) -> bytes:
        return response(429) if next(opened) > 3 else call.honest

    with serve({"initialize": few}) as server:
        timeline = trial(url=server.url, stop_command="true", sessions=8)
    assert "of 8 sessions could not be opened" in timeline.problem


def replaced(flag: Path) -> Callable[[Call], bytes | None]:
    """From the moment that `flag` is there, another replica answers on new connections."""
    last = 0

    def answer(call: Call) -> bytes | None:
        nonlocal last
        if not flag.exists():
            last = max(last, call.request.connection)
            return call.honest
        return call.honest if call.request.connection > last else None

    return answer


def test_siblings_that_answer_after_the_end_are_noticed_and_rid_of_our_sessions(
    tmp_path: Path,
) -> None:
    flag = tmp_path / "stopped"
    with serve({"*": replaced(flag)}) as server:
        timeline = trial(url=server.url, stop_command=f"touch {flag}", grace=5.0)
        assert "after the stop command had ended" in timeline.siblings
        opened = server.steps.count("initialize")
        assert ended_sessions(server) > 0.5 * (opened - 6)
    assert timeline.aftermath.restart == ""


def test_a_request_of_the_server_is_answered_while_a_call_is_under_way(tmp_path: Path) -> None:
    async def call(url: str) -> None:
        place = Place.of(HttpEndpoint((url,)), url)
        client = StreamableClient("one", Era.HANDSHAKE, place, Recorder(None), Connection.KEPT)
        assert await client.open() == ""
        draft = await client.call(ToolCall("any"), None)
        assert draft.outcome is RequestOutcome.OK
        async with asyncio.timeout(5):
            while "reply" not in server.steps:
                await asyncio.sleep(0.01)
        client.close()

    with serve({"tools/call": asking}) as server:
        asyncio.run(call(server.url))
        reply = next(each for each in server.requests if each.step == "reply")
        assert reply.message == {"jsonrpc": "2.0", "id": "p", "result": {}}
