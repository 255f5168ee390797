"""The outcome of a run: all findings, the facts an engineer asks for, and the verdict."""

from dataclasses import dataclass

from mcpverify.facts.compatibility import Compatibility, EntryDrift, JudgedChange
from mcpverify.facts.contract import Digests
from mcpverify.facts.finding import Finding
from mcpverify.facts.json_text import Json
from mcpverify.facts.release import ReleaseSearch
from mcpverify.facts.shard import Shard
from mcpverify.facts.situation import Situation
from mcpverify.facts.transcript import Recording
from mcpverify.facts.verdict import Verdict


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What an on-call engineer asks for. Absent facts are None. Seconds are floats."""

    name: str | None = None
    version: str | None = None
    revision: str | None = None
    eras: tuple[str, ...] = ()
    transport: str | None = None
    transport_reason: str = ""
    url: str | None = None
    address: str | None = None
    certificate_days: int | None = None
    request_id: str | None = None
    slowest_step: str | None = None
    slowest_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class ToolReport:
    """One tool, by name: `state` is identical, text, changed, added, missing, or listed.

    `compatibility` is the worst of its changes, None where it was compared with nothing.
    `renamed_to` is its name on the live server, if a missing tool is there under another one.
    `cut` says what stopped the judgement early, "" where nothing did. `snapshot` and `live`
    are its two definitions where they differ, None on the side that has none.
    """

    name: str
    state: str
    digests: Digests | None
    compatibility: Compatibility | None = None
    changes: tuple[JudgedChange, ...] = ()
    renamed_to: str = ""
    cut: str = ""
    snapshot: dict[str, Json] | None = None
    live: dict[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class TargetReport:
    """All that was found about one target.

    `situation` is what the verdict means for the deploy, and `headline` says it in one line;
    `release` is what the history of the snapshot told, None where it was not asked. `next_steps`
    are sentences or commands; `again` is the command that repeats this run, without
    credentials. `snapshot` is the snapshot that was compared, if any, as it was named, and
    `snapshot_commit` the full hash of the commit that it lies in, if git was asked; `others`
    are the prompts, resource templates and resources that differ from it.
    Strings hold no credential, but may hold what the server sent.
    """

    target: str
    verdict: Verdict
    situation: Situation
    headline: str
    findings: tuple[Finding, ...]
    server: ServerFacts
    live: Digests | None
    expected: Digests | None
    snapshot: str | None
    tools: tuple[ToolReport, ...]
    next_steps: tuple[str, ...]
    again: str
    attempts: int
    started: float
    seconds: float
    recording: Recording | None = None  # for -v; redacted like everything else
    others: tuple[EntryDrift, ...] = ()
    release: ReleaseSearch | None = None
    snapshot_commit: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One run over one or more targets, or over a part of a fleet, which may be empty.

    `missing` are sentences on what the report should hold and does not, where it was put together
    from others: it never passes then. `warnings` and `notes` are sentences on those others that
    change no verdict.
    """

    targets: tuple[TargetReport, ...]
    shard: Shard | None = None
    missing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        verdicts = {target.verdict for target in self.targets}
        if Verdict.FAILED in verdicts:
            return Verdict.FAILED
        if Verdict.INCONCLUSIVE in verdicts or self.missing:
            return Verdict.INCONCLUSIVE
        has_nothing_to_do = self.shard is not None and not self.shard.names
        return Verdict.PASSED if verdicts or has_nothing_to_do else Verdict.INCONCLUSIVE

    @property
    def is_of_one(self) -> bool:
        """Whether it is told as that of one target: with nothing beside it."""
        return len(self.targets) == 1 and self.shard is None and not (self.missing or self.warnings)
