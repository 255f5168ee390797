"""Does a second signal change nothing, or force the exit?

A person who presses Ctrl-C twice wants the process gone; a supervisor that repeats its SIGTERM
wants nothing new. Both are fine. What is not: a drain that begins anew with every signal, so that
the process outlives the budget it was given.

Asked only with --twice. An exit is forced where the process ends within 0.3 s of the second
signal: the calls that are cut with it are told by calls-complete and do not count as lost. A
server that goes on has to answer them. That a drain began anew is taken from a process that stays
on for longer than it took to get there, with its listener closed and no call under way.

To mend it: remember that the drain has begun. On a further signal return, or exit at once.
"""

from mcpverify.facts.calls import cut_by_second, forced, second_signal
from mcpverify.facts.check import Check, Stage
from mcpverify.facts.finding import Finding, Severity
from mcpverify.facts.timeline import Timeline
from mcpverify.rollout.moments import calls_done, listener_closed, still_running
from mcpverify.rollout.words import count, seconds

CHECK = Check(
    __name__,
    title="A second signal changes nothing, or forces the exit",
    stage=Stage.SHUTDOWN,
    severity=Severity.WARNING,
    hint="Remember that the drain has begun: on a further signal return, or exit at once.",
)
NUMBER = 6

_LEAST = 2.0  # seconds that a process may take to end once nothing is left to do


def judge(timeline: Timeline) -> Finding:
    if not timeline.setting.twice:
        return CHECK.not_applicable("it is sent with --twice only")
    second = second_signal(timeline)
    if second is None:
        return CHECK.not_observed("the process had ended before a second signal was due")
    if still_running(timeline):
        return CHECK.failed("the process went on after the second signal, too")
    ended = timeline.end.ended
    if ended is None:
        return CHECK.not_observed("the end of the process cannot be seen from here")
    after = seconds(max(ended - second.at, 0.0))
    cut = cut_by_second(timeline)
    if forced(timeline):
        told = f", and cut {count(len(cut), 'call')}" if cut else ""
        return CHECK.passed(f"it forced the exit within {after}{told}")
    idle_from = max(second.at, calls_done(timeline), listener_closed(timeline) or 0.0)
    if ended - idle_from > max(_LEAST, second.at):
        return CHECK.failed(
            f"the process stayed for {after} after the second signal, {seconds(ended - idle_from)} "
            "of it with nothing left to do: did a second drain begin?"
        )
    return CHECK.passed(f"it changed nothing: the process ended {after} later")
