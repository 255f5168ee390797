"""Every point of a good shutdown on trials that pass it, break it, and leave it open."""

from dataclasses import replace
from itertools import pairwise

import pytest

from mcpverify.facts.finding import Finding, Outcome, Severity
from mcpverify.facts.revision import Era
from mcpverify.facts.timeline import (
    Connection,
    How,
    Leftover,
    ProcessEnd,
    Purpose,
    RequestOutcome,
    Signal,
    Timeline,
)
from mcpverify.rollout.points import all_points, point_ids
from tests.rollout import timelines as made
from tests.rollout.timelines import a_request, a_setting, a_stream

PASSED, WARNED, FAILED = Outcome.PASSED, Outcome.WARNED, Outcome.FAILED
NOT_APPLICABLE, NOT_OBSERVED = Outcome.NOT_APPLICABLE, Outcome.NOT_OBSERVED
OK, RESET = RequestOutcome.OK, RequestOutcome.RESET
NO_TOOL = "(tools/list; no tool was called)"


def found(point: str, timeline: Timeline) -> Finding:
    (file,) = (each for each in all_points() if each.check.id == point)
    return file.judge(timeline)


def ended(exit_code: int | None, at: float = 3.0, **changes: object) -> Timeline:
    return made.graceful(end=replace(ProcessEnd(at, exit_code), **changes))  # type: ignore[arg-type]


def test_points_are_reported_in_the_order_of_the_contract() -> None:
    ids = [each.check.id for each in all_points()]
    assert sorted(ids) == list(point_ids())
    assert ids[:6] == [
        "lame-duck",
        "new-sessions",
        "calls-complete",
        "idle-streams-close",
        "drain-limit",
        "second-signal",
    ]
    assert ids[6:] == [
        "exit-in-budget",
        "nothing-left-behind",
        "restart",
        "contract-kept",
        "old-session",
        "resumption",
    ]
    assert all(one.number <= other.number for one, other in pairwise(all_points()))


def test_what_only_should_be_is_no_error() -> None:
    warnings = {each.check.id for each in all_points() if each.check.severity is Severity.WARNING}
    assert warnings == {
        "lame-duck", "idle-streams-close", "second-signal", "resumption",
    }  # fmt: skip


@pytest.mark.parametrize("point", point_ids())
def test_a_point_is_judged_on_every_trial_under_its_own_id(point: str) -> None:
    for timeline in made.all_timelines().values():
        assert found(point, timeline).check == point


# Calls


def test_calls_that_are_answered_are_counted() -> None:
    finding = found("calls-complete", made.graceful())
    assert finding.outcome is PASSED
    assert finding.message == f"the signal hit 4 calls, and all were answered {NO_TOOL}"
    called = found("calls-complete", made.slow_tool_answered())
    assert called.message == "the signal hit 4 calls, and all were answered"


def test_calls_that_a_child_answered_when_the_process_had_ended_are_lost() -> None:
    finding = found("calls-complete", made.outlived_by_a_child())
    assert finding.outcome is FAILED
    assert finding.message == (
        "4 calls were answered 0.41 s after the process had ended, by what outlived it: in a "
        "container they are lost"
    )
    assert "exec" in finding.hint
    assert "a reply came at 1.02 s" in finding.details[0].text


def test_calls_that_a_child_answered_do_not_hide_those_that_nobody_did() -> None:
    calls = [*made.the_calls(RESET, 0.5)[:1], *made.the_calls()[1:]]
    finding = found("calls-complete", made.outlived_by_a_child(calls=calls))
    assert finding.message.startswith("3 calls were answered 0.41 s after")
    assert finding.message.endswith("; 1 of 4 calls got no answer")
    assert len(finding.details) == 4


@pytest.mark.parametrize(
    "timeline",
    [
        # An answer that was on its way when the process ended.
        made.graceful(end=ProcessEnd(0.9, 0)),
        made.siblings(end=ProcessEnd(0.1, None)),
        made.end_unseen(end=ProcessEnd(0.1, None)),
        made.graceful(end=ProcessEnd(0.1, None, observed=False)),
        made.graceful(end=ProcessEnd(0.1, -9, killed=True)),
    ],
)
def test_an_answer_after_an_end_that_proves_nothing_is_an_answer(timeline: Timeline) -> None:
    assert found("calls-complete", timeline).outcome is PASSED


def test_a_process_that_is_watched_by_its_id_can_be_outlived_too() -> None:
    setting = a_setting(how=How.PID)
    timeline = made.degraded(setting=setting, end=ProcessEnd(0.2, None))
    assert found("calls-complete", timeline).outcome is FAILED


def test_an_answer_that_a_child_gave_need_not_be_asked_for_again() -> None:
    calls = made.the_calls(event_id="7")
    timeline = made.outlived_by_a_child(calls=calls)
    assert found("resumption", timeline).outcome is NOT_APPLICABLE


