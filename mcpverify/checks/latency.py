"""How long did the slowest step take?

Always reported; with `--max-latency 500ms` it fails when a step took longer. A step is one
request and its whole answer, connecting included. Closing the session does not count.
"""

from mcpverify.facts.check import Check, Stage
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Finding, Severity
from mcpverify.facts.observation import Observation
from mcpverify.facts.transcript import Exchange, Step

CHECK = Check(
    __name__,
    title="No step is slower than allowed",
    stage=Stage.SESSION,
    severity=Severity.ERROR,
    hint="A cold start or a loaded machine is slow once: --wait asks again.",
)

_ASIDE = {Step.REPLY, Step.END_SESSION, Step.MADE_UP_SESSION, Step.ENDED_SESSION}


def slowest(observation: Observation) -> Exchange | None:
    """The step of a session that took longest; None where no step was answered."""
    counted = [
        each for each in observation.exchanges if each.step not in _ASIDE and each.failure is None
    ]
    return max(counted, key=lambda each: each.timing.total, default=None)


def judge(evidence: Evidence) -> Finding:
    if not evidence.primary.opened:
        return CHECK.not_observed(evidence.unopened)
    candidates = [found for each in evidence.observations if (found := slowest(each))]
    if not candidates:
        return CHECK.not_observed("no step was answered")
    worst = max(candidates, key=lambda each: each.timing.total)
    told = f"{worst.step.value} took {milliseconds(worst.timing.total)}"
    limit = evidence.expected.max_latency
    if limit is not None and worst.timing.total > limit:
        return CHECK.failed(f"{told}, allowed are {milliseconds(limit)}")
    return CHECK.passed(f"slowest: {told}")


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:.1f} s"
