"""Do both eras of the protocol show the same tools?

A server that speaks both the handshake revisions and 2026-07-28 serves two kinds of clients.
They should see one contract; fields that only one era defines are left out of the comparison.
A difference is a warning: each client may still be served well.

To mend it: serve both eras from one list of tools. If they differ on purpose, look which clients
still come in the older era.
"""

from mcpverify.drift.changes import changes
from mcpverify.facts.change import Subject
from mcpverify.facts.check import Check, Stage
from mcpverify.facts.contract import across_eras, contract_of, malformed_items
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.json_text import canonical_text
from mcpverify.facts.observation import Observation
from mcpverify.facts.revision import Era
from mcpverify.facts.target import Transport
from mcpverify.facts.transcript import FailureKind

CHECK = Check(
    __name__,
    title="Both eras show the same tools",
    stage=Stage.CONTRACT,
    severity=Severity.WARNING,
    rule="https://modelcontextprotocol.io/specification/2026-07-28/server/tools",
    needs_lists=False,
)

_SHOWN = 10
_AGREE = "the handshake era and 2026-07-28 list the same tools"


def judge(evidence: Evidence) -> Finding:
    primary, other = evidence.primary, evidence.other_era
    if not primary.opened:
        return CHECK.not_observed(evidence.unopened)
    if evidence.expected.protocol is not None:
        return CHECK.not_applicable(f"only {evidence.expected.protocol} was asked for")
    if primary.transport is not Transport.STREAMABLE_HTTP:
        return CHECK.not_applicable("only one era is probed over this transport")
    if other is not None and not other.opened and _hurts(other):
        return CHECK.failed(
            f"{other.problem}: clients that try this era first wait, or give up",
            hint="Answer a method that is unknown with a JSON-RPC error, at once.",
        )
    if other is None or not other.opened:
        return CHECK.not_applicable(f"the server speaks one era only, with {primary.revision}")
    if not primary.tools.complete or not other.tools.complete:
        broken = primary if not primary.tools.complete else other
        return CHECK.failed(f"the {broken.era} era lists no tools: {broken.tools.problem}")
    if _same_text(primary, other):
        return CHECK.passed(_AGREE)
    lists = [list(each.tools.items) for each in (primary, other)]
    problems = [problem for items in lists for problem in malformed_items(Subject.TOOL, items)]
    if problems:
        return CHECK.not_observed(problems[0])
    ours, theirs = (contract_of(items, (), (), None, evidence.scope) for items in lists)
    handshake, stateless = (ours, theirs) if primary.era is Era.HANDSHAKE else (theirs, ours)
    compared = across_eras(handshake, stateless)
    found = list(changes(compared.handshake, compared.stateless))
    if found:
        names = dict.fromkeys(change.name for change in found)
        details = [
            Detail("differs between the eras", subject=name) for name in list(names)[:_SHOWN]
        ]
        return CHECK.failed(f"{len(names)} tools differ between the eras", details)
    message = _AGREE
    if compared.left_out:
        message += f" (apart from {', '.join(compared.left_out)}, which one era cannot carry)"
    return CHECK.passed(message)


def _hurts(other: Observation) -> bool:
    """Whether the other era is not refused but left hanging, or met by a crash."""
    opening = other.opening
    if opening is None or opening.failure is None:
        return False
    if opening.status is not None:
        return opening.status >= 500
    return opening.failure.kind in (FailureKind.TIMEOUT, FailureKind.RESET)


def _same_text(one: Observation, other: Observation) -> bool:
    """Whether both list the same in the same order: true of most, and quickly told."""
    texts = [canonical_text(list(each.tools.items)) for each in (one, other)]
    return texts[0] == texts[1]
