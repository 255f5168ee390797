"""Do the pages of every list come to an end?

A cursor that comes back a second time, or pages without end, keep a client listing until it
gives up. An empty string is a legal cursor; only a page without nextCursor is the last.
"""

from mcpverify.facts.check import Check, Stage
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.observation import ListState

CHECK = Check(
    __name__,
    title="Every list comes to an end",
    stage=Stage.TOOLS,
    severity=Severity.ERROR,
    rule="https://modelcontextprotocol.io/specification/2025-11-25/server/utilities/pagination",
    hint="Leave nextCursor out of the last page.",
)

_ENDLESS = (ListState.LOOPED, ListState.CUT)


def judge(evidence: Evidence) -> Finding:
    if not evidence.primary.opened:
        return CHECK.not_observed(evidence.unopened)
    asked = [each for each in evidence.primary.listings if each.state is not ListState.NOT_ASKED]
    endless = [listing for listing in asked if listing.state in _ENDLESS]
    if endless:
        first, *others = [Detail(each.problem, subject=each.step.value) for each in endless]
        return CHECK.failed(f"{first.subject}: {first.text}", others)
    if not asked:
        return CHECK.not_applicable("nothing was listed")
    if not any(listing.complete for listing in asked):
        return CHECK.not_observed("no list was seen to its end")
    pages = max(each.pages for each in asked)
    return CHECK.passed(f"{pages:,} page{'' if pages == 1 else 's'} at most")
