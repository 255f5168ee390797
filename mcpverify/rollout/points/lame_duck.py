"""Is there a time in which new work is turned away with 503 while the listener is still open?

A load balancer learns late that an instance is going: after a readiness period, or when the news
of a removed endpoint has reached every node. Until then it sends new connections. Where the
listener is closed already, each of them is refused, and somebody sees an error; with a lame duck
it gets 503 and Retry-After and goes elsewhere. In a rolling update of two replicas under load
about 97 % of calls succeeded without a lame duck and 100 % with 2.5 seconds of it.

With --readiness URL that address is watched: it should turn 503 with Retry-After while the
listener stays open. --liveness URL should say that all is well meanwhile: where liveness fails,
or gives no answer for a second, the platform kills a process that is draining. Without them the
answers to new sessions are watched. A lame duck of less than half a second is warned of: no
balancer looks that often. How long it has to be, only your platform knows. Over stdio there is no
listener. Where others answer at the address, nothing is observed.

To mend it: on the signal first answer 503 with Retry-After, from readiness and to new sessions,
and keep the listener open for as long as the balancer needs: readiness period times failure
threshold, often 2 to 10 seconds. Only then close it. Where the server cannot be changed, a
preStop sleep does the like in Kubernetes: it delays the signal until the endpoint is gone.
"""

from mcpverify.facts.calls import forced
from mcpverify.facts.check import Check, Stage
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.lame_duck import asked_of, lame_duck_seen
from mcpverify.facts.target import Transport
from mcpverify.facts.timeline import Purpose, Request, RequestOutcome, Timeline
from mcpverify.rollout.moments import ACCEPT_RACE, connected, fresh, listener_closed
from mcpverify.rollout.words import seconds, tally

CHECK = Check(
    __name__,
    title="New work is turned away with 503 before the listener closes",
    stage=Stage.SHUTDOWN,
    severity=Severity.WARNING,
    hint="On the signal answer 503 with Retry-After first, and close the listener only when the "
    "load balancer has noticed.",
)
NUMBER = 1

NOT_ALONE_HINT = "Give the address of the one process: a pod's IP, or a port-forward."
REFUSED_AT_ONCE = "new connections were refused with no 503 before"
_LATE = 0.5  # seconds after which it is told that 503 came late
_NOTICED = 0.5  # what is over sooner is seen by no load balancer
_HANGS = 1.0  # a probe without an answer for as long has failed: what Kubernetes waits by default


def judge(timeline: Timeline) -> Finding:
    if timeline.setting.transport is Transport.STDIO:
        return CHECK.not_applicable("over stdio there is no listener")
    if timeline.siblings:
        return CHECK.not_observed(
            f"others answer at this address: {timeline.siblings}", NOT_ALONE_HINT
        )
    asked, probes = asked_of(timeline), fresh(timeline, Purpose.NEW_SESSION)
    if not asked:
        return CHECK.not_observed("the process had ended before it was asked anything")
    turned = [each for each in asked if each.outcome is RequestOutcome.HTTP_503]
    if not turned:
        return CHECK.failed(_without_503(timeline, asked))
    problems = [
        *(_closed_too_early(timeline, probes, turned[0]) or _too_short(timeline)),
        *_not_alive(timeline),
        *_no_retry_after(turned),
    ]
    told = _told(timeline, turned)
    if problems:
        return CHECK.failed(problems[0], [Detail(text) for text in (*problems[1:], told)])
    return CHECK.passed(told)


def _told(timeline: Timeline, turned: list[Request]) -> str:
    who = "readiness was 503" if timeline.setting.readiness else "new sessions were answered 503"
    late = turned[0].began
    begun = f", from {seconds(late)} on" if late > _LATE else ""
    return f"{who} for {seconds(turned[-1].began - late)}{begun}"


def _without_503(timeline: Timeline, asked: list[Request]) -> str:
    # A listener is open for a moment longer than its owner knows, whatever it does.
    if not any(connected(each) for each in asked if each.began >= ACCEPT_RACE):
        return REFUSED_AT_ONCE
    if timeline.setting.readiness:
        return f"readiness never turned 503: {tally(asked)}"
    return f"new sessions were never answered 503: {tally(asked)}"


def _closed_too_early(timeline: Timeline, probes: list[Request], first: Request) -> list[str]:
    """Readiness is of use only while the server's own listener is open."""
    if any(connected(each) and each.began >= first.began for each in probes) or not probes:
        return []
    if not timeline.setting.readiness:
        return []
    return ["the server's own listener was closed by the time readiness was 503"]


def _too_short(timeline: Timeline) -> list[str]:
    seen = lame_duck_seen(timeline)
    # From the first to the last probe it is up to one interval shorter than it was.
    if seen is None or seen + timeline.setting.poll >= _NOTICED or forced(timeline):
        return []
    return [f"a lame duck of {seconds(seen)} is too short for any load balancer to notice"]


def _not_alive(timeline: Timeline) -> list[str]:
    closings = (listener_closed(timeline), timeline.end.ended, timeline.setting.grace)
    until = min(each for each in closings if each is not None)
    asked = timeline.of(Purpose.LIVENESS)
    ended = [each for each in asked if each.ended < until]
    # The last one may have met the closing.
    failed = [each for each in ended[:-1] if each.outcome is not RequestOutcome.OK]
    hung = [
        each
        for each in asked
        if each.outcome.is_silent and min(each.ended, until) - each.began >= _HANGS
    ]
    bad = sorted({*failed, *hung}, key=lambda each: each.began)
    if not bad:
        return []
    when = seconds(bad[0].began)
    return [f"liveness failed from {when} on while the server drained: {tally(bad)}"]


def _no_retry_after(turned: list[Request]) -> list[str]:
    if any(each.retry_after is not None for each in turned):
        return []
    return ["its 503 has no Retry-After"]
