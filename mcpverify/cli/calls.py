"""`mcpverify calls`: propose golden calls for a server."""

import os
import sys
from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import typer

from mcpverify.cli.configured import given_options, over
from mcpverify.cli.exit_codes import ExitCode, exit_code
from mcpverify.cli.gate_options import NamesOptions
from mcpverify.cli.gates import connection_of, hiding_environment, placed
from mcpverify.cli.invocation import Invocation, target_of
from mcpverify.cli.option_groups import expand
from mcpverify.cli.options import ReachOptions
from mcpverify.cli.target_names import chosen_targets, only_target
from mcpverify.cli.writing import grumble, say
from mcpverify.errors import McpverifyError
from mcpverify.facts.credentials import masked_command
from mcpverify.facts.json_text import Json
from mcpverify.facts.report import Report, TargetReport
from mcpverify.settings.target_settings import TargetSettings
from mcpverify.verify.gate import Gate


class Action(StrEnum):
    """What is to be done about calls."""

    SUGGEST = "suggest"


@expand
def calls(
    ctx: typer.Context,
    reach: ReachOptions,
    action: Annotated[
        Action, typer.Argument(metavar="suggest", help="Propose calls; none is made.")
    ],
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="TARGET",
            help="URL or host:port of the server; a name of the configuration; or, after --, "
            "the COMMAND that starts one.",
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="The configuration; by default mcpverify.toml or pyproject.toml, here or above.",
        ),
    ] = None,
) -> None:
    """Propose golden calls, in TOML, for the tools of a server that only read.

    \b
    Examples:
      mcpverify calls suggest https://mcp.example.com/mcp >> mcpverify.toml
      mcpverify calls suggest weather >> mcpverify.toml
      mcpverify calls suggest -- python -m weather_server
    """
    from mcpverify.cli.suggestion_home import found_home, home_of
    from mcpverify.reporters.suggested_calls import suggested_calls
    from mcpverify.verify.suggestions import suggestions_for

    words = () if target is None else (target,)
    chosen = chosen_targets(words, NamesOptions(config=config), ctx.obj)
    if chosen is None:
        gate = _gate(reach, only_target(words, "calls"), ctx.obj)
        known = found_home(target, ctx.obj.command)
    else:
        (settings,) = chosen.targets
        gate = _configured(reach, settings, given_options(ctx), ctx.obj)
        known = home_of(chosen.configuration, settings)
    met = None if known is None else known.target
    found = suggestions_for(
        gate,
        None if met is None else met.name,
        {} if met is not None else _place(target, gate, ctx.obj),
        home=None if known is None else known.home,
        called=frozenset() if known is None else known.called,
    )
    if isinstance(found, TargetReport):
        raise typer.Exit(_complained(found))
    say(suggested_calls(found))
    raise typer.Exit(ExitCode.PASSED)


def _gate(reach: ReachOptions, target: str | None, invocation: Invocation) -> Gate:
    aim, redactor = target_of(connection_of(reach, target), invocation)
    return Gate(target=aim, redactor=redactor, again=invocation.again())


def _configured(
    reach: ReachOptions,
    settings: TargetSettings,
    given: frozenset[str],
    invocation: Invocation,
) -> Gate:
    own = replace(invocation, command=settings.command)
    try:
        gate = _gate(over(reach, settings.options, given), settings.url, own)
    except McpverifyError as error:
        raise settings.blamed(error) from None
    redactor = hiding_environment(gate.redactor, settings)
    target = placed(gate.target, settings)
    return replace(gate, target=target, redactor=redactor, again=invocation.again())


def _place(target: str | None, gate: Gate, invocation: Invocation) -> dict[str, Json]:
    """What a configuration says of where the server is, without credentials."""
    if invocation.command is not None:
        return {"command": list(masked_command(invocation.command))}
    return {} if target is None else {"url": gate.target.display}


def _complained(report: TargetReport) -> int:
    """Tell on stderr why nothing is proposed; stdout is for TOML. Returns the exit code."""
    from mcpverify.reporters import render
    from mcpverify.reporters.presentation import presentation_for

    code = int(exit_code(report.verdict))
    if sys.stderr is not None:
        how = presentation_for(sys.stderr, os.environ, code, -1)
        grumble(render("terminal", Report((report,)), how))
    return code
