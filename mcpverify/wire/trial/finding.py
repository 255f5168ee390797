"""Where the server of a trial is reached, once it is ready: the address that was given, or what
the process is found to listen on."""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace

from mcpverify.facts.target import HttpEndpoint, Target, Transport
from mcpverify.facts.timeline import How
from mcpverify.facts.trial_plan import Look, Looker, TrialPlan
from mcpverify.wire.network import routed
from mcpverify.wire.processes import describe_exit
from mcpverify.wire.trial.clients.connection import Place
from mcpverify.wire.trial.process.output import telling
from mcpverify.wire.trial.process.subject import Listening, Subject

_PAUSE = 0.05
_PAUSE_AFTER_A_LOOK = 0.25
_PATIENCE = 2.0  # for a port that was found, at first
_THERE_SECONDS = 5.0
_PATHS = ("/mcp", "/sse")


def found(plan: TrialPlan, subject: Subject, look: Looker) -> Look:
    """The server with at least one era, or else why there is none in time."""
    # What something else has started is there already, or it is not.
    seconds = plan.start_seconds
    if plan.how is not How.COMMAND:
        seconds = min(seconds, _THERE_SECONDS)
    until = time.monotonic() + seconds
    problem = "nothing listens"
    patience = _PATIENCE
    while True:
        candidates = [each for each in _candidates(plan, subject) if accepts(each)]
        for target in candidates:
            # Beside the server's there may be ports that never say a word.
            guessed = target is not plan.target
            seen = look(_within(target, patience) if guessed else target)
            if seen.eras and seen.endpoint is not None:
                return look(target) if guessed and not seen.digests else seen
            problem = seen.problem
            time.sleep(_PAUSE_AFTER_A_LOOK)
        patience *= 2
        if not subject.running():
            code = subject.exit_code
            ended = "ended" if code is None else describe_exit(code)
            return _none(plan, f"the server {ended} before it was ready", subject)
        if time.monotonic() > until:
            words = f"no MCP server was ready within {seconds:g} s: {problem}"
            return _none(plan, words, subject)
        time.sleep(_PAUSE)


def _within(target: Target, seconds: float) -> Target:
    limits = target.limits
    step = min(limits.step_seconds, seconds)
    run = min(limits.run_seconds, 2 * seconds)
    return replace(target, limits=replace(limits, step_seconds=step, run_seconds=run))


def _none(plan: TrialPlan, problem: str, subject: Subject) -> Look:
    said = telling(subject.stderr())
    tail = f"; it said: {said}" if said else ""
    return Look(None, plan.target.transport, (), problem=problem + tail)


def _candidates(plan: TrialPlan, subject: Subject) -> Iterator[Target]:
    endpoint = plan.target.endpoint
    assert isinstance(endpoint, HttpEndpoint)
    if endpoint.urls:
        yield plan.target
        return
    for address in subject.listening():
        urls = tuple(f"{origin(address)}{path}" for path in _paths(plan.target.transport))
        yield replace(plan.target, endpoint=replace(endpoint, urls=urls, proxies=False))


def _paths(transport: Transport) -> tuple[str, ...]:
    match transport:
        case Transport.SSE:
            return ("/sse",)
        case Transport.STREAMABLE_HTTP:
            return ("/mcp",)
        case _:
            return _PATHS


def origin(address: Listening) -> str:
    host = f"[{address.host}]" if ":" in address.host else address.host
    return f"http://{host}:{address.port}"


def accepts(target: Target) -> bool:
    """Whether a connection is accepted where the target is reached."""
    assert isinstance(target.endpoint, HttpEndpoint)
    place = Place.of(target.endpoint, target.endpoint.urls[0])
    try:
        address = routed(place.host, place.port, target.endpoint.routes)
        with socket.create_connection(address, timeout=1.0):
            return True
    except OSError:
        return False


def found_again(
    plan: TrialPlan, subject: Subject, before: HttpEndpoint, attempt: int
) -> HttpEndpoint:
    """Where the restarted server may be reached: it may have taken another port.

    Where it was before and what it listens on now take turns.
    """
    endpoint = plan.target.endpoint
    assert isinstance(endpoint, HttpEndpoint)
    if endpoint.urls or plan.command is None:
        return before
    place = Place.of(before, before.urls[0])
    urls = [f"{origin(address)}{place.path}" for address in subject.listening()]
    if not urls or before.urls[0] in urls or attempt % 2 == 0:
        return before
    return replace(before, urls=(urls[attempt // 2 % len(urls)],))
