"""Which rows the picture of a trial has: one for each call and each kind of probe, and where that
is too many, one for all of a kind, with their number."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Final

from mcpverify.facts.target import Transport
from mcpverify.facts.timeline import Connection, Purpose, Request, RequestOutcome, Timeline
from mcpverify.reporters.drain_counts import seconds_between
from mcpverify.reporters.inert import inert
from mcpverify.reporters.layout import clipped

MAX_ROWS: Final = 14
MAX_CLIENT: Final = 40  # characters


@dataclass(frozen=True, slots=True)
class Row:
    """`label` and `note` are inert. `requests` are in the order in which they began."""

    label: str
    requests: tuple[Request, ...]
    note: str = ""


# How requests are put into rows, from the finest way on.
@dataclass(frozen=True, slots=True)
class _Grain:
    call: Callable[[Request], Hashable]
    loop: Callable[[Request], Hashable]
    stream: Callable[[Request], Hashable]
    new: Callable[[Request], Hashable]


def _alone(request: Request) -> Hashable:
    return id(request)


def _all(request: Request) -> Hashable:
    return request.purpose


def _kind(request: Request) -> Hashable:
    return request.era, request.transport, request.connection


def _kind_and_outcome(request: Request) -> Hashable:
    return _kind(request), request.outcome


def _connection(request: Request) -> Hashable:
    return request.connection


def _outcome(request: Request) -> Hashable:
    return request.outcome


_GRAINS: Final = (
    _Grain(_alone, _kind, _alone, _kind),
    _Grain(_kind_and_outcome, _kind, _outcome, _kind),
    _Grain(_kind_and_outcome, _all, _outcome, _connection),
    _Grain(_outcome, _all, _outcome, _connection),
)


def rows_of(timeline: Timeline) -> list[Row]:
    """The rows, lost calls first: as fine as MAX_ROWS allows."""
    rows: list[Row] = []
    for grain in _GRAINS:
        rows = [*_rows(timeline, grain)]
        if len(rows) <= MAX_ROWS:
            break
    return rows


def _rows(timeline: Timeline, grain: _Grain) -> Iterable[Row]:
    calls = sorted(_groups(timeline.of(Purpose.CALL), grain.call), key=_badness)
    streams = sorted(_groups(timeline.of(Purpose.STREAM), grain.stream), key=_badness)
    loops = _groups(timeline.of(Purpose.LOOP), grain.loop)
    yield from (Row(_call_label(each), each, note_of(each)) for each in calls)
    yield from (Row(_stream_label(each), each, note_of(each)) for each in streams)
    yield from (Row(_loop_label(each, loops), each) for each in loops)
    for each in _groups(timeline.of(Purpose.NEW_SESSION), grain.new):
        yield Row(_new_label(each), each)
    for purpose in (Purpose.READINESS, Purpose.LIVENESS):
        polls = timeline.of(purpose)
        if polls:
            yield Row(purpose, polls)


def _groups(
    requests: Iterable[Request], key: Callable[[Request], Hashable]
) -> list[tuple[Request, ...]]:
    groups: dict[Hashable, list[Request]] = {}
    for each in requests:
        groups.setdefault(key(each), []).append(each)
    return [tuple(each) for each in groups.values()]


def _badness(requests: tuple[Request, ...]) -> int:
    return -badness_of(requests[0].outcome)


def badness_of(outcome: RequestOutcome) -> int:
    return _FROM_BEST.index(outcome)


# What a call comes to, from an answer to silence.
_FROM_BEST: Final = (
    RequestOutcome.OK,
    RequestOutcome.REFUSED,
    RequestOutcome.HTTP_503,
    RequestOutcome.HTTP_4XX,
    RequestOutcome.TOOL_ERROR,
    RequestOutcome.JSONRPC_ERROR,
    RequestOutcome.HTTP_5XX,
    RequestOutcome.BAD_ANSWER,
    RequestOutcome.TIMEOUT,
    RequestOutcome.ENDED_WITHOUT_REPLY,
    RequestOutcome.TRUNCATED,
    RequestOutcome.RESET,
)


# -- labels


def _call_label(group: tuple[Request, ...]) -> str:
    first = group[0]
    if len(group) > 1:
        return f"{_shared(group)} x{len(group):,}"
    return " ".join(filter(None, (_client(first), _over(first))))


def _stream_label(group: tuple[Request, ...]) -> str:
    name = "SSE stream" if group[0].transport is Transport.SSE else "GET stream"
    return name if len(group) == 1 else f"{name} x{len(group):,}"


def _loop_label(group: tuple[Request, ...], loops: list[tuple[Request, ...]]) -> str:
    eras = {each.era for each in group}
    over = {(each[0].era, each[0].connection) for each in loops}
    alone = len({era for era, _ in over}) == len(over)
    clients = len({each.client for each in group})
    words = [
        str(group[0].era) if len(eras) == 1 and group[0].era else "",
        "loop",
        "" if alone or len({each.connection for each in group}) > 1 else _over(group[0]),
        f"x{clients:,}" if clients > 1 else "",
    ]
    return " ".join(filter(None, words))


def _new_label(group: tuple[Request, ...]) -> str:
    methods = list(dict.fromkeys(each.method for each in group))
    asked = inert(methods[0].removeprefix("server/"), MAX_CLIENT)
    return f"{asked if len(methods) == 1 else 'new session'} {_over(group[0])}".rstrip()


def _shared(group: tuple[Request, ...]) -> str:
    """What all of a group have in common."""
    eras = {each.era for each in group}
    over = {each.connection for each in group}
    words = (str(each.pop()) for each in (eras, over) if len(each) == 1)
    return " ".join(words) if len(eras) == 1 else " ".join(("calls", *words))


def _client(request: Request) -> str:
    return clipped(inert(request.client), MAX_CLIENT)


def _over(request: Request) -> str:
    return "" if request.connection is Connection.PIPE else request.connection


# -- notes


_WORDS: Final = {
    RequestOutcome.OK: "ok",
    RequestOutcome.TOOL_ERROR: "tool error",
    RequestOutcome.JSONRPC_ERROR: "error",
    RequestOutcome.HTTP_503: "HTTP 503",
    RequestOutcome.HTTP_5XX: "HTTP 5xx",
    RequestOutcome.HTTP_4XX: "HTTP 4xx",
    RequestOutcome.REFUSED: "refused",
    RequestOutcome.RESET: "reset",
    RequestOutcome.TRUNCATED: "cut",
    RequestOutcome.ENDED_WITHOUT_REPLY: "no reply",
    RequestOutcome.TIMEOUT: "no answer",
    RequestOutcome.BAD_ANSWER: "wrong answer",
}


def word_for(request: Request) -> str:
    """How it ended, in few characters."""
    if request.status is not None and request.status >= 400:
        return f"HTTP {request.status}"
    if request.purpose is Purpose.STREAM and request.outcome is RequestOutcome.OK:
        return "closed"
    return _WORDS[request.outcome]


def note_of(group: tuple[Request, ...]) -> str:
    """How the requests of a row ended, and when: `no reply 0.43-0.47 s`."""
    if all(each.purpose is Purpose.STREAM and each.status == 405 for each in group):
        return "not offered (405)"
    words = list(dict.fromkeys(map(word_for, group)))
    ends = [each.ended for each in group]
    word = words[0] if len(words) == 1 else f"{words[0]} …"
    return f"{word} {seconds_between(min(ends), max(ends))}"
