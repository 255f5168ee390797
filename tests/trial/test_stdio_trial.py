"""Trials of servers over stdio, each of which stops in its own way."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from mcpverify.facts.revision import Era
from mcpverify.facts.target import Limits, StdioCommand, Target, Transport
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
from mcpverify.wire.trial.process.pid_one import prefix
from mcpverify.wire.trial.stdio import STDIN_CLOSED, conduct_stdio
from tests.running import started
from tests.servers import stdio

Outcome = RequestOutcome
LIMITS = Limits(step_seconds=1.0, first_answer_seconds=10.0, closing_seconds=0.3)


def plan_of(argv: tuple[str, ...], limits: Limits = LIMITS, **options: Any) -> TrialPlan:
    target = Target("the server", StdioCommand(argv), Transport.STDIO, limits=limits)
    made = {"grace": 6.0, "start_seconds": 10.0} | options
    return TrialPlan(target, command=argv, **made)


def stopped(way: str, *arguments: str, **options: Any) -> Timeline:
    return conduct_stdio(plan_of(stdio.command("stops", way, *arguments), **options), look)


def outcomes(timeline: Timeline) -> set[RequestOutcome]:
    assert not timeline.problem
    assert len(timeline.in_flight) == len(timeline.requests)
    return {each.outcome for each in timeline.requests}


def names(timeline: Timeline) -> list[str]:
    return [each.name for each in timeline.signals]


def all_gone(file: Path, seconds: float = 5.0) -> bool:
    """Whether every process whose id is in the file ends; there must be some."""
    pids = [int(pid) for pid in file.read_text().split()]
    assert pids
    until = time.monotonic() + seconds
    while any(map(_lives, pids)) and time.monotonic() < until:
        time.sleep(0.02)
    return not any(map(_lives, pids))


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


@pytest.fixture
def pids(tmp_path: Path) -> Iterator[Path]:
    """Where servers write their process ids. Whatever lives then dies with the test."""
    file = tmp_path / "pids"
    yield file
    for pid in map(int, file.read_text().split()):
        with suppress(psutil.Error):
            psutil.Process(pid).kill()


@pytest.mark.parametrize("way", ["drains", "floods"])
def test_a_server_that_answers_what_it_has_read_keeps_every_call(way: str) -> None:
    timeline = stopped(way)
    assert outcomes(timeline) == {Outcome.OK}
    assert len(timeline.requests) == 8
    assert names(timeline) == [STDIN_CLOSED]
    assert timeline.end.exit_code == 0
    assert timeline.end.ended is not None
    assert not timeline.end.leftovers


def test_the_requests_of_a_trial_say_what_they_were() -> None:
    timeline = stopped("drains")
    for request in timeline.requests:
        assert request.purpose is Purpose.CALL
        assert request.connection is Connection.PIPE
        assert (request.era, request.client) == (Era.HANDSHAKE, "handshake 1")
        assert request.method == "tools/list"
        assert request.sent == 0.0
        assert request.excerpt.startswith('{"jsonrpc"')


def test_it_says_that_one_client_spoke_one_era() -> None:
    setting = stopped("drains", sessions=50).setting
    assert (setting.transport, setting.sessions, setting.eras) == (
        Transport.STDIO,
        1,
        (Era.HANDSHAKE,),
    )
    assert "8 requests in flight" in setting.skipped[0]
    assert "stateless" in setting.skipped[1]


def test_a_server_of_the_stateless_era_alone_is_tried_in_that_one() -> None:
    timeline = conduct_stdio(plan_of(stdio.command("honest", "eras=stateless")), look)
    assert outcomes(timeline) == {Outcome.OK}
    assert timeline.setting.eras == (Era.STATELESS,)
    assert timeline.aftermath.first_handshake is not None
    assert timeline.aftermath.first_handshake.method == "server/discover"


def test_a_server_that_ends_with_its_input_loses_every_call_and_exits_with_0() -> None:
    timeline = stopped("drops")
    assert outcomes(timeline) == {Outcome.ENDED_WITHOUT_REPLY}
    assert timeline.end.exit_code == 0


def test_an_error_in_place_of_an_answer_is_told_in_its_own_words() -> None:
    timeline = stopped("refuses")
    assert outcomes(timeline) == {Outcome.JSONRPC_ERROR}
    assert "-32000: Connection closed" in timeline.requests[0].detail


def test_an_answer_that_was_begun_is_told_from_one_that_never_came() -> None:
    timeline = stopped("cuts")
    assert outcomes(timeline) == {Outcome.TRUNCATED, Outcome.ENDED_WITHOUT_REPLY}
    (cut,) = [each for each in timeline.requests if each.outcome is Outcome.TRUNCATED]
    assert cut.received > 0


def test_an_answer_that_is_no_json_is_a_bad_one() -> None:
    assert outcomes(stopped("babbles")) == {Outcome.BAD_ANSWER}


def test_calls_are_lost_where_standard_output_ends_though_the_process_goes_on() -> None:
    timeline = stopped("shuts-its-mouth", grace=1.5)
    assert outcomes(timeline) == {Outcome.ENDED_WITHOUT_REPLY}
    assert timeline.requests[0].ended < (timeline.end.ended or 0.0)


def test_a_server_that_does_not_end_with_its_input_is_sent_the_signal() -> None:
    timeline = stopped("waits-for-a-signal", grace=6.0, signal="SIGINT", group=True)
    assert outcomes(timeline) == {Outcome.OK}
    assert names(timeline) == [STDIN_CLOSED, "SIGINT"]
    assert timeline.signals[1].to == "group"
    assert timeline.signals[1].at >= 0.5  # a third of the budget
    assert timeline.end.exit_code == -2
    assert not timeline.end.killed


def test_the_signal_is_sent_a_second_time_where_that_is_asked_for() -> None:
    timeline = stopped("waits-for-two", twice=True, grace=1.8)
    assert names(timeline) == [STDIN_CLOSED, "SIGTERM", "SIGTERM"]
    assert timeline.end.exit_code == 7


def test_a_server_that_hangs_is_killed_when_the_budget_is_over(pids: Path) -> None:
    timeline = stopped("hangs", str(pids), grace=1.5)
    assert outcomes(timeline) == {Outcome.OK}
    assert names(timeline) == [STDIN_CLOSED, "SIGTERM", "SIGKILL"]
    assert timeline.end.killed
    assert timeline.end.ended is None
    assert timeline.end.exit_code == -9
    assert all_gone(pids)


@pytest.mark.parametrize("way", ["leaves-a-child", "leaves-a-runaway"])
def test_a_child_that_stays_is_named_and_then_ended(way: str, pids: Path) -> None:
    timeline = stopped(way, str(pids))
    # It holds standard output open: the calls are lost all the same, when the server was gone.
    # On a busy machine it may have answered the first of them before it saw the end of its input.
    assert outcomes(timeline) <= {Outcome.OK, Outcome.ENDED_WITHOUT_REPLY}
    lost = [each for each in timeline.requests if each.outcome is not Outcome.OK]
    assert {each.ended for each in lost} == {timeline.end.ended}
    (left,) = timeline.end.leftovers
    assert left.kind == "process"
    assert "time.sleep(600)" in left.what
    assert all_gone(pids)


def test_a_called_tool_is_the_only_call_and_is_waited_for() -> None:
    called = ToolCall("slow", {"seconds": 1.5})
    timeline = stopped("drains", call=called, grace=3.0)
    assert outcomes(timeline) == {Outcome.OK}
    (call,) = timeline.requests
    assert call.method == "tools/call slow"
    # Past a third of the budget no signal disturbs it.
    assert call.ended > 1.0
    assert names(timeline) == [STDIN_CLOSED]
    assert (timeline.setting.call, timeline.setting.release) == ("slow", None)


def test_a_server_that_stays_is_sent_the_signal_soon_after_the_called_tool_has_answered() -> None:
    called = ToolCall("slow", {"seconds": 1.5})
    timeline = stopped("waits-for-a-signal", call=called, grace=3.0)
    (call,) = timeline.requests
    assert call.outcome is Outcome.OK
    assert names(timeline) == [STDIN_CLOSED, "SIGTERM"]
    assert timeline.signals[1].at > call.ended


def test_a_called_tool_that_never_answers_runs_into_the_budget() -> None:
    called = ToolCall("slow", {"seconds": 600})
    timeline = stopped("hangs", call=called, grace=1.5)
    assert outcomes(timeline) == {Outcome.TIMEOUT}
    assert timeline.end.killed


def test_a_quick_tool_is_called_again_so_that_one_call_is_in_flight() -> None:
    timeline = stopped("drains", call=ToolCall("slow", {"seconds": 0.1}))
    assert not timeline.problem
    assert [each.outcome for each in timeline.requests] == [Outcome.OK, Outcome.OK]
    assert [each.hit for each in timeline.requests] == [False, True]


def test_a_tool_that_fails_beforehand_is_no_call_to_end_a_server_on() -> None:
    timeline = stopped("drains", call=ToolCall("slow", {"seconds": "many"}))
    assert "slow failed before anything was ended" in timeline.problem
    assert not timeline.signals


def test_a_server_that_does_not_read_its_input_makes_no_trial(pids: Path) -> None:
    called = ToolCall("slow", {"seconds": 1.0, "padding": "x" * 400_000})
    timeline = stopped("reads-no-more", str(pids), call=called)
    assert "did not read its standard input for 1 s" in timeline.problem
    assert all_gone(pids)


def test_a_server_that_dies_under_the_call_makes_no_trial() -> None:
    timeline = stopped("dies-when-called", call=ToolCall("slow", {"seconds": 0}))
    assert timeline.problem == "the process exited with code 3"
    assert timeline.end.stderr == ("the last words",)


def test_a_server_that_cannot_be_used_makes_no_trial() -> None:
    limits = Limits(first_answer_seconds=0.5, closing_seconds=0.5)
    timeline = conduct_stdio(plan_of(stdio.command("never_answers"), limits), look)
    assert "initialize" in timeline.problem
    assert not timeline.requests


def test_the_restarted_server_is_looked_at_again() -> None:
    timeline = stopped("drains")
    after = timeline.aftermath
    assert after.restart == "the same command"
    assert after.began is not None
    assert after.first_handshake is not None
    assert after.first_handshake.outcome is Outcome.OK
    assert after.first_handshake.began >= after.began
    assert after.before is not None
    assert after.before == after.after
    assert not after.problem
    assert not after.contract_problem


def test_another_contract_after_the_restart_is_seen() -> None:
    line = " ".join(stdio.command("honest", "tools=other"))
    after = stopped("drains", restart_command=line).aftermath
    assert after.restart == "the restart command"
    assert after.after is not None
    assert after.after != after.before


def test_a_server_that_does_not_come_back_is_told_with_its_exit_code() -> None:
    after = stopped("drains", restart_command="exit 4").aftermath
    assert "exited with code 4" in after.problem
    assert after.first_handshake is not None
    assert after.first_handshake.outcome is not Outcome.OK
    assert after.after is None


def test_a_child_with_the_pipes_does_not_make_us_wait_for_a_server_that_is_gone(
    pids: Path,
) -> None:
    line = " ".join(stdio.command("stops", "leaves-at-once", str(pids)))
    after = stopped("drains", restart_command=line, start_seconds=30.0).aftermath
    assert "exited with code 3" in after.problem
    assert after.first_handshake is not None
    assert after.first_handshake.ended - after.first_handshake.began < 15
    assert all_gone(pids)


def test_whoever_watches_is_told_of_everything_in_turn() -> None:
    told: list[Moment | Request | Signal] = []
    plan = plan_of(stdio.command("stops", "drains"))
    timeline = conduct_stdio(plan, look, told.append)
    phases = [each.phase for each in told if isinstance(each, Moment)]
    assert phases == list(Phase)
    assert [each for each in told if isinstance(each, Signal)] == list(timeline.signals)
    requests = [each for each in told if isinstance(each, Request)]
    assert len(requests) == len(timeline.requests) + 1  # with the first handshake afterwards


@pytest.mark.parametrize("phase", [Phase.FILLING, Phase.SIGNALED, Phase.AFTERWARDS])
def test_an_interrupted_trial_leaves_nothing_behind(phase: Phase, pids: Path) -> None:
    def interrupt(event: object) -> None:
        if isinstance(event, Moment) and event.phase is phase:
            raise KeyboardInterrupt

    plan = plan_of(stdio.command("stops", "leaves-a-runaway", str(pids)))
    with pytest.raises(KeyboardInterrupt):
        conduct_stdio(plan, look, interrupt)
    assert all_gone(pids)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent as on Unix")
def test_a_signal_to_a_run_of_drain_leaves_nothing_behind(
    pids: Path, scrubbed_environment: Path
) -> None:
    command = stdio.command("stops", "hangs", str(pids))
    arguments = ("drain", "--transport", "stdio", "--", *command)
    with started(*arguments, cwd=pids.parent, home=scrubbed_environment) as process:
        assert process.stderr is not None
        assert any(STDIN_CLOSED in line for line in process.stderr)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert process.returncode == 130
    assert all_gone(pids)


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
def test_pid_1_does_not_see_a_signal_that_it_does_not_handle() -> None:
    try:
        prefix()
    except Exception as error:
        pytest.skip(str(error))
    timeline = stopped("waits-for-a-signal", pid1=True, grace=1.5)
    assert names(timeline) == [STDIN_CLOSED, "SIGTERM", "SIGKILL"]
    assert timeline.end.exit_code == -9
    assert not timeline.end.leftovers
