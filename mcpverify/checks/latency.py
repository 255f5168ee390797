"""How long did the slowest step take?

Always reported; with `--max-latency 500ms` it fails when a step took longer. A step is one
request and its whole answer, connecting included. Closing the session does not count, and a call
that the configuration makes has a budget of its own. The configuration may also give single steps
a budget (`max-latency = { "tools/list" = "300ms" }`), which holds in every session of the run; the
message names those that no step of the run was held to. Health addresses are no step of a session:
`max-latency` under `health` and `liveness` of the configuration is theirs.

To mend it: a cold start is slow once, and `--wait` asks again. A listing that stays slow is often
put together anew for every client: keep it.
"""

from collections.abc import Iterator

from mcpverify.facts.check import Check, Stage
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.observation import Observation
from mcpverify.facts.transcript import Exchange, Step

CHECK = Check(
    __name__,
    title="No step is slower than allowed",
    stage=Stage.SESSION,
    severity=Severity.ERROR,
    hint="A cold start or a loaded machine is slow once: --wait asks again.",
)

_ASIDE = {
    Step.REPLY,
    Step.CALL,
    Step.VERSION,
    Step.SHARED_SESSION,
    Step.OWN_SESSION,
    Step.MADE_UP_SESSION,
    Step.END_SESSION,
    Step.ENDED_SESSION,
}


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
    told = _told(worst)
    over = [*_over_limit(worst, evidence.expected.max_latency), *_over_budget(evidence)]
    if over:
        return CHECK.failed(over[0], map(Detail, over[1:]))
    return CHECK.passed(f"slowest: {told}{_unused(evidence)}")


def _unused(evidence: Evidence) -> str:
    """The budgets that nothing was held to: a green is not about those."""
    made = {each.step for every in evidence.recording.transcripts for each in every.exchanges}
    unused = [step.value for step, _ in evidence.expected.step_latency if step not in made]
    return f"; with a budget, but never made: {', '.join(unused)}" if unused else ""


def _over_limit(worst: Exchange, limit: float | None) -> Iterator[str]:
    if limit is not None and worst.timing.total > limit:
        yield f"{_told(worst)}, allowed are {milliseconds(limit)}"


def _over_budget(evidence: Evidence) -> Iterator[str]:
    """The slowest of each kind of step that took longer than its own budget."""
    transcripts = evidence.recording.transcripts
    for step, limit in evidence.expected.step_latency:
        taken = [
            each
            for transcript in transcripts
            for each in transcript.exchanges
            if each.step is step and each.failure is None
        ]
        over = [each for each in taken if each.timing.total > limit]
        if over:
            worst = max(over, key=lambda each: each.timing.total)
            times = f", {len(over)} of {len(taken)} times" if len(taken) > 1 else ""
            yield f"{_told(worst)}, allowed are {milliseconds(limit)} for this step{times}"


def _told(exchange: Exchange) -> str:
    return f"{exchange.step.value} took {milliseconds(exchange.timing.total)}"


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:.1f} s"
