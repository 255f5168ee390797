"""From flags, and what a file says of a target, to the gate that it has to pass."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

from mcpverify.cli.addresses_beside import hiding_beside, replica_urls
from mcpverify.cli.configured import over
from mcpverify.cli.gate_options import (
    ChoiceOptions,
    ExpectationOptions,
    HealthOptions,
    WaitOptions,
)
from mcpverify.cli.golden_calls import with_calls
from mcpverify.cli.health_probes import liveness_of, readiness_of, with_health_addresses
from mcpverify.cli.invocation import Invocation, target_of
from mcpverify.cli.options import ConnectionOptions, ReachOptions
from mcpverify.cli.selection import selection_of
from mcpverify.cli.target_argument import revision_of
from mcpverify.cli.version_source import version_source_of
from mcpverify.errors import McpverifyError, UsageError
from mcpverify.facts.credentials import of_environment
from mcpverify.facts.evidence import Expectations
from mcpverify.facts.redaction import Redactor
from mcpverify.facts.replica_count import connections_for
from mcpverify.facts.revision import Revision
from mcpverify.facts.target import HttpEndpoint, Replicas, StdioCommand, Target
from mcpverify.facts.transcript import Recording
from mcpverify.settings.target_settings import TargetSettings
from mcpverify.verify.fleet import Member
from mcpverify.verify.gate import Gate
from mcpverify.verify.waiting import Waiting


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """What `check` was told, group by group."""

    reach: ReachOptions
    expectation: ExpectationOptions
    choice: ChoiceOptions
    health: HealthOptions
    wait: WaitOptions

    def over(self, options: Mapping[str, object], given: frozenset[str]) -> "CheckOptions":
        """These, over what a file says."""
        return CheckOptions(
            over(self.reach, options, given),
            over(self.expectation, options, given),
            over(self.choice, options, given),
            over(self.health, options, given),
            over(self.wait, options, given),
        )


def member_of(options: CheckOptions, target: str | None, invocation: Invocation) -> Member:
    """The gate for an address or a command. Raises UsageError."""
    connection = connection_of(options.reach, target)
    aim, redactor = target_of(connection, invocation)
    gate = _gate(options, _with_replicas(aim, options), redactor, invocation)
    shown = "" if target is None else aim.display
    gate = replace(
        with_health_addresses(gate),
        accepting=partial(invocation.accepting, shown),
        checking=invocation.checking,
    )
    return Member(gate, _waiting(options.wait))


def configured_member(
    options: CheckOptions,
    settings: TargetSettings,
    given: frozenset[str],
    invocation: Invocation,
) -> Member:
    """The gate for a target of a file. Raises UsageError, which names the place in the file."""
    try:
        merged = options.over(settings.options, given)
        connection = connection_of(merged.reach, settings.url)
        own = replace(invocation, command=settings.command).naming(settings.name)
        aim, redactor = target_of(connection, own)
        aim = _with_replicas(placed(aim, settings), merged)
        redactor = hiding_environment(redactor, settings)
        repeated = replace(own, command=None)
        gate = _gate(merged, aim, redactor, repeated)
        expected = replace(
            gate.expected,
            step_latency=settings.step_latency,
            readiness=gate.expected.readiness or settings.readiness,
            liveness=gate.expected.liveness or settings.liveness,
        )
        gate = with_health_addresses(replace(gate, expected=expected))
        gate = with_calls(gate, settings.calls)
    except McpverifyError as error:
        raise settings.blamed(error) from None
    gate = replace(
        gate,
        default_snapshot=settings.default_snapshot,
        ignored=settings.ignored,
        selection=replace(
            gate.selection, required=settings.required, severities=settings.severities
        ),
        accepting=partial(_accepting, repeated, settings),
        checking=repeated.checking,
    )
    return Member(gate, _waiting(merged.wait))


def _accepting(invocation: Invocation, settings: TargetSettings, path: str) -> str:
    """The `snapshot` of a target of a file, which knows where its snapshot lies."""
    own = settings.options.get("snapshot") or settings.default_snapshot
    name = "" if invocation.from_file else settings.name
    return invocation.accepting(name, "" if path == own else path)


def replayed_gate(options: CheckOptions, recording: Recording, invocation: Invocation) -> Gate:
    """The gate that judges a transcript again."""
    first = recording.transcripts[0]
    protocol = revision_of(options.reach.protocol)
    target = Target(first.url, HttpEndpoint(()), first.transport, protocol)
    return _gate(options, _with_replicas(target, options), Redactor(()), invocation)


def connection_of(reach: ReachOptions, target: str | None) -> ConnectionOptions:
    """How to reach `target`, an address, or None for the command."""
    every: dict[str, Any] = {each.name: getattr(reach, each.name) for each in fields(reach)}
    return ConnectionOptions(target=target, **every)


def placed(target: Target, settings: TargetSettings) -> Target:
    """The target under its name; a command starts where, and with what, the file says."""
    target = replace(target, display=settings.name)
    if not isinstance(target.endpoint, StdioCommand):
        return target
    command = replace(
        target.endpoint, environment=settings.environment, directory=settings.directory
    )
    return replace(target, endpoint=command)


def hiding_environment(redactor: Redactor, settings: TargetSettings) -> Redactor:
    """One that hides what the file takes from the environment, and gives to a command, too."""
    return redactor.hiding((*settings.secrets, *of_environment(dict(settings.environment))))


def _with_replicas(target: Target, options: CheckOptions) -> Target:
    choice, reach = options.choice, options.reach
    if choice.replicas is not None and isinstance(target.endpoint, StdioCommand):
        raise UsageError("--replicas means nothing to a COMMAND", "Drop it.")
    if not (choice.replica or choice.resolve_all):
        return target
    if choice.replica and choice.resolve_all:
        raise UsageError("--replica and --resolve-all exclude each other", "Drop one of them.")
    if isinstance(target.endpoint, StdioCommand):
        raise UsageError("--replica and --resolve-all mean nothing to a COMMAND", "Drop them.")
    urls = replica_urls(choice.replica, reach.transport)
    return replace(target, replicas=Replicas(urls, choice.resolve_all))


def _gate(
    options: CheckOptions, target: Target, redactor: Redactor, invocation: Invocation
) -> Gate:
    reach, choice = options.reach, options.choice
    if choice.reference_client and (reach.resolve or reach.connect_to):
        raise UsageError(
            "--reference-client cannot follow --resolve or --connect-to", "Drop one of them."
        )
    asked = {
        "reference-client-agrees": choice.reference_client,
        "auth-required": options.expectation.expect_auth,
    }
    opted_in = tuple(check for check, wanted in asked.items() if wanted)
    expected = _expectations(options, target.protocol)
    return Gate(
        target=target,
        expected=expected,
        selection=selection_of(choice.only, choice.skip, choice.strict, opted_in),
        snapshot_path=options.expectation.snapshot,
        samples=_samples(choice),
        keep_session=choice.keep_session,
        again=invocation.again(),
        redactor=hiding_beside(redactor, target, expected.version_from),
        in_ci=os.environ.get("CI", "").lower() not in ("", "0", "false"),
    )


def _samples(choice: ChoiceOptions) -> int | None:
    if choice.replicas is None:
        return choice.samples
    if choice.samples is not None:
        raise UsageError("--samples and --replicas exclude each other", "Drop one of them.")
    if choice.replica or choice.resolve_all:
        raise UsageError(
            "--replicas guesses, and --replica or --resolve-all know", "Drop one of them."
        )
    return connections_for(choice.replicas)


def _expectations(options: CheckOptions, protocol: Revision | None) -> Expectations:
    expected = options.expectation
    if expected.no_snapshot and expected.snapshot is not None:
        raise UsageError("--snapshot and --no-snapshot exclude each other", "Drop one of them.")
    for flag, value in (
        ("--expect-name", expected.expect_name),
        ("--expect-version", expected.expect_version),
        ("--expect-digest", expected.expect_digest),
        ("--snapshot", expected.snapshot),
        *(("--require-tool", name) for name in expected.require_tool),
    ):
        if value is not None and not value.strip():
            raise UsageError(f"{flag} is empty", "Is the variable behind it set?")
    return Expectations(
        protocol=protocol,
        name=expected.expect_name,
        version=expected.expect_version,
        min_tools=expected.min_tools,
        required_tools=tuple(expected.require_tool),
        max_latency=expected.max_latency,
        digest=None if expected.expect_digest is None else _digest(expected.expect_digest),
        fail_on=expected.fail_on,
        snapshot_wanted=not expected.no_snapshot,
        open_world=expected.open_world,
        version_from=version_source_of(expected.version_from),
        replicas=options.choice.replicas,
        readiness=readiness_of(options.health),
        liveness=liveness_of(options.health),
        auth=expected.expect_auth,
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
