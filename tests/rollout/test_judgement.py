"""What a trial is called and which verdict it has: for known trials, and for any at all."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from mcpverify.facts.calls import counted, lost
from mcpverify.facts.drain import Shutdown
from mcpverify.facts.finding import Outcome
from mcpverify.facts.timeline import ProcessEnd, RequestOutcome, Signal, Timeline
from mcpverify.facts.timeline_text import timelines_of, timelines_text
from mcpverify.facts.verdict import Verdict
from mcpverify.rollout.headline import headline
from mcpverify.rollout.judgement import judged
from mcpverify.rollout.points import all_points
from mcpverify.rollout.remedies import remedies_for
from mcpverify.rollout.settings import recommended
from tests.rollout import timelines as made
from tests.rollout.strategies import any_timelines

GRACEFUL, DEGRADED, LOSSY = Shutdown.GRACEFUL, Shutdown.DEGRADED, Shutdown.LOSSY
ABRUPT, HUNG = Shutdown.ABRUPT, Shutdown.HUNG
PASSED, FAILED, INCONCLUSIVE = Verdict.PASSED, Verdict.FAILED, Verdict.INCONCLUSIVE

# Of each timeline: the shutdown, the verdict, and the verdict with --strict.
TABLE = {
    "graceful": (GRACEFUL, PASSED, PASSED),
    "slow_tool_answered": (GRACEFUL, PASSED, PASSED),
    "not_restarted": (GRACEFUL, PASSED, PASSED),
    "second_signal_forces": (GRACEFUL, PASSED, PASSED),
    "second_signal_ignored": (GRACEFUL, PASSED, PASSED),
    "stdio_graceful": (GRACEFUL, PASSED, PASSED),
    "degraded": (DEGRADED, PASSED, FAILED),
    "accept_race": (DEGRADED, PASSED, FAILED),
    "accepts_and_drops": (DEGRADED, PASSED, FAILED),
    "siblings": (DEGRADED, PASSED, INCONCLUSIVE),
    "end_unseen": (DEGRADED, PASSED, INCONCLUSIVE),
    "child_left": (DEGRADED, FAILED, FAILED),
    "port_left": (DEGRADED, FAILED, FAILED),
    "old_session_400": (DEGRADED, FAILED, FAILED),
    "old_session_never_answered": (DEGRADED, FAILED, FAILED),
    "contract_changed": (DEGRADED, FAILED, FAILED),
    "restart_failed": (DEGRADED, FAILED, FAILED),
    "lossy_mcp_default": (LOSSY, FAILED, FAILED),
    "lossy_with_a_slow_tool": (LOSSY, FAILED, FAILED),
    "exit_zero_while_losing": (LOSSY, FAILED, FAILED),
    "http_500_at_the_limit": (LOSSY, FAILED, FAILED),
    "jsonrpc_error_at_the_limit": (LOSSY, FAILED, FAILED),
    "cut_at_the_limit": (LOSSY, FAILED, FAILED),
    "resumed": (LOSSY, FAILED, FAILED),
    "many_sessions": (LOSSY, FAILED, FAILED),
    "loop_was_hit": (LOSSY, FAILED, FAILED),
    "stdio_lossy": (LOSSY, FAILED, FAILED),
    "http_sse_lossy": (LOSSY, FAILED, FAILED),
    "abrupt": (ABRUPT, FAILED, FAILED),
    "hung": (HUNG, FAILED, FAILED),
    "ignores_the_signal": (HUNG, FAILED, FAILED),
    "short_lame_duck": (DEGRADED, PASSED, FAILED),
    "liveness_hangs": (DEGRADED, PASSED, FAILED),
    "errors_on_open_sessions": (DEGRADED, PASSED, FAILED),
    "nobody_behind_the_listener": (DEGRADED, FAILED, FAILED),
    "never_ready_again": (DEGRADED, FAILED, FAILED),
    "answers_on": (DEGRADED, FAILED, FAILED),
    "outlived_by_a_child": (LOSSY, FAILED, FAILED),
    "lost_beside_a_second_signal": (LOSSY, FAILED, FAILED),
    "trial_not_made": (None, INCONCLUSIVE, INCONCLUSIVE),
    "nothing_in_flight": (None, INCONCLUSIVE, INCONCLUSIVE),
}


def test_the_table_has_every_timeline() -> None:
    assert set(TABLE) == set(made.all_timelines())


@pytest.mark.parametrize("name", TABLE)
def test_a_shutdown_is_called_by_its_name(name: str) -> None:
    timeline = made.all_timelines()[name]
    plain, strict = judged(timeline), judged(timeline, strict=True)
    assert (plain.shutdown, plain.verdict, strict.verdict) == TABLE[name]
    assert strict.shutdown is plain.shutdown


@pytest.mark.parametrize(
    ("timeline", "shutdown"),
    [
        # It took the calls along, and not at once.
        (made.abrupt(end=ProcessEnd(0.26, 143)), LOSSY),
        # It was quick, and no call was in its way.
        (made.graceful(calls=made.the_calls(ended=0.09), end=ProcessEnd(0.1, 0)), GRACEFUL),
        # It was gone at once, and yet its calls were answered, by a child.
        (made.outlived_by_a_child(end=ProcessEnd(0.01, 0)), LOSSY),
        # Some of them were not.
        (
            made.outlived_by_a_child(
                calls=[*made.the_calls(RequestOutcome.RESET, 0.02)[:2], *made.the_calls()[2:]],
                end=ProcessEnd(0.01, 0),
            ),
            ABRUPT,
        ),
        # Killed and lossy: what hung has to be mended first.
        (made.hung(calls=made.the_calls(RequestOutcome.RESET, 30.05)), HUNG),
        # Nobody killed it, and it never ended.
        (made.hung(end=ProcessEnd(None, None)), HUNG),
        # It was late, and ended by itself: the verdict says that it failed.
        (made.graceful(end=ProcessEnd(31.0, 0)), DEGRADED),
        (made.graceful(end=ProcessEnd(3.0, 1)), DEGRADED),
        # Nothing was in flight, and yet it is seen that it hung.
        (made.nothing_in_flight(end=ProcessEnd(30.0, -9, killed=True)), HUNG),
        # Gone in a moment with a stop command: its end was not seen, the loss was.
        (made.abrupt(end=ProcessEnd(None, None, observed=False)), LOSSY),
        (made.graceful(problem="the port was taken"), None),
    ],
)
def test_the_first_name_that_fits_is_taken(timeline: Timeline, shutdown: Shutdown | None) -> None:
    assert judged(timeline).shutdown is shutdown


def test_where_the_second_signal_cut_all_calls_nobody_knows_what_became_of_them() -> None:
    calls = made.the_calls(RequestOutcome.RESET, 2.01)
    timeline = made.second_signal_forces(calls=calls)
    trial = judged(timeline)
    assert (trial.shutdown, trial.verdict) == (Shutdown.DEGRADED, PASSED)
    assert judged(timeline, strict=True).verdict is INCONCLUSIVE
    assert "second signal cut all" in headline(trial)


def test_what_was_observed_and_wrong_fails_without_a_call_in_flight() -> None:
    left = made.child_left(calls=[], loop=[])
    trial = judged(left)
    assert (trial.shutdown, trial.verdict) == (None, FAILED)
    assert "nothing-left-behind" in headline(trial)


def test_a_trial_that_could_not_be_made_leaves_every_point_open_with_the_reason() -> None:
    trial = judged(made.trial_not_made())
    assert {each.outcome for each in trial.findings} == {Outcome.NOT_OBSERVED}
    assert {each.message for each in trial.findings} == {made.trial_not_made().problem}


def test_strictness_makes_warnings_failures() -> None:
    (lame_duck, *_) = judged(made.degraded(), strict=True).findings
    assert lame_duck.outcome is Outcome.FAILED


@pytest.mark.parametrize("name", TABLE)
def test_what_was_recorded_is_judged_the_same_again(name: str) -> None:
    timeline = made.all_timelines()[name]
    (read,) = timelines_of(timelines_text([timeline]).encode())
    assert judged(read) == judged(timeline)


@settings(max_examples=100, deadline=None)
@given(any_timelines())
def test_any_timeline_is_judged_by_what_it_shows(timeline: Timeline) -> None:
    for strict in (False, True):
        trial = judged(timeline, strict)
        failed = any(each.outcome is Outcome.FAILED for each in trial.findings)
        assert [each.check for each in trial.findings] == [p.check.id for p in all_points()]
        if lost(timeline):
            assert trial.shutdown not in (GRACEFUL, DEGRADED)
        if timeline.end.killed and not timeline.problem:
            assert trial.shutdown is HUNG
        assert failed == (trial.verdict is FAILED)
        if trial.shutdown in (LOSSY, ABRUPT, HUNG):
            assert failed
        if trial.verdict is PASSED:
            assert trial.shutdown in (GRACEFUL, DEGRADED)
            assert counted(timeline)
        if trial.shutdown is GRACEFUL:
            assert trial.verdict is PASSED
        assert judged(timeline, strict) == trial


@settings(max_examples=80, deadline=None)
@given(any_timelines())
def test_any_trial_can_be_told(timeline: Timeline) -> None:
    trial = judged(timeline)
    told = headline(trial)
    assert told == " ".join(told.split())
    assert told.split(":")[0] == (trial.shutdown or "not tried").upper()
    recommended([timeline])
    remedies = remedies_for(trial)
    assert all(each.cause and each.steps for each in remedies)
    if trial.shutdown is GRACEFUL:
        assert not remedies
    for finding in trial.findings:
        assert finding.message
        assert len(finding.details) <= 12


@settings(max_examples=50, deadline=None)
@given(any_timelines())
def test_strictness_never_makes_a_verdict_better(timeline: Timeline) -> None:
    rank = [PASSED, INCONCLUSIVE, FAILED]
    strict = judged(timeline, strict=True)
    assert rank.index(strict.verdict) >= rank.index(judged(timeline).verdict)


@settings(max_examples=50, deadline=None)
@given(any_timelines())
def test_one_call_more_that_is_lost_makes_no_shutdown_better(timeline: Timeline) -> None:
    timeline = replace(timeline, signals=(Signal("SIGTERM", 0.0),), problem="")
    call = made.a_call(outcome=RequestOutcome.RESET)
    worse = judged(replace(timeline, requests=(*timeline.requests, call)))
    before = judged(timeline).shutdown
    assert worse.shutdown is not None
    assert before is None or worse.shutdown.badness >= min(before.badness, LOSSY.badness)
