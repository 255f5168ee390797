"""Does every tool have a name that an agent can call?

A name must be there, be a string, and be unique: of two tools with one name an agent can call
only one, and nobody knows which. Names should have 1 to 128 characters, of letters, digits and
`_ - . /`; model providers refuse others (2025-11-25).

To mend it: give each tool one name of legal characters. Where a name comes from a plug-in or a
generator, look for two that say the same.
"""

import re

from mcpverify.facts.change import Subject
from mcpverify.facts.check import Check, Stage
from mcpverify.facts.contract import malformed_items
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.observation import ListState

CHECK = Check(
    __name__,
    title="Tool names are present, unique and legal",
    stage=Stage.TOOLS,
    severity=Severity.ERROR,
    rule="https://modelcontextprotocol.io/specification/2025-11-25/server/tools#tool-names",
    needs_lists=False,
)

_LEGAL = re.compile(r"[A-Za-z0-9_./-]{1,128}\Z")
_SHOWN = 10


def judge(evidence: Evidence) -> Finding:
    if not evidence.primary.opened:
        return CHECK.not_observed(evidence.unopened)
    listing = evidence.primary.tools
    if listing.state is ListState.NOT_ASKED and "tools" not in evidence.primary.capabilities:
        return CHECK.not_applicable("the server does not advertise tools")
    if not listing.complete:
        return CHECK.not_observed(f"the tools were not fully listed: {listing.problem}")
    if not listing.items:
        return CHECK.not_applicable("no tools are listed")
    malformed = malformed_items(Subject.TOOL, list(listing.items))
    if malformed:
        others = [Detail(text) for text in malformed[1:_SHOWN]]
        return CHECK.failed(malformed[0], others)
    names = [item["name"] for item in listing.items if isinstance(item, dict)]
    illegal = [name for name in names if isinstance(name, str) and not _LEGAL.match(name)]
    if illegal:
        details = [Detail("has illegal characters or length", name) for name in illegal[:_SHOWN]]
        noun = "name has" if len(illegal) == 1 else "names have"
        return CHECK.warned(f"{len(illegal)} tool {noun} characters that clients refuse", details)
    return CHECK.passed(f"{len(names)} names, all different")
