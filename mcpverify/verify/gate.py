"""What the gate was asked, and how one recording is judged by it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from mcpverify.drift.changes import changes, comparable
from mcpverify.drift.verdicts.judgement import judged
from mcpverify.facts.change import Subject
from mcpverify.facts.compatibility import EntryDrift
from mcpverify.facts.contract import Contract, Scope, contract_of, malformed_items
from mcpverify.facts.evidence import Evidence, Expectations, expects_tools
from mcpverify.facts.observation import (
    CAPABILITY_OF,
    Listing,
    ListState,
    Observation,
    observe,
)
from mcpverify.facts.redaction import Redactor
from mcpverify.facts.replica_count import connections_for
from mcpverify.facts.revision import Era
from mcpverify.facts.snapshot import Snapshot, rescoped
from mcpverify.facts.target import Target
from mcpverify.facts.transcript import Listener, Recording, Role, Step
from mcpverify.snapshots.reviewed import Reviewed
from mcpverify.verify.selection import Selection
from mcpverify.wire.plan import Plan

MOST_PINGS: Final = 30  # enough to tell the share of those that fail
LOST_PINGS: Final = 6


def _no_command(path: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Gate:
    """What `check` was asked of one target.

    `snapshot_path` is the one that was named, a path or git:REF:PATH; `default_snapshot` is where
    one is looked for otherwise, None for the server's own name; `ignored` are the fields that a
    configuration leaves out, None where none has a word on it: beside those of the snapshot's scope
    when it is compared, in place of them when it is recorded. `again` is the command that
    repeats the run, `accepting` gives the one that records the server in a snapshot at a path, and
    `checking` the one that compares it with another snapshot, "" where none can: all without
    credentials. `samples` None takes the transport's default. `listener` is told of
    exchanges while the run goes on.
    """

    target: Target
    expected: Expectations = Expectations()
    selection: Selection = Selection()
    snapshot_path: str | None = None
    default_snapshot: str | None = None
    ignored: tuple[str, ...] | None = None
    scope: Scope | None = None
    samples: int | None = None
    keep_session: bool = False
    again: str = ""
    accepting: Callable[[str], str] = _no_command
    checking: Callable[[str], str] = _no_command
    redactor: Redactor = field(default_factory=lambda: Redactor(()))
    in_ci: bool = False
    listener: Listener | None = None


def plan_for(gate: Gate, snapshot: Snapshot | None, *, recording: bool = False) -> Plan:
    """What has to be observed for the checks that will run, and no more."""
    checks = [file.check for file in gate.selection.checks()]
    ids = {check.id for check in checks}
    contract = recording or any(check.needs_lists for check in checks)
    expected = gate.expected
    samples = gate.samples if "replicas-agree" in ids else 1
    if gate.samples is not None and expected.version is not None and "server-identity" in ids:
        samples = gate.samples  # each has a version to be compared
    asks_version = expected.version_from is not None and not recording
    return Plan(
        prefer=Era.HANDSHAKE if snapshot is None else snapshot.era,
        recorded=snapshot is not None,
        both_eras="eras-agree" in ids,
        lists=(Step.PROMPTS, Step.RESOURCES, Step.TEMPLATES) if contract else (),
        ask_tools=expects_tools(gate.expected, snapshot),
        samples=samples,
        probe_sessions="session-lifecycle" in ids,
        keep_session=gate.keep_session,
        reference_client="reference-client-agrees" in ids,
        calls=expected.calls if "golden-calls" in ids else (),
        version_from=expected.version_from if asks_version else None,
        readiness=expected.readiness if "readiness" in ids else None,
        liveness=expected.liveness if "liveness" in ids else None,
        # As many as there are samples: an open replica is met as surely as a stale one.
        strangers=min(gate.samples or 1, MOST_PINGS) if "auth-required" in ids else 0,
        shared_pings=_shared_pings(gate) if "session-affinity" in ids else 0,
        lost_pings=LOST_PINGS if "session-affinity" in ids else 0,
    )


def _shared_pings(gate: Gate) -> int:
    """How often the issued session is asked for elsewhere, unless one connection is wanted.

    It is asked at the address that agents use: a replica at one of its own is never sent a session
    of another.
    """
    known = gate.target.replicas
    if known.urls:
        return min(connections_for(len(known.urls)), MOST_PINGS)
    if known.resolve_all:
        return LOST_PINGS  # or as many as there are addresses
    if gate.samples is None:
        return 1  # the second of the connections that are made by default
    return min(gate.samples - 1, MOST_PINGS)


def live_contract(
    primary: Observation, scope: Scope, *, resources: bool
) -> tuple[Contract | None, str]:
    """The contract that was observed, or None and why it was not fully seen."""
    if not primary.opened:
        return None, primary.problem
    lists = {
        step: _seen(primary, step, subject, wanted)
        for step, subject, wanted in (
            (Step.TOOLS, Subject.TOOL, True),
            (Step.PROMPTS, Subject.PROMPT, True),
            (Step.TEMPLATES, Subject.TEMPLATE, True),
            (Step.RESOURCES, Subject.RESOURCE, resources),
        )
    }
    problems = [f"{step.value}: {seen}" for step, seen in lists.items() if isinstance(seen, str)]
    if problems:
        return None, problems[0]
    items = {step: list(seen.items) for step, seen in lists.items() if isinstance(seen, Listing)}
    contract = contract_of(
        items[Step.TOOLS],
        items[Step.PROMPTS],
        items[Step.TEMPLATES],
        items[Step.RESOURCES] if resources else None,
        scope,
    )
    return contract, ""


def _seen(primary: Observation, step: Step, subject: Subject, wanted: bool) -> Listing | str:
    listing = primary.listing(step)
    if not wanted:
        return replace(listing, items=())
    if listing.state is ListState.NOT_ASKED:
        if CAPABILITY_OF[step] in primary.capabilities:
            return listing.problem
        return listing  # not advertised: the server has none
    if not listing.complete:
        return listing.problem
    malformed = malformed_items(subject, list(listing.items))
    return malformed[0] if malformed else listing


def evidence_of(
    gate: Gate,
    recording: Recording,
    reviewed: Reviewed | None,
    expected: Expectations | None = None,
    *,
    resources: bool = False,
) -> Evidence:
    """Everything the checks may look at, from one recording."""
    observed = [observe(transcript) for transcript in recording.transcripts]
    primary = next(each for each in observed if each.role is Role.PRIMARY)
    snapshot = None if reviewed is None else reviewed.snapshot
    scope = gate.scope or (Scope() if snapshot is None else snapshot.scope)
    if gate.ignored:
        scope = replace(scope, ignored=tuple(dict.fromkeys((*scope.ignored, *gate.ignored))))
    resources |= snapshot is not None and snapshot.contract.resources is not None
    contract, problem = live_contract(primary, scope, resources=resources)
    expected = expected or gate.expected
    drift: tuple[EntryDrift, ...] = ()
    left_out: tuple[str, ...] = ()
    if snapshot is not None and gate.ignored:
        snapshot = rescoped(snapshot, scope)
    if snapshot is not None and contract is not None:
        both = comparable(snapshot.contract, contract, snapshot.era, primary.era)
        left_out = both.left_out
        if both.snapshot.digests != both.live.digests:
            found = changes(both.snapshot, both.live)
            drift = judged(both.snapshot, both.live, found, open_world=expected.open_world)
    return Evidence(
        expected=expected,
        recording=recording,
        primary=primary,
        other_era=next((each for each in observed if each.role is Role.OTHER_ERA), None),
        samples=tuple(each for each in observed if each.role in (Role.SAMPLE, Role.REPLICA)),
        contract=contract,
        contract_problem=problem,
        snapshot=snapshot,
        snapshot_name=None if reviewed is None else reviewed.name,
        snapshot_path=None if reviewed is None else reviewed.path,
        snapshot_commit=None if reviewed is None else reviewed.commit,
        drift=drift,
        left_out=left_out,
        scope=scope,
        configured=gate.ignored,
        now=recording.started,
        replicas=gate.target.replicas,
        connections=gate.samples,
    )
