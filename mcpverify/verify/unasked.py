"""Reports on targets, among others, that came to no run: asked wrongly, or by a bug of ours."""

import time

from mcpverify.errors import UsageError
from mcpverify.facts.report import ServerFacts, TargetReport
from mcpverify.facts.situation import Situation
from mcpverify.facts.verdict import Verdict
from mcpverify.verify.gate import Gate


def called_wrongly(gate: Gate, error: UsageError, began: float) -> TargetReport:
    """The target of `gate`, as what was asked of it cannot be followed."""
    hints = (error.hint,) if error.hint else ()
    headline = f"CALLED WRONGLY: {error.message}"
    return unasked(gate, Situation.CALLED_WRONGLY, headline, hints, began)


def unasked(
    gate: Gate, situation: Situation, headline: str, next_steps: tuple[str, ...], began: float
) -> TargetReport:
    """The target without a single finding; `began` is in seconds since the epoch."""
    report = TargetReport(
        target=gate.target.display,
        verdict=Verdict.INCONCLUSIVE,
        situation=situation,
        headline=headline,
        findings=(),
        server=ServerFacts(),
        live=None,
        expected=None,
        snapshot=gate.snapshot_path,
        tools=(),
        next_steps=next_steps,
        again=gate.again,
        attempts=1,
        started=began,
        seconds=max(0.0, time.time() - began),
    )
    return gate.redactor.target_report(report)
