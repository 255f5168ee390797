"""A side of a comparison: a server, a file or a version that git keeps, as a contract.

What a file is shows in what it holds: a snapshot, a transcript, or a raw result of tools/list.
"""

import os
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from mcpverify.errors import FileUnusable, SnapshotUnusable
from mcpverify.facts.comparison import Source, SourceKind
from mcpverify.facts.contract import Contract, Scope, contract_of
from mcpverify.facts.evidence import Expectations
from mcpverify.facts.finding import Outcome
from mcpverify.facts.json_text import NotJson, parse
from mcpverify.facts.redaction import Redactor
from mcpverify.facts.report import ServerFacts
from mcpverify.facts.revision import Era
from mcpverify.facts.snapshot import Snapshot
from mcpverify.facts.target import HttpEndpoint, Target
from mcpverify.facts.transcript import Recording, Role, Step
from mcpverify.facts.transcript_text import NotATranscript, recording_of
from mcpverify.facts.verdict import Verdict
from mcpverify.snapshots import files
from mcpverify.snapshots.git_versions import version_of
from mcpverify.snapshots.raw_listing import (
    NotAListing,
    RawListing,
    listing_of,
    looks_like_listing,
)
from mcpverify.snapshots.snapshot_file import holds_conflict, snapshot_in
from mcpverify.verify.check import refuse_unstartable
from mcpverify.verify.gate import Gate, evidence_of
from mcpverify.verify.selection import Selection, findings_of
from mcpverify.verify.summary import target_report

# What tells why a contract was not fully seen.
_TELLING: Final = (
    "reachable",
    "handshake",
    "protocol-version",
    "tools-listed",
    "pagination-terminates",
    "tool-names",
)
_KINDS: Final = (
    "Give a URL, a snapshot, git:REF:PATH, a transcript that `mcpverify check --transcript FILE` "
    'wrote, or a raw result of tools/list: {"tools": [...]}.'
)
_LFS: Final = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True, slots=True)
class InFile:
    """A file on disk."""

    path: str


@dataclass(frozen=True, slots=True)
class InGit:
    """A file at a commit: `text` is git:REF:PATH."""

    text: str


Operand: TypeAlias = Target | InFile | InGit


@dataclass(frozen=True, slots=True)
class Held:
    """What a file holds, before it is known how much of it will be compared."""

    source: Source
    content: Snapshot | Recording | RawListing

    @property
    def era(self) -> Era | None:
        """The era in which the contract was listed, None where nothing tells it."""
        match self.content:
            case Snapshot(era=era):
                return era
            case Recording() as recording:
                return recording.of(Role.PRIMARY)[0].era
            case RawListing():
                return None

    @property
    def is_snapshot(self) -> bool:
        return isinstance(self.content, Snapshot)

    @property
    def resources(self) -> bool:
        """Whether it is a snapshot that was taken with resources."""
        return isinstance(self.content, Snapshot) and self.content.contract.resources is not None


@dataclass(frozen=True, slots=True)
class Side:
    """What one side advertises. `contract` is None where it was not fully seen.

    `is_snapshot`: whether it lies in a snapshot file. `scope` is what that was restricted to.
    `tools_only`: whether prompts and templates are unknown. `notes` are sentences on the side,
    and `next_steps` may help to see more of it.
    """

    source: Source
    contract: Contract | None
    era: Era | None = None
    scope: Scope = Scope()
    is_snapshot: bool = False
    tools_only: bool = False
    recording: Recording | None = None
    notes: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()


def held_in(operand: InFile | InGit) -> Held:
    """What a file holds. Raises UsageError, FileUnusable and SnapshotUnusable."""
    if isinstance(operand, InFile):
        if not os.path.lexists(operand.path):
            raise FileUnusable(f"there is no file {operand.path}", _KINDS)
        kind, content = _understood(files.read(operand.path), operand.path)
        return Held(Source(operand.path, kind), content)
    version = version_of(operand.text)
    try:
        _, content = _understood(version.octets, operand.text)
    except SnapshotUnusable as error:
        hint = "Name a REF at which it is whole."
        raise SnapshotUnusable(error.message, hint) from None
    detail = f"commit {version.commit[:12]}"
    return Held(Source(operand.text, SourceKind.GIT, detail), content)


