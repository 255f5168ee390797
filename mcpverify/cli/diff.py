"""`mcpverify diff`: what differs between two contracts, and whether it breaks callers."""

from typing import Annotated

import typer

from mcpverify.cli.operands import operands_of
from mcpverify.cli.option_groups import expand
from mcpverify.cli.options import ReachOptions, ReportOptions, ScopeOptions, ShowOptions
from mcpverify.cli.output import Output
from mcpverify.cli.overwriting import refuse_overwriting
from mcpverify.facts.contract import Scope
from mcpverify.facts.evidence import FailOn

_SIDE = "a URL or host:port, a snapshot, git:REF:PATH, a transcript, or a result of tools/list"


@expand
def diff(
    ctx: typer.Context,
    reach: ReachOptions,
    scope: ScopeOptions,
    show: ShowOptions,
    files: ReportOptions,
    old: Annotated[
        str | None, typer.Argument(metavar="OLD", help=f"{_SIDE}.", show_default=False)
    ] = None,
    new: Annotated[
        str | None,
        typer.Argument(
            metavar="NEW",
            help="Likewise; or, after --, the COMMAND that starts a server.",
            show_default=False,
        ),
    ] = None,
    fail_on: Annotated[
        FailOn,
        typer.Option(
            help="Which difference exits 1: any, texts too; names, schemas and flags; what "
            "breaks callers or may; or none."
        ),
    ] = FailOn.CONTRACT,
    open_world: Annotated[
        bool, typer.Option("--open-world", help="Judge as if callers sent undeclared names, too.")
    ] = False,
    share_credentials: Annotated[
        bool,
        typer.Option(
            "--share-credentials",
            help="Send -H, and the token, to OLD and to NEW, although they are two origins.",
        ),
    ] = False,
) -> None:
    """Compare two contracts: does what differs break callers?

    \b
    Examples:
      mcpverify diff https://blue.example.com/mcp https://green.example.com/mcp
      mcpverify diff git:origin/main:snapshots/weather.json snapshots/weather.json
      mcpverify diff snapshots/weather.json -- python -m weather_server
    """
    from mcpverify.verify.compare import Question, compare

    shown = Output.of(show, files.report)
    refuse_overwriting([old, new], [file for _, file in shown.files])
    sides = operands_of(old, new, reach, ctx.obj, share_credentials=share_credentials)
    question = Question(
        sides.old,
        sides.new,
        Scope(tuple(scope.tool), tuple(scope.ignore_field)),
        fail_on,
        open_world,
        sides.accepting,
        ctx.obj.again(),
        sides.redactor,
    )
    raise typer.Exit(shown.show(compare(question)))
