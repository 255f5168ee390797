"""What a trial shows of its causes: what kind of server it was, and how its calls were lost."""

from pathlib import PurePath

from mcpverify.facts.calls import lost
from mcpverify.facts.drain import Shutdown, Trial
from mcpverify.facts.finding import Finding, Outcome
from mcpverify.facts.target import Transport
from mcpverify.facts.timeline import How, Request, RequestOutcome, ServerKind
from mcpverify.rollout.moments import served_on, still_running
from mcpverify.rollout.points.drain_limit import silenced

_CUT = {RequestOutcome.TRUNCATED, RequestOutcome.ENDED_WITHOUT_REPLY, RequestOutcome.RESET}
_TOLD = {RequestOutcome.TOOL_ERROR, RequestOutcome.JSONRPC_ERROR, RequestOutcome.HTTP_503}
# sse-starlette looks for the signal every half second; the rest is a busy machine.
_SOON = 1.5
_AT_ONCE = 0.3
_AT_ONE_MOMENT = 0.5
# What was answered just before the end may be read a moment after it.
_ON_ITS_WAY = 0.25
_SHELLS = {"sh", "bash", "dash", "ash", "zsh", "ksh"}


def finding(trial: Trial, point: str) -> Finding:
    return next(each for each in trial.findings if each.check == point)


def is_wrong(trial: Trial, point: str) -> bool:
    """Whether a point was failed, or warned of."""
    return finding(trial, point).outcome in (Outcome.FAILED, Outcome.WARNED)


def uvicorn(trial: Trial) -> bool:
    """Whether uvicorn answered: it says so itself."""
    return any("uvicorn" in value.lower() for value in _headers(trial.timeline.server, "server"))


def python(trial: Trial) -> bool:
    program = trial.timeline.server.program.lower()
    return uvicorn(trial) or program.startswith(("python", "uvicorn", "uv"))


def node(trial: Trial) -> bool:
    server = trial.timeline.server
    express = any("express" in each.lower() for each in _headers(server, "x-powered-by"))
    return express or server.program.lower().startswith(("node", "npx", "npm", "bun", "deno"))


def _headers(server: ServerKind, name: str) -> list[str]:
    return [value for key, value in server.headers if key.lower() == name]


def over_sse(trial: Trial) -> list[Request]:
    """Lost calls whose event stream was ended soon after the signal, or after they were sent."""
    return [
        each
        for each in lost(trial.timeline)
        if each.answered_by == "sse" and each.outcome in _CUT and _soon(each)
    ]


def uvicorn_ended(trial: Trial) -> bool:
    """Whether it was uvicorn, with nothing around it: it dies of the signal once it is done."""
    return uvicorn(trial) and died_of_the_signal(trial)


def on_legacy_stream(trial: Trial) -> bool:
    """Whether calls of HTTP+SSE were lost with the stream that carries the replies."""
    missed = lost(trial.timeline)
    legacy = trial.timeline.setting.transport is Transport.SSE
    return legacy and any(each.outcome in _CUT and _soon(each) for each in missed)


def _soon(request: Request) -> bool:
    return request.ended - max(request.sent or 0.0, 0.0) < _SOON


def bare_status(trial: Trial) -> bool:
    """Whether calls got an HTTP 5xx with nothing of MCP in it."""
    return any(each.outcome is RequestOutcome.HTTP_5XX for each in lost(trial.timeline))


def at_two_seconds(trial: Trial) -> bool:
    """Whether that came when the built-in limit of fastmcp is over."""
    bare = [each for each in lost(trial.timeline) if each.outcome is RequestOutcome.HTTP_5XX]
    return bool(bare) and all(1.9 <= each.ended <= 3.0 for each in bare)


def cut_at_a_limit(trial: Trial) -> bool:
    return bool(silenced(trial.timeline))


def got_errors_at_once(trial: Trial) -> bool:
    """Whether every lost call was told so, by a JSON-RPC error or 503, with no time to wait in."""
    return _got_errors(trial) and any(_at_once(each) for each in lost(trial.timeline))


def got_errors_at_a_limit(trial: Trial) -> bool:
    """Whether errors came to all of them at about the same later moment."""
    ends = [each.ended for each in lost(trial.timeline)]
    return (
        _got_errors(trial)
        and not got_errors_at_once(trial)
        and max(ends) - min(ends) <= _AT_ONE_MOMENT
    )


def _got_errors(trial: Trial) -> bool:
    missed = lost(trial.timeline)
    return bool(missed) and all(each.outcome in _TOLD for each in missed)


def _at_once(request: Request) -> bool:
    """Whether it ended soon after the signal, or after its last bytes where those came later."""
    return request.ended - max(request.sent or 0.0, 0.0) <= _AT_ONE_MOMENT


def lost_at_once(trial: Trial) -> bool:
    """Whether the connections of calls went with the signal, most often with the process."""
    if trial.shutdown is Shutdown.ABRUPT:
        return True
    return any(each.outcome in _CUT and each.ended < _AT_ONCE for each in lost(trial.timeline))


def died_of_the_signal(trial: Trial) -> bool:
    return trial.timeline.end.exit_code in (143, -15, 130, -2)


def ended_cleanly(trial: Trial) -> bool:
    """Whether answers were ended, not cut, by a process that exits with 0."""
    missed = lost(trial.timeline)
    ended = [each for each in missed if each.outcome is RequestOutcome.ENDED_WITHOUT_REPLY]
    return bool(ended) and trial.timeline.end.exit_code == 0


def hung_on_a_stream(trial: Trial) -> bool:
    return still_running(trial.timeline) and is_wrong(trial, "idle-streams-close")


def ignored_the_signal(trial: Trial) -> bool:
    return served_on(trial.timeline)


def as_pid1(trial: Trial) -> bool:
    return served_on(trial.timeline) and trial.timeline.setting.pid1


def left(trial: Trial, kind: str) -> bool:
    return any(each.kind == kind for each in trial.timeline.end.leftovers)


def outlived_by_the_server(trial: Trial) -> bool:
    """Whether what we started ended, and something that it had started answered on."""
    timeline = trial.timeline
    ended = timeline.end.ended
    if timeline.setting.how is not How.COMMAND or ended is None or timeline.end.killed:
        return False
    over = ended + _ON_ITS_WAY
    return any(
        each.outcome is RequestOutcome.OK and each.ended > over for each in timeline.in_flight
    ) or (bool(timeline.siblings) and left(trial, "process"))


def in_a_shell(trial: Trial) -> bool:
    """Whether what we started is a shell."""
    started = trial.timeline.setting.target.partition(" ")[0]
    return trial.timeline.setting.how is How.COMMAND and PurePath(started).name in _SHELLS


def stdio(trial: Trial) -> bool:
    return trial.timeline.setting.transport is Transport.STDIO


def old_session_lost(trial: Trial) -> bool:
    asked = trial.timeline.aftermath.old_sessions
    return is_wrong(trial, "old-session") and any(each.outcome.is_silent for each in asked)
