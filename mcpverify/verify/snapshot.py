"""`snapshot`: records what a server advertises, or says why that was not fully seen."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial

from mcpverify.drift.validity.schema_validity import is_valid_in_every_revision
from mcpverify.errors import SnapshotUnusable, UsageError
from mcpverify.facts.contract import Scope, contract_of
from mcpverify.facts.evidence import Evidence, FailOn
from mcpverify.facts.finding import Finding, Outcome
from mcpverify.facts.observation import observe
from mcpverify.facts.report import Report, TargetReport
from mcpverify.facts.situation import Situation
from mcpverify.facts.snapshot import Snapshot, rescoped
from mcpverify.facts.transcript import Role
from mcpverify.facts.verdict import Verdict, verdict_of
from mcpverify.snapshots.files import write
from mcpverify.snapshots.paths import default_path, is_version
from mcpverify.snapshots.reviewed import Reviewed
from mcpverify.snapshots.snapshot_file import dump, load
from mcpverify.verify.check import refuse_unstartable
from mcpverify.verify.gate import Gate, evidence_of, plan_for
from mcpverify.verify.selection import Selection, findings_of
from mcpverify.verify.summary import target_report
from mcpverify.wire.record import record

# What must hold before a listing may become the reviewed one.
_ASKED = (
    "reachable",
    "tls-certificate",
    "handshake",
    "protocol-version",
    "capabilities",
    "tools-listed",
    "pagination-terminates",
    "tool-names",
    "tool-schemas-valid",
    "replicas-agree",
    "credentials-echoed",
    "session-lifecycle",
    "matches-snapshot",
)


@dataclass(frozen=True, slots=True)
class Recorder:
    """What `snapshot` was asked.

    `check_only` compares and writes nothing; `checking` gives the command that checks the
    same target against a snapshot at a path; `placed` gives the path where none was named, for
    a server of that name.
    """

    gate: Gate
    check_only: bool = False
    resources: bool = False
    checking: Callable[[str], str] = str
    placed: Callable[[str], str] = partial(default_path, "")


@dataclass(frozen=True, slots=True)
class Taken:
    """What was seen of a server, and the file so far. Nothing was written, nothing is redacted.

    `snapshot` is None where not all was seen; `report` says why.
    """

    report: TargetReport
    snapshot: Snapshot | None
    path: str
    previous: Snapshot | None


def snapshot(asked: Recorder) -> Report:
    """Observe the server once and write the snapshot file, unless something was not seen.

    Raises SnapshotUnusable for an existing file that is none of ours, and FileUnusable.
    """
    return Report((settle(asked, take(asked)),))


def settle(asked: Recorder, taken: Taken) -> TargetReport:
    """Write what was taken, where all was seen; the report on it. Raises FileUnusable."""
    report = taken.report
    if taken.snapshot is not None:
        report = _settled(asked, report, taken.snapshot, taken.path, taken.previous)
    return asked.gate.redactor.target_report(report)


def take(asked: Recorder) -> Taken:
    """Observe the server once and write nothing. Raises SnapshotUnusable as `snapshot` does."""
    gate = replace(asked.gate, selection=Selection(only=_ASKED))
    recording = record(gate.target, plan_for(gate, None, recording=True), gate.listener)
    refuse_unstartable(recording)
    primary = observe(recording.of(Role.PRIMARY)[0])
    path = gate.snapshot_path
    if path is not None and is_version(path):
        raise SnapshotUnusable(f"{path}: what git keeps cannot be written", "Name the file itself.")
    if path is None and primary.opened:
        path = asked.placed(primary.server_name or "")
    previous = load(path) if path is not None and os.path.lexists(path) else None
    gate = replace(
        gate,
        scope=_scope(gate.scope, previous, gate.ignored),
        ignored=None,
        expected=replace(gate.expected, fail_on=FailOn.NONE, snapshot_wanted=previous is not None),
    )
    resources = asked.resources or (
        previous is not None and previous.contract.resources is not None
    )
    compared = None
    if previous is not None and path is not None:
        kept = rescoped(previous, gate.scope or Scope(), resources=resources)
        compared = Reviewed(kept, path, path)
    evidence = evidence_of(gate, recording, compared, resources=resources)
    findings = tuple(_as_recorded(each) for each in findings_of(gate.selection, evidence))
    _refuse_empty_globs(asked.gate.scope, previous, evidence)
    report = target_report(gate, evidence, findings)
    if evidence.contract is None or verdict_of(findings) is not Verdict.PASSED or path is None:
        refused = replace(report, headline=f"nothing was written: {report.headline}")
        return Taken(refused, None, path or "", previous)
    return Taken(report, _snapshot_of(evidence), path, previous)


def _scope(
    wanted: Scope | None, previous: Snapshot | None, configured: tuple[str, ...] | None
) -> Scope:
    """The scope of the file so far, and what flags add to it; delete the file to start anew.

    Where a configuration names the fields that are left out, they are those, whatever the file has.
    """
    kept = Scope() if previous is None else previous.scope
    wanted = wanted or Scope()
    ignored = kept.ignored if configured is None else configured
    return Scope(
        tuple(dict.fromkeys((*kept.tools, *wanted.tools))),
        tuple(dict.fromkeys((*ignored, *wanted.ignored))),
    )


def _refuse_empty_globs(
    wanted: Scope | None, previous: Snapshot | None, evidence: Evidence
) -> None:
    """A glob that matches no tool would record a contract that nothing can break.

    One that the file holds already did match: that it does no longer is a change of the server.
    """
    if wanted is None or evidence.contract is None:
        return
    kept = Scope() if previous is None else previous.scope
    names = [tool.name for tool in evidence.contract.tools]
    for glob in wanted.tools:
        if glob not in kept.tools and not any(fnmatchcase(name, glob) for name in names):
            raise UsageError(
                f"--tool {glob}: the server has no tool of such a name",
                "Quote the glob, and look at the names that the server lists.",
            )
    items = list(evidence.primary.tools.items)
    whole = contract_of(items).digests if wanted.ignored else None
    for field in wanted.ignored:
        unmoved = contract_of(items, scope=Scope(ignored=(field,))).digests == whole
        if unmoved and field not in kept.ignored:
            raise UsageError(
                f"--ignore-field {field}: no tool has such a field",
                "Look at the pointers that `mcpverify check` prints.",
            )


def _as_recorded(finding: Finding) -> Finding:
    """What does not touch the listing is told, no more; an echoed credential stops us."""
    told = ("tool-schemas-valid", "session-lifecycle")
    if finding.check in told and finding.outcome is Outcome.FAILED:
        return replace(finding, outcome=Outcome.WARNED)
    if finding.check == "credentials-echoed" and finding.outcome is Outcome.WARNED:
        return replace(finding, outcome=Outcome.FAILED)
    return finding


def _as_checked(finding: Finding) -> Finding:
    """With --check a difference is what fails, and not a word beside what is written."""
    if finding.check == "matches-snapshot" and finding.outcome is Outcome.WARNED:
        return replace(finding, outcome=Outcome.FAILED)
    return finding


def _snapshot_of(evidence: Evidence) -> Snapshot:
    contract = evidence.contract
    assert contract is not None
    return Snapshot(
        contract=contract,
        era=evidence.era,
        capabilities=evidence.recording.capabilities,
        scope=evidence.scope,
        valid=frozenset(
            tool.name for tool in contract.tools if is_valid_in_every_revision(tool.definition)
        ),
    )


def _settled(
    asked: Recorder, report: TargetReport, taken: Snapshot, path: str, previous: Snapshot | None
) -> TargetReport:
    """Write the file, or with --check only say whether it would change."""
    data = dump(taken)
    same = previous is not None and dump(previous) == data and _bytes_of(path) == data
    tools = f"{len(taken.contract.tools)} tool{'' if len(taken.contract.tools) == 1 else 's'}"
    if taken.scope.ignored:
        tools += f"; left out: {', '.join(taken.scope.ignored)}"
    report = replace(report, live=taken.contract.digests, snapshot=path)
    if not asked.check_only:
        report = replace(report, again=asked.checking(path))
    if same:
        current = f"{path} is up to date: {tools}"
        return replace(report, situation=Situation.RECORDED, headline=current)
    if asked.check_only:
        return replace(
            report,
            verdict=Verdict.FAILED,
            situation=Situation.CONTRACT_DIFFERS,
            headline=f"{path} would change" if previous else f"{path} does not exist",
            findings=tuple(_as_checked(each) for each in report.findings),
            next_steps=("Run the same command without --check, review the change, commit it.",),
        )
    write(path, data)
    report = replace(report, expected=taken.contract.digests)
    done = "updated" if previous is not None else "recorded"
    return replace(
        report,
        situation=Situation.RECORDED,
        headline=f"{path} {done}: {tools}",
        next_steps=(f"Review and commit {path}; then gate deploys with the command below.",),
    )


def _bytes_of(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise SnapshotUnusable(f"{path} cannot be read: {error.strerror}", "Check it.") from None
