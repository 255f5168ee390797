"""Does the server start again, and answer a handshake?

After a shutdown comes the next start, at the same address and with what the last run left there:
a lock, a socket file, a port. The time from the start to the first good handshake is what a
rolling update waits for with every replica.

The same COMMAND is run again, or --restart-command; with --pid and no such command a supervisor
may do it. Where nobody did, nothing is observed, and the verdict on the shutdown stands. With
--readiness that URL has to be healthy again, too: until then no platform sends anything there.

To mend it: read what the started process said last. "Address already in use" comes of a child or
of a supervisor that was faster; a stale lock or pid file is to be removed on the signal.
"""

from mcpverify.facts.check import Check, Stage
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.timeline import RequestOutcome, Timeline
from mcpverify.rollout.words import ending, seconds

CHECK = Check(
    __name__,
    title="The server starts again and answers a handshake",
    stage=Stage.RESTART,
    severity=Severity.ERROR,
    hint="Read what it says when it starts: a port, a lock or a socket file may still be taken.",
)
NUMBER = 8

NOT_STARTED = "the server was not started again"
_READY_HINT = "Until readiness is 200 a platform sends it nothing, and a rolling update waits."


def judge(timeline: Timeline) -> Finding:
    after = timeline.aftermath
    if not after.restart:
        return CHECK.not_observed(NOT_STARTED, "Say how with --restart-command.")
    first = after.first_handshake
    if after.problem:
        details = []
        if first is not None and first.outcome is not RequestOutcome.OK:
            details.append(Detail(f"{first.method}: {ending(first)}", "the last attempt"))
        return CHECK.failed(f"after {after.restart}: {after.problem}", details)
    if first is None or first.outcome is not RequestOutcome.OK:
        return CHECK.not_observed(f"no handshake was seen after {after.restart}")
    ready = after.readiness
    if ready is not None and ready.outcome is not RequestOutcome.OK:
        said = ending(ready) if ready.status is None else f"HTTP {ready.status}"
        return CHECK.failed(f"the restarted server never became ready: {said}", hint=_READY_HINT)
    if after.began is None:
        return CHECK.passed("it answered a handshake")
    took = seconds(max(first.ended - after.began, 0.0))
    return CHECK.passed(f"it answered a handshake {took} after its start")
