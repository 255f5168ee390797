"""The options that commands share, as groups; what each flag means to a person."""

from dataclasses import dataclass, field
from typing import Annotated

import typer

from mcpverify.cli.known_values import formats, revisions
from mcpverify.facts.durations import seconds_of
from mcpverify.facts.target import Transport


def duration(text: str) -> float:
    """Seconds of `500ms`, `30s`, `2m`, `1h`; a bare number is seconds."""
    try:
        return seconds_of(str(text))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


_CONNECTION = "Connection"
_OAUTH = "OAuth client credentials"
_TLS = "TLS and network"
_LIMITS = "Limits"


@dataclass(frozen=True, slots=True)
class NetworkOptions:
    """How to connect, and by which way through the network."""

    transport: Annotated[
        Transport,
        typer.Option(help="How messages travel.", rich_help_panel=_CONNECTION),
    ] = Transport.AUTO
    protocol: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION",
            help="Ask for this revision only, and fail where another is negotiated.",
            autocompletion=revisions,
            rich_help_panel=_CONNECTION,
        ),
    ] = None
    header: Annotated[
        list[str],
        typer.Option(
            "-H",
            "--header",
            metavar="'NAME: VALUE'",
            help="Send this header; ${NAME} in it is read from the environment. Repeatable.",
            rich_help_panel=_CONNECTION,
            show_default=False,
        ),
    ] = field(default_factory=list)
    bearer_env: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Send the value of this environment variable as the bearer token.",
            rich_help_panel=_CONNECTION,
        ),
    ] = None
    bearer_file: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Send what this file holds as the bearer token; it is read for each attempt.",
            rich_help_panel=_CONNECTION,
        ),
    ] = None
    cacert: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Trust these authorities instead.", rich_help_panel=_TLS),
    ] = None
    cert: Annotated[
        str | None, typer.Option(metavar="FILE", help="Client certificate.", rich_help_panel=_TLS)
    ] = None
    key: Annotated[
        str | None, typer.Option(metavar="FILE", help="Its key.", rich_help_panel=_TLS)
    ] = None
    insecure: Annotated[
        bool,
        typer.Option(
            "-k", "--insecure", help="Do not verify the certificate.", rich_help_panel=_TLS
        ),
    ] = False
    no_proxy: Annotated[
        bool,
        typer.Option(
            "--no-proxy", help="Ignore the proxies of the environment.", rich_help_panel=_TLS
        ),
    ] = False
    resolve: Annotated[
        list[str],
        typer.Option(
            metavar="HOST:PORT:ADDRESS",
            help="Connect to this address for that host, as curl does. Repeatable.",
            rich_help_panel=_TLS,
            show_default=False,
        ),
    ] = field(default_factory=list)
    connect_to: Annotated[
        list[str],
        typer.Option(
            metavar="HOST1:PORT1:HOST2:PORT2",
            help="Connect to host 2 in place of host 1, with its Host and SNI. Repeatable.",
            rich_help_panel=_TLS,
            show_default=False,
        ),
    ] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class WayOptions(NetworkOptions):
    """The same, with a token that is asked for."""

    oauth_client_id: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="Ask for a token with this client's credentials (OAuth 2.1).",
            rich_help_panel=_OAUTH,
        ),
    ] = None
    oauth_issuer: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="The one authorization server that may be handed them.",
            rich_help_panel=_OAUTH,
        ),
    ] = None
    oauth_secret_env: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The environment variable that holds the client's secret.",
            rich_help_panel=_OAUTH,
        ),
    ] = None
    oauth_key: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="The client's private key, to sign a JWT in place of a secret.",
            rich_help_panel=_OAUTH,
        ),
    ] = None
    oauth_scope: Annotated[
        list[str],
        typer.Option(
            metavar="SCOPE",
            help="Ask for this scope. Repeatable.",
            rich_help_panel=_OAUTH,
            show_default=False,
        ),
    ] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReachOptions(WayOptions):
    """How to connect, and how long that may take."""

    timeout: Annotated[
        float,
        typer.Option(
            parser=duration,
            metavar="TIME",
            help="For one step, 30s by default; as in 500ms, 30s, 2m.",
            rich_help_panel=_LIMITS,
            show_default=False,
        ),
    ] = 30.0
    deadline: Annotated[
        float,
        typer.Option(
            parser=duration,
            metavar="TIME",
            help="For the whole run, 120s by default; --wait comes on top.",
            rich_help_panel=_LIMITS,
            show_default=False,
        ),
    ] = 120.0


@dataclass(frozen=True, slots=True)
class ConnectionOptions(ReachOptions):
    """Where and how to connect."""

    target: Annotated[
        str | None,
        typer.Argument(
            metavar="TARGET",
            help="URL or host:port of the server; or, after --, the COMMAND that starts one.",
            show_default=False,
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class ScopeOptions:
    """What of the contract is looked at."""

    tool: Annotated[
        list[str],
        typer.Option(
            metavar="GLOB", help="Only tools with such a name. Repeatable.", show_default=False
        ),
    ] = field(default_factory=list)
    ignore_field: Annotated[
        list[str],
        typer.Option(
            metavar="'TOOLGLOB:/POINTER'",
            help="Leave this field out of the contract; * in the pointer is any step. Repeatable.",
            show_default=False,
        ),
    ] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ShowOptions:
    """What is printed."""

    format: Annotated[
        str,
        # Named in full: Typer takes a metavar that equals the name for the name.
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="terminal, json, ndjson, junit, markdown or github.",
            autocompletion=formats,
        ),
    ] = "terminal"
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Only what is wrong.")] = False
    verbose: Annotated[
        int,
        typer.Option(
            "-v",
            "--verbose",
            count=True,
            help="Every exchange, too.",
            show_default=False,
        ),
    ] = 0


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What is written beside the output."""

    report: Annotated[
        list[str],
        typer.Option(
            metavar="FORMAT=PATH",
            help="Write a report to a file as well. Repeatable.",
            rich_help_panel="Output",
            show_default=False,
        ),
    ] = field(default_factory=list)
