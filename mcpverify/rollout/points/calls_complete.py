"""Does every call that is in flight when the signal comes get its answer?

This is what a shutdown is judged by. The caller of a tool that was cut off cannot know whether it
ran: it must not simply be called again, and an agent tells its user that something failed. Only
a JSON-RPC result with the right id counts. HTTP 200 with a cut body is a lost call, and so are
an event stream that ends cleanly without a reply, an HTTP 500, and an error. The exit code and
the log say nothing about it: servers lose calls, log "graceful" and exit with 0.

A call is in flight where its last bytes were held back until after the signal, or where --call
named a slow tool; requests of the loop that the signal happened to hit count, too. Where one
server speaks both eras, it may keep the calls of one and lose those of the other.

The process that gets the signal has to live until then. Where a start script ends at once and
its child goes on and answers, nothing is missed here; a container ends with the script, as its
PID 1, and takes the calls along. They count as lost.

To mend it: on the signal stop taking in new work and wait for what is under way, whatever its
answers travel over, before anything is closed. In Python servers on uvicorn: answer as JSON
(json_response=True), for sse-starlette ends every event stream, and give uvicorn a
timeout_graceful_shutdown that is longer than the longest calls. In Node: call server.close() and
wait for the POST requests before the process exits. A start script should end in `exec COMMAND`,
and a parent process wait for its children.
"""

from mcpverify.facts.calls import counted, cut_by_second, outlived, unanswered
from mcpverify.facts.check import Check, Stage
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.timeline import Purpose, Request, Timeline
from mcpverify.rollout.losses import loss_details
from mcpverify.rollout.words import NO_TOOL, count, seconds, span, stopping

CHECK = Check(
    __name__,
    title="Every call in flight is answered",
    stage=Stage.SHUTDOWN,
    severity=Severity.ERROR,
    hint="Wait for the calls under way before connections are closed and the process ends.",
)
NUMBER = 3

NONE_IN_FLIGHT = "no call was in flight when the signal came"


def judge(timeline: Timeline) -> Finding:
    calls, cut = counted(timeline), cut_by_second(timeline)
    missed, late = unanswered(timeline), outlived(timeline)
    if not calls and not cut:
        return CHECK.not_observed(NONE_IN_FLIGHT, "Name a slow tool with --call TOOL.")
    details = loss_details(missed)
    if cut:
        when = span(each.ended for each in cut)
        text = f"{count(len(cut), 'call')} cut by the second signal, at {when}: not counted"
        details.append(Detail(text))
    if not calls:
        return CHECK.not_observed("the second signal cut all calls in flight")
    hit = _hit(timeline)
    if late:
        also = [] if not missed else [f"{len(missed)} of {count(len(calls), 'call')} got no answer"]
        told = "; ".join((_too_late(timeline, late), *also))
        return CHECK.failed(told, [*details, *loss_details(late)], hint=_OUTLIVED_HINT)
    if not missed:
        what = f" ({NO_TOOL})" if timeline.setting.call is None else ""
        return CHECK.passed(f"{hit}, and {_all(len(calls))} answered{what}", details)
    first = f"{seconds(missed[0].ended)} after {stopping(timeline)}"
    if len(missed) == len(calls):
        told = f"{_all(len(calls))} lost"
    else:
        told = f"{len(missed)} of them {'was' if len(missed) == 1 else 'were'} lost"
    return CHECK.failed(
        f"{hit}, and {told}{', the first' if len(missed) > 1 else ''} {first}", details
    )


_OUTLIVED_HINT = "Start the server with `exec`, or let its parent process wait for its children."


def _too_late(timeline: Timeline, late: tuple[Request, ...]) -> str:
    ended = timeline.end.ended or 0.0
    when = span(each.ended - ended for each in late)
    what = f"{count(len(late), 'call')} {'was' if len(late) == 1 else 'were'} answered {when} after"
    lost = "it is" if len(late) == 1 else "they are"
    return f"{what} the process had ended, by what outlived it: in a container {lost} lost"


def _all(number: int) -> str:
    return "it was" if number == 1 else "all were"


def _hit(timeline: Timeline) -> str:
    """How many requests the signal hit, those of the loop told apart."""
    calls = counted(timeline)
    loop = sum(each.purpose is Purpose.LOOP for each in calls)
    hit = f"the signal hit {count(len(calls), 'call')}"
    return f"{hit} ({loop} of the loop)" if loop else hit
