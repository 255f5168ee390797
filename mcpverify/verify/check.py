"""`check`: the gate. Records, judges, waits if asked, and returns a report."""

import os
import random
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from typing import Final

from mcpverify.errors import SnapshotUnusable, TargetInvalid
from mcpverify.facts.change import Subject
from mcpverify.facts.contract import Contract, Scope, contract_of, malformed_items
from mcpverify.facts.evidence import Evidence, Expectations
from mcpverify.facts.observation import Observation, observe
from mcpverify.facts.report import Report, TargetReport
from mcpverify.facts.transcript import FailureKind, Recording, Role, Step
from mcpverify.snapshots.paths import default_path, is_version, recorded_paths, slug
from mcpverify.snapshots.reviewed import Reviewed, reviewed_at
from mcpverify.verify.gate import Gate, evidence_of, live_contract, plan_for
from mcpverify.verify.selection import findings_of
from mcpverify.verify.summary import target_report
from mcpverify.verify.waiting import Progress, Waiting, attempts, outcome_of

_COMPARED: Final = "matches-snapshot"

Recorder = Callable[[Gate, Reviewed | None], Recording]


def check(gate: Gate, waiting: Waiting = Waiting(), progress: Progress | None = None) -> Report:
    """Run the gate against its target. Raises UsageError where it was asked wrongly."""
    return Report((outcome_of(course(gate, waiting, progress), time.sleep),))


def course(
    gate: Gate, waiting: Waiting = Waiting(), progress: Progress | None = None
) -> Generator[float, None, TargetReport]:
    """The same step by step: yields the seconds to wait before each further attempt."""
    named = _named_snapshot(gate)

    def attempt(seconds: float) -> TargetReport:
        told = waiting.told(seconds, gate.target.limits.run_seconds)
        limits = replace(gate.target.limits, run_seconds=seconds, run_told=told)
        limited = replace(gate, target=replace(gate.target, limits=limits))
        return _attempt(limited, named, _record)

    return attempts(
        attempt,
        waiting,
        gate.target.limits.run_seconds,
        clock=time.monotonic,
        jitter=random.random,
        progress=progress,
    )


def replay(gate: Gate, recording: Recording) -> Report:
    """Judge a recording again, with no network."""
    return Report((_attempt(gate, _named_snapshot(gate), lambda gate, reviewed: recording),))


def _named_snapshot(gate: Gate) -> Reviewed | None:
    path = gate.snapshot_path
    if path is None:
        return None
    try:
        return reviewed_at(path)
    except SnapshotUnusable as error:
        command = gate.accepting(path)
        if command and not is_version(path) and not os.path.lexists(path):
            raise SnapshotUnusable(error.message, f"Record one with `{command}`.") from None
        raise


def _record(gate: Gate, reviewed: Reviewed | None) -> Recording:
    from mcpverify.wire.record import record

    snapshot = None if reviewed is None else reviewed.snapshot
    return record(gate.target, plan_for(gate, snapshot), gate.listener)


def _attempt(gate: Gate, named: Reviewed | None, recorder: Recorder) -> TargetReport:
    required = _COMPARED in gate.selection.required
    gate = replace(gate, expected=replace(gate.expected, snapshot_required=required))
    reviewed, expected = named, gate.expected
    wanted = named is None and expected.snapshot_wanted and expected.digest is None
    if wanted and gate.default_snapshot is not None:
        # Its place is known before the server is: who calls tools should not have to do it twice.
        path, expected = _configured_snapshot(gate, gate.default_snapshot)
        reviewed, wanted = None if path is None else reviewed_at(path), False
    recording = _recorded(gate, reviewed, recorder)
    if wanted:
        path, expected = _default_snapshot(gate, recording)
        if path is not None:
            reviewed = reviewed_at(path)
            if reviewed.snapshot.era is not recording.of(Role.PRIMARY)[0].era:
                recording = _recorded(gate, reviewed, recorder)
    evidence = evidence_of(gate, recording, reviewed, expected)
    if reviewed is not None and evidence.contract is not None:
        evidence = _with_release(evidence, reviewed)
    findings = findings_of(gate.selection, evidence)
    return gate.redactor.target_report(target_report(gate, evidence, findings))


