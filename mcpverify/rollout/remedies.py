"""Known causes of what a trial shows, and what mends each: one row of a table for every cause.

A row is told where its symptoms fit and no row before it told of the same point. Where they fit
without singling the cause out, it is called likely.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from mcpverify.facts.calls import lost
from mcpverify.facts.drain import Remedy, Trial
from mcpverify.facts.revision import Era
from mcpverify.rollout import mends
from mcpverify.rollout import symptoms as shows
from mcpverify.rollout.points.lame_duck import REFUSED_AT_ONCE
from mcpverify.rollout.settings import MARGIN, recommended
from mcpverify.rollout.words import seconds

LIKELY = "Likely: "
_LAME_DUCK: Final = 5_000  # milliseconds
_NO_P99: Final = 25.0  # with 5 s more it fits into the grace period that Kubernetes gives

Symptom = Callable[[Trial], bool]


@dataclass(frozen=True, slots=True)
class Known:
    """`about` is the point that it explains, `also` are others that it does away with."""

    about: str
    fits: Symptom
    cause: str
    steps: tuple[str, ...]
    sure: Symptom = lambda _: False
    also: tuple[str, ...] = ()


def remedies_for(trial: Trial) -> tuple[Remedy, ...]:
    """What is known of it, the worst first. Nothing where all is well or nothing was tried."""
    return tuple(_remedies(trial)) if not trial.timeline.problem else ()


def _remedies(trial: Trial) -> Iterator[Remedy]:
    told: set[str] = set()
    numbers = _numbers(trial)
    beside = (mends.MCP_1,) if Era.STATELESS in trial.timeline.setting.eras else ()
    for known in KNOWN:
        if known.about not in told and known.fits(trial):
            points = (known.about, *known.also)
            told.update(points)
            cause = known.cause if known.sure(trial) else f"{LIKELY}{known.cause}"
            fitting = (each for each in known.steps if each not in beside)
            text, *steps = (_filled(each, numbers) for each in (cause, *fitting))
            yield Remedy(text, tuple(steps), points)


def _filled(text: str, numbers: dict[str, str]) -> str:
    # Not str.format: code has braces of its own.
    for name, number in numbers.items():
        text = text.replace(f"{{{name}}}", number)
    return text


def _numbers(trial: Trial) -> dict[str, str]:
    limit = max(math.floor(_drain_limit(trial)), 1)
    ends = [each.ended for each in lost(trial.timeline)]
    return {
        "limit": str(limit),
        "limit_ms": str(limit * 1000),
        "lame_duck_ms": str(min(_LAME_DUCK, limit * 500)),
        "at": seconds(max(ends, default=0.0)),
    }


def _drain_limit(trial: Trial) -> float:
    """What the measured calls ask for, else what fits into the grace period of the trial."""
    numbers = recommended((trial.timeline,))
    if numbers is not None and numbers.drain_limit is not None:
        return numbers.drain_limit
    grace = trial.timeline.setting.grace
    return min(max(grace - MARGIN, grace / 2), _NO_P99)


def _always(trial: Trial) -> bool:
    return True


KNOWN: Final = (
    Known(
        "nothing-left-behind",
        shows.outlived_by_the_server,
        "the signal ended the process that was started, and not the server behind it, which "
        "answered on: a shell does so that runs it without `exec`.",
        mends.PASSED_ON,
        sure=_always,
        also=("calls-complete",),
    ),
    Known(
        "calls-complete",
        lambda trial: (
            shows.python(trial)
            and bool(shows.over_sse(trial))
            and not shows.on_legacy_stream(trial)
            and not shows.ended_cleanly(trial)
        ),
        "sse-starlette ends every event stream soon after the signal, those that carry the answers "
        "of calls included, whatever uvicorn's limit is. Answers as JSON are left alone.",
        mends.PYTHON,
        sure=shows.uvicorn_ended,
    ),
    Known(
        "calls-complete",
        lambda trial: shows.python(trial) and shows.on_legacy_stream(trial),
        "sse-starlette ends every event stream soon after the signal, and over HTTP+SSE all "
        "replies come on one.",
        mends.LEGACY_STREAM,
        sure=shows.uvicorn_ended,
    ),
    Known(
        "calls-complete",
        lambda trial: shows.python(trial) and shows.bare_status(trial),
        "uvicorn gave up on the calls when its timeout_graceful_shutdown was over. fastmcp sets it "
        "to 2 s by itself.",
        mends.PYTHON,
        sure=lambda trial: shows.uvicorn(trial) and shows.at_two_seconds(trial),
    ),
    Known(
        "calls-complete",
        lambda trial: shows.bare_status(trial) or shows.cut_at_a_limit(trial),
        "the server's drain limit is shorter than the calls.",
        (
            *mends.LONGER_LIMIT,
            "When it comes, answer what is left with a JSON-RPC error before closing anything.",
        ),
    ),
    Known(
        "calls-complete",
        lambda trial: shows.stdio(trial) and bool(lost(trial.timeline)),
        "the server ends with its standard input, before it has answered what it read from it.",
        ("At the end of input wait for the calls under way, write their answers, then exit.",),
    ),
    Known(
        "calls-complete",
        lambda trial: (
            shows.node(trial) and shows.lost_at_once(trial) and not shows.ended_cleanly(trial)
        ),
        "on the signal Node ends at once, where nothing handles it or the handler calls "
        "process.exit() with requests under way.",
        mends.NODE,
        sure=lambda trial: (
            shows.died_of_the_signal(trial) and trial.timeline.setting.how == "command"
        ),
    ),
    Known(
        "calls-complete",
        lambda trial: shows.lost_at_once(trial) and not shows.ended_cleanly(trial),
        "nothing handles the signal, or the handler ends the process with calls under way.",
        ("Handle it: take in nothing new, wait for the calls under way, then exit.",),
    ),
    Known(
        "calls-complete",
        shows.got_errors_at_a_limit,
        "your drain limit of about {at} is shorter than the calls.",
        mends.LONGER_LIMIT,
    ),
    Known(
        "calls-complete",
        shows.got_errors_at_once,
        "what is under way is answered with an error, or turned away when the rest of it comes, "
        "rather than waited for: bridges do so that stop the server behind them first.",
        ("Wait for the calls under way before the server behind, or the session, is ended.",),
    ),
    Known(
        "calls-complete",
        shows.ended_cleanly,
        "the signal cancels a context that the calls under way hang on, so that each answer ends "
        "cleanly and empty, and the shutdown takes itself for graceful.",
        (
            "Cancel that context only when the HTTP server's shutdown has returned. In Go: give "
            "requests a base context of their own, and call http.Server.Shutdown first.",
        ),
    ),
    Known(
        "exit-in-budget",
        lambda trial: shows.as_pid1(trial) and shows.in_a_shell(trial),
        "as PID 1 the shell does not pass the signal on, and a server never notices it.",
        (*mends.EXEC_FORM, *mends.PID_ONE),
        sure=_always,
    ),
    Known(
        "exit-in-budget",
        shows.as_pid1,
        "as PID 1 a process that does not handle the signal never notices it.",
        mends.PID_ONE,
        sure=_always,
    ),
    Known(
        "exit-in-budget",
        shows.ignored_the_signal,
        "the signal did not reach the server, or is ignored: wrappers such as `sh -c` and npm do "
        "not pass it on.",
        (
            "Start the server itself (exec in a script, the exec form of CMD), and handle the "
            "signal there.",
            "  mcpverify drain --signal-group -- COMMAND  # does it reach the server this way?",
        ),
    ),
    Known(
        "exit-in-budget",
        lambda trial: shows.hung_on_a_stream(trial) and shows.python(trial),
        "uvicorn waits for an open GET stream: sse-starlette is too old to end it (3.0 is), or its "
        "automatic drain was turned off.",
        (
            "  pip install 'sse-starlette>=3.7'",
            "Do not call AppStatus.disable_automatic_graceful_drain(), or set "
            "AppStatus.should_exit on the signal.",
            "Let uvicorn give up in any case: timeout_graceful_shutdown={limit}",
            "A newer sse-starlette ends answers, too: with it belongs json_response=True.",
        ),
    ),
    Known(
        "exit-in-budget",
        shows.hung_on_a_stream,
        "the server waits for an open GET stream, which no client closes.",
        (
            "End the GET streams on the signal, and wait for POST requests only. Node's "
            "server.close() waits for both.",
        ),
    ),
    Known(
        "nothing-left-behind",
        lambda trial: shows.left(trial, "process") or shows.left(trial, "port"),
        "the signal went to one process, and that one did not pass it on to its children.",
        (
            "Pass it on to every child and wait for them, or put `exec` before the last command "
            "of a start script.",
            "An init ends what is left: docker run --init; systemd does by default "
            "(KillMode=control-group).",
        ),
    ),
    Known(
        "old-session",
        shows.old_session_lost,
        "a request with a session id that is not known is dropped, and never answered.",
        ("Answer it at once, with 404: clients initialize anew on nothing else.",),
        sure=_always,
    ),
    Known(
        "old-session",
        lambda trial: shows.is_wrong(trial, "old-session"),
        "the server takes a session id that it does not know for a mistake of the client.",
        (
            "Answer 404 where there is an Mcp-Session-Id that is not known, and 400 where there is "
            "none.",
        ),
        sure=_always,
    ),
    Known(
        "lame-duck",
        lambda trial: shows.finding(trial, "lame-duck").message == REFUSED_AT_ONCE,
        "the listener is closed as soon as the signal comes, before a load balancer can know.",
        mends.LAME_DUCK,
        sure=_always,
    ),
)