def side_in(held: Held, *, resources: bool) -> Side:
    """The side that a file is. `resources` says whether they will be compared."""
    match held.content:
        case Snapshot(contract=contract, era=era, scope=scope):
            return Side(held.source, contract, era, scope, is_snapshot=True)
        case RawListing(tools=tools, problem=""):
            return Side(held.source, contract_of(tools), tools_only=True)
        case RawListing(problem=problem):
            source = replace(held.source, problem=problem)
            return Side(source, None, next_steps=("Save all pages of tools/list, in one list.",))
        case Recording() as recording:
            first = recording.of(Role.PRIMARY)[0]
            target = Target(first.url, HttpEndpoint(()), first.transport)
            return _seen(held.source, target, recording, resources=resources)


@dataclass(frozen=True, slots=True)
class Beside:
    """What the other side asks of a server: to be listed as it was, where that is known.

    `era` is preferred; `recorded` says that a snapshot has it, so that it must work.
    `resources`: whether they will be compared.
    """

    era: Era | None = None
    recorded: bool = False
    resources: bool = False


def side_at(target: Target, beside: Beside, redactor: Redactor) -> Side:
    """The side that a server is, asked now. Raises TargetInvalid for what cannot be started."""
    from mcpverify.wire.plan import Plan
    from mcpverify.wire.record import record

    lists = (Step.PROMPTS, Step.TEMPLATES, *((Step.RESOURCES,) if beside.resources else ()))
    plan = Plan(
        prefer=beside.era or Era.HANDSHAKE,
        recorded=beside.recorded,
        both_eras=False,
        lists=lists,
        samples=1,
        probe_sessions=False,
    )
    recording = record(target, plan)
    refuse_unstartable(recording)
    source = Source(target.display, SourceKind.SERVER)
    return _seen(source, target, recording, redactor, resources=beside.resources)


def _seen(
    source: Source,
    target: Target,
    recording: Recording,
    redactor: Redactor | None = None,
    *,
    resources: bool,
) -> Side:
    expected = Expectations(protocol=target.protocol, min_tools=0, snapshot_wanted=False)
    gate = Gate(target, expected, Selection(only=_TELLING), redactor=redactor or Redactor(()))
    evidence = evidence_of(gate, recording, None, resources=resources)
    findings = findings_of(gate.selection, evidence)
    report = target_report(gate, evidence, findings)
    source = replace(source, detail=_met(source.detail, report.server))
    refused = any(f.check == "protocol-version" and f.outcome is Outcome.FAILED for f in findings)
    if evidence.contract is None or refused:
        passed = report.verdict is Verdict.PASSED
        problem = evidence.contract_problem if passed else report.headline
        source = replace(source, problem=problem)
        return Side(source, None, recording=recording, next_steps=report.next_steps)
    echoed = sorted({name for e in evidence.primary.exchanges for name in e.echoes})
    notes = [f"{source.name} repeats a credential that it was sent: {name}" for name in echoed]
    return Side(source, evidence.contract, evidence.era, recording=recording, notes=tuple(notes))


def _met(detail: str, server: ServerFacts) -> str:
    """Which server was met: `weather 2.3.9, 2025-11-25`."""
    known = " ".join(filter(None, (server.name, server.version)))
    return ", ".join(filter(None, (detail, known, server.revision)))


def _understood(octets: bytes, name: str) -> tuple[SourceKind, Snapshot | Recording | RawListing]:
    """What the file called `name` holds. Raises FileUnusable and SnapshotUnusable."""
    if octets.startswith(_LFS):
        raise FileUnusable(f"{name} is a pointer of Git LFS", "Fetch it with `git lfs pull`.")
    if holds_conflict(octets):
        return SourceKind.SNAPSHOT, snapshot_in(octets, name)
    try:
        document = parse(octets, trusted=True)
    except NotJson as error:
        reason = str(error)
        raise FileUnusable(f"{name} cannot be compared. {reason}", _KINDS) from None
    if isinstance(document, dict) and "format" in document:
        return SourceKind.SNAPSHOT, snapshot_in(octets, name)
    try:
        if isinstance(document, dict) and "transcript" in document:
            return SourceKind.TRANSCRIPT, recording_of(octets)
        if looks_like_listing(document):
            return SourceKind.LISTING, listing_of(document)
    except NotATranscript as error:
        hint = "Record it again with `mcpverify check --transcript FILE`."
        raise FileUnusable(f"{name} is no whole transcript: {error}", hint) from None
    except NotAListing as error:
        raise FileUnusable(f"{name} is no result of tools/list: {error}", _KINDS) from None
    raise FileUnusable(f"{name} holds nothing that can be compared", _KINDS)