def _with_release(evidence: Evidence, reviewed: Reviewed) -> Evidence:
    """`evidence` with what git tells of the contract that differs, be it one replica's."""
    odd = evidence.primary if evidence.drift else _odd_one(evidence)
    if odd is None or not odd.tools.items:
        return evidence

    from mcpverify.verify.release import release_of  # asks git, which a green run does not

    def live(scope: Scope, resources: bool) -> Contract | None:
        return live_contract(odd, scope, resources=resources)[0]

    tools = contract_of(odd.tools.items, scope=evidence.scope)
    release = release_of(reviewed, live, evidence.era)
    return replace(evidence, release=release, released=tools.digests.digest)


def _odd_one(evidence: Evidence) -> Observation | None:
    """The first session with the tools of a sample that lists others, None where all agree."""
    primary = evidence.primary
    for sample in evidence.samples:
        listed = sample.tools
        if listed.complete and listed.items != primary.tools.items:
            if malformed_items(Subject.TOOL, list(listed.items)):
                continue
            others = [each for each in primary.listings if each.step is not Step.TOOLS]
            return replace(primary, listings=(listed, *others))
    return None


def _recorded(gate: Gate, reviewed: Reviewed | None, recorder: Recorder) -> Recording:
    recording = recorder(gate, reviewed)
    refuse_unstartable(recording)
    return recording


def _default_snapshot(gate: Gate, recording: Recording) -> tuple[str | None, Expectations]:
    """The snapshot that belongs to the server by its name, or why there is none.

    Raises SnapshotUnusable where that must not be left to the server.
    """
    others = recorded_paths("")
    hint = "Name the snapshot with --snapshot PATH, or say --no-snapshot."
    if gate.in_ci and len(others) > 1:
        # Another server behind the URL would pass with the snapshot that is its own.
        held = ", ".join(others[:5])
        raise SnapshotUnusable(
            f"no snapshot was named, CI is set, and snapshots/ holds {held}", hint
        )
    primary = observe(recording.of(Role.PRIMARY)[0])
    expected = gate.expected
    if not primary.opened:
        return None, replace(expected, snapshot_note="no server was met to compare")
    name = primary.server_name or ""
    path = default_path("", name) if slug(name) else None
    if path is not None and os.path.lexists(path):
        return path, expected
    wanted = f"there is no {path}" if path else "the server's name makes no file name"
    if others or gate.in_ci:
        where = f"snapshots/ holds {', '.join(others[:5])}" if others else "CI is set"
        raise SnapshotUnusable(f"no snapshot was named, {wanted}, and {where}", hint)
    return None, replace(expected, snapshot_note=wanted)


def _configured_snapshot(gate: Gate, path: str) -> tuple[str | None, Expectations]:
    """The snapshot of a configured target, which has its place, there or not.

    Raises SnapshotUnusable where it had to be there: in CI, and where others are.
    """
    if os.path.lexists(path):
        return path, gate.expected
    folder = os.path.dirname(path)
    others = recorded_paths(os.path.dirname(folder))
    compares = any(each.check.id == _COMPARED for each in gate.selection.checks())
    if compares and (others or gate.in_ci):
        where = f"{folder} holds {_names_of(others)}" if others else "CI is set"
        raise SnapshotUnusable(
            f"there is no {path}, and {where}",
            f"Record it with `{gate.accepting(path)}`, or say no-snapshot = true.",
        )
    return None, replace(gate.expected, snapshot_note=f"there is no {path}")


def _names_of(paths: Sequence[str]) -> str:
    return ", ".join(os.path.basename(each) for each in paths[:5])


def refuse_unstartable(recording: Recording) -> None:
    """A command that cannot be started is a mistake in how we were called."""
    for transcript in recording.transcripts:
        for exchange in transcript.exchanges:
            failure = exchange.failure
            if failure is not None and failure.kind is FailureKind.NOT_STARTED:
                raise TargetInvalid(
                    failure.detail, "Check the command, after -- or in the configuration."
                )
