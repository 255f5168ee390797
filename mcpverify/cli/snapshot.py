"""`mcpverify snapshot`: record or update a snapshot."""

from dataclasses import replace
from typing import Annotated

import typer

from mcpverify.cli.configured import given_options
from mcpverify.cli.gate_options import NamesOptions
from mcpverify.cli.invocation import Invocation
from mcpverify.cli.option_groups import expand
from mcpverify.cli.options import ReachOptions, ScopeOptions, ShowOptions
from mcpverify.cli.output import Output
from mcpverify.cli.target_names import chosen_targets, only_target, refuse_sharing
from mcpverify.cli.writing import say
from mcpverify.errors import UsageError
from mcpverify.facts.contract import Scope, contract_of
from mcpverify.snapshots.paths import is_version


@expand
def snapshot(
    ctx: typer.Context,
    reach: ReachOptions,
    scope: ScopeOptions,
    fleet: NamesOptions,
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
      mcpverify snapshot --all --check
    """
    words = tuple(fleet.targets or ())
    if rehash is not None:
        _rehash(rehash, words, ctx.obj)
        return
    from mcpverify.cli.recorders import SnapshotOptions, configured_recorder, recorder_of
    from mcpverify.verify.snapshot import snapshot as run
    from mcpverify.verify.snapshots import snapshot_all

    shown = Output.of(show)
    if any(each != "resources" for each in include):
        raise UsageError(f"--include {include[0]}: only resources can be included", "")
    if snapshot is not None and not snapshot.strip():
        raise UsageError("--snapshot is empty", "Is the variable behind it set?")
    if snapshot is not None and is_version(snapshot):
        raise UsageError(
            f"--snapshot {snapshot}: what git keeps cannot be written", "Name the file itself."
        )
    told = SnapshotOptions(
        reach, _scope(scope), snapshot, check, bool(include), open_world, keep_session
    )
    chosen = chosen_targets(words, fleet, ctx.obj)
    if chosen is None:
        recorder = recorder_of(told, only_target(words, "snapshot"), ctx.obj)
        with shown.following(recorder.gate) as followed:
            report = run(replace(recorder, gate=followed))
        raise typer.Exit(shown.show(report))
    given = given_options(ctx)
    recorders = [configured_recorder(told, each, given, ctx.obj) for each in chosen.targets]
    refuse_sharing(reach, fleet, (each.gate.target for each in recorders))
    if snapshot is not None and len(recorders) > 1:
        raise UsageError("--snapshot is one file for several targets", "Leave it to the file.")
    raise typer.Exit(shown.show(snapshot_all(recorders)))


def _scope(options: ScopeOptions) -> Scope:
    """The scope that the flags name, known to make sense. Raises UsageError."""
    scope = Scope(tuple(options.tool), tuple(options.ignore_field))
    contract_of((), scope=scope)
    return scope


def _rehash(path: str, targets: tuple[str, ...], invocation: Invocation) -> None:
    from mcpverify.snapshots.snapshot_file import rehash

    if targets or invocation.command is not None:
        raise UsageError("--rehash works offline and takes no TARGET", "Drop one of them.")
    digests = rehash(path).contract.digests
    say(f"{path}: {digests.digest}\n")
