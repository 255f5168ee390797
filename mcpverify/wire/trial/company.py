"""Who answers at the address once the process has ended: nobody, others, or the very same server.

Without that, the sibling of a stopped replica passes for a lame duck, and a stop command that
stopped something else for a graceful shutdown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mcpverify.facts.target import Transport
from mcpverify.facts.timeline import Connection, How, Purpose, Request, RequestOutcome
from mcpverify.wire.trial.recorder import first_disturbed

# A connection that was taken just before the end may still be answered from its buffers.
_BUFFERED = 0.02


@dataclass(frozen=True, slots=True)
class Company:
    """`siblings` says how others are known to answer, `unstopped` how the server itself is."""

    siblings: str = ""
    unstopped: str = ""


def company(requests: Sequence[Request], ended: float, how: How, *, by_command: bool) -> Company:
    """What the requests after the end show: that of the process, or of the stop command alone.

    `by_command` says that a stop command stopped it. Times are seconds from the signal.
    """
    disturbed = first_disturbed(requests, 0.0)
    if by_command and disturbed is not None and _all_done(requests, disturbed):
        return Company(
            unstopped=f"the calls had been answered when the server was first seen to stop, "
            f"{disturbed:.1f} s after the stop command: name a slower tool with --call"
        )
    if how is How.STOP_COMMAND:
        # Its end says little of the server's.
        ended = max(ended, disturbed or ended)
    late = [each for each in requests if each.began > ended + _BUFFERED]
    fresh = [
        each
        for each in late
        if each.purpose is Purpose.NEW_SESSION
        and each.connection is Connection.FRESH
        and each.outcome is RequestOutcome.OK
    ]
    if not fresh:
        return Company()
    who = "the stop command" if how is How.STOP_COMMAND else "the process"
    if how is not How.COMMAND and _old_ones_answered(late):
        return Company(
            unstopped=f"{who} has ended, and connections from before the signal still answer: it "
            "is not what serves the address, or something stands in between"
        )
    if _was_away(requests, fresh[0]):
        return Company()  # whoever answers was started since
    later = fresh[0].began - ended
    return Company(f"a new session was answered {later:.2f} s after {who} had ended")


def _all_done(requests: Sequence[Request], disturbed: float) -> bool:
    """Whether every call had been answered well by then, so that none met the stop."""
    calls = [each for each in requests if each.purpose is Purpose.CALL and each.hit]
    return all(each.outcome is RequestOutcome.OK and each.ended < disturbed for each in calls)


def _old_ones_answered(late: Sequence[Request]) -> bool:
    """Whether connections and sessions that are older than the signal work as if nothing were."""
    loop = [each for each in late if each.purpose is Purpose.LOOP]
    kept = [
        each
        for each in late
        if each.purpose is Purpose.NEW_SESSION and each.connection is Connection.KEPT
    ]
    if any(each.transport is Transport.SSE for each in loop):
        kept = loop  # each session is one connection from before
    return bool(kept) and all(each.outcome is RequestOutcome.OK for each in (*kept, *loop))


def _was_away(requests: Sequence[Request], first: Request) -> bool:
    """Whether nobody listened between the signal and the first new session after the end."""
    return any(
        each.purpose is Purpose.NEW_SESSION
        and each.connection is Connection.FRESH
        and each.outcome is RequestOutcome.REFUSED
        and 0 < each.began < first.began
        for each in requests
    )
