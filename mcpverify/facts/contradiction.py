"""Whether what a report says of a target holds together: its verdict, its situation, its checks.

Reports travel as files from job to job. One that was edited must not turn a gate green.
"""

from collections.abc import Sequence

from mcpverify.facts.finding import Finding, Outcome
from mcpverify.facts.situation import UNASKED, Situation
from mcpverify.facts.verdict import Verdict, verdict_of


def saw_something(findings: Sequence[Finding]) -> bool:
    """Whether any check was answered by what was seen of a server."""
    return any(each.outcome in (Outcome.PASSED, Outcome.WARNED) for each in findings)


def contradiction(
    verdict: Verdict, situation: Situation, findings: Sequence[Finding], *, opened: bool
) -> str:
    """What cannot be true of a target that `check` reported on, "" where all fits.

    `opened` says that a session is told of.
    """
    if situation is Situation.RECORDED:
        return "it is of snapshot, and not of check"
    if situation.verdict is not verdict:
        return f"its situation {situation} is not one of a target that is {verdict}"
    if not _is_of(verdict, situation, findings, opened):
        return "its verdict is not the one of its checks"
    return ""


def _is_of(
    verdict: Verdict, situation: Situation, findings: Sequence[Finding], opened: bool
) -> bool:
    if situation in UNASKED:
        return not findings
    if not findings:
        return False
    if situation is Situation.NOT_STEADY:
        # The last attempt was green, and only the streak too short.
        return verdict_of(findings) is Verdict.PASSED
    made = verdict_of(findings)
    if made is Verdict.PASSED and not saw_something(findings):
        # Whether there was a session to judge by is not told exactly: in doubt it is red.
        return verdict is Verdict.INCONCLUSIVE or (verdict is Verdict.PASSED and opened)
    return made is verdict
