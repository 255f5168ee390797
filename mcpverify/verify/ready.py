"""`ready`: whether an agent could open a session now, and nothing more."""

from dataclasses import replace

from mcpverify.facts.credentials import Credential, credentials_of, secrets_of
from mcpverify.facts.observation import LISTS, Observation, observe, page_of, problem_with
from mcpverify.facts.target import HttpEndpoint, Target
from mcpverify.facts.transcript import Exchange, FailureKind, Step
from mcpverify.wire.deadline import Deadline
from mcpverify.wire.ready import ready_session

_MEANINGS = {
    401: "the credential is missing, wrong or expired: --bearer-env, --bearer-file or -H gives one",
    403: "the credential does not suffice, or a gateway forbids it",
    421: "the server does not serve this host name",
    # Some releases answer so to everyone once any client has closed a session.
    500: "if it was ready before, the end of a session may have broken it: see --keep-session",
}
_NO_MCP = {FailureKind.CONTENT_TYPE, FailureKind.HTTP_STATUS}


def problem_of(target: Target, seconds: float, *, tools: bool, keep: bool) -> str:
    """Why the server is not ready, in one sentence without credentials; "" where it is.

    `seconds` are left to ask; closing comes on top. `tools` have to be listed, too; with `keep`
    the session is not ended.
    """
    given = target.limits.run_seconds
    deadline = Deadline.after(seconds, f"there was no answer in time (--timeout {given:g}s)")
    secrets: tuple[Credential, ...] = ()
    admitted = target
    if isinstance(target.endpoint, HttpEndpoint) and target.endpoint.token is not None:
        from mcpverify.wire.authorization.letting_in import let_in_once

        admitted, secrets, problem = let_in_once(target)
        if problem:
            return problem
    admitted = replace(admitted, limits=replace(admitted.limits, pages=1))
    seen = observe(ready_session(admitted, deadline, tools=tools, keep=keep))
    problem = _opening_problem(target, seen) or (_tools_problem(seen) if tools else "")
    if not problem:
        return ""
    from mcpverify.facts.redaction import Redactor

    return Redactor(secrets_of((*credentials_of(admitted), *secrets))).text(problem)


def _opening_problem(target: Target, seen: Observation) -> str:
    pinned = target.protocol
    if not seen.opened:
        return f"{seen.url}: {seen.problem}{_more(seen.exchanges[-1])}"
    if pinned is not None and seen.revision != pinned.value:
        return f"{seen.url}: {seen.revision} was negotiated, not {pinned.value}"
    return ""


def _more(exchange: Exchange) -> str:
    """What the failure leaves open, for whoever reads it in an event of the kubelet."""
    if exchange.status in _MEANINGS:
        return f": {_MEANINGS[exchange.status]}"
    kind = None if exchange.failure is None else exchange.failure.kind
    if kind not in _NO_MCP or exchange.error is not None or not exchange.body.strip():
        return ""
    from mcpverify.facts.appearance import appearance

    return f": {appearance(exchange)}"


def _tools_problem(seen: Observation) -> str:
    asked = seen.first(Step.TOOLS)
    if asked is None:
        return f"{seen.url}: it offers no tools"
    page = page_of(asked, LISTS[Step.TOOLS])
    if page is None:
        return f"{seen.url}: tools/list: {problem_with(asked) or 'the result is no list of tools'}"
    return "" if page.items or page.next_cursor is not None else f"{seen.url}: it lists no tools"
