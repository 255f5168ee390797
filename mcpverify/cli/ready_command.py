"""`ready` as the app shows it: its help, and its options for completion.

What it does is in `cli.ready`, where a probe begins without loading any of this.
"""

import time
from dataclasses import dataclass
from typing import Annotated

import typer

from mcpverify.cli.invocation import Invocation
from mcpverify.cli.option_groups import expand
from mcpverify.cli.options import NetworkOptions, duration


@dataclass(frozen=True, slots=True)
class ProbeOptions:
    """What is asked, and for how long."""

    timeout: Annotated[
        float,
        typer.Option(
            parser=duration,
            metavar="TIME",
            help="For everything, 5s by default; as in 800ms, 3s.",
            show_default=False,
        ),
    ] = 5.0
    tools: Annotated[bool, typer.Option("--tools", help="The server must list tools, too.")] = False
    keep_session: Annotated[bool, typer.Option("--keep-session", help="Send no DELETE.")] = False
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Give no reason.")] = False


@expand
def ready(
    ctx: typer.Context,
    network: NetworkOptions,
    probe: ProbeOptions,
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="TARGET", help="URL or host:port of the server.", show_default=False
        ),
    ] = None,
) -> None:
    """Probe a server, as Kubernetes, Docker and systemd do: an exit code, and nothing on stdout.

    \b
    Examples:
      mcpverify ready http://127.0.0.1:8000/mcp
      mcpverify ready 127.0.0.1:8000 --timeout 2s --tools
      mcpverify ready https://mcp.example.com/mcp --bearer-env MCP_TOKEN -q

    It opens a session as an agent would, and ends it. Exit codes: 0 ready; 1 not ready, with the
    reason in one line on stderr; 2 called wrongly.
    """
    from mcpverify.cli.ready import main

    raise typer.Exit(main(_words(ctx.obj), time.monotonic()))


def _words(invocation: Invocation) -> list[str]:
    """What was typed after `ready`: it is read there once more, in the way that probes are."""
    words = list(invocation.arguments[invocation.arguments.index("ready") + 1 :])
    words += ["--debug"] if invocation.debug else []
    return words if invocation.command is None else [*words, "--"]
