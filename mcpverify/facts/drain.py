"""The outcome of `drain`: what the trials show, judged by the points of a good shutdown."""

from dataclasses import dataclass
from enum import StrEnum

from mcpverify.facts.finding import Finding
from mcpverify.facts.timeline import Timeline
from mcpverify.facts.verdict import Verdict


class Shutdown(StrEnum):
    """What a shutdown was like. Best first."""

    GRACEFUL = "graceful"  # no call was lost, new ones were turned away in good order, in time
    DEGRADED = "degraded"  # no call was lost, and it ended in time, but not all was in order
    LOSSY = "lossy"  # a call was lost
    ABRUPT = "abrupt"  # it ended at once, with calls in flight
    HUNG = "hung"  # it had to be killed

    @property
    def badness(self) -> int:
        return list(Shutdown).index(self)


@dataclass(frozen=True, slots=True)
class Remedy:
    """A known cause of what was seen, and what mends it: one sentence each, or lines of code.

    `points` are those that it explains.
    """

    cause: str
    steps: tuple[str, ...]
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recommended:
    """What the platform should be set to. Seconds; None where nothing measured supports a number.

    `p99` is of tool calls, as the user gave or `--call` measured it; `source` says which.
    """

    p99: float | None
    source: str
    drain_limit: float | None
    grace: float | None


@dataclass(frozen=True, slots=True)
class Trial:
    """One timeline and its judgement. `shutdown` is None where the trial could not be made."""

    timeline: Timeline
    shutdown: Shutdown | None
    verdict: Verdict
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class DrainReport:
    """One run of `drain`: as many trials as were asked for, of which the worst counts.

    `headline` says in one line what the worst trial means. Strings hold no credential, but may
    hold what the server sent.
    """

    target: str
    trials: tuple[Trial, ...]
    worst: int  # index into trials
    headline: str
    remedies: tuple[Remedy, ...] = ()
    recommended: Recommended | None = None
    next_steps: tuple[str, ...] = ()
    again: str = ""
    started: float = 0.0  # seconds since the epoch
    seconds: float = 0.0

    @property
    def trial(self) -> Trial:
        """The one that counts."""
        return self.trials[self.worst]

    @property
    def verdict(self) -> Verdict:
        return self.trial.verdict
