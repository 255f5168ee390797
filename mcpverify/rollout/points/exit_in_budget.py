"""Does the process end by itself, inside its budget, with an exit code that says so?

A platform waits for its grace period (--grace, 30 seconds in Kubernetes, 10 in Docker) and then
kills, together with everything that is still under way. Right are 0, 143 and -15, which is what
a supervisor sees of a process that SIGTERM ended; after SIGINT also 130 and -2; and 1 where a
second signal forced the exit. 137 means that it was killed.

The exit code is no proof of more: servers lose every call and exit with 0. A process that
something else started (--pid) shows its end and no exit code; behind a --stop-command not even
its end is seen. Over stdio, closing its input is what tells a server to end.

To mend it: handle SIGTERM. As PID 1 of a container a process without a handler never notices it,
and a shell does not pass it on: use the exec form of CMD, or `exec`, or an init (docker run
--init). Bound what the handler waits for by a drain limit that is shorter than the grace period.
"""

from typing import Final

from mcpverify.facts.calls import forced, lost
from mcpverify.facts.check import Check, Stage
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.target import Transport
from mcpverify.facts.timeline import Timeline
from mcpverify.rollout.moments import still_running
from mcpverify.rollout.words import seconds, stopping

CHECK = Check(
    __name__,
    title="The process ends by itself inside its budget",
    stage=Stage.SHUTDOWN,
    severity=Severity.ERROR,
    hint="Handle the signal, and bound the drain by a limit shorter than the grace period.",
)
NUMBER = 7

_TERMINATED: Final = {0, 143, -15}
_INTERRUPTED: Final = {130, -2}
_KILLED: Final = {137, -9}


def judge(timeline: Timeline) -> Finding:
    end, grace = timeline.end, timeline.setting.grace
    what = stopping(timeline)
    details = [Detail(line, "its last words") for line in end.stderr[-3:]]
    if still_running(timeline):
        killed = ", and was killed" if end.killed else ""
        return CHECK.failed(f"it had not ended {seconds(grace)} after {what}{killed}", details)
    if end.ended is None:
        return CHECK.not_observed("the end of the process cannot be seen from here")
    when = f"it ended {seconds(end.ended)} after {what}"
    if end.ended > grace:
        return CHECK.failed(f"{when}, with a budget of {seconds(grace)}", details)
    if not end.observed or end.exit_code is None:
        return CHECK.not_observed(f"{when}, in time; its exit code cannot be seen from here")
    code = f"{when} with exit code {end.exit_code}"
    if end.exit_code not in _allowed(timeline):
        by = ": something killed it" if end.exit_code in _KILLED else ""
        return CHECK.failed(f"{code}{by}", details)
    needed = _signal_needed(timeline)
    if needed:
        return CHECK.warned(f"{code}, and only after {needed}", hint=_STDIN_HINT)
    if end.exit_code == 0 and lost(timeline):
        return CHECK.passed(f"{code}, which says nothing: calls were lost")
    return CHECK.passed(code)


_STDIN_HINT = "End when standard input ends: that is how a client stops a server over stdio."


def _signal_needed(timeline: Timeline) -> str:
    """The signal that it took where closing the input should have been enough."""
    if timeline.setting.transport is not Transport.STDIO:
        return ""
    sent = [each for each in timeline.signals if each.name.startswith("SIG") and each.at > 0]
    return f"{sent[0].name} at {seconds(sent[0].at)}" if sent else ""


def _allowed(timeline: Timeline) -> set[int]:
    allowed = set(_TERMINATED)
    names = {each.name for each in timeline.signals} | {timeline.setting.signal}
    # What a stop command sends is not known.
    if "SIGINT" in names or "stop command" in names:
        allowed |= _INTERRUPTED
    if forced(timeline):
        allowed.add(1)
    return allowed
