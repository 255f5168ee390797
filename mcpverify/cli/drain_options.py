"""The options of `drain`, as groups: where the server is, what stops it, what is in flight."""

from dataclasses import dataclass
from typing import Annotated

import typer

from mcpverify.cli.known_values import signals
from mcpverify.cli.options import ReportOptions, WayOptions, duration
from mcpverify.facts.trial_plan import SIGNALS

_STOP = "What stops it"
_FLIGHT = "What is in flight"
_JUDGE = "Judgement"
_OUTPUT = "Output"

DEFAULT_RATE = 100.0


def signal_name(text: str) -> str:
    """SIGTERM of `SIGTERM`, `TERM` or `sigterm`."""
    name = text.upper()
    name = name if name.startswith("SIG") else f"SIG{name}"
    if name not in SIGNALS:
        raise typer.BadParameter(f"{text!r} is none of {', '.join(SIGNALS)}")
    return name


@dataclass(frozen=True, slots=True)
class ServerOptions(WayOptions):
    """Where the server is."""

    target: Annotated[
        str | None,
        typer.Argument(
            metavar="TARGET",
            help="URL or host:port of a server that runs; or, after --, the COMMAND that "
            "starts one.",
            show_default=False,
        ),
    ] = None
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            metavar="URL",
            help="Where COMMAND serves; without it, port and path are found.",
            rich_help_panel="Connection",
        ),
    ] = None
    wait: Annotated[
        float,
        typer.Option(
            parser=duration,
            metavar="TIME",
            help="Until what was started has to answer, 60s by default.",
            rich_help_panel="Connection",
            show_default=False,
        ),
    ] = 60.0


@dataclass(frozen=True, slots=True)
class StopOptions:
    """What stops the server, and what starts it again."""

    pid: Annotated[
        int | None,
        typer.Option(
            "--pid",
            min=1,
            metavar="N",
            help="Stop this process, which serves TARGET.",
            rich_help_panel=_STOP,
        ),
    ] = None
    stop_command: Annotated[
        str | None,
        typer.Option(
            metavar="'LINE'",
            help="Stop TARGET by this line of a shell, as in 'docker stop -t 30 mcp'; beside "
            "--pid, the end of that process is seen, too.",
            rich_help_panel=_STOP,
        ),
    ] = None
    restart_command: Annotated[
        str | None,
        typer.Option(
            metavar="'LINE'",
            help="Start it again by this line; a COMMAND is started again by itself.",
            rich_help_panel=_STOP,
        ),
    ] = None
    yes: Annotated[
        bool,
        typer.Option(
            "--yes",
            help="Yes, stop a server that something else has started.",
            rich_help_panel=_STOP,
        ),
    ] = False
    signal: Annotated[
        str,
        typer.Option(
            parser=signal_name,
            metavar="|".join(SIGNALS),
            help="What it is sent, SIGTERM by default.",
            autocompletion=signals,
            rich_help_panel=_STOP,
            show_default=False,
        ),
    ] = SIGNALS[0]
    signal_group: Annotated[
        bool,
        typer.Option(
            "--signal-group",
            help="Signal its whole process group, as systemd does, and not the process alone.",
            rich_help_panel=_STOP,
        ),
    ] = False
    twice: Annotated[
        bool,
        typer.Option("--twice", help="Signal it a second time.", rich_help_panel=_STOP),
    ] = False
    pid1: Annotated[
        bool,
        typer.Option(
            "--pid1", help="Run COMMAND as PID 1, as a container does.", rich_help_panel=_STOP
        ),
    ] = False
    grace: Annotated[
        float,
        typer.Option(
            parser=duration,
            metavar="TIME",
            help="From the signal until it is killed, 30s by default, as in Kubernetes.",
            rich_help_panel=_STOP,
            show_default=False,
        ),
    ] = 30.0


@dataclass(frozen=True, slots=True)
class FlightOptions:
    """What is asked of the server while it stops."""

    call: Annotated[
        str | None,
        typer.Option(
            metavar="TOOL",
            help="Have calls of this tool in flight, best a slow one; without it, requests for "
            "the list of tools that are held back.",
            rich_help_panel=_FLIGHT,
        ),
    ] = None
    args: Annotated[
        str | None,
        typer.Option(
            "--args", metavar="JSON", help="Its arguments, an object.", rich_help_panel=_FLIGHT
        ),
    ] = None
    sessions: Annotated[
        int,
        typer.Option(
            min=1, max=1000, metavar="N", help="Sessions, a call in each.", rich_help_panel=_FLIGHT
        ),
    ] = 4
    rate: Annotated[
        float,
        typer.Option(
            min=0.1,
            max=10_000,
            metavar="N",
            help="Safe requests beside them, a second over all sessions; 100 by default.",
            rich_help_panel=_FLIGHT,
            show_default=False,
        ),
    ] = DEFAULT_RATE
    readiness: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Ask for readiness here: a URL, or a path such as /ready.",
            rich_help_panel=_FLIGHT,
        ),
    ] = None
    liveness: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Likewise for liveness.", rich_help_panel=_FLIGHT),
    ] = None


@dataclass(frozen=True, slots=True)
class JudgingOptions:
    """How often it is tried, and how it is judged."""

    trials: Annotated[
        int,
        typer.Option(
            min=1,
            max=100,
            metavar="K",
            help="Try it K times: the worst counts.",
            rich_help_panel=_JUDGE,
        ),
    ] = 1
    p99: Annotated[
        float | None,
        typer.Option(
            "--p99",
            parser=duration,
            metavar="TIME",
            help="P99 of your tool calls, for the settings that are recommended.",
            rich_help_panel=_JUDGE,
        ),
    ] = None
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Warnings fail: all that is not graceful.", rich_help_panel=_JUDGE
        ),
    ] = False


@dataclass(frozen=True, slots=True)
class DrainFileOptions(ReportOptions):
    """What is written beside the output, or read in place of a server."""

    record: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Write what was seen, redacted.", rich_help_panel=_OUTPUT
        ),
    ] = None
    replay: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Judge a record again, offline.", rich_help_panel=_OUTPUT
        ),
    ] = None
