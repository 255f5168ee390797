"""The options of `check`, as groups: what is expected, which checks, waiting, output."""

from dataclasses import dataclass, field
from typing import Annotated

import typer

from mcpverify.cli.known_values import checks
from mcpverify.cli.known_values import targets as known_targets
from mcpverify.cli.options import ReportOptions, duration
from mcpverify.facts.evidence import FailOn

_EXPECT = "What is expected"
_CHOOSE = "Which checks"
_OUTPUT = "Output"
_WAIT = "Waiting"
_HEALTH = "Health"
_FLEET = "Many targets"


@dataclass(frozen=True, slots=True)
class ExpectationOptions:
    """What the server is held to."""

    snapshot: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="The reviewed snapshot: a file, or git:REF:PATH.",
            rich_help_panel=_EXPECT,
        ),
    ] = None
    no_snapshot: Annotated[
        bool,
        typer.Option("--no-snapshot", help="Compare with none.", rich_help_panel=_EXPECT),
    ] = False
    expect_digest: Annotated[
        str | None,
        typer.Option(
            metavar="sha256:HEX", help="Compare with this digest.", rich_help_panel=_EXPECT
        ),
    ] = None
    fail_on: Annotated[
        FailOn,
        typer.Option(
            help="Which difference fails: any, texts too; names, schemas and flags; what "
            "breaks callers or may; or none.",
            rich_help_panel=_EXPECT,
        ),
    ] = FailOn.CONTRACT
    open_world: Annotated[
        bool,
        typer.Option(
            "--open-world",
            help="Judge differences as if callers sent names that no schema declares, too.",
            rich_help_panel=_EXPECT,
        ),
    ] = False
    expect_name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="serverInfo.name must be this.", rich_help_panel=_EXPECT),
    ] = None
    expect_version: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION",
            help="serverInfo.version must be this, or what --version-from reads.",
            rich_help_panel=_EXPECT,
        ),
    ] = None
    version_from: Annotated[
        str | None,
        typer.Option(
            metavar="SOURCE",
            help="Where --expect-version is read, if not in serverInfo: header:NAME, "
            "health:URL#/pointer or tool:NAME#/pointer.",
            rich_help_panel=_EXPECT,
        ),
    ] = None
    expect_auth: Annotated[
        bool,
        typer.Option(
            "--expect-auth",
            help="Without credentials there must be a 401 with usable metadata.",
            rich_help_panel=_EXPECT,
        ),
    ] = False
    min_tools: Annotated[
        int, typer.Option(min=0, metavar="N", help="At least N tools.", rich_help_panel=_EXPECT)
    ] = 1
    require_tool: Annotated[
        list[str],
        typer.Option(
            metavar="NAME",
            help="This tool must be listed. Repeatable.",
            rich_help_panel=_EXPECT,
            show_default=False,
        ),
    ] = field(default_factory=list)
    max_latency: Annotated[
        float | None,
        typer.Option(
            parser=duration,
            metavar="TIME",
            help="No step of a session may take longer.",
            rich_help_panel=_EXPECT,
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class ChoiceOptions:
    """Which checks run, and how often."""

    only: Annotated[
        list[str],
        typer.Option(
            metavar="ID,...",
            help="Run only these.",
            rich_help_panel=_CHOOSE,
            show_default=False,
            autocompletion=checks,
        ),
    ] = field(default_factory=list)
    skip: Annotated[
        list[str],
        typer.Option(
            metavar="ID,...",
            help="Leave these out.",
            rich_help_panel=_CHOOSE,
            show_default=False,
            autocompletion=checks,
        ),
    ] = field(default_factory=list)
    strict: Annotated[
        bool, typer.Option("--strict", help="Warnings fail.", rich_help_panel=_CHOOSE)
    ] = False
    samples: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1000,
            metavar="N",
            help="List on N fresh connections; by default 2 over Streamable HTTP, else 1.",
            rich_help_panel=_CHOOSE,
        ),
    ] = None
    replicas: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=100,
            metavar="N",
            help="There are N behind the address: as many fresh connections as miss none of "
            "them 99 times in 100, if they are met at random.",
            rich_help_panel=_CHOOSE,
        ),
    ] = None
    replica: Annotated[
        list[str],
        typer.Option(
            metavar="URL",
            help="The address of one replica, which gets the target's headers and token; all "
            "of them are asked. Repeatable.",
            rich_help_panel=_CHOOSE,
            show_default=False,
        ),
    ] = field(default_factory=list)
    resolve_all: Annotated[
        bool,
        typer.Option(
            "--resolve-all",
            help="Ask every address that the host resolves to.",
            rich_help_panel=_CHOOSE,
        ),
    ] = False
    keep_session: Annotated[
        bool,
        typer.Option("--keep-session", help="Send no DELETE.", rich_help_panel=_CHOOSE),
    ] = False
    reference_client: Annotated[
        bool,
        typer.Option(
            "--reference-client",
            help="Let the mcp package's own client list the tools, too.",
            rich_help_panel=_CHOOSE,
        ),
    ] = False


