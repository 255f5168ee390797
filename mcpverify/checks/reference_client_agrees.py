"""Does the reference client see the same tools?

With `--reference-client` the `mcp` package's own client connects, in its automatic mode, and lists
the tools. It is stricter than the protocol here and laxer there: what it drops, rejects or hides
is what agents built on it would miss.

To mend it: the finding names each tool and what the client says of it. Bring the tool into the
form that the specification asks for, even where other clients take it as it is.
"""

from mcpverify.facts.check import Check, Stage
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Detail, Finding, Severity

CHECK = Check(
    __name__,
    title="The reference client sees the same tools",
    stage=Stage.CONTRACT,
    severity=Severity.ERROR,
    rule="https://github.com/modelcontextprotocol/python-sdk",
    opt_in=True,
    needs_lists=False,
)

_SHOWN = 10


def judge(evidence: Evidence) -> Finding:
    reference = evidence.recording.reference
    if reference is None:
        return CHECK.not_observed("the reference client was not run")
    log = [Detail(line, subject=reference.client) for line in reference.log[:_SHOWN]]
    if reference.tools is None:
        if not evidence.primary.opened:
            return CHECK.not_observed(f"{reference.client} cannot connect either")
        return CHECK.failed(f"{reference.client} fails: {reference.problem}", log)
    if not evidence.primary.tools.complete:
        return CHECK.not_observed(f"there is nothing to compare: {evidence.primary.tools.problem}")
    ours = [item.get("name") for item in evidence.primary.tools.items if isinstance(item, dict)]
    dropped = [str(name) for name in ours if name not in reference.tools]
    added = [name for name in reference.tools if name not in ours]
    if dropped or added:
        details = [Detail("hidden by the reference client", name) for name in dropped[:_SHOWN]]
        details += [Detail("seen by the reference client only", name) for name in added[:_SHOWN]]
        message = (
            f"{reference.client} sees {len(reference.tools)} tools, the server lists {len(ours)}"
        )
        return CHECK.failed(message, details + log)
    if log:
        return CHECK.warned(f"{reference.client} sees the same tools, but logs a warning", log)
    return CHECK.passed(f"{reference.client} sees the same {len(ours)} tools")