@pytest.mark.parametrize("outcome", [each for each in RequestOutcome if each is not OK])
def test_nothing_but_a_result_is_an_answer(outcome: RequestOutcome) -> None:
    calls = [*made.the_calls(outcome)[:1], *made.the_calls()[1:]]
    finding = found("calls-complete", made.graceful(calls=calls))
    assert finding.outcome is FAILED
    assert "1 of them was lost" in finding.message
    assert finding.details[0].subject == "handshake 1"


def test_a_lost_call_is_named_with_all_that_is_known_of_it() -> None:
    finding = found("calls-complete", made.resumed())
    (lost,) = finding.details
    assert finding.message.endswith("1 of them was lost 1.05 s after SIGTERM")
    assert lost.subject == "handshake 1"
    for told in (
        "handshake era", "tools/list", "kept connection", "over SSE", "last bytes sent at 1 s",
        "HTTP 200", "96 bytes", "lost inside the answer at 1.05 s", ": ping - 2026",
    ):  # fmt: skip
        assert told in lost.text


def test_calls_are_told_before_requests_of_the_loop() -> None:
    calls = [*made.the_calls()[:3], made.a_call("stateless 2", outcome=RESET, ended=1.1)]
    details = found("calls-complete", made.loop_was_hit(calls=calls)).details
    assert [each.subject for each in details] == ["stateless 2", "handshake 1"]
    assert "tools/list of the loop" in details[1].text


def test_what_was_received_is_shown_as_far_as_it_fits_a_line() -> None:
    calls = [
        made.a_call(outcome=RequestOutcome.TRUNCATED, excerpt=text, ended=1.1)
        for text in ("a\r\nb", "c" * 500)
    ]
    short, long = found("calls-complete", made.graceful(calls=calls)).details
    assert short.text.endswith("at 1.1 s: a b")
    assert long.text.endswith(f": {'c' * 60}…")


def test_of_a_call_that_was_cut_before_it_was_sent_it_is_said() -> None:
    (first, _) = found("calls-complete", made.abrupt()).details
    assert "its last bytes were never sent; no status" in first.text


def test_many_losses_are_told_by_what_they_have_in_common() -> None:
    finding = found("calls-complete", made.many_sessions(200, 12))
    assert "the signal hit 200 calls, and 12 of them were lost" in finding.message
    assert [each.subject for each in finding.details] == ["6 of 12", "6 of 12"]
    assert not any("handshake 1" in each.text for each in finding.details)


def test_three_equal_losses_are_one_line_and_two_are_two() -> None:
    lost = RequestOutcome.JSONRPC_ERROR
    equal = [made.a_call(f"handshake {n}", outcome=lost, ended=2 + n / 100) for n in range(3)]
    later = [made.a_call(f"handshake {n}", outcome=lost, ended=3.0) for n in (4, 5)]
    details = found("calls-complete", made.graceful(calls=[*equal, *later])).details
    assert [each.subject for each in details] == ["3 of 5", "handshake 4", "handshake 5"]
    assert "at 2 to 2.02 s" in details[0].text


def test_losses_of_many_kinds_stay_few_lines() -> None:
    calls = [
        made.a_call(f"handshake {n}", outcome=outcome, method=f"tools/call t{n}")
        for n, outcome in enumerate(list(RequestOutcome) * 3)
    ]
    details = found("calls-complete", made.graceful(calls=calls)).details
    assert len(details) == 9
    assert details[0].subject == "handshake 1"
    assert details[-1].subject == "25 of 33"


def test_a_request_of_the_loop_that_the_signal_hit_is_a_call() -> None:
    finding = found("calls-complete", made.loop_was_hit())
    assert finding.outcome is FAILED
    assert "5 calls (1 of the loop)" in finding.message


@pytest.mark.parametrize("outcome", [RequestOutcome.HTTP_503, RequestOutcome.REFUSED])
def test_one_that_was_turned_away_as_the_signal_came_is_none(outcome: RequestOutcome) -> None:
    finding = found("calls-complete", made.loop_was_hit(outcome))
    assert finding.message == f"the signal hit 4 calls, and all were answered {NO_TOOL}"


def test_with_no_call_in_flight_nothing_was_observed() -> None:
    finding = found("calls-complete", made.nothing_in_flight())
    assert finding.outcome is NOT_OBSERVED
    assert "--call" in finding.hint


def test_a_call_that_had_ended_before_the_signal_was_not_in_flight() -> None:
    early = [made.a_call(began=-2.0, ended=-1.0, sent=-1.9)]
    assert found("calls-complete", made.graceful(calls=early)).outcome is NOT_OBSERVED


def test_what_the_second_signal_cut_is_told_and_not_counted() -> None:
    finding = found("calls-complete", made.second_signal_forces())
    assert finding.outcome is PASSED
    assert finding.message == f"the signal hit 2 calls, and all were answered {NO_TOOL}"
    assert "2 calls cut by the second signal" in finding.details[0].text


