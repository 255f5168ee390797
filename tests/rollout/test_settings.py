"""The settings that are recommended: a number only where something measured supports it."""

from dataclasses import replace

import pytest

from mcpverify.facts.drain import Recommended
from mcpverify.facts.timeline import ProcessEnd, RequestOutcome, Timeline
from mcpverify.rollout.settings import recommended
from tests.rollout import timelines as made

NOTHING = Recommended(None, "", None, None)


def with_p99(timeline: Timeline, p99: float) -> Timeline:
    return replace(timeline, setting=replace(timeline.setting, p99=p99))


def test_a_list_of_tools_says_nothing_about_tools() -> None:
    assert recommended([made.degraded()]) == NOTHING


def test_a_lame_duck_that_was_seen_is_no_setting() -> None:
    assert recommended([made.graceful()]) == NOTHING


def test_of_several_lame_ducks_the_grace_period_follows_the_longest() -> None:
    short = ((1.0, RequestOutcome.HTTP_503),)
    other = made.graceful(new=short, ready=short)
    found = recommended([with_p99(made.graceful(), 12.0), with_p99(other, 12.0)])
    assert found == Recommended(12.0, "given with --p99", 17.0, 25.0)


@pytest.mark.parametrize(
    "timeline",
    [made.graceful(end=ProcessEnd(30.0, -9, killed=True)), made.short_lame_duck()],
)
def test_the_grace_period_follows_no_lame_duck_that_is_none(timeline: Timeline) -> None:
    assert recommended([with_p99(timeline, 12.0)]) == Recommended(
        12.0, "given with --p99", 17.0, None
    )


def test_the_longest_call_that_was_measured_counts() -> None:
    found = recommended([made.slow_tool_answered()])
    assert found is not None
    assert found.source == "the longest of 4 calls of brew took 3.01 s"
    assert (found.p99, found.drain_limit) == (3.012, 9.0)
    assert found.grace == 17.0  # 2.45 + 9 + 5, and up


def test_a_call_that_was_lost_was_not_measured() -> None:
    assert recommended([made.http_500_at_the_limit()]) == NOTHING


def test_what_the_user_gives_goes_before_what_was_measured() -> None:
    found = recommended([with_p99(made.slow_tool_answered(), 12.0)])
    assert found == Recommended(12.0, "given with --p99", 17.0, 25.0)


def test_without_a_lame_duck_the_grace_period_has_no_number() -> None:
    found = recommended([with_p99(made.degraded(), 12.0)])
    assert found == Recommended(12.0, "given with --p99", 17.0, None)


def test_several_trials_are_measured_together() -> None:
    one = made.slow_tool_answered()
    calls = made.the_calls(ended=4.7, method="tools/call brew", sent=-0.3)
    found = recommended([one, made.trial_not_made(), made.slow_tool_answered(calls=calls)])
    assert found is not None
    assert found.source == "the longest of 8 calls of brew took 5 s"


def test_where_no_platform_is_involved_nothing_is_recommended() -> None:
    assert recommended([made.stdio_graceful()]) is None
    assert recommended([made.trial_not_made()]) is None
    assert recommended([]) is None
