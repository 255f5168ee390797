"""Does every list that the server advertises answer?

A capability is a promise: a server that advertises prompts or resources and then fails to list
them breaks every client that reads them. One request goes to each advertised list. Tools have
a check of their own, tools-listed.
"""

from mcpverify.facts.check import Check, Stage
from mcpverify.facts.evidence import Evidence, says_nothing
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.observation import CAPABILITY_OF
from mcpverify.facts.transcript import Step

CHECK = Check(
    __name__,
    title="Every advertised list answers",
    stage=Stage.OFFER,
    severity=Severity.ERROR,
    rule="https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#capability-negotiation",
    hint="Serve the list, if only as an empty one, or stop advertising the capability.",
)


def judge(evidence: Evidence) -> Finding:
    primary = evidence.primary
    if not primary.opened:
        return CHECK.not_observed(evidence.unopened)
    if not isinstance(primary.result.get("capabilities"), dict):
        return CHECK.failed("the handshake named no capabilities")
    asked = [
        primary.listing(step)
        for step, capability in CAPABILITY_OF.items()
        if step is not Step.TOOLS and capability in primary.capabilities
    ]
    advertised = ", ".join(sorted(primary.capabilities)) or "none"
    broken = [listing for listing in asked if not listing.complete]
    if not broken:
        return CHECK.passed(f"advertised and answered: {advertised}")
    details = [Detail(listing.problem, subject=listing.step.value) for listing in broken]
    first = broken[0]
    message = f"{first.step.value} is advertised but fails: {first.problem}"
    if all(each.last is not None and says_nothing(each.last, opened=True) for each in broken):
        return CHECK.not_observed(message)
    return CHECK.failed(message, details[1:])
