"""Of several trials the worst counts; what is to be done next fits it; nothing secret is in it."""

from dataclasses import replace

import pytest

from mcpverify.facts.drain import DrainReport, Shutdown
from mcpverify.facts.timeline import Aftermath, How, RequestOutcome, Timeline
from mcpverify.facts.timeline_text import timelines_of, timelines_text
from mcpverify.facts.verdict import Verdict
from mcpverify.verify.drain import replay
from tests.rollout import timelines

ALL = timelines.all_timelines()


def report(*names: str) -> DrainReport:
    return replay([ALL[name] for name in names], again="mcpverify drain -- python server.py")


@pytest.mark.parametrize(
    ("names", "worst"),
    [
        (("graceful",), "graceful"),
        (("graceful", "degraded", "graceful"), "degraded"),
        (("degraded", "trial_not_made"), "trial_not_made"),
        (("lossy_mcp_default", "trial_not_made"), "lossy_mcp_default"),
        (("graceful", "abrupt", "lossy_mcp_default"), "abrupt"),
        (("abrupt", "hung", "graceful"), "hung"),
        (("degraded", "old_session_400"), "old_session_400"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, tuple) else "",
)
def test_the_worst_trial_counts(names: tuple[str, ...], worst: str) -> None:
    found = report(*names)

    assert names[found.worst] == worst
    assert found.verdict is found.trials[found.worst].verdict
    assert len(found.trials) == len(names)


def test_of_equal_trials_the_one_with_most_losses_counts() -> None:
    few, many = timelines.many_sessions(20, 2), timelines.many_sessions(20, 9)
    assert replay([few, many, few]).worst == 1


def test_what_is_no_lost_call_makes_no_trial_worse() -> None:
    """A request of the loop that is refused came after the signal, if at all."""
    few, many = timelines.many_sessions(20, 1), timelines.many_sessions(20, 2)
    refused = timelines.a_request(began=-0.006, took=0.05, outcome=RequestOutcome.REFUSED)
    noisy = replace(few, requests=(*few.requests, *[refused] * 9))
    assert len(noisy.in_flight) == len(few.in_flight) + 9
    assert replay([noisy, many]).worst == 1


@pytest.mark.parametrize("name", ALL)
def test_a_record_is_judged_as_the_trial_was(name: str) -> None:
    (read,) = timelines_of(timelines_text([ALL[name]]).encode())
    assert replay([read]) == replay([ALL[name]])


def test_a_lost_call_leads_to_the_remedy_and_its_explanation() -> None:
    found = report("lossy_mcp_default")
    assert found.verdict is Verdict.FAILED
    assert found.remedies
    assert found.next_steps[0].startswith("Apply the remedy above")
    assert "mcpverify explain calls-complete" in found.next_steps


def test_a_graceful_one_is_to_be_tried_again() -> None:
    assert report("graceful").trial.shutdown is Shutdown.GRACEFUL
    assert any("--trials 5" in each for each in report("graceful").next_steps)
    assert not any("--trials" in each for each in report("graceful", "graceful").next_steps)


def of_a_pid(**changes: str) -> Timeline:
    made = ALL["graceful"]
    setting = replace(made.setting, how=How.PID)
    return replace(made, setting=setting, aftermath=Aftermath(), **changes)


def test_what_comes_after_a_foreign_process_needs_a_way_to_start_it() -> None:
    assert any("--restart-command" in each for each in replay([of_a_pid()]).next_steps)
    assert not any("--restart-command" in each for each in report("graceful").next_steps)


def test_where_others_answer_the_address_is_to_be_that_of_one_process() -> None:
    steps = replay([of_a_pid(siblings="a new session was answered later")]).next_steps
    assert any("the one process" in each for each in steps)


def test_what_outlived_a_command_of_ours_is_no_other_instance() -> None:
    ours = replace(timelines.siblings(), setting=timelines.a_setting())
    assert not any("the one process" in each for each in replay([ours]).next_steps)


def test_an_end_that_a_stop_command_hides_can_be_seen_with_its_pid() -> None:
    unseen = timelines.end_unseen()
    stopped = replace(unseen, setting=replace(unseen.setting, how=How.STOP_COMMAND))
    assert any("--pid N" in each for each in replay([stopped]).next_steps)
    assert not any("--pid N" in each for each in report("graceful").next_steps)


def test_a_shutdown_that_is_not_graceful_leads_to_what_is() -> None:
    for name, leads in (("degraded", True), ("abrupt", True), ("graceful", False)):
        assert any("docs/draining.md" in each for each in report(name).next_steps) is leads


def test_a_trial_that_was_not_made_says_so_and_no_more() -> None:
    found = report("trial_not_made")
    assert found.verdict is Verdict.INCONCLUSIVE
    assert len(found.next_steps) == 1
    assert "Nothing was concluded" in found.next_steps[0]
