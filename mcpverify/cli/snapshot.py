"""`mcpverify snapshot`: record or update a snapshot."""

from typing import Annotated

import typer

from mcpverify.cli.invocation import Invocation, target_of
from mcpverify.cli.option_groups import expand
from mcpverify.cli.options import ConnectionOptions, ScopeOptions, ShowOptions
from mcpverify.cli.output import Output
from mcpverify.cli.writing import say
from mcpverify.errors import UsageError
from mcpverify.facts.contract import Scope, contract_of
from mcpverify.facts.evidence import Expectations
from mcpverify.snapshots.paths import is_version
from mcpverify.verify.gate import Gate


@expand
def snapshot(
    ctx: typer.Context,
    connection: ConnectionOptions,
    scope: ScopeOptions,
    show: ShowOptions,
    snapshot: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="The file; by default snapshots/<name of the server>.json.",
            show_default=False,
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if it would change.")
    ] = False,
    rehash: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Offline: give an edited or merged snapshot digests that fit."
        ),
    ] = None,
    open_world: Annotated[
        bool,
        typer.Option(
            "--open-world",
            help="Judge differences as if callers sent names that no schema declares, too.",
        ),
    ] = False,
    keep_session: Annotated[
        bool, typer.Option("--keep-session", help="Send no DELETE at the end.")
    ] = False,
    include: Annotated[
        list[str],
        typer.Option(metavar="resources", help="Record resources, too.", show_default=False),
    ] = [],  # noqa: B006 - Typer's way to say: none by default
) -> None:
    """Record what a server advertises, for review and commit.

    \b
    Examples:
      mcpverify snapshot https://mcp.example.com/mcp
      mcpverify snapshot --snapshot snapshots/weather.json -- python -m weather_server
      mcpverify snapshot --check -- python -m weather_server
    """
    if rehash is not None:
        _rehash(rehash, connection.target, ctx.obj)
        return
    from mcpverify.verify.snapshot import Recorder
    from mcpverify.verify.snapshot import snapshot as run

    shown = Output.of(show)
    if any(each != "resources" for each in include):
        raise UsageError(f"--include {include[0]}: only resources can be included", "")
    if snapshot is not None and not snapshot.strip():
        raise UsageError("--snapshot is empty", "Is the variable behind it set?")
    if snapshot is not None and is_version(snapshot):
        raise UsageError(
            f"--snapshot {snapshot}: what git keeps cannot be written", "Name the file itself."
        )
    target, redactor = target_of(connection, ctx.obj)
    gate = Gate(
        target=target,
        expected=Expectations(open_world=open_world),
        snapshot_path=snapshot,
        scope=_scope(scope),
        keep_session=keep_session,
        redactor=redactor,
        again=ctx.obj.again(),
    )
    with shown.following(gate) as followed:
        report = run(Recorder(followed, check, bool(include), ctx.obj.checking))
    raise typer.Exit(shown.show(report))


def _scope(options: ScopeOptions) -> Scope:
    """The scope that the flags name, known to make sense. Raises UsageError."""
    scope = Scope(tuple(options.tool), tuple(options.ignore_field))
    contract_of((), scope=scope)
    return scope


def _rehash(path: str, target: str | None, invocation: Invocation) -> None:
    from mcpverify.snapshots.snapshot_file import rehash

    if target is not None or invocation.command is not None:
        raise UsageError("--rehash works offline and takes no TARGET", "Drop one of them.")
    digests = rehash(path).contract.digests
    say(f"{path}: {digests.digest}\n")