@dataclass(frozen=True, slots=True)
class HealthOptions:
    """What the server's own health addresses have to answer."""

    health: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="The readiness address, or a path of the target's origin: it must answer 2xx.",
            rich_help_panel=_HEALTH,
        ),
    ] = None
    health_json: Annotated[
        list[str],
        typer.Option(
            metavar="/POINTER=VALUE",
            help="And hold this value, as in /status=ok. Repeatable.",
            rich_help_panel=_HEALTH,
            show_default=False,
        ),
    ] = field(default_factory=list)
    liveness: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="The liveness address, likewise.", rich_help_panel=_HEALTH
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class NamesOptions:
    """Which targets are meant, and how many of them are met at a time."""

    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TARGET]...",
            help="URL or host:port of the server; names of the configuration; or, after --, "
            "the COMMAND that starts one.",
            show_default=False,
            autocompletion=known_targets,
        ),
    ] = None
    config: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="The configuration; by default mcpverify.toml or pyproject.toml, here or above.",
            rich_help_panel=_FLEET,
        ),
    ] = None
    all: Annotated[
        bool,
        typer.Option("--all", help="Every target of the configuration.", rich_help_panel=_FLEET),
    ] = False
    from_file: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="Take the servers of an .mcp.json, or the remotes of a server.json.",
            rich_help_panel=_FLEET,
        ),
    ] = None
    server: Annotated[
        list[str],
        typer.Option(
            metavar="NAME",
            help="Of these, the one of this name. Repeatable.",
            rich_help_panel=_FLEET,
            show_default=False,
        ),
    ] = field(default_factory=list)
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1, max=256, metavar="N", help="So many at a time.", rich_help_panel=_FLEET
        ),
    ] = None
    share_credentials: Annotated[
        bool,
        typer.Option(
            "--share-credentials",
            help="Send -H, and the token, that are typed here to all of these, although they are "
            "several origins.",
            rich_help_panel=_FLEET,
        ),
    ] = False


@dataclass(frozen=True, slots=True)
class FleetOptions(NamesOptions):
    """Which part of them this run is about."""

    shard: Annotated[
        str | None,
        typer.Option(
            metavar="I/N",
            help="Only part I of N, counted from 1; `mcpverify merge` joins the reports.",
            rich_help_panel=_FLEET,
        ),
    ] = None
    shard_index: Annotated[
        str | None,
        typer.Option(
            metavar="I/N",
            help="The same, counted from 0, as the index of a Kubernetes Job is.",
            rich_help_panel=_FLEET,
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class FileOptions(ReportOptions):
    """What is written beside the output, or read in place of a server."""

    transcript: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Write what went over the wire, redacted.",
            rich_help_panel=_OUTPUT,
        ),
    ] = None
    replay: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Judge a transcript again, offline.", rich_help_panel=_OUTPUT
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class WaitOptions:
    """Repeating until green."""

    wait: Annotated[
        float | None,
        typer.Option(
            parser=duration,
            metavar="TIME",
            help="Repeat the whole gate until it is green, at most this long.",
            rich_help_panel=_WAIT,
        ),
    ] = None
    consecutive: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=100,
            metavar="N",
            help="Greens wanted in a row; by default 1, with --wait 3.",
            rich_help_panel=_WAIT,
        ),
    ] = None
