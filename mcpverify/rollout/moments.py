"""When things happened in a trial: the last call's end, the listener's closing, the end."""

from mcpverify.facts.timeline import Connection, Purpose, Request, RequestOutcome, Timeline

# New sessions that are accepted and dropped this soon after the signal lost a race, no more.
ACCEPT_RACE = 0.2
ABRUPT = 0.25


def calls_done(timeline: Timeline) -> float:
    """When the last call in flight ended, however it did; 0.0 where there was none."""
    return max((each.ended for each in timeline.in_flight), default=0.0)


def still_running(timeline: Timeline) -> bool:
    """Whether it was seen that the process did not end by itself inside its budget."""
    end = timeline.end
    return end.killed or (end.observed and end.ended is None)


def served_on(timeline: Timeline) -> bool:
    """Whether it hung and took new work until it was killed: it did not act on the signal."""
    if not still_running(timeline):
        return False
    probes = fresh(timeline, Purpose.NEW_SESSION)
    late = [each for each in probes if each.began > timeline.setting.grace / 2]
    served = [each for each in late if each.outcome is RequestOutcome.OK]
    return len(served) > len(late) / 2


def connected(request: Request) -> bool:
    """Whether something took the connection."""
    return request.outcome is not RequestOutcome.REFUSED


def listener_closed(timeline: Timeline) -> float | None:
    """When new connections began to be refused for good; None where they never were."""
    probes = fresh(timeline, Purpose.NEW_SESSION)
    last = max((each.began for each in probes if connected(each)), default=-1.0)
    return min((each.began for each in probes if each.began > last), default=None)


def fresh(timeline: Timeline, *purposes: Purpose) -> list[Request]:
    """Those that needed a connection of their own."""
    return [each for each in timeline.of(*purposes) if each.connection is Connection.FRESH]
