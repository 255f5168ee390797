"""What became of the calls in flight: answered, lost, or cut by a second signal.

A call is answered where a result came, and lost otherwise: an error, the tool's own included,
tells its sender that there is none. So is one that a child answered which outlived the process
that was stopped: a container ends with that process, and its children with it. Two kinds of
requests are in flight by the clock alone and do not count: a request of the loop that was turned
away with 503 or refused reached the server after the signal, if at all; and what a second signal
of --twice cuts, by forcing the exit, is what that signal is for.
"""

from collections.abc import Iterator

from mcpverify.facts.timeline import How, Purpose, Request, RequestOutcome, Signal, Timeline

# A request of the loop that ended so was not in flight.
TURNED_AWAY = {RequestOutcome.HTTP_503, RequestOutcome.REFUSED}
# SIGKILL is ours, once the budget is over; and closing the input of a server is no signal.
_NO_ORDERS = {"SIGKILL", "stdin closed"}
_FORCED = 0.3  # within it a process ends that a second signal made give up its drain
# An answer that a process wrote before its end may be read a moment after it.
_ON_ITS_WAY = 0.25


def counted(timeline: Timeline) -> tuple[Request, ...]:
    """The calls in flight that had to be answered, those of the loop among them."""
    cut = set(cut_by_second(timeline))
    return tuple(each for each in _in_flight(timeline) if each not in cut)


def lost(timeline: Timeline) -> tuple[Request, ...]:
    """Those of them that were not, or too late, in the order of their ends."""
    too_late = set(outlived(timeline))
    missed = (
        each
        for each in counted(timeline)
        if each.outcome is not RequestOutcome.OK or each in too_late
    )
    return tuple(sorted(missed, key=lambda each: each.ended))


def unanswered(timeline: Timeline) -> tuple[Request, ...]:
    """Those of the lost ones to which no result came at all."""
    return tuple(each for each in lost(timeline) if each.outcome is not RequestOutcome.OK)


def outlived(timeline: Timeline) -> tuple[Request, ...]:
    """The calls that were answered when the process had ended, and so by what outlived it.

    Not where its end is not seen, and not where others answer at the address: they may have.
    """
    end = timeline.end
    seen = timeline.setting.how is not How.STOP_COMMAND and end.observed and not end.killed
    if not seen or end.ended is None or timeline.siblings:
        return ()
    over = end.ended + _ON_ITS_WAY
    answered = (each for each in _in_flight(timeline) if each.outcome is RequestOutcome.OK)
    return tuple(sorted((e for e in answered if e.ended > over), key=lambda each: each.ended))


def cut_by_second(timeline: Timeline) -> tuple[Request, ...]:
    """Those that were in flight at the second signal, too, which forced the exit, and not
    answered."""
    second = second_signal(timeline)
    if second is None or not forced(timeline):
        return ()
    return tuple(
        each
        for each in _in_flight(timeline)
        if each.outcome is not RequestOutcome.OK and each.ended >= second.at
    )


def forced(timeline: Timeline) -> bool:
    """Whether the second signal forced the exit: the process ended with it, by itself."""
    second, end = second_signal(timeline), timeline.end
    if second is None or end.ended is None or end.killed:
        return False
    return 0 <= end.ended - second.at <= _FORCED


def second_signal(timeline: Timeline) -> Signal | None:
    """The one of --twice, where the process lived to get it."""
    if not timeline.setting.twice:
        return None
    sent = [each for each in timeline.signals if each.name not in _NO_ORDERS]
    return sent[1] if len(sent) > 1 else None


def _in_flight(timeline: Timeline) -> Iterator[Request]:
    for each in timeline.in_flight:
        if each.purpose is Purpose.CALL or each.outcome not in TURNED_AWAY:
            yield each
