"""All that a check may look at: what was expected, what was seen, what was committed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from mcpverify.facts.change import Part
from mcpverify.facts.compatibility import Compatibility, EntryDrift
from mcpverify.facts.contract import Contract, Scope
from mcpverify.facts.finding import LEFT_OUT, Detail
from mcpverify.facts.golden_call import GoldenCall
from mcpverify.facts.health import HealthProbe
from mcpverify.facts.observation import UNANSWERED, Observation
from mcpverify.facts.release import Release, ReleaseSearch
from mcpverify.facts.revision import Era, Revision
from mcpverify.facts.snapshot import Snapshot
from mcpverify.facts.target import Replicas, Transport
from mcpverify.facts.transcript import Exchange, Recording, Step
from mcpverify.facts.version_source import VersionSource


class FailOn(StrEnum):
    """Which difference from the snapshot fails the gate; the others warn.

    BREAKING is what breaks callers, and what could not be decided.
    """

    ANY = "any"
    CONTRACT = "contract"
    BREAKING = "breaking"
    NONE = "none"

    def objects_to(self, drift: EntryDrift) -> bool:
        """Whether a tool, prompt, ... that differs in this way fails."""
        match self:
            case FailOn.ANY:
                return True
            case FailOn.CONTRACT:
                return any(each.change.part is Part.CONTRACT for each in drift.changes)
            case FailOn.BREAKING:
                return drift.compatibility in (Compatibility.BREAKING, Compatibility.UNDECIDED)
            case FailOn.NONE:
                return False
            case _:
                assert_never(self)


@dataclass(frozen=True, slots=True)
class Expectations:
    """What the user demands of the server, beyond the protocol. Seconds for latency.

    `snapshot_note` says why there is no snapshot to compare with, where there is none;
    `snapshot_wanted` is False where `--no-snapshot` said so, and with `snapshot_required` there is
    no green without one. `open_world`: objects that callers send may hold names that no schema
    declares. `version_from` is where the version is read, None for serverInfo. `step_latency` are
    budgets of single steps. `replicas` is how many there are said to be behind the address. `auth`:
    nobody may be let in without credentials.
    """

    protocol: Revision | None = None
    name: str | None = None
    version: str | None = None
    min_tools: int = 1
    required_tools: tuple[str, ...] = ()
    max_latency: float | None = None
    digest: str | None = None
    fail_on: FailOn = FailOn.CONTRACT
    snapshot_wanted: bool = True
    snapshot_note: str = ""
    snapshot_required: bool = False
    open_world: bool = False
    version_from: VersionSource | None = None
    step_latency: tuple[tuple[Step, float], ...] = ()
    calls: tuple[GoldenCall, ...] = ()
    replicas: int | None = None
    readiness: HealthProbe | None = None
    liveness: HealthProbe | None = None
    auth: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """One attempt of a run, ready to be judged. Built by `evidence_of`.

    `now` is seconds since the epoch. `contract` is the live contract in the snapshot's
    scope, or None with `contract_problem` saying why it was not fully seen. `drift` is
    what differs in it from the snapshot, judged, worst first; `left_out` names the fields that
    could not be compared, and `scope` what was not to be: `configured` are the fields of it that a
    configuration names, None where no configuration has a word on it. `samples` are the sessions on
    fresh connections after the first.
    `snapshot_name` is what the snapshot was called, `snapshot_path` its file, and `snapshot_commit`
    the full hash of the commit that it lies in, None for a file of the working tree.
    `release` is what the history of the snapshot file told of a live contract that differs, and
    `released` the digest of its tools: it may be the one of a sample alone.
    `replicas` are those that were to be asked one by one, `connections` how many were to be made,
    None by default: a recording may hold others.
    """

    expected: Expectations
    recording: Recording
    primary: Observation
    other_era: Observation | None
    samples: tuple[Observation, ...]
    contract: Contract | None
    contract_problem: str
    snapshot: Snapshot | None
    snapshot_name: str | None
    snapshot_path: str | None
    snapshot_commit: str | None
    drift: tuple[EntryDrift, ...]
    left_out: tuple[str, ...]
    scope: Scope
    now: float
    release: ReleaseSearch | None = None
    released: str = ""
    configured: tuple[str, ...] | None = None
    replicas: Replicas = Replicas()
    connections: int | None = None

    @property
    def kept_out(self) -> tuple[str, ...]:
        """The fields that the snapshot leaves out, and the configuration in force does not."""
        if self.configured is None or self.snapshot is None:
            return ()
        return tuple(each for each in self.scope.ignored if each not in self.configured)

    @property
    def beyond_scope(self) -> str:
        """What was not looked at, and by whose word; "" where that is nothing."""
        ours = self.configured or ()
        theirs = [each for each in self.scope.ignored if each not in ours]
        if self.scope.tools:
            theirs.append(f"tools beyond {', '.join(self.scope.tools)}")
        told = ((ours, "configuration"), (theirs, "snapshot"))
        words = [f"{', '.join(fields)} by the {who}" for fields, who in told if fields]
        return f"{LEFT_OUT}{' and '.join(words)}" if words else ""

    @property
    def serving(self) -> Release | None:
        """The release that is serving, where the history of the snapshot told one."""
        return None if self.release is None else self.release.found

    @property
    def transport(self) -> Transport:
        return self.primary.transport

    @property
    def era(self) -> Era:
        return self.primary.era

    @property
    def unopened(self) -> str:
        """Why no session could be opened, or ""."""
        return "" if self.primary.opened else f"no session was opened: {self.primary.problem}"

    @property
    def observations(self) -> tuple[Observation, ...]:
        other = (self.other_era,) if self.other_era is not None else ()
        return (self.primary, *other, *self.samples)


def expects_tools(expected: Expectations, snapshot: Snapshot | None) -> bool:
    """Whether the user or the snapshot asks for tools, advertised or not."""
    return bool(
        expected.required_tools
        or expected.calls
        or expected.min_tools > 1
        or (snapshot is not None and snapshot.contract.tools)
    )


def last_words(observation: Observation) -> list[Detail]:
    """The last lines of a child's stderr, where there was one: a detail each."""
    process = observation.process
    return [Detail(line, subject="stderr") for line in process.stderr] if process else []


# Statuses that speak of our credentials, of the way here, or of the moment.
_NO_VERDICT = {401, 403, 407, 421, 429}


def says_nothing(exchange: Exchange, *, opened: bool) -> bool:
    """Whether a failed exchange gives no ground for a verdict on the server.

    Before a session is `opened` that is no answer at all, or one that turns us away; a
    server that answered once and then fails has shown what it is.
    """
    status = exchange.status
    if status in _NO_VERDICT and (status != 421 or not opened):
        return True
    if opened or exchange.failure is None:
        return False
    return exchange.failure.kind in UNANSWERED or (status is not None and status >= 500)
