"""What `drain` was asked, made into a question: the contradictions in it are refused here.

Nothing has been started, asked or stopped yet when they are.
"""

import os
import shlex
from collections.abc import Iterator
from dataclasses import fields
from urllib.parse import urlsplit

from mcpverify.cli.drain_options import (
    DrainFileOptions,
    FlightOptions,
    JudgingOptions,
    ServerOptions,
    StopOptions,
)
from mcpverify.cli.invocation import Invocation, endpoint_of, http_flags, refuse_http_flags
from mcpverify.cli.target_argument import revision_of, shown_url
from mcpverify.errors import TargetInvalid, UsageError
from mcpverify.facts.credentials import (
    credentials_of,
    masked_command,
    of_arguments,
    of_command,
    of_environment,
    of_line,
    of_url,
    secrets_of,
)
from mcpverify.facts.json_text import NotJson, parse
from mcpverify.facts.redaction import Redactor
from mcpverify.facts.target import Limits, StdioCommand, Target, Transport
from mcpverify.facts.trial_plan import ToolCall, TrialPlan
from mcpverify.verify.drain import Question

_SHORTEST_GRACE = 2.0  # what is held back is sent a second after the signal
_COMMAND_HINT = "Write -- COMMAND ARGS..., or a URL with --pid N or --stop-command LINE."


def question_of(
    server: ServerOptions,
    stop: StopOptions,
    flight: FlightOptions,
    judging: JudgingOptions,
    invocation: Invocation,
) -> Question:
    """What is to be tried. Raises UsageError."""
    command = invocation.command
    _refuse_contradictions(server, stop, command)
    _refuse_beside_a_command(stop) if command is not None else _refuse_unmeant(stop)
    call = _call(flight)
    if call is None and stop.grace < _SHORTEST_GRACE:
        raise UsageError(
            f"--grace {stop.grace:g}s: requests are held back for a second of it",
            f"Give {_SHORTEST_GRACE:g}s or more, or name a tool with --call.",
        )
    if judging.trials > 1 and stop.pid is not None:
        raise UsageError(
            "--trials needs a way to start it again, and --pid names one process",
            "Use -- COMMAND, or --stop-command with --restart-command.",
        )
    target = _target(server, flight, command)
    plan = TrialPlan(
        target=target,
        command=command,
        pid=stop.pid,
        stop_command=stop.stop_command,
        restart_command=stop.restart_command,
        signal=stop.signal,
        group=stop.signal_group,
        twice=stop.twice,
        pid1=stop.pid1,
        grace=stop.grace,
        sessions=flight.sessions,
        rate=flight.rate,
        call=call,
        readiness=_health("--readiness", flight.readiness),
        liveness=_health("--liveness", flight.liveness),
        p99=judging.p99,
        start_seconds=server.wait,
    )
    return Question(
        plan=plan,
        trials=judging.trials,
        strict=judging.strict,
        may_be_stdio=_may_be_stdio(server, flight, command),
        again=invocation.again(),
        redactor=Redactor(_secrets(plan)),
    )


def refuse_beside_replay(
    server: ServerOptions,
    stop: StopOptions,
    flight: FlightOptions,
    judging: JudgingOptions,
    files: DrainFileOptions,
    invocation: Invocation,
) -> None:
    """Raises UsageError for what only a trial can follow: a record holds what was seen."""
    if server.target is not None or invocation.command is not None:
        raise UsageError("--replay takes no TARGET and no COMMAND", "The record holds all.")
    given = [*_given(server), *_given(stop), *_given(flight), *_given(judging), *_given(files)]
    for flag in given:
        if flag not in ("--replay", "--strict", "--report"):
            raise UsageError(f"{flag} does not go with --replay", "The record holds what was seen.")


def _given(group: object) -> Iterator[str]:
    """The flags of a group that were given."""
    default = type(group)()
    for each in fields(group):  # type: ignore[arg-type]
        if getattr(group, each.name) != getattr(default, each.name):
            yield "-H" if each.name == "header" else f"--{each.name.replace('_', '-')}"


def _refuse_contradictions(
    server: ServerOptions, stop: StopOptions, command: tuple[str, ...] | None
) -> None:
    if server.target is not None and command is not None:
        raise TargetInvalid(
            "both a TARGET and a COMMAND were given", "Where COMMAND serves, --url says."
        )
    if command is not None and (not command or not command[0]):
        raise TargetInvalid("there is no COMMAND after --", "Write -- COMMAND ARGS...")
    outside = "--pid" if stop.pid is not None else "--stop-command"
    if server.target is None and command is None:
        if stop.pid is not None or stop.stop_command is not None:
            raise TargetInvalid(f"{outside} needs the TARGET that is stopped", "Give its URL, too.")
        raise TargetInvalid("no TARGET was given", _COMMAND_HINT)
    for flag, line in (
        ("--stop-command", stop.stop_command),
        ("--restart-command", stop.restart_command),
        ("--url", server.url),
    ):
        if line is not None and not line.strip():
            raise UsageError(f"{flag} is empty", "Is the variable behind it set?")


