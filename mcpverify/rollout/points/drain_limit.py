"""Does a call that outlasts the drain limit get an error, rather than silence?

No server can wait for ever: after its drain limit it gives up what is still under way. The caller
should then get a JSON-RPC error with its id, which says that there will be no result. A bare HTTP
500 says less, and a connection that is cut says nothing. The call is lost in any case, and
calls-complete says so: a drain limit longer than the longest calls spares both.

It can be judged only where a call was still under way when the limit came, which requests of the
loop never are. Requests that are held back end soon after their last bytes: name a tool that takes
long with --call. What got its error within 0.3 s of the signal met no limit.

To mend it: let the drain limit be the P99 of tool calls and 5 seconds more, and the platform's
grace period longer by 5 seconds and the preStop: `timeout_graceful_shutdown` of uvicorn, which
fastmcp sets to 2 seconds. When the limit comes, answer what is left with a JSON-RPC error before
the connections are closed.
"""

from mcpverify.facts.calls import unanswered
from mcpverify.facts.check import Check, Stage
from mcpverify.facts.finding import Finding, Severity
from mcpverify.facts.timeline import Purpose, Request, RequestOutcome, Timeline
from mcpverify.rollout.moments import still_running
from mcpverify.rollout.words import count, ending, seconds, span

CHECK = Check(
    __name__,
    title="A call that outlasts the drain limit gets an error",
    stage=Stage.SHUTDOWN,
    severity=Severity.ERROR,
    hint="Make the drain limit longer than the longest calls (P99 and 5 s), and answer what is "
    "left with a JSON-RPC error.",
)
NUMBER = 5

_ERRORS = {RequestOutcome.JSONRPC_ERROR, RequestOutcome.TOOL_ERROR}
_BARE = {RequestOutcome.HTTP_5XX, RequestOutcome.HTTP_503, RequestOutcome.HTTP_4XX}
# What ends sooner than this, after the signal and after it was sent, was ended by no limit.
_SOONEST = 1.5
_AT_ONE_MOMENT = 0.5
_SHORTEST = 0.3  # nobody sets a limit below it: what got an error sooner was given up at once
_NAME_ONE = "Name a slow tool with --call TOOL."


def judge(timeline: Timeline) -> Finding:
    missed = [each for each in _calls_lost(timeline) if each.ended >= _SHORTEST]
    if waiting := _waiting(timeline):
        return CHECK.failed(
            f"no drain limit ended {count(len(waiting), 'call')}: nothing but silence until the "
            "process was killed"
        )
    if silent := silenced(timeline):
        when = span(each.ended for each in silent)
        calls = count(len(silent), "call")
        return CHECK.failed(
            f"{calls} cut without a word at {when}, when the drain limit was reached"
        )
    bare = [each for each in missed if each.outcome in _BARE and not _turned_away(each)]
    if bare:
        many = len(bare) > 1
        return CHECK.failed(
            f"the drain limit of about {seconds(bare[0].ended)} is shorter than "
            f"{count(len(bare), 'call')}, and {'they' if many else 'it'} got no JSON-RPC error: "
            f"{ending(bare[0])}"
        )
    errors = [each for each in missed if each.outcome in _ERRORS]
    if errors:
        when = span(each.ended for each in errors)
        return CHECK.passed(
            f"{count(len(errors), 'call')} got a JSON-RPC error at {when}: an error, not silence"
        )
    named = timeline.setting.call is not None
    hint = "Give --call arguments that make it take longer." if named else _NAME_ONE
    return CHECK.not_observed("no call outlasted the drain limit", hint)


def _turned_away(request: Request) -> bool:
    """Whether it got its status as soon as its last bytes came, after the signal: by no limit."""
    sent = request.sent
    return sent is not None and sent > 0 and request.ended - sent < _AT_ONE_MOMENT


def silenced(timeline: Timeline) -> list[Request]:
    """The calls that were cut without a word, all at one moment, when a limit was reached."""
    if _waiting(timeline):
        return []
    # Of those that we gave up nobody knows what a limit would have done to them.
    given_up = RequestOutcome.TIMEOUT
    silent = [
        each
        for each in _calls_lost(timeline)
        if each.outcome.is_silent and each.outcome is not given_up
    ]
    late = [
        each
        for each in silent
        if each.sent is not None and each.ended - max(each.sent, 0.0) > _SOONEST
    ]
    # Where calls were cut at once, too, what came later is no limit but the rest of the same.
    if not late or len(late) < len(silent):
        return []
    return late if late[-1].ended - late[0].ended <= _AT_ONE_MOMENT else []


def _waiting(timeline: Timeline) -> list[Request]:
    """The calls that were sent in full and still under way when the process was killed."""
    if not still_running(timeline):
        return []
    until = timeline.setting.grace - 1
    return [
        each
        for each in _calls_lost(timeline)
        if each.outcome.is_silent and each.sent is not None and each.ended >= until
    ]


def _calls_lost(timeline: Timeline) -> list[Request]:
    return [each for each in unanswered(timeline) if each.purpose is Purpose.CALL]