def test_what_was_lost_before_the_second_signal_is_lost() -> None:
    calls = [made.a_call(ended=1.3, outcome=RESET), made.a_call("handshake 2", ended=2.3)]
    finding = found("calls-complete", made.second_signal_forces(calls=calls))
    assert finding.outcome is FAILED


def test_a_second_signal_that_forced_no_exit_cut_no_call() -> None:
    finding = found("calls-complete", made.lost_beside_a_second_signal())
    assert finding.outcome is FAILED
    assert finding.message.startswith("the signal hit 4 calls, and all were lost")
    assert "forced" not in found("second-signal", made.lost_beside_a_second_signal()).message


def test_a_kill_is_no_second_signal() -> None:
    timeline = made.second_signal_forces(
        signals=(Signal("SIGTERM", 0.0), Signal("SIGKILL", 2.0)),
    )
    assert found("calls-complete", timeline).outcome is FAILED


# The lame duck


def test_readiness_that_turns_503_while_the_listener_is_open_is_a_lame_duck() -> None:
    finding = found("lame-duck", made.graceful())
    assert finding.outcome is PASSED
    assert finding.message == "readiness was 503 for 2.45 s"


def test_without_readiness_the_answers_to_new_sessions_tell() -> None:
    finding = found("lame-duck", made.graceful(ready=None, live=None))
    assert finding.outcome is PASSED
    assert finding.message == "new sessions were answered 503 for 2.45 s"


@pytest.mark.parametrize("timeline", [made.degraded(), made.accept_race()])
def test_connections_refused_from_the_start_are_no_lame_duck(timeline: Timeline) -> None:
    finding = found("lame-duck", timeline)
    assert finding.outcome is WARNED
    assert finding.message == "new connections were refused with no 503 before"


def test_readiness_that_stays_ready_is_no_lame_duck() -> None:
    finding = found("lame-duck", made.graceful(ready=((2.5, OK),)))
    assert finding.outcome is WARNED
    assert finding.message.startswith("readiness never turned 503: 50 answered")


def test_readiness_on_another_port_is_of_no_use_with_the_listener_closed() -> None:
    finding = found("lame-duck", made.graceful(new=(), ready=((0.2, RequestOutcome.HTTP_503),)))
    assert finding.outcome is WARNED
    assert len(finding.details) == 1
    assert "listener was closed" in finding.message


def test_a_503_without_retry_after_is_warned_of() -> None:
    timeline = made.graceful()
    bare = tuple(replace(each, retry_after=None) for each in timeline.requests)
    finding = found("lame-duck", replace(timeline, requests=bare))
    assert finding.outcome is WARNED
    assert finding.message.endswith("has no Retry-After")


@pytest.mark.parametrize("outcome", [RequestOutcome.HTTP_503, RequestOutcome.REFUSED, RESET])
def test_liveness_that_fails_while_the_server_drains_is_warned_of(outcome: RequestOutcome) -> None:
    timeline = made.graceful(live=((1.0, OK), (2.5, outcome)))
    finding = found("lame-duck", timeline)
    assert finding.outcome is WARNED
    assert "liveness failed from 1" in finding.message


@pytest.mark.parametrize(
    "new", [((2.5, RequestOutcome.HTTP_503),), ((4.0, RequestOutcome.HTTP_503),)]
)
def test_liveness_that_ends_with_the_listener_is_no_fault(
    new: tuple[tuple[float, RequestOutcome], ...],
) -> None:
    live = ((2.5, OK), (4.0, RESET))
    timeline = made.graceful(live=live, new=new, end=ProcessEnd(2.5, 0))
    assert found("lame-duck", timeline).outcome is PASSED


def test_a_503_that_no_load_balancer_can_notice_is_warned_of() -> None:
    finding = found("lame-duck", made.short_lame_duck())
    assert finding.outcome is WARNED
    assert finding.message == "a lame duck of 0.15 s is too short for any load balancer to notice"
    longer = ((0.6, RequestOutcome.HTTP_503),)
    assert found("lame-duck", made.graceful(new=longer, ready=longer)).outcome is PASSED


def test_a_lame_duck_that_the_second_signal_cut_short_is_no_fault() -> None:
    short = {"new": ((0.3, RequestOutcome.HTTP_503),), "ready": ((0.3, RequestOutcome.HTTP_503),)}
    assert found("lame-duck", made.second_signal_forces(**short)).outcome is PASSED
    assert found("lame-duck", made.second_signal_ignored(**short)).outcome is WARNED


def test_how_long_503_was_given_is_told_beside_what_is_wrong_with_it() -> None:
    finding = found("lame-duck", made.graceful(live=((1.0, OK), (2.5, RESET))))
    assert "but" not in finding.message
    assert finding.details[-1].text == "readiness was 503 for 2.45 s"


def test_liveness_that_hangs_while_the_server_drains_is_warned_of() -> None:
    finding = found("lame-duck", made.liveness_hangs())
    assert finding.outcome is WARNED
    assert "liveness failed from 0.5 s on" in finding.message
    assert "never answered" in finding.message


