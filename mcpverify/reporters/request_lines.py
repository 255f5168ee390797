"""Every request of a trial in a table, for -v: when it ran, how it ended, and what came back."""

from collections.abc import Iterator
from typing import Final

from mcpverify.facts.timeline import Connection, Purpose, Request, RequestOutcome, Timeline
from mcpverify.reporters.drain_counts import exact
from mcpverify.reporters.inert import inert
from mcpverify.reporters.layout import clipped, hung, joined, padded, size

MAX_TEXT: Final = 300
MAX_NAME: Final = 60
_TIMES: Final = 8  # columns of a time
_OUTCOME: Final = 20
_INDENT: Final = 4  # where there is no room beside the times
_LONG: Final = 0.1  # seconds, of which it is worth telling


def request_lines(timeline: Timeline, width: int) -> Iterator[str]:
    """Those of the trial as they began, then those after the restart. Seconds from the signal."""
    after = timeline.aftermath
    first = () if after.first_handshake is None else (after.first_handshake,)
    head = f"{'began':>{_TIMES}}{'ended':>{_TIMES}}  {'outcome':<{_OUTCOME}}request and answer"
    yield clipped(head, width)
    for each in (*timeline.requests, *first, *after.old_sessions, *after.resumptions):
        yield from _request(each, width)


def _request(request: Request, width: int) -> Iterator[str]:
    times = f"{_time(request.began):>{_TIMES}}{_time(request.ended):>{_TIMES}}"
    label = f"{times}  {padded(request.outcome, _OUTCOME)}"
    indent = len(label)
    if indent > width // 2:
        yield label.rstrip()
        label, indent = "", _INDENT
    items = joined((*_asked(request), *_answer(request)), width - indent)
    yield from hung(label, items, indent)


def _asked(request: Request) -> Iterator[str]:
    yield inert(request.client, MAX_NAME)
    # What the client says, as `initialize, fresh` does, is not said again.
    known = request.client.replace(",", " ").split()
    if request.purpose in (Purpose.CALL, Purpose.LOOP, Purpose.STREAM):
        yield request.purpose
    if request.method not in known:
        yield inert(request.method, MAX_NAME)
    if request.connection not in (*known, Connection.PIPE):
        yield request.connection


def _answer(request: Request) -> Iterator[str]:
    if request.sent is None:
        if request.outcome is not RequestOutcome.REFUSED:
            yield "not fully sent"
    elif request.sent - request.began >= _LONG:
        yield f"sent at {_time(request.sent)}"
    if request.outcome is RequestOutcome.OK:
        yield from filter(None, [request.answered_by])
    else:
        yield from _head(request)
    if request.first_byte is not None and request.ended - request.first_byte >= _LONG:
        yield f"first byte at {_time(request.first_byte)}"
    if request.retry_after is not None:
        yield f"Retry-After {request.retry_after:g} s"
    if request.event_id:
        yield f"event id {inert(request.event_id, MAX_NAME)}"
    if request.detail:
        yield inert(request.detail, MAX_TEXT)
    if request.excerpt and request.outcome is not RequestOutcome.OK:
        yield f"received: {inert(request.excerpt, MAX_TEXT)}"


def _head(request: Request) -> Iterator[str]:
    if request.status is not None:
        yield f"HTTP {request.status}"
    if request.media_type:
        yield clipped(inert(request.media_type), MAX_NAME)
    if request.status is not None or request.received:
        yield f"got {size(request.received)}"


def _time(seconds: float) -> str:
    return f"{seconds:+.3f}" if abs(seconds) < 100 else exact(seconds)
