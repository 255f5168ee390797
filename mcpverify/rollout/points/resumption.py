"""Does a missed answer come when it is asked for with Last-Event-ID?

A server that gives its events ids promises to deliver again what a broken stream did not. A
client that lost its answer to a shutdown opens a GET with the last id it saw, and a server that
keeps its events outside of the process can still give it the result: then nothing was lost.

Asked only where a call was lost after an event with an id had come. Ids that lead nowhere after
a restart cost a client the time it takes to find that out.

To mend it: keep events in a store that outlives the process (an event store on a database or on
Redis), or give no event ids.
"""

from mcpverify.facts.calls import unanswered
from mcpverify.facts.check import Check, Stage
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.timeline import RequestOutcome, Timeline
from mcpverify.rollout.points.restart import NOT_STARTED
from mcpverify.rollout.words import count, ending

CHECK = Check(
    __name__,
    title="A missed answer comes with Last-Event-ID",
    stage=Stage.AFTERWARDS,
    severity=Severity.WARNING,
    rule="https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#resumability-and-redelivery",
    hint="Keep events in a store that outlives the process, or give no event ids.",
)
NUMBER = 8


def judge(timeline: Timeline) -> Finding:
    after, missed = timeline.aftermath, unanswered(timeline)
    if not missed:
        return CHECK.not_applicable("no answer was missed")
    if not any(each.event_id for each in missed):
        return CHECK.not_applicable("the server gives no event ids")
    if not after.restart:
        return CHECK.not_observed(NOT_STARTED)
    if not after.resumptions:
        return CHECK.not_observed(after.problem or "it was not asked for")
    failed = [each for each in after.resumptions if each.outcome is not RequestOutcome.OK]
    total = len(after.resumptions)
    if failed:
        return CHECK.failed(
            f"{len(failed)} of {count(total, 'missed answer')} did not come",
            [Detail(ending(each), each.client) for each in failed[:4]],
        )
    return CHECK.passed(f"{count(total, 'missed answer')} came with Last-Event-ID")
