"""Is a session still known when the next request comes over another connection?

A session is held in the memory of the replica that issued it, unless the server does better. A
load balancer that sends the next request to another replica then has it answered with HTTP 404,
as the specification wants for an unknown session, and the agent starts anew, again and again.
Agents open more than one connection, so that a share of their requests is lost even where most
runs of a gate are lucky.

Asked where there is more than one connection (`--samples`, `--replicas`, `--replica`,
`--resolve-all`), and always where the session that is judged was lost right after it was issued:
a ping under the issued session id, each on a fresh connection with the cookies of the session.
It fails when any of them gets 404, or 400 where others are answered.

To mend it: make sessions sticky in the load balancer, by the client's address (nginx: `ip_hash`)
or by a cookie, for clients that keep one; or share the session store between replicas; or serve
without sessions, as revision 2026-07-28 does. A hash of the header Mcp-Session-Id alone does not
help: the id is issued by a replica that was chosen without it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from mcpverify.facts.affinity import UNKNOWN_SESSION, lost_session
from mcpverify.facts.answerer import answerer, request_id
from mcpverify.facts.check import Check, Stage
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.observation import Observation
from mcpverify.facts.revision import Era
from mcpverify.facts.target import Transport
from mcpverify.facts.transcript import Exchange, Step

CHECK = Check(
    __name__,
    title="A session is known on other connections",
    stage=Stage.SESSION,
    severity=Severity.ERROR,
    rule="https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management",
    hint="Make sessions sticky in the load balancer (by ip_hash or a cookie), share the session "
    "store between replicas, or serve without sessions.",
    needs_lists=False,
)

_SHOWN = 4


def judge(evidence: Evidence) -> Finding:
    primary = evidence.primary
    asked = [each for each in primary.exchanges if each.step is Step.SHARED_SESSION]
    if not primary.opened and not asked:
        return CHECK.not_observed(evidence.unopened)
    if primary.era is Era.STATELESS or primary.transport is not Transport.STREAMABLE_HTTP:
        return CHECK.not_applicable("there are no session ids here")
    if primary.session_id is None:
        return CHECK.not_applicable("the server keeps no sessions")
    if not asked:
        return CHECK.not_applicable("only one connection was asked under the session")
    unknown = [each for each in asked if each.status in UNKNOWN_SESSION]
    known = [each for each in asked if each.failure is None]
    total = _requests(len(asked))
    if unknown and (known or any(each.status == 404 for each in unknown)):
        return _lost(primary, asked, unknown)
    if unknown:
        return CHECK.warned(
            f"{len(unknown)} of {total} under the issued session got {_statuses(unknown)}: ping "
            "is refused, or the session is known on its first connection only"
        )
    if not known:
        return CHECK.not_observed(f"none of {total} under the session was answered: {_why(asked)}")
    odd = len(asked) - len(known)
    if odd:
        lost = [each for each in asked if each.failure is not None]
        return CHECK.warned(f"{odd} of {total} under the issued session failed: {_why(lost)}")
    cookies = list(_cookies(primary))
    return CHECK.passed(f"{total} under the issued session on other connections answered", cookies)


def _lost(primary: Observation, asked: Sequence[Exchange], unknown: Sequence[Exchange]) -> Finding:
    share = f"{len(unknown)} of {_requests(len(asked))} on the issued session got "
    share += f"{_statuses(unknown)} on another connection"
    why = "replicas do not share sessions"
    if len(unknown) == len(asked):
        why += ", or the server forgets those that it issues"
    details = list(_who(asked))
    broke = lost_session(primary.era, primary.session_id, primary.exchanges)
    if broke is not None:
        details.insert(0, Detail(f"got HTTP {broke.status} in the session itself", broke.step))
    return CHECK.failed(f"{share}: {why}", [*details, *_cookies(primary)])


def _who(asked: Sequence[Exchange]) -> Iterator[Detail]:
    """Who answered what, as far as the answers tell."""
    told: dict[str, Counter[str]] = {}
    several = len({each.peer for each in asked}) > 1
    for each in asked:
        who = answerer(each) or (each.peer if several else None)
        if who is not None:
            told.setdefault(who, Counter())[_status(each)] += 1
    if told:
        for who, statuses in list(told.items())[:_SHOWN]:
            answers = ", ".join(f"{n} times {status}" for status, n in statuses.most_common())
            yield Detail(answers, subject=who)
        return
    unknown = (each for each in asked if each.status in UNKNOWN_SESSION)
    ids = [found for each in unknown if (found := request_id(each))]
    if ids:
        more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
        yield Detail(f"{', '.join(ids[:_SHOWN])}{more}", subject="request ids")


def _cookies(primary: Observation) -> Iterator[Detail]:
    """Cookies that we kept, by which a balancer may have known us."""
    header = (each.header("set-cookie") for each in primary.exchanges)
    names = dict.fromkeys(found.partition("=")[0].strip() for found in header if found)
    for name in list(names)[:1]:
        told = "was kept; clients that keep no cookies may do worse"
        yield Detail(told, subject=f"cookie {name}")


def _requests(count: int) -> str:
    return f"{count} request{'' if count == 1 else 's'}"


def _statuses(exchanges: Sequence[Exchange]) -> str:
    return " or ".join(sorted({str(each.status) for each in exchanges}, reverse=True))


def _status(exchange: Exchange) -> str:
    return "no answer" if exchange.status is None else f"HTTP {exchange.status}"


def _why(exchanges: Sequence[Exchange]) -> str:
    failures = (each.failure.detail for each in exchanges if each.failure is not None)
    return next(failures, "no answer")
