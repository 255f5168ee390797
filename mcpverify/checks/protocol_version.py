"""Is the negotiated protocol revision one that agents know, and the one that was asked for?

A server that names a revision nobody has published, or none, is dropped by every client. With
`--protocol VERSION` the gate asks for that revision and fails when another is negotiated: a
client that needs it would be disconnected.

To mend it: update the SDK that the server is built on, or ask for a revision that it speaks.
"""

from mcpverify.facts.check import Check, Stage
from mcpverify.facts.evidence import Evidence, says_nothing
from mcpverify.facts.finding import Finding, Severity
from mcpverify.facts.json_text import canonical_text
from mcpverify.facts.revision import Era, Revision, known_revision

CHECK = Check(
    __name__,
    title="The negotiated revision is known, and the pinned one",
    stage=Stage.HANDSHAKE,
    severity=Severity.ERROR,
    rule="https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#version-negotiation",
    needs_lists=False,
)


def judge(evidence: Evidence) -> Finding:
    primary = evidence.primary
    opening = primary.opening
    if opening is None or not primary.result:
        if opening is not None and evidence.expected.protocol and _refuses_the_era(evidence):
            return CHECK.failed(f"{evidence.expected.protocol} is refused: {primary.problem}")
        return CHECK.not_observed(evidence.unopened)
    pinned = evidence.expected.protocol
    if primary.era is Era.STATELESS:
        if primary.revision is None:
            supported = canonical_text(primary.result.get("supportedVersions"))[:200]
            return CHECK.failed(f"supportedVersions is {supported}")
        return CHECK.passed(primary.revision)
    sent = primary.result.get("protocolVersion")
    revision = known_revision(sent)
    known = ", ".join(each.value for each in Revision if each.era is Era.HANDSHAKE)
    if "protocolVersion" not in primary.result:
        return CHECK.failed("the result has no protocolVersion", hint=f"Known are {known}.")
    if revision is None:
        shown = canonical_text(sent)[:80]
        return CHECK.failed(f"{shown} is no revision that is known", hint=f"Known are {known}.")
    if revision.era is not Era.HANDSHAKE:
        return CHECK.failed(f"initialize was answered with {revision}, which has no initialize")
    if pinned is not None and revision is not pinned:
        return CHECK.failed(
            f"{revision} was negotiated, {pinned} was asked for",
            hint="The server does not speak the pinned revision: drop --protocol, or upgrade it.",
        )
    return CHECK.passed(revision.value)


def _refuses_the_era(evidence: Evidence) -> bool:
    opening = evidence.primary.opening
    return (
        opening is not None
        and opening.error is not None
        and not says_nothing(opening, opened=False)
    )