def test_liveness_that_waits_for_less_than_a_second_is_no_fault() -> None:
    late = tuple(
        each
        for each in made.liveness_hangs().requests
        if each.purpose is not Purpose.LIVENESS or each.outcome is OK or each.began > 1.6
    )
    timeline = replace(made.liveness_hangs(), requests=late)
    assert found("lame-duck", timeline).outcome is PASSED


def test_readiness_that_turns_late_is_passed_with_the_delay() -> None:
    timeline = made.graceful(ready=((1.0, OK), (2.5, RequestOutcome.HTTP_503)))
    assert "from 1 s on" in found("lame-duck", timeline).message


@pytest.mark.parametrize("point", ["lame-duck", "new-sessions"])
def test_where_siblings_answer_nothing_is_observed(point: str) -> None:
    finding = found(point, made.siblings())
    assert finding.outcome is NOT_OBSERVED
    assert "answered 40 times" in finding.message


@pytest.mark.parametrize(
    "point", ["lame-duck", "new-sessions", "idle-streams-close", "old-session"]
)
def test_what_takes_a_network_does_not_apply_to_stdio(point: str) -> None:
    assert found(point, made.stdio_graceful()).outcome is NOT_APPLICABLE


@pytest.mark.parametrize("point", ["lame-duck", "new-sessions"])
def test_a_process_that_was_gone_before_a_probe_shows_neither(point: str) -> None:
    assert found(point, made.abrupt(probed=False)).outcome is NOT_OBSERVED


def test_only_a_fresh_connection_shows_an_open_listener() -> None:
    # A kept one is turned away with 503 for as long as it lives.
    timeline = made.degraded(new=((2.0, RequestOutcome.HTTP_503),))
    requests = tuple(
        replace(each, outcome=RequestOutcome.REFUSED)
        if each.purpose is Purpose.NEW_SESSION and each.connection is Connection.FRESH
        else each
        for each in timeline.requests
    )
    assert found("lame-duck", replace(timeline, requests=requests)).outcome is WARNED


# New sessions


@pytest.mark.parametrize("timeline", [made.graceful(), made.degraded(), made.accept_race()])
def test_new_sessions_that_are_turned_away_pass(timeline: Timeline) -> None:
    assert found("new-sessions", timeline).outcome is PASSED


def test_what_lost_the_accept_race_is_told_apart() -> None:
    details = found("new-sessions", made.accept_race()).details
    assert any("16 dropped in the first 0.2 s" in each.text for each in details)


def test_connections_that_are_taken_and_dropped_later_are_warned_of() -> None:
    finding = found("new-sessions", made.accepts_and_drops())
    assert finding.outcome is WARNED
    assert "56 requests taken and dropped" in finding.message


@pytest.mark.parametrize("outcome", [each for each in RequestOutcome if each.is_silent])
def test_every_kind_of_silence_is_a_drop(outcome: RequestOutcome) -> None:
    assert found("new-sessions", made.degraded(new=((1.0, outcome),))).outcome is WARNED


def test_what_meets_the_closing_of_the_listener_is_no_fault() -> None:
    timeline = made.graceful(new=((2.45, RequestOutcome.HTTP_503), (2.5, RESET)))
    finding = found("new-sessions", timeline)
    assert finding.outcome is PASSED
    assert any("4 dropped as the listener" in each.text for each in finding.details)


def test_a_session_that_is_opened_by_a_process_about_to_end_is_warned_of() -> None:
    finding = found("new-sessions", made.degraded(new=((1.0, OK),)))
    assert finding.outcome is WARNED
    assert "new sessions opened by a process about to end" in finding.message


def test_a_discover_that_is_answered_opens_nothing() -> None:
    timeline = made.degraded(new=((1.0, OK),))
    stateless = [
        each
        for each in timeline.requests
        if each.purpose is not Purpose.NEW_SESSION or each.era is Era.STATELESS
    ]
    finding = found("new-sessions", replace(timeline, requests=tuple(stateless)))
    assert finding.outcome is PASSED


def test_another_status_than_503_is_warned_of() -> None:
    finding = found("new-sessions", made.degraded(new=((1.0, RequestOutcome.HTTP_5XX),)))
    assert finding.outcome is WARNED
    assert "answered with HTTP 500, not with 503" in finding.message


def test_an_open_session_that_is_dropped_long_after_the_signal_is_warned_of() -> None:
    loop = [*made.a_loop(), a_request(began=0.9, took=0.2, outcome=RESET)]
    finding = found("new-sessions", made.graceful(loop=loop))
    assert finding.outcome is WARNED
    assert "1 request taken and dropped at 0.9 s" in finding.message


def test_a_listener_behind_which_nobody_works_fails() -> None:
    finding = found("new-sessions", made.nobody_behind_the_listener())
    assert finding.outcome is FAILED
    assert "taken and dropped at 0.2 to 3.8 s" in finding.message
    hanging = ((3.9, RequestOutcome.TIMEOUT),)
    assert found("new-sessions", made.nobody_behind_the_listener(new=hanging)).outcome is FAILED


