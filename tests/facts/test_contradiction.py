"""What a report says of a target has to hold together, whoever wrote it."""

import pytest

from mcpverify.cli.explanations.situations import SITUATIONS
from mcpverify.facts.contradiction import contradiction
from mcpverify.facts.finding import Finding, Outcome, Severity
from mcpverify.facts.situation import UNASKED, Situation
from mcpverify.facts.verdict import Verdict


def of(outcome: Outcome, severity: Severity = Severity.ERROR) -> Finding:
    return Finding("handshake", outcome, severity, "it was asked")


FINE = of(Outcome.PASSED)
WARNED = of(Outcome.WARNED, Severity.WARNING)
WRONG = of(Outcome.FAILED)
UNSEEN = of(Outcome.NOT_OBSERVED)
UNSEEN_BY_THE_WAY = of(Outcome.NOT_OBSERVED, Severity.WARNING)
IDLE = of(Outcome.NOT_APPLICABLE)
NOT_OF_CHECKS = "its verdict is not the one of its checks"


def told(verdict: Verdict, situation: Situation, *findings: Finding, opened: bool = True) -> str:
    return contradiction(verdict, situation, findings, opened=opened)


def test_every_situation_is_explained_as_of_its_verdict() -> None:
    assert {each: text.verdict for each, text in SITUATIONS.items()} == {
        each: each.verdict for each in Situation
    }


@pytest.mark.parametrize("situation", list(Situation))
@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_situation_goes_with_one_verdict(verdict: Verdict, situation: Situation) -> None:
    findings = {
        Verdict.PASSED: (FINE,),
        Verdict.FAILED: (WRONG,),
        Verdict.INCONCLUSIVE: (UNSEEN,),
    }[verdict]
    if situation is Situation.NOT_STEADY:
        findings = (FINE,)
    if situation in UNASKED:
        findings = ()
    fits = verdict is situation.verdict and situation is not Situation.RECORDED
    assert (told(verdict, situation, *findings) == "") is fits


@pytest.mark.parametrize(
    ("verdict", "situation", "findings"),
    [
        (Verdict.PASSED, Situation.REVIEWED, (FINE, WRONG)),
        (Verdict.PASSED, Situation.REVIEWED, (WRONG, WRONG)),
        (Verdict.PASSED, Situation.USABLE, (FINE, UNSEEN)),
        (Verdict.PASSED, Situation.USABLE, ()),
        (Verdict.FAILED, Situation.BROKEN_SERVER, (FINE,)),
        (Verdict.INCONCLUSIVE, Situation.UNREACHABLE, (FINE,)),
        (Verdict.INCONCLUSIVE, Situation.UNREACHABLE, (UNSEEN, WRONG)),
        (Verdict.INCONCLUSIVE, Situation.NOT_STEADY, (FINE, WRONG)),
        (Verdict.INCONCLUSIVE, Situation.NOT_STEADY, (FINE, UNSEEN)),
        (Verdict.INCONCLUSIVE, Situation.NOT_STEADY, ()),
        (Verdict.INCONCLUSIVE, Situation.CALLED_WRONGLY, (FINE,)),
        (Verdict.INCONCLUSIVE, Situation.OUR_BUG, (WRONG,)),
    ],
)
def test_a_verdict_that_the_checks_do_not_make_is_a_contradiction(
    verdict: Verdict, situation: Situation, findings: tuple[Finding, ...]
) -> None:
    assert told(verdict, situation, *findings) == NOT_OF_CHECKS


@pytest.mark.parametrize(
    ("verdict", "situation", "findings"),
    [
        (Verdict.PASSED, Situation.TOLERATED, (FINE, WARNED, UNSEEN_BY_THE_WAY)),
        (Verdict.PASSED, Situation.USABLE, (IDLE,)),
        (Verdict.FAILED, Situation.TOO_SLOW, (FINE, WRONG, UNSEEN)),
        (Verdict.INCONCLUSIVE, Situation.NOT_STEADY, (FINE, WARNED)),
        (Verdict.INCONCLUSIVE, Situation.OUR_BUG, ()),
    ],
)
def test_what_runs_come_to_is_none(
    verdict: Verdict, situation: Situation, findings: tuple[Finding, ...]
) -> None:
    assert told(verdict, situation, *findings) == ""


def test_where_nothing_was_met_and_seen_nothing_passed() -> None:
    unmet = (IDLE, UNSEEN_BY_THE_WAY)
    assert told(Verdict.PASSED, Situation.USABLE, *unmet, opened=False) == NOT_OF_CHECKS
    assert told(Verdict.INCONCLUSIVE, Situation.UNREACHABLE, *unmet, opened=False) == ""
    assert told(Verdict.INCONCLUSIVE, Situation.NOT_FULLY_SEEN, *unmet) == ""
    assert told(Verdict.FAILED, Situation.BROKEN_SERVER, *unmet) == NOT_OF_CHECKS


def test_what_snapshot_reports_is_no_result_of_the_gate() -> None:
    assert "of snapshot" in told(Verdict.PASSED, Situation.RECORDED, FINE)
