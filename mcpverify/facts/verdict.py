"""The verdict of a run, and how findings make it."""

from collections.abc import Iterable
from enum import StrEnum

from mcpverify.facts.finding import Finding, Outcome, Severity


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """Failed if anything failed, else inconclusive if a gating check was not observed."""
    outcomes = [(finding.outcome, finding.severity) for finding in findings]
    if any(outcome is Outcome.FAILED for outcome, _ in outcomes):
        return Verdict.FAILED
    if (Outcome.NOT_OBSERVED, Severity.ERROR) in outcomes:
        return Verdict.INCONCLUSIVE
    return Verdict.PASSED
