"""Is a session still known when the next request comes over another connection?

A session is held in the memory of the replica that issued it, unless the server does better. A
load balancer that sends the next request to another replica then has it answered with HTTP 404,
as the specification wants for an unknown session, and the agent starts anew, again and again.
Agents open more than one connection, so that a share of their requests is lost even where most
runs of a gate are lucky.

Asked once in every run over Streamable HTTP where the server issues a session id, more often with
`--samples`, `--replicas`, `--replica` or `--resolve-all`, and where the session that is judged was
lost right after it was issued: a ping under the issued session id, on another connection, with the
cookies of the session. Where one is refused, the session's own connection is asked, too: what is
served there and refused elsewhere is a lost session, be it by 404, 410, 401 or an error in
JSON-RPC. One request may be lucky: `--replicas N` asks as often as N replicas want. It fails, too,
where other connections lose the session that was just issued to them.

To mend it: make sessions sticky in the load balancer, by the client's address (nginx: `ip_hash`)
or by a cookie, for clients that keep one; or share the session store between replicas; or serve
without sessions, as revision 2026-07-28 does. A hash of the header Mcp-Session-Id alone does not
help: the id is issued by a replica that was chosen without it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from mcpverify.facts.affinity import Standing, is_served, lost_in, lost_samples, standing
from mcpverify.facts.answerer import answerer, request_id
from mcpverify.facts.check import Check, Stage
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.observation import Observation, problem_with
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
    own = _own(primary)
    stands = [standing(each, own) for each in asked]
    if Standing.KNOWN in stands:
        # What others serve is refused for the session's sake.
        stands = [Standing.LOST if each is Standing.REFUSED else each for each in stands]
    gone = [each for each, how in zip(asked, stands, strict=True) if how is Standing.LOST]
    if gone:
        return _lost(evidence, asked, gone)
    forgotten = lost_samples(evidence.samples)
    if forgotten and lost_in(primary) is None:
        return _forgotten(evidence, forgotten)
    if not asked:
        return CHECK.not_applicable("only one connection was asked under the session")
    total = f"{_requests(len(asked))} under the issued session"
    refused = [each for each, how in zip(asked, stands, strict=True) if how is Standing.REFUSED]
    if refused:
        return CHECK.warned(
            f"{len(refused)} of {total} got {_statuses(refused)}: ping is refused, or the session "
            "is known on its first connection only"
        )
    unseen = [each for each, how in zip(asked, stands, strict=True) if how is Standing.UNSEEN]
    if len(unseen) == len(asked) and not (own is not None and _fails_alike(own, unseen[-1])):
        return CHECK.not_observed(f"none of {total} was answered: {_why(unseen)}")
    if unseen:
        either = ", as on its own connection" if own is not None and not is_served(own) else ""
        return CHECK.warned(f"{len(unseen)} of {total} failed: {_why(unseen)}{either}")
    where = "another connection" if len(asked) == 1 else "other connections"
    return CHECK.passed(f"{total} on {where} answered", _cookies(primary))


def _own(primary: Observation) -> Exchange | None:
    """The ping on the session's own connection, where that was still open and the session well."""
    own = primary.first(Step.OWN_SESSION)
    if own is None or own.timing.connected is not None or lost_in(primary) is not None:
        return None
    return own


def _fails_alike(own: Exchange, ping: Exchange) -> bool:
    """Whether a server does not serve ping at all, which tells nothing of its sessions."""
    return own.status is not None and own.status == ping.status


def _lost(evidence: Evidence, asked: Sequence[Exchange], gone: Sequence[Exchange]) -> Finding:
    primary = evidence.primary
    share = f"{len(gone)} of {_requests(len(asked))}" if len(asked) > 1 else "a request"
    share += f" on the issued session got {_statuses(gone)} on another connection"
    why = "replicas do not share sessions"
    if len(gone) == len(asked) and _own(primary) is None:
        why += ", or the server forgets those that it issues"
    details = list(_who(asked, gone))
    broke = lost_in(primary)
    if broke is not None:
        details.insert(0, Detail(f"got {_status(broke)} in the session itself", broke.step))
    forgotten = lost_samples(evidence.samples)
    if forgotten:
        told = f"{_share(evidence, forgotten)} lost the session that was issued to them"
        details.append(Detail(told))
    return CHECK.failed(f"{share}: {why}", [*details, *_cookies(primary)])


def _forgotten(evidence: Evidence, forgotten: Sequence[Observation]) -> Finding:
    """Sessions that came to nothing on the very connections that they were issued on."""
    breaks = [broke for each in forgotten if (broke := lost_in(each)) is not None]
    steps = Counter((each.step, _status(each)) for each in breaks).most_common(_SHOWN)
    return CHECK.failed(
        f"{_share(evidence, forgotten)} lost the session that was just issued to them, by "
        f"{_statuses(breaks)}: replicas do not share sessions, or the server forgets those that "
        "it issues",
        [Detail(f"{count} times {status}", subject=step) for (step, status), count in steps],
    )


def _share(evidence: Evidence, some: Sequence[Observation]) -> str:
    return f"{len(some)} of {1 + len(evidence.samples)} connections"


def _who(asked: Sequence[Exchange], gone: Sequence[Exchange]) -> Iterator[Detail]:
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
    ids = [found for each in gone if (found := request_id(each))]
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
    return " or ".join(sorted({_said(each) for each in exchanges}, reverse=True))


def _said(exchange: Exchange) -> str:
    """A status, or the error of an answer whose status says that all is well."""
    error = exchange.error
    if exchange.failure is None and isinstance(error, dict):
        return f"error {error.get('code')}"
    return str(exchange.status)


def _status(exchange: Exchange) -> str:
    if exchange.status is None:
        return "no answer"
    said = _said(exchange)
    return f"HTTP {said}" if said.isdigit() else said


def _why(exchanges: Sequence[Exchange]) -> str:
    return next(filter(None, map(problem_with, exchanges)), "no answer")