def test_a_few_that_are_dropped_long_after_the_signal_are_warned_of() -> None:
    for number, outcome in ((4, WARNED), (5, FAILED)):
        late = [a_request(began=1.4, took=0.2, outcome=RESET) for _ in range(number)]
        finding = found("new-sessions", made.graceful(loop=[*made.a_loop(), *late]))
        assert finding.outcome is outcome


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (RequestOutcome.HTTP_5XX, "HTTP 500"),
        (RequestOutcome.HTTP_4XX, "HTTP 404"),
        (RequestOutcome.JSONRPC_ERROR, "a JSON-RPC error"),
    ],
)
def test_an_open_session_that_gets_an_error_after_the_signal_is_warned_of(
    outcome: RequestOutcome, told: str
) -> None:
    finding = found("new-sessions", made.errors_on_open_sessions(outcome))
    assert finding.outcome is WARNED
    assert f"24 requests on open sessions answered with {told} at 0.02 to 1.1" in finding.message


def test_an_open_session_may_be_turned_away() -> None:
    turned = made.errors_on_open_sessions(RequestOutcome.HTTP_503)
    assert found("new-sessions", turned).outcome is PASSED


# Idle streams


@pytest.mark.parametrize(
    ("timeline", "outcome"),
    [
        (made.graceful(), PASSED),
        (made.graceful(stream=a_stream(2.9)), WARNED),
        (made.slow_tool_answered(stream=a_stream(2.6)), PASSED),
        (made.graceful(stream=a_stream(-0.2)), NOT_OBSERVED),
        (made.graceful(stream=None), NOT_APPLICABLE),
        (made.graceful(stream=a_stream(-0.7, RequestOutcome.HTTP_4XX, status=405)), NOT_APPLICABLE),
        (made.http_sse_lossy(), NOT_APPLICABLE),
    ],
)
def test_idle_streams_are_to_close_at_once(timeline: Timeline, outcome: Outcome) -> None:
    assert found("idle-streams-close", timeline).outcome is outcome


def test_a_stream_that_the_process_hung_on_is_named() -> None:
    finding = found("idle-streams-close", made.hung())
    assert finding.outcome is WARNED
    assert finding.message.startswith("the process hung with an idle stream open")


def test_of_several_streams_the_last_one_counts() -> None:
    loop = [*made.a_loop(), a_stream(2.9)]
    finding = found("idle-streams-close", made.graceful(loop=loop))
    assert finding.message == "an idle stream was held open for 2.9 s"


def test_a_process_that_ignored_the_signal_did_not_hang_on_its_stream() -> None:
    finding = found("idle-streams-close", made.ignores_the_signal(stream=a_stream(30.05)))
    assert finding.outcome is WARNED
    assert "hung" not in finding.message


def test_a_process_that_hung_with_its_streams_closed_did_not_hang_on_them() -> None:
    assert found("idle-streams-close", made.ignores_the_signal()).outcome is PASSED


# The drain limit


def test_a_jsonrpc_error_at_the_limit_is_an_error_and_no_silence() -> None:
    finding = found("drain-limit", made.jsonrpc_error_at_the_limit())
    assert finding.outcome is PASSED
    assert finding.message.endswith("an error, not silence")


def test_a_bare_500_at_the_limit_fails() -> None:
    finding = found("drain-limit", made.http_500_at_the_limit())
    assert finding.outcome is FAILED
    assert "drain limit of about 2.21 s" in finding.message
    assert "HTTP 500" in finding.message


@pytest.mark.parametrize("outcome", [RequestOutcome.HTTP_503, RequestOutcome.HTTP_5XX])
def test_a_call_that_is_turned_away_as_its_last_bytes_come_met_no_limit(
    outcome: RequestOutcome,
) -> None:
    timeline = made.degraded(calls=made.the_calls(outcome, 1.02))
    assert found("drain-limit", timeline).outcome is NOT_OBSERVED
    never_sent = made.degraded(calls=made.the_calls(outcome, 0.51))
    assert found("drain-limit", never_sent).outcome is FAILED


def test_silence_at_the_limit_fails() -> None:
    finding = found("drain-limit", made.cut_at_the_limit())
    assert finding.outcome is FAILED
    assert "4 calls cut without a word at 2" in finding.message


def test_calls_that_were_still_under_way_at_the_kill_had_no_limit() -> None:
    calls = made.the_calls(RESET, 30.05)
    finding = found("drain-limit", made.hung(calls=calls))
    assert finding.outcome is FAILED
    assert "until the process was killed" in finding.message


def test_an_error_at_once_is_no_limit() -> None:
    for outcome in (RequestOutcome.HTTP_5XX, RequestOutcome.JSONRPC_ERROR):
        calls = made.the_calls(outcome, 0.21, method="tools/call brew", sent=-0.3)
        timeline = made.http_500_at_the_limit(calls=calls)
        assert found("drain-limit", timeline).outcome is NOT_OBSERVED


