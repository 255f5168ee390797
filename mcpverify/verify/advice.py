"""What to do next, by what has gone wrong: sentences and commands."""

from collections.abc import Iterator
from typing import Final

from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Finding, Outcome
from mcpverify.facts.situation import Situation
from mcpverify.facts.target import HttpEndpoint
from mcpverify.verify.gate import Gate

_COMPARED: Final = "matches-snapshot"
_UNLESS: Final = {
    Situation.OLD_RELEASE: "If it was rolled back on purpose, compare with that release:",
    Situation.NEWER_RELEASE: "If the newer release is meant to serve, compare with it:",
    Situation.OTHER_RELEASE: "If that release is meant to serve, compare with it:",
    Situation.TOLERATED: "To compare with that release:",
}


def next_steps(
    gate: Gate, situation: Situation, evidence: Evidence, findings: tuple[Finding, ...]
) -> tuple[str, ...]:
    """The hints of what failed, else of what was not observed, else of what warned, and commands.

    Those that speak of the release that is serving come first.
    """
    for outcome in (Outcome.FAILED, Outcome.NOT_OBSERVED, Outcome.WARNED):
        concerned = [each for each in findings if each.outcome is outcome and each.hint]
        if situation is Situation.NO_SESSION_AFFINITY:
            # A handshake that fails for it says nothing of the address.
            concerned = [each for each in concerned if each.check != "handshake"]
        if concerned:
            concerned.sort(key=lambda each: situation in _UNLESS and each.check != _COMPARED)
            return tuple(
                dict.fromkeys(
                    step for each in concerned for step in _steps(gate, situation, evidence, each)
                )
            )
    return ()


def _steps(gate: Gate, situation: Situation, evidence: Evidence, finding: Finding) -> Iterator[str]:
    if finding.check != _COMPARED:
        yield finding.hint
        return
    if situation is Situation.REPLICAS_DIFFER:
        return  # which of them was compared is chance
    deployed = isinstance(gate.target.endpoint, HttpEndpoint)
    if situation is Situation.UNREVIEWED_CHANGE and deployed:
        yield "Callers get what nobody has reviewed: roll back first."
    yield finding.hint
    found = evidence.serving
    if evidence.release is not None and evidence.release.problem and found is None:
        return  # what may be an old release is not to be accepted in passing
    missing = evidence.snapshot is None and evidence.expected.digest is None
    if found is None and missing:
        # Of another target, the server has a word on where it lies.
        place = gate.default_snapshot
        command, unless = "" if place is None else gate.accepting(place), ""
    elif found is None and (evidence.drift or evidence.kept_out):
        command, unless = gate.accepting(evidence.snapshot_path or ""), ""
    elif found is not None:
        command = gate.checking(f"git:{found.commit[:12]}:{found.path}")
        unless = _UNLESS.get(situation, "")
    else:
        return
    if command:
        yield from filter(None, (unless, command))
