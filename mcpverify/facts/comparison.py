"""The outcome of a comparison of two contracts, wherever each of them came from."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from mcpverify.facts.compatibility import Compatibility, EntryDrift, worst
from mcpverify.facts.contract import Digests
from mcpverify.facts.evidence import FailOn
from mcpverify.facts.report import ToolReport
from mcpverify.facts.transcript import Recording
from mcpverify.facts.verdict import Verdict


class SourceKind(StrEnum):
    """Where a contract was read."""

    SERVER = "server"  # a URL or a command
    SNAPSHOT = "snapshot"
    GIT = "git"  # a snapshot, a transcript or a listing as git:REF:PATH
    TRANSCRIPT = "transcript"
    LISTING = "listing"  # a raw result of tools/list


@dataclass(frozen=True, slots=True)
class Source:
    """One of the two sides.

    `name` is what the user called it, without credentials. `detail` tells which one was met,
    for people: `weather 2.3.9, 2025-11-25` or `commit 9f3c2e1a04d2`; it may hold what the server
    sent, and may be "". `digests` is None where the contract was not fully seen, and
    `problem` then says why. `tools` counts those that were compared.
    """

    name: str
    kind: SourceKind
    detail: str = ""
    digests: Digests | None = None
    tools: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between `old` and `new`, and what that means for callers.

    In `tools` and `others` the snapshot's side is `old` and the live one `new`. All tools are
    listed, by name, the identical ones too; `others` are the prompts, resource templates and
    resources that differ, worst first. Both are empty where a side was not fully seen, and
    the verdict is then inconclusive. `headline` says the outcome in one line; `notes` are
    sentences on what was left out of the comparison; `next_steps` are sentences or commands,
    `again` the command that repeats the run, without credentials. Strings hold no
    credential, but may hold what a server sent.
    """

    old: Source
    new: Source
    verdict: Verdict
    headline: str
    tools: tuple[ToolReport, ...] = ()
    others: tuple[EntryDrift, ...] = ()
    fail_on: FailOn = FailOn.CONTRACT
    open_world: bool = False
    notes: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    again: str = ""
    started: float = 0.0  # seconds since the epoch
    seconds: float = 0.0
    recordings: tuple[Recording, ...] = ()  # of the servers that were asked; for -v

    @property
    def compared(self) -> bool:
        """Whether both sides were fully seen."""
        return self.old.digests is not None and self.new.digests is not None

    @property
    def compatibility(self) -> Compatibility | None:
        """The worst of all that differs, None where nothing could be compared."""
        if not self.compared:
            return None
        tools = (each.compatibility or Compatibility.IDENTICAL for each in self.tools)
        return worst((*tools, *(each.compatibility for each in self.others)))

    @property
    def counts(self) -> dict[Compatibility, int]:
        """How many tools there are of each compatibility, worst first; none of zero."""
        found = Counter(each.compatibility or Compatibility.IDENTICAL for each in self.tools)
        ranked = sorted(found, key=lambda each: each.rank, reverse=True)
        return {each: found[each] for each in ranked}