def _refuse_beside_a_command(stop: StopOptions) -> None:
    for flag, value in (("--pid", stop.pid), ("--stop-command", stop.stop_command)):
        if value is not None:
            raise UsageError(f"{flag} means nothing to a COMMAND", "What we start, we stop.")
    if stop.pid1 and stop.signal_group:
        raise UsageError(
            "--pid1 and --signal-group exclude each other", "A container signals PID 1 alone."
        )


def _refuse_unmeant(stop: StopOptions) -> None:
    """What a server that something else started cannot be stopped by."""
    if stop.pid is None and stop.stop_command is None:
        raise UsageError("it is not said how TARGET is stopped", "Add --pid N or --stop-command.")
    outside = "--pid" if stop.pid is not None else "--stop-command"
    if stop.pid in (os.getpid(), os.getppid()):
        raise UsageError(f"--pid {stop.pid} is mcpverify, or what runs it", "Name the server.")
    if stop.pid1:
        raise UsageError("--pid1 needs a COMMAND", "It is for what we start ourselves.")
    if stop.stop_command is not None:
        for flag, given in (
            ("--signal", stop.signal != StopOptions().signal),
            ("--signal-group", stop.signal_group),
            ("--twice", stop.twice and stop.pid is None),
        ):
            if given:
                raise UsageError(f"{flag} does not go with --stop-command", "That one signals.")
    if not stop.yes:
        raise UsageError(f"{outside}: it stops the server", "Say --yes if that is meant.")


def _call(flight: FlightOptions) -> ToolCall | None:
    if flight.call is None:
        if flight.args is not None:
            raise UsageError("--args without --call", "Name the tool that takes them.")
        return None
    if not flight.call.strip():
        raise UsageError("--call is empty", "Is the variable behind it set?")
    try:
        # What cannot be encoded came from bytes that are no text.
        text = "{}" if flight.args is None else flight.args
        arguments = parse(text.encode("utf-8", "surrogateescape"), trusted=True)
    except NotJson as error:
        problem = str(error).rstrip(".")
        raise UsageError(f"--args is no JSON object: {problem}", _QUOTING) from None
    if not isinstance(arguments, dict):
        raise UsageError("--args is no JSON object", _QUOTING)
    return ToolCall(flight.call, arguments)


_QUOTING = """Quote it for the shell, as in --args '{"seconds": 5}'."""


def _health(flag: str, text: str | None) -> str | None:
    """A path, or a URL of any origin. Raises UsageError."""
    if text is None:
        return None
    try:
        parts = urlsplit(text)
        usable = bool(parts.hostname) and parts.port != 0 and parts.scheme in ("http", "https")
    except ValueError:
        usable = False
    is_path = text.startswith("/") and not text.startswith("//")
    if not (is_path or usable) or any(each.isspace() or not each.isprintable() for each in text):
        raise UsageError(f"{flag} is no URL and no path", "As in /ready or http://host/ready.")
    return text


def _target(
    server: ServerOptions, flight: FlightOptions, command: tuple[str, ...] | None
) -> Target:
    protocol = revision_of(server.protocol)
    limits = Limits(first_answer_seconds=server.wait)
    if command is None:
        if server.url is not None:
            raise UsageError("--url is for a COMMAND", "TARGET is the URL already.")
        if server.transport is Transport.STDIO:
            raise UsageError("--transport stdio needs a COMMAND", "Write -- COMMAND ARGS...")
        assert server.target is not None
        endpoint = endpoint_of(server, server.target)
        shown = shown_url(endpoint, server.target)
        return Target(shown, endpoint, server.transport, protocol, limits)
    display = shlex.join(masked_command(command))
    if server.transport is Transport.STDIO:
        refuse_http_flags(server)
        for flag, value in (
            ("--url", server.url),
            ("--readiness", flight.readiness),
            ("--liveness", flight.liveness),
        ):
            if value is not None:
                raise UsageError(f"{flag} means nothing over stdio", "Drop it.")
        return Target(display, StdioCommand(command), Transport.STDIO, protocol, limits)
    if server.url is None and (server.resolve or server.connect_to):
        raise UsageError("--resolve and --connect-to need --url", "Say where COMMAND serves.")
    return Target(display, endpoint_of(server, server.url), server.transport, protocol, limits)


def _may_be_stdio(
    server: ServerOptions, flight: FlightOptions, command: tuple[str, ...] | None
) -> bool:
    """Whether nothing that was asked says over what COMMAND serves."""
    of_http = (server.url, flight.readiness, flight.liveness, *http_flags(server))
    return command is not None and server.transport is Transport.AUTO and not any(of_http)


def _secrets(plan: TrialPlan) -> tuple[str, ...]:
    environment = dict(os.environ)
    if plan.command is None and plan.restart_command is None and plan.stop_command is None:
        # What we start may print all of it; else only the proxies get something of it.
        environment = {k: v for k, v in environment.items() if k.lower().endswith("_proxy")}
    found = [*credentials_of(plan.target), *of_environment(environment)]
    found += of_command(plan.command or ())
    for line in (plan.stop_command, plan.restart_command):
        found += of_line(line or "")
    for url in (plan.readiness, plan.liveness):
        found += of_url(url or "")
    found += of_arguments(None if plan.call is None else plan.call.arguments)
    return secrets_of(found)
