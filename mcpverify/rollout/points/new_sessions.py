"""Are new sessions turned away in a way that their clients can act upon?

After the signal a new session (initialize, or a request of 2026-07-28 on a new connection) should
be answered 503, or its connection refused: then the client knows that nothing happened, and goes
elsewhere. A connection that is taken and then dropped leaves it without a word; a session that is
opened by a process about to end is lost a moment later, with all that was put into it.

Fresh connections and kept ones are asked every 50 ms, from the signal to the end. In the first
0.2 seconds a server may have accepted what it then drops: a race that is told apart and is no
fault, as is what meets the very moment in which the listener or the process goes. An answer to
server/discover opens nothing and costs nothing. Requests on sessions that were open before
are told, too: they may be answered, turned away with 503 or refused, but neither dropped nor
answered with another error. All that is a warning; where five requests or more were taken a
second after the signal or later, and never answered, the point fails: something holds the
listener open behind which nobody works, as the parent of `uvicorn --workers` does. Where others
answer at the address, nothing is observed.

To mend it: from the signal on answer initialize with 503 and Retry-After, and close the listener
before connections are dropped, in a parent process, too. Close idle kept-alive connections with
`Connection: close` in the last answer, so that nobody sends into them.
"""

from collections.abc import Iterable

from mcpverify.facts.check import Check, Stage
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.revision import Era
from mcpverify.facts.target import Transport
from mcpverify.facts.timeline import Connection, Purpose, Request, RequestOutcome, Timeline
from mcpverify.rollout.moments import ACCEPT_RACE
from mcpverify.rollout.points.lame_duck import NOT_ALONE_HINT
from mcpverify.rollout.words import count, seconds, span, tally

CHECK = Check(
    __name__,
    title="New sessions are answered 503 or refused, and not dropped",
    stage=Stage.SHUTDOWN,
    severity=Severity.ERROR,
    hint="Answer initialize with 503 from the signal on, and close the listener before any "
    "connection is dropped.",
)
NUMBER = 2

# A connection that is taken in the moment of closing is lost, however a server goes about it.
_CLOSING = 0.1
# From then on so many that are dropped are no race any more: nobody works behind the listener.
_LONG_AFTER = 1.0
_MANY = 5
_WRONG = {RequestOutcome.HTTP_5XX, RequestOutcome.HTTP_4XX, RequestOutcome.BAD_ANSWER}
_WRONG_IN_A_SESSION = {*_WRONG, RequestOutcome.JSONRPC_ERROR}


def judge(timeline: Timeline) -> Finding:
    if timeline.setting.transport is Transport.STDIO:
        return CHECK.not_applicable("over stdio there is one session and no other can come")
    if timeline.siblings:
        return CHECK.not_observed(
            f"others answer at this address: {timeline.siblings}", NOT_ALONE_HINT
        )
    probes = timeline.of(Purpose.NEW_SESSION)
    loop = [each for each in timeline.of(Purpose.LOOP) if each.began > 0]
    if not probes:
        return CHECK.not_observed("the process had ended before a new session was tried")
    silent = [each for each in (*probes, *loop) if each.outcome.is_silent]
    raced = [each for each in silent if each.began < ACCEPT_RACE]
    closing = _closing(timeline, (*probes, *loop))
    no_fault = {*raced, *closing}
    late = [each for each in silent if each not in no_fault]
    accepted = [each for each in probes if _opened(each) and each.began >= ACCEPT_RACE]
    wrong = [each for each in probes if each.outcome in _WRONG and each.began >= ACCEPT_RACE]
    in_sessions = [each for each in loop if each.outcome in _WRONG_IN_A_SESSION]
    told = [*_by_connection(probes), *_loop(loop), *_races(raced, closing)]
    problems = [
        *_dropped(late),
        *_accepted(accepted),
        *_answered_wrong(wrong),
        *_failed_in_sessions(in_sessions),
    ]
    if sum(each.began >= _LONG_AFTER for each in late) >= _MANY:
        return CHECK.failed("; ".join(problems), told)
    if problems:
        return CHECK.warned("; ".join(problems), told)
    return CHECK.passed(f"{count(len(probes), 'new session')} tried: {tally(probes)}", told)


def _opened(request: Request) -> bool:
    return request.outcome is RequestOutcome.OK and request.era is Era.HANDSHAKE


def _closing(timeline: Timeline, requests: Iterable[Request]) -> list[Request]:
    """Those that were dropped in the moment in which their listener, or the process, went."""
    series: dict[tuple[str, Purpose], list[Request]] = {}
    for each in requests:
        series.setdefault((each.client, each.purpose), []).append(each)
    met = []
    for lane in series.values():
        refused = [each.began for each in lane if each.outcome is RequestOutcome.REFUSED]
        moments = [moment for moment in (*refused[:1], timeline.end.ended) if moment is not None]
        met += [
            each
            for each in lane
            if each.outcome.is_silent
            and each.began >= ACCEPT_RACE
            and any(abs(each.began - moment) <= _CLOSING for moment in moments)
        ]
    return met


def _dropped(late: list[Request]) -> list[str]:
    if not late:
        return []
    when = span(each.began for each in late)
    return [
        f"{count(len(late), 'request')} taken and dropped at {when}, long after the first "
        f"moment: {tally(late)}"
    ]


def _accepted(accepted: list[Request]) -> list[str]:
    if not accepted:
        return []
    last = seconds(accepted[-1].began)
    return [
        f"{count(len(accepted), 'new session')} opened by a process about to end, the last at "
        f"{last}"
    ]


def _answered_wrong(wrong: list[Request]) -> list[str]:
    if not wrong:
        return []
    statuses = ", ".join(sorted({f"HTTP {each.status}" for each in wrong}))
    return [f"{count(len(wrong), 'new session')} answered with {statuses}, not with 503"]


def _failed_in_sessions(wrong: list[Request]) -> list[str]:
    if not wrong:
        return []
    error = RequestOutcome.JSONRPC_ERROR
    answers = {
        "a JSON-RPC error" if each.outcome is error else f"HTTP {each.status}" for each in wrong
    }
    when = span(each.began for each in wrong)
    return [
        f"{count(len(wrong), 'request')} on open sessions answered with "
        f"{', '.join(sorted(answers))} at {when}"
    ]


def _by_connection(probes: Iterable[Request]) -> list[Detail]:
    probes = list(probes)
    details = []
    for connection in (Connection.FRESH, Connection.KEPT):
        of = [each for each in probes if each.connection is connection]
        if of:
            details.append(Detail(tally(of), f"{connection} connections"))
    return details


def _loop(loop: list[Request]) -> list[Detail]:
    return [Detail(tally(loop), "open sessions")] if loop else []


def _races(raced: list[Request], closing: list[Request]) -> list[Detail]:
    details = []
    if raced:
        text = f"{len(raced)} dropped in the first {seconds(ACCEPT_RACE)}: no fault"
        details.append(Detail(text, "accept race"))
    if closing:
        text = f"{len(closing)} dropped as the listener or the process went: no fault"
        details.append(Detail(text, "closing"))
    return details
