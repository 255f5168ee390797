"""Does tools/list answer, with enough tools and the required ones?

An empty list is as good as an outage to an agent, and looks like success to a health probe. By
default one tool must be there (`--min-tools N`); `--require-tool NAME` names those that must.
Where the server advertises no tools, none are required, and the snapshot has none, the check
does not apply.

To mend it: call tools/list by hand and read the server's log. A list that is empty only in
production often lacks a configuration, a right or a database there.
"""

import difflib
from dataclasses import replace

from mcpverify.facts.check import Check, Stage
from mcpverify.facts.evidence import Evidence, expects_tools, last_words, says_nothing
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.observation import ListState
from mcpverify.facts.refusal import refusal_in

CHECK = Check(
    __name__,
    title="The tools are listed",
    stage=Stage.TOOLS,
    severity=Severity.ERROR,
    rule="https://modelcontextprotocol.io/specification/2025-11-25/server/tools#listing-tools",
    needs_lists=False,
)


def judge(evidence: Evidence) -> Finding:
    primary, expected = evidence.primary, evidence.expected
    if not primary.opened:
        return CHECK.not_observed(evidence.unopened)
    listing = primary.tools
    if listing.state is ListState.NOT_ASKED:
        if expects_tools(expected, evidence.snapshot):
            return CHECK.failed("the server does not advertise tools")
        return CHECK.not_applicable("the server does not advertise tools")
    if not listing.complete:
        message = f"tools/list: {listing.problem}"
        refusal = None if listing.last is None else refusal_in(evidence, listing.last)
        if refusal is not None and listing.last is not None:
            message = f"tools/list: HTTP {listing.last.status}: {refusal.reason}"
            return replace(CHECK.not_observed(message, refusal.hint), details=refusal.details)
        if listing.last is not None and says_nothing(listing.last, opened=True):
            return CHECK.not_observed(message)
        return CHECK.failed(message, last_words(primary))
    names = [item.get("name") for item in listing.items if isinstance(item, dict)]
    missing = [name for name in expected.required_tools if name not in names]
    if missing:
        known = [name for name in names if isinstance(name, str)]
        details = [Detail(_nearest(name, known), subject=name) for name in missing[1:]]
        first = f"the required tool {missing[0]} is missing{_nearest(missing[0], known)}"
        return CHECK.failed(first, details)
    count = len(listing.items)
    plural = "" if count == 1 else "s"
    if count < expected.min_tools:
        if "tools" not in primary.capabilities and not expects_tools(expected, evidence.snapshot):
            return CHECK.not_applicable("the server does not advertise tools")
        return CHECK.failed(f"{count} tool{plural} listed, at least {expected.min_tools} expected")
    if "tools" not in primary.capabilities:
        return CHECK.warned(f"{count} tool{plural} listed, though tools are not advertised")
    pages = f" on {listing.pages} pages" if listing.pages > 1 else ""
    return CHECK.passed(f"{count} tool{plural}{pages}")


def _nearest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; listed is {near[0]}" if near else ""
