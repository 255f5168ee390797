"""`mcpverify check`: the gate."""

import os
import re
from dataclasses import replace
from functools import partial

import typer

from mcpverify.cli.gate_options import (
    ChoiceOptions,
    ExpectationOptions,
    FileOptions,
    WaitOptions,
)
from mcpverify.cli.invocation import Invocation, target_of
from mcpverify.cli.option_groups import expand
from mcpverify.cli.options import ConnectionOptions, ShowOptions, revision_of
from mcpverify.cli.output import Output, waited
from mcpverify.cli.overwriting import refuse_overwriting
from mcpverify.cli.selection import selection_of
from mcpverify.cli.transcripts import recording_from, transcript_path, write_transcript
from mcpverify.errors import UsageError
from mcpverify.facts.evidence import Expectations
from mcpverify.facts.redaction import Redactor
from mcpverify.facts.revision import Revision
from mcpverify.facts.target import HttpEndpoint, Target
from mcpverify.facts.transcript import Recording
from mcpverify.verify.gate import Gate
from mcpverify.verify.waiting import Waiting


@expand
def check(
    ctx: typer.Context,
    connection: ConnectionOptions,
    expectation: ExpectationOptions,
    choice: ChoiceOptions,
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
    """
    from mcpverify.verify.check import check as run
    from mcpverify.verify.check import replay

    shown = Output.of(show, files.report)
    path = transcript_path(files.transcript)
    refuse_overwriting([expectation.snapshot], [*(file for _, file in shown.files), path])
    if files.replay is not None:
        _refuse_beside_replay(connection, wait, ctx.obj)
        recording = recording_from(files.replay)
        gate = _replayed(recording, connection, expectation, choice, ctx.obj)
        report = replay(gate, recording)
    else:
        gate = _gate(connection, expectation, choice, ctx.obj)
        with (
            waited(show.quiet, shown.stream) as progress,
            shown.following(gate) as followed,
        ):
            report = run(followed, _waiting(wait), progress)
    code = shown.show(report, gate=True)
    write_transcript(path, report)
    raise typer.Exit(code)


def _gate(
    connection: ConnectionOptions,
    expectation: ExpectationOptions,
    choice: ChoiceOptions,
    invocation: Invocation,
) -> Gate:
    target, redactor = target_of(connection, invocation)
    if choice.reference_client and (connection.resolve or connection.connect_to):
        raise UsageError(
            "--reference-client cannot follow --resolve or --connect-to", "Drop one of them."
        )
    gate = _gate_for(target, redactor, expectation, choice, invocation)
    shown = "" if connection.target is None else target.display
    return replace(
        gate, accepting=partial(invocation.accepting, shown), checking=invocation.checking
    )


def _refuse_beside_replay(
    connection: ConnectionOptions, wait: WaitOptions, invocation: Invocation
) -> None:
    if connection.target is not None or invocation.command is not None:
        raise UsageError("--replay takes no TARGET", "The transcript holds what was seen.")
    if wait.wait is not None:
        raise UsageError("--replay does not go with --wait", "Nothing changes in a transcript.")


def _replayed(
    recording: Recording,
    connection: ConnectionOptions,
    expectation: ExpectationOptions,
    choice: ChoiceOptions,
    invocation: Invocation,
) -> Gate:
    first = recording.transcripts[0]
    protocol = revision_of(connection.protocol)
    target = Target(first.url, HttpEndpoint(()), first.transport, protocol)
    return _gate_for(target, Redactor(()), expectation, choice, invocation)


def _gate_for(
    target: Target,
    redactor: Redactor,
    expectation: ExpectationOptions,
    choice: ChoiceOptions,
    invocation: Invocation,
) -> Gate:
    return Gate(
        target=target,
        expected=_expectations(expectation, target.protocol),
        selection=selection_of(
            choice.only,
            choice.skip,
            choice.strict,
            ("reference-client-agrees",) if choice.reference_client else (),
        ),
        snapshot_path=expectation.snapshot,
        samples=choice.samples,
        keep_session=choice.keep_session,
        again=invocation.again(),
        redactor=redactor,
        in_ci=os.environ.get("CI", "").lower() not in ("", "0", "false"),
    )


def _expectations(options: ExpectationOptions, protocol: Revision | None) -> Expectations:
    if options.no_snapshot and options.snapshot is not None:
        raise UsageError("--snapshot and --no-snapshot exclude each other", "Drop one of them.")
    for flag, value in (
        ("--expect-name", options.expect_name),
        ("--expect-version", options.expect_version),
        ("--expect-digest", options.expect_digest),
        ("--snapshot", options.snapshot),
        *(("--require-tool", name) for name in options.require_tool),
    ):
        if value is not None and not value.strip():
            raise UsageError(f"{flag} is empty", "Is the variable behind it set?")
    return Expectations(
        protocol=protocol,
        name=options.expect_name,
        version=options.expect_version,
        min_tools=options.min_tools,
        required_tools=tuple(options.require_tool),
        max_latency=options.max_latency,
        digest=None if options.expect_digest is None else _digest(options.expect_digest),
        fail_on=options.fail_on,
        snapshot_wanted=not options.no_snapshot,
        open_world=options.open_world,
    )


def _digest(text: str) -> str:
    digits = text.strip().lower().removeprefix("sha256:")
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise UsageError("--expect-digest takes sha256: and 64 hex digits", "Copy it in full.")
    return f"sha256:{digits}"


def _waiting(options: WaitOptions) -> Waiting:
    consecutive = options.consecutive
    if options.wait is None:
        return Waiting(0.0, 1 if consecutive is None else consecutive)
    return Waiting(options.wait, 3 if consecutive is None else consecutive)