@pytest.mark.parametrize("outcome", [RequestOutcome.HTTP_5XX, RESET])
def test_a_request_of_the_loop_meets_no_limit(outcome: RequestOutcome) -> None:
    hit = a_request(began=-0.006, took=2.4, outcome=outcome)
    timeline = made.graceful(loop=[*made.a_loop(), hit])
    assert found("drain-limit", timeline).outcome is NOT_OBSERVED


def test_calls_that_were_never_sent_in_full_were_cut_by_no_limit() -> None:
    timeline = made.cut_at_the_limit(calls=made.the_calls(RESET, 2.005, sent=None))
    assert found("drain-limit", timeline).outcome is NOT_OBSERVED


def test_calls_that_we_gave_up_were_cut_by_no_limit() -> None:
    calls = made.the_calls(RequestOutcome.TIMEOUT, 3.3)
    timeline = made.degraded(calls=calls, ended=3.2)
    assert found("drain-limit", timeline).outcome is NOT_OBSERVED


@pytest.mark.parametrize(
    "timeline", [made.graceful(), made.lossy_mcp_default(), made.lossy_with_a_slow_tool()]
)
def test_with_no_call_that_outlasts_it_the_limit_is_not_observed(timeline: Timeline) -> None:
    finding = found("drain-limit", timeline)
    assert finding.outcome is NOT_OBSERVED
    assert "--call" in finding.hint


def test_a_tool_that_is_named_already_should_take_longer() -> None:
    assert "take longer" in found("drain-limit", made.slow_tool_answered()).hint


# The second signal


def test_a_second_signal_is_judged_only_where_one_was_asked_for() -> None:
    assert found("second-signal", made.graceful()).outcome is NOT_APPLICABLE


def test_a_second_signal_may_force_the_exit() -> None:
    finding = found("second-signal", made.second_signal_forces())
    assert finding.outcome is PASSED
    assert finding.message == "it forced the exit within 0.03 s, and cut 2 calls"


def test_a_second_signal_may_change_nothing() -> None:
    assert found("second-signal", made.second_signal_ignored()).outcome is PASSED


def test_a_process_that_stays_with_nothing_left_to_do_began_a_second_drain() -> None:
    end = ProcessEnd(12.0, 0)
    finding = found("second-signal", made.second_signal_ignored(end=end))
    assert finding.outcome is WARNED
    assert "second drain" in finding.message


def test_a_process_that_outlives_two_signals_is_warned_of() -> None:
    end = ProcessEnd(30.0, -9, killed=True)
    assert found("second-signal", made.second_signal_ignored(end=end)).outcome is WARNED


def test_a_second_signal_that_came_too_late_is_not_observed() -> None:
    once = made.second_signal_ignored(signals=(Signal("SIGTERM", 0.0),))
    assert found("second-signal", once).outcome is NOT_OBSERVED


# The end


@pytest.mark.parametrize(
    ("exit_code", "outcome"),
    [(0, PASSED), (143, PASSED), (-15, PASSED), (1, FAILED), (130, FAILED), (137, FAILED),
     (-9, FAILED), (None, NOT_OBSERVED)],
)  # fmt: skip
def test_an_exit_code_says_how_it_ended(exit_code: int | None, outcome: Outcome) -> None:
    finding = found("exit-in-budget", ended(exit_code))
    assert finding.outcome is outcome
    assert "it ended 3 s after SIGTERM" in finding.message


@pytest.mark.parametrize("exit_code", [130, -2, 0, 143])
def test_after_sigint_its_own_codes_are_right(exit_code: int) -> None:
    timeline = replace(ended(exit_code), signals=(Signal("SIGINT", 0.0),))
    assert found("exit-in-budget", timeline).outcome is PASSED


def test_an_exit_that_was_forced_may_be_1() -> None:
    assert found("exit-in-budget", made.second_signal_forces()).outcome is PASSED
    slow = made.second_signal_ignored(end=ProcessEnd(5.0, 1))
    assert found("exit-in-budget", slow).outcome is FAILED


@pytest.mark.parametrize(
    ("end", "outcome", "told"),
    [
        (ProcessEnd(30.05, -9, killed=True), FAILED, "had not ended 30 s after SIGTERM, and was"),
        (ProcessEnd(None, None), FAILED, "had not ended 30 s"),
        (ProcessEnd(31.0, 0), FAILED, "with a budget of 30 s"),
        (ProcessEnd(None, None, observed=False), NOT_OBSERVED, "cannot be seen"),
        (ProcessEnd(3.0, None, observed=False), NOT_OBSERVED, "in time"),
    ],
)
def test_a_process_is_to_end_inside_its_budget(
    end: ProcessEnd, outcome: Outcome, told: str
) -> None:
    finding = found("exit-in-budget", made.graceful(end=end))
    assert finding.outcome is outcome
    assert told in finding.message


