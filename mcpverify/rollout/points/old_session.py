"""Does the restarted server answer 404 to a session from before?

Clients do not notice a deploy: they send their next request with the session id that they have.
HTTP 404 is how they learn that it is gone and that they should initialize anew. On 400 they
conclude that they made a mistake and stay wedged until someone restarts them; a server that
never answers wedges them for as long as they care to wait.

A server that takes the old id is fine, too: it keeps its sessions somewhere else, or keeps none.
Where no session ids are issued (2026-07-28, stateless servers, stdio) there is nothing to ask.
HTTP+SSE prescribes no status: there any refusal will do, but not 202, for the stream on which the
reply would come is gone.

To mend it: answer 404 to every session id that is not known. Servers that look ids up in a
map of their own, as examples in TypeScript do, often answer 400 "No valid session ID provided".
"""

from mcpverify.facts.check import Check, Stage
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.target import Transport
from mcpverify.facts.timeline import Request, RequestOutcome, Timeline
from mcpverify.rollout.points.restart import NOT_STARTED
from mcpverify.rollout.words import count, ending, excerpt, seconds

CHECK = Check(
    __name__,
    title="A session from before the restart gets 404",
    stage=Stage.AFTERWARDS,
    severity=Severity.ERROR,
    rule="https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management",
    hint="Answer 404 to a session id that is not known: then clients initialize anew.",
)
NUMBER = 8

_SHOWN = 4


def judge(timeline: Timeline) -> Finding:
    after = timeline.aftermath
    if timeline.setting.transport is Transport.STDIO:
        return CHECK.not_applicable("over stdio there are no session ids")
    if not after.restart:
        return CHECK.not_observed(NOT_STARTED)
    if after.problem:
        return CHECK.not_observed(f"the restarted server did not answer: {after.problem}")
    asked = after.old_sessions
    if not asked:
        return CHECK.not_applicable("the server issued no session ids")
    wrong = [each for each in asked if not _is_right(each)]
    # A connection that was refused was never the server's answer.
    heard = [each for each in wrong if each.outcome is not RequestOutcome.REFUSED]
    if heard:
        return CHECK.failed(f"an old session id {_fate(heard[0])}", _details(heard))
    if wrong:
        return CHECK.not_observed("the connection was refused")
    if all(each.outcome is RequestOutcome.OK for each in asked):
        return CHECK.passed("the old session id is still taken")
    return CHECK.passed(f"HTTP {asked[0].status}" if asked[0].status else "refused")


def _is_right(request: Request) -> bool:
    if request.status == 404 or request.outcome is RequestOutcome.OK:
        return not request.outcome.is_silent
    if request.transport is Transport.SSE:
        refused = {RequestOutcome.HTTP_4XX, RequestOutcome.JSONRPC_ERROR}
        return request.outcome in refused
    return False


def _fate(request: Request) -> str:
    if request.outcome is RequestOutcome.ENDED_WITHOUT_REPLY and request.status is not None:
        return f"got HTTP {request.status} and no reply: clients wait in vain"
    if request.outcome.is_silent:
        return f"was never answered: {ending(request)} in {seconds(request.ended - request.began)}"
    if request.status is None:
        return f"was not answered with 404: {ending(request)}"
    return f"got HTTP {request.status}, not 404: clients stay wedged"


def _details(heard: list[Request]) -> list[Detail]:
    """A line for each answer, with those that got it."""
    answers: dict[str, list[str]] = {}
    for each in heard:
        text = excerpt(each)
        told = f"{ending(each)}{f': {text}' if text else ''}"
        answers.setdefault(told, []).append(each.client)
    return [
        Detail(told, clients[0] if len(clients) == 1 else count(len(clients), "session"))
        for told, clients in list(answers.items())[:_SHOWN]
    ]
