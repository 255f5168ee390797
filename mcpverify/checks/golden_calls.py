"""Do the tools that the configuration names answer as they should?

A tool may be listed and broken all the same: its database is gone, its key has expired, its answer
no longer fits what it promises. Each `[[targets.NAME.calls]]` of the configuration is one call with
what is expected of it. It is made in the session that is judged, once everything is listed. That
there is no error, and that structuredContent is valid under the outputSchema, is always expected.

Nothing else is ever called. A tool that is not annotated readOnlyHint is called only with
`mutates = true`, and only the reasons in `retry-on` are a call repeated for.

To mend it: the finding names each call that failed, what was expected and what came. Where the
server is right and the expectation is old, change the configuration in the same review.
`mcpverify calls suggest TARGET` proposes calls for the tools that only read.
"""

from dataclasses import replace

from mcpverify.facts.check import Check, Stage
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Finding, Severity
from mcpverify.facts.observation import ListState
from mcpverify.facts.refusal import refusal_in
from mcpverify.facts.transcript import Step

CHECK = Check(
    __name__,
    title="Golden calls answer as expected",
    stage=Stage.SESSION,
    severity=Severity.ERROR,
    rule="https://modelcontextprotocol.io/specification/2025-11-25/server/tools",
    hint="Call it yourself with these arguments, and look at the server's log.",
    needs_lists=False,
)


def judge(evidence: Evidence) -> Finding:
    calls = evidence.expected.calls
    if not calls:
        return CHECK.not_applicable("no calls are configured")
    if not evidence.primary.opened:
        return CHECK.not_observed(evidence.unopened)
    tools = evidence.primary.tools
    if not tools.complete and tools.state is not ListState.NOT_ASKED:
        return CHECK.not_observed(f"no call was made: tools/list: {tools.problem}")

    from mcpverify.golden.account import account_of  # a run without calls has no use for it

    account = account_of(calls, tools.items, evidence.primary.exchanges)
    if account.failed:
        details = [*account.failed, *account.unseen]
        return CHECK.failed(account.message, [each.detail for each in details], account.hint)
    if account.unseen:
        unseen = CHECK.not_observed(account.message)
        told = tuple(each.detail for each in account.unseen)
        return _not_let_in(evidence) or replace(unseen, details=told)
    return CHECK.passed(account.message, [each.detail for each in account.met])


def _not_let_in(evidence: Evidence) -> Finding | None:
    """Why a call was refused for want of a token, or of a scope that it needs beside the list."""
    calls = evidence.expected.calls
    for each in evidence.primary.exchanges:
        refusal = refusal_in(evidence, each) if each.step is Step.CALL else None
        if refusal is not None and each.call is not None and each.call < len(calls):
            label = calls[each.call].label
            message = f"{label}: HTTP {each.status}: {refusal.reason}"
            return replace(CHECK.not_observed(message, refusal.hint), details=refusal.details)
    return None