def test_the_last_words_of_a_process_that_was_killed_are_told() -> None:
    (last,) = found("exit-in-budget", made.hung()).details
    assert "Waiting for connections" in last.text


def test_an_exit_code_of_0_is_said_to_prove_nothing() -> None:
    finding = found("exit-in-budget", made.exit_zero_while_losing())
    assert finding.outcome is PASSED
    assert "says nothing" in finding.message
    assert "says nothing" not in found("exit-in-budget", made.graceful()).message


def test_over_stdio_the_end_of_input_should_be_enough() -> None:
    signals = (Signal("stdin closed", 0.0), Signal("SIGTERM", 10.0))
    finding = found(
        "exit-in-budget", made.stdio_graceful(signals=signals, end=ProcessEnd(10.1, -15))
    )
    assert finding.outcome is WARNED
    assert "only after SIGTERM at 10 s" in finding.message


@pytest.mark.parametrize(
    ("timeline", "told"),
    [
        (made.child_left(), "it left 1 child process behind"),
        (made.port_left(), "it left 1 listening port behind"),
    ],
)
def test_what_stays_behind_is_named(timeline: Timeline, told: str) -> None:
    finding = found("nothing-left-behind", timeline)
    assert (finding.outcome, finding.message) == (FAILED, told)
    assert "4711" in finding.details[0].text


def test_many_that_stay_behind_are_counted() -> None:
    left = tuple(Leftover("process", f"worker {n}", n) for n in range(40))
    finding = found("nothing-left-behind", made.graceful(end=ProcessEnd(3.0, 0, leftovers=left)))
    assert finding.message == "it left 40 child processes behind"
    assert len(finding.details) == 9
    assert finding.details[-1].text == "and 32 more"


def test_an_address_that_answers_on_without_our_own_process_fails() -> None:
    finding = found("nothing-left-behind", made.answers_on())
    assert finding.outcome is FAILED
    assert finding.message.startswith("something of it, or another server, still listens")
    assert found("nothing-left-behind", made.siblings()).outcome is PASSED


def test_what_cannot_be_seen_is_not_said_to_be_gone() -> None:
    assert found("nothing-left-behind", made.end_unseen()).outcome is NOT_OBSERVED
    assert found("nothing-left-behind", made.graceful()).outcome is PASSED


# After the restart


@pytest.mark.parametrize("point", ["restart", "old-session", "contract-kept"])
def test_without_a_restart_nothing_is_observed_of_it(point: str) -> None:
    assert found(point, made.not_restarted()).outcome is NOT_OBSERVED


def test_the_time_to_the_first_handshake_is_told() -> None:
    finding = found("restart", made.graceful())
    assert (finding.outcome, "0.62 s after its start" in finding.message) == (PASSED, True)


def test_a_server_that_comes_back_and_never_gets_ready_fails() -> None:
    finding = found("restart", made.never_ready_again())
    assert finding.outcome is FAILED
    assert finding.message == "the restarted server never became ready: HTTP 503"
    refused = made.an_aftermath(readiness=made.readiness_after(RequestOutcome.REFUSED))
    finding = found("restart", made.graceful(aftermath=refused))
    assert finding.message.endswith("never became ready: the connection was refused")


def test_a_server_that_comes_back_and_gets_ready_passes() -> None:
    ready = made.an_aftermath(readiness=made.readiness_after())
    assert found("restart", made.graceful(aftermath=ready)).outcome is PASSED


def test_a_server_that_does_not_come_back_fails() -> None:
    finding = found("restart", made.restart_failed())
    assert finding.outcome is FAILED
    assert "refused" in finding.message
    assert found("old-session", made.restart_failed()).outcome is NOT_OBSERVED
    assert found("contract-kept", made.restart_failed()).outcome is NOT_OBSERVED


def test_a_restart_without_a_handshake_is_not_observed() -> None:
    for shaken in (None, a_request(outcome=RESET, purpose=Purpose.FIRST_HANDSHAKE)):
        timeline = made.graceful(aftermath=made.an_aftermath(first_handshake=shaken))
        assert found("restart", timeline).outcome is NOT_OBSERVED


@pytest.mark.parametrize(
    ("answer", "outcome", "told"),
    [
        (made.old_session(), PASSED, "HTTP 404"),
        (made.old_session(outcome=OK), PASSED, "still taken"),
        (made.old_session(status=400), FAILED, "HTTP 400, not 404"),
        (made.old_session(outcome=RequestOutcome.HTTP_5XX, status=500), FAILED, "HTTP 500"),
        (made.old_session(outcome=RequestOutcome.JSONRPC_ERROR, status=200), FAILED, "HTTP 200"),
        (made.old_session(outcome=RESET, status=None), FAILED, "never answered"),
        (made.old_session(outcome=RequestOutcome.TRUNCATED, status=404), FAILED, "never answered"),
        (made.old_session(outcome=RequestOutcome.REFUSED, status=None), NOT_OBSERVED, "refused"),
    ],
)
def test_an_old_session_is_to_get_404(answer: made.Request, outcome: Outcome, told: str) -> None:
    timeline = made.graceful(aftermath=made.an_aftermath(old_sessions=(answer,)))
    finding = found("old-session", timeline)
    assert finding.outcome is outcome
    assert told in finding.message


