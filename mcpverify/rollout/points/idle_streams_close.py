"""Does the idle GET stream of Streamable HTTP close when the server is told to stop?

Clients keep such a stream open for as long as they live, and nothing may ever come through it: it
is no activity. A server that waits for it takes its whole drain time on every deploy, or never
ends and is killed, with everything that was still under way. The client notices the close and
opens another stream elsewhere.

The stream of HTTP+SSE is another thing: it carries the replies, and is to stay open until the
calls in flight are answered.

To mend it: on the signal end the GET streams first, at once, and wait only for POST requests. In
Python that is what sse-starlette does by itself, where its automatic drain was not turned off and
where it is new enough; in Node call end() on the responses of GET requests before server.close(),
which waits for them.
"""

from mcpverify.facts.check import Check, Stage
from mcpverify.facts.finding import Finding, Severity
from mcpverify.facts.target import Transport
from mcpverify.facts.timeline import Purpose, Timeline
from mcpverify.rollout.moments import calls_done, served_on, still_running
from mcpverify.rollout.words import seconds

CHECK = Check(
    __name__,
    title="Idle GET streams close at once",
    stage=Stage.SHUTDOWN,
    severity=Severity.WARNING,
    rule="https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#listening-for-messages-from-the-server",
    hint="End the GET streams on the signal, and wait for POST requests only.",
)
NUMBER = 4

_AT_ONCE = 1.0


def judge(timeline: Timeline) -> Finding:
    match timeline.setting.transport:
        case Transport.SSE:
            return CHECK.not_applicable("the stream of HTTP+SSE carries the replies")
        case Transport.STDIO:
            return CHECK.not_applicable("over stdio there are no streams to close")
    streams = timeline.of(Purpose.STREAM)
    open_ones = [each for each in streams if each.status is None or each.status < 400]
    if not open_ones:
        refused = f" (HTTP {streams[0].status})" if streams else ""
        return CHECK.not_applicable(f"the server offers no GET stream{refused}")
    hit = [each for each in open_ones if each.hit]
    if not hit:
        return CHECK.not_observed("the stream had ended before the signal came")
    closed, done = max(each.ended for each in hit), calls_done(timeline)
    if still_running(timeline) and closed >= (timeline.end.ended or timeline.setting.grace) - 1:
        if served_on(timeline) or done > closed - 1:
            return CHECK.failed("an idle stream was open until the process was killed")
        return CHECK.failed(
            f"the process hung with an idle stream open: the calls were done at {seconds(done)}"
        )
    if closed <= _AT_ONCE or closed < done:
        return CHECK.passed(f"closed after {seconds(closed)}")
    return CHECK.failed(f"an idle stream was held open for {seconds(closed)}")
