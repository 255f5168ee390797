"""`mcpverify check`: the gate."""

import typer

from mcpverify.cli.configured import given_options
from mcpverify.cli.gate_options import (
    ChoiceOptions,
    ExpectationOptions,
    FileOptions,
    FleetOptions,
    HealthOptions,
    WaitOptions,
)
from mcpverify.cli.gates import CheckOptions, configured_member, member_of, replayed_gate
from mcpverify.cli.old_reports import empty_old, report_paths
from mcpverify.cli.option_groups import expand
from mcpverify.cli.options import ReachOptions, ShowOptions
from mcpverify.cli.output import Output, waited
from mcpverify.cli.overwriting import refuse_configuration, refuse_overwriting
from mcpverify.cli.shards import part_of
from mcpverify.cli.target_names import Chosen, chosen_targets, only_target, refuse_sharing
from mcpverify.cli.transcripts import recording_from, transcript_path, write_transcript
from mcpverify.errors import UsageError
from mcpverify.facts.report import Report
from mcpverify.verify.fleet import Member


@expand
def check(
    ctx: typer.Context,
    reach: ReachOptions,
    expectation: ExpectationOptions,
    choice: ChoiceOptions,
    health: HealthOptions,
    fleet: FleetOptions,
    wait: WaitOptions,
    show: ShowOptions,
    files: FileOptions,
) -> None:
    """Verify a deployed server: is it the one that was reviewed, and can an agent use it?

    \b
    Examples:
      mcpverify check https://mcp.example.com/mcp --snapshot snapshots/weather.json
      mcpverify check https://mcp.example.com --bearer-env MCP_TOKEN --wait 2m
      mcpverify check --snapshot snapshots/weather.json -- python -m weather_server
      mcpverify check --all --report junit=report.xml
    """
    if files.report:
        # Whatever is wrong with this call: what an earlier run left is not its result.
        empty_old(report_paths(ctx.obj.arguments))
    options = CheckOptions(reach, expectation, choice, health, wait)
    words = tuple(fleet.targets or ())
    shown = Output.of(show, files.report)
    path = transcript_path(files.transcript)
    written = [*(file for _, file in shown.files), path]
    refuse_overwriting([expectation.snapshot, files.replay], written)
    given = given_options(ctx)
    part = part_of(fleet, {name: ctx.params[name] for name in given})
    chosen = chosen_targets(words, fleet, ctx.obj, part)
    refuse_configuration(None if chosen is None else chosen.configuration.path, written)
    if files.replay is not None:
        report = _replayed(files.replay, words, options, chosen, ctx)
    elif chosen is None:
        report = _one(member_of(options, only_target(words, "check"), ctx.obj), show, shown)
    else:
        members = [configured_member(options, t, given, ctx.obj) for t in chosen.targets]
        refuse_sharing(reach, fleet, (each.gate.target for each in members))
        if path is not None and (len(members) != 1 or chosen.shard is not None):
            raise UsageError("--transcript holds one target", "Check that one by its name.")
        if len(members) == 1 and chosen.shard is None:
            report = _one(members[0], show, shown)
        else:
            from mcpverify.cli.fleet_run import checked

            report = checked(members, chosen.shard, fleet, show, shown, ctx.obj)
    code = shown.show(report, gate=True)
    if path is not None:
        write_transcript(path, report)
    raise typer.Exit(code)


def _one(member: Member, show: ShowOptions, shown: Output) -> Report:
    from mcpverify.verify.check import check as run

    with (
        waited(show.quiet, shown.stream) as progress,
        shown.following(member.gate) as followed,
    ):
        return run(followed, member.waiting, progress)


def _replayed(
    path: str,
    words: tuple[str, ...],
    options: CheckOptions,
    chosen: Chosen | None,
    ctx: typer.Context,
) -> Report:
    """A transcript, held to the flags, or to what a configuration expects of one target."""
    from mcpverify.verify.check import replay

    if options.wait.wait is not None:
        raise UsageError("--replay does not go with --wait", "Nothing changes in a transcript.")
    if chosen is None:
        if words or ctx.obj.command is not None:
            raise UsageError(
                "--replay takes no TARGET but a name of the configuration",
                "The transcript holds what was seen.",
            )
        recording = recording_from(path)
        return replay(replayed_gate(options, recording, ctx.obj), recording)
    if len(chosen.targets) != 1:
        raise UsageError("--replay is about one target", "Name the one that was recorded.")
    member = configured_member(options, chosen.targets[0], given_options(ctx), ctx.obj)
    return replay(member.gate, recording_from(path))