def test_an_old_session_that_is_never_answered_is_told_with_its_time() -> None:
    finding = found("old-session", made.old_session_never_answered())
    assert finding.outcome is FAILED
    assert "in 10 s" in finding.message


def test_over_http_sse_a_taken_request_without_a_reply_is_told_as_that() -> None:
    ended = RequestOutcome.ENDED_WITHOUT_REPLY
    answer = made.old_session(outcome=ended, status=202, transport=made.Transport.SSE)
    timeline = made.http_sse_lossy(aftermath=made.an_aftermath(old_sessions=(answer,)))
    finding = found("old-session", timeline)
    assert finding.outcome is FAILED
    assert finding.message == "an old session id got HTTP 202 and no reply: clients wait in vain"


def test_equal_answers_to_old_sessions_are_told_once() -> None:
    asked = [replace(made.old_session(status=400), client=f"handshake {n}") for n in range(1, 4)]
    other = made.old_session(outcome=RequestOutcome.HTTP_5XX, status=500)
    after = made.an_aftermath(old_sessions=(*asked, other))
    details = found("old-session", made.graceful(aftermath=after)).details
    assert [each.subject for each in details] == ["3 sessions", "handshake 1"]


def test_over_http_sse_any_refusal_of_an_old_session_will_do() -> None:
    answer = made.old_session(status=400, transport=made.Transport.SSE)
    timeline = made.http_sse_lossy(aftermath=made.an_aftermath(old_sessions=(answer,)))
    assert found("old-session", timeline).outcome is PASSED


def test_a_server_that_issues_no_session_ids_has_no_old_ones() -> None:
    timeline = made.graceful(aftermath=made.an_aftermath(old_sessions=()))
    assert found("old-session", timeline).outcome is NOT_APPLICABLE


def test_a_contract_that_changed_fails_with_both_digests() -> None:
    finding = found("contract-kept", made.contract_changed())
    assert (finding.outcome, len(finding.details)) == (FAILED, 2)
    assert finding.message == "the contract differs after the restart"


def test_a_contract_of_which_only_the_texts_changed_is_told_so() -> None:
    texts = replace(made.OTHER_DIGESTS, contract=made.DIGESTS.contract)
    timeline = made.graceful(aftermath=made.an_aftermath(after=texts))
    finding = found("contract-kept", timeline)
    assert finding.outcome is WARNED
    assert "titles or descriptions differ" in finding.message


def test_a_contract_that_cannot_be_seen_any_more_fails() -> None:
    after = made.an_aftermath(after=None, contract_problem="tools/list timed out")
    finding = found("contract-kept", made.graceful(aftermath=after))
    assert finding.outcome is FAILED
    assert "timed out" in finding.message


def test_a_contract_that_was_not_seen_before_is_not_said_to_be_the_same() -> None:
    after = made.an_aftermath(before=None, contract_problem="tools/list timed out")
    finding = found("contract-kept", made.graceful(aftermath=after))
    assert finding.outcome is NOT_OBSERVED
    assert "timed out" in finding.message


@pytest.mark.parametrize(
    ("timeline", "outcome"),
    [
        (made.resumed(), PASSED),
        (made.resumed(RequestOutcome.HTTP_4XX), WARNED),
        (made.resumed(aftermath=made.an_aftermath()), NOT_OBSERVED),
        (made.lossy_mcp_default(), NOT_APPLICABLE),
        (made.graceful(), NOT_APPLICABLE),
    ],
)
def test_event_ids_are_a_promise(timeline: Timeline, outcome: Outcome) -> None:
    assert found("resumption", timeline).outcome is outcome


def test_why_a_missed_answer_was_not_asked_for_is_told() -> None:
    gone = made.an_aftermath(problem="it did not come back")
    assert found("resumption", made.resumed(aftermath=gone)).message == "it did not come back"
    unasked = made.resumed(aftermath=made.an_aftermath())
    assert found("resumption", unasked).message == "it was not asked for"


def test_a_pid_shows_no_exit_code_and_its_end_in_time() -> None:
    setting = a_setting(how=How.PID)
    finding = found("exit-in-budget", made.degraded(setting=setting, end=ProcessEnd(2.0, None)))
    assert (
        finding.message
        == "it ended 2 s after SIGTERM, in time; its exit code cannot be seen from here"
    )


def test_a_pipe_is_told_as_one() -> None:
    (lost,) = found("calls-complete", made.stdio_lossy()).details
    assert "standard streams" in lost.text
    assert "HTTP" not in lost.text
    assert lost.text.endswith("(standard output ended before the answer)")
    assert made.stdio_lossy().in_flight[0].connection is Connection.PIPE
