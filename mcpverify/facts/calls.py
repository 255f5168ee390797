"""What became of the calls in flight: answered, lost, or cut by a second signal.

A call is answered where a result came, and lost otherwise: an error, the tool's own included,
tells its sender that there is none. Two kinds of requests are in flight by the clock alone and do
not count: a request of the loop that was turned away with 503 or refused reached the server after
the signal, if at all; and what the second signal of --twice cuts is what that signal is for.
"""

from collections.abc import Iterator

from mcpverify.facts.timeline import Purpose, Request, RequestOutcome, Signal, Timeline

_TURNED_AWAY = {RequestOutcome.HTTP_503, RequestOutcome.REFUSED}
# SIGKILL is ours, once the budget is over; and closing the input of a server is no signal.
_NO_ORDERS = {"SIGKILL", "stdin closed"}


def counted(timeline: Timeline) -> tuple[Request, ...]:
    """The calls in flight that had to be answered, those of the loop among them."""
    cut = set(cut_by_second(timeline))
    return tuple(each for each in _in_flight(timeline) if each not in cut)


def lost(timeline: Timeline) -> tuple[Request, ...]:
    """Those of them that were not, in the order of their ends."""
    missed = (each for each in counted(timeline) if each.outcome is not RequestOutcome.OK)
    return tuple(sorted(missed, key=lambda each: each.ended))


def cut_by_second(timeline: Timeline) -> tuple[Request, ...]:
    """Those that were in flight at the second signal, too, and not answered."""
    second = second_signal(timeline)
    if second is None:
        return ()
    return tuple(
        each
        for each in _in_flight(timeline)
        if each.outcome is not RequestOutcome.OK and each.ended >= second.at
    )


def second_signal(timeline: Timeline) -> Signal | None:
    """The one of --twice, where the process lived to get it."""
    if not timeline.setting.twice:
        return None
    sent = [each for each in timeline.signals if each.name not in _NO_ORDERS]
    return sent[1] if len(sent) > 1 else None


def _in_flight(timeline: Timeline) -> Iterator[Request]:
    for each in timeline.in_flight:
        if each.purpose is Purpose.CALL or each.outcome not in _TURNED_AWAY:
            yield each
