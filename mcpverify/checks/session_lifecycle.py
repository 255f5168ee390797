"""Do sessions end as the specification has it?

A session id that the server never issued, and one that has ended, must get HTTP 404: that is how
a client learns to start anew after a redeploy. Servers that answer otherwise leave their clients
wedged; since many healthy ones answer 400, that is a warning. A server that answers 5xx after a
DELETE fails the gate: any client that closes its session kills it for all others.

The DELETE is sent to the session that the gate itself opened, among the last requests of a run;
`--keep-session` leaves it out.
"""

from mcpverify.facts.check import Check, Stage
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.revision import Era
from mcpverify.facts.target import Transport
from mcpverify.facts.transcript import Exchange, FailureKind, Step

CHECK = Check(
    __name__,
    title="Sessions end as the specification has it",
    stage=Stage.SESSION,
    severity=Severity.ERROR,
    rule="https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management",
    hint="Answer 404 to a session id that is unknown or has ended.",
    needs_lists=False,
)

_WHAT = {
    Step.MADE_UP_SESSION: "a made-up session id",
    Step.END_SESSION: "the DELETE of our session",
    Step.ENDED_SESSION: "the ended session id",
}


def judge(evidence: Evidence) -> Finding:
    primary = evidence.primary
    if not primary.opened:
        return CHECK.not_observed(evidence.unopened)
    if primary.era is Era.STATELESS or primary.transport is not Transport.STREAMABLE_HTTP:
        return CHECK.not_applicable("there are no session ids here")
    if primary.session_id is None:
        return CHECK.not_applicable("the server keeps no sessions")
    made_up, end = (primary.first(step) for step in (Step.MADE_UP_SESSION, Step.END_SESSION))
    if made_up is None and end is None:
        return CHECK.not_applicable("the session was kept (--keep-session)")
    if end is not None and end.failure is not None and end.failure.kind is FailureKind.REFUSED:
        return CHECK.not_observed("the server was gone before its session was ended")
    # Asked again where the first answer looked like death: the last one counts.
    ended = next((e for e in reversed(primary.exchanges) if e.step is Step.ENDED_SESSION), None)
    failing = any(e.step is Step.SHARED_SESSION and _kills(e) for e in primary.exchanges)
    deletes = [each for o in evidence.observations if (each := o.first(Step.END_SESSION))]
    for exchange in (*deletes, ended):
        if exchange is not None and _kills(exchange):
            if failing:
                told = f"{_WHAT[exchange.step]} got {_answer(exchange)}"
                return CHECK.not_observed(
                    f"{told}, as the session did elsewhere before it was ended"
                )
            after = "any client that closes its session kills it"
            return CHECK.failed(
                f"{_WHAT[exchange.step]} got {_answer(exchange)}: {after}",
                hint="Look at the server's log: it may need a restart now.",
            )
    should = list(_oddities(made_up, end, ended))
    if should:
        return CHECK.warned(should[0], [Detail(text) for text in should[1:]])
    if end is not None and end.status == 405:
        return CHECK.passed("unknown ids get 404; the server does not let clients end sessions")
    return CHECK.passed("unknown and ended ids get 404")


def _kills(exchange: Exchange) -> bool:
    if exchange.status is not None:
        return exchange.status >= 500 and exchange.status != 501
    failure = exchange.failure
    gone = failure is not None and failure.kind in (FailureKind.REFUSED, FailureKind.RESET)
    return gone and exchange.step is Step.ENDED_SESSION


def _oddities(made_up: Exchange | None, end: Exchange | None, ended: Exchange | None) -> list[str]:
    found = []
    if made_up is not None and made_up.status != 404:
        found.append(f"{_WHAT[made_up.step]} got {_answer(made_up)}, not 404")
    if end is not None and end.status != 405 and not 200 <= (end.status or 0) < 300:
        found.append(f"{_WHAT[end.step]} got {_answer(end)}, not 2xx or 405")
    deleted = end is not None and 200 <= (end.status or 0) < 300
    if deleted and ended is not None and ended.status != 404:
        found.append(f"{_WHAT[ended.step]} got {_answer(ended)}, not 404")
    return found


def _answer(exchange: Exchange) -> str:
    if exchange.status is not None:
        return f"HTTP {exchange.status}"
    return "no answer" if exchange.failure is None else exchange.failure.detail
