"""What answers came to: right, wrong in one of two ways, or none at all, and how long they took."""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tests.drift.single_edits import Edit


class Silence(StrEnum):
    """Why there was no answer. `RAISED`: an exception came in its place."""

    UNDECIDED = "undecided"
    RAISED = "raised"
    TIMED_OUT = "timed out"


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether all that is produced is accepted, or why that was not said. `detail` is for us."""

    said: bool | Silence
    seconds: float
    detail: str = ""


@dataclass(slots=True)
class Tally:
    """The answers of one tool to one set of edits. `seconds` holds the time of every one."""

    right: int = 0
    false_compatible: int = 0
    false_breaking: int = 0
    silent: Counter[Silence] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.seconds)

    @property
    def wrong(self) -> int:
        return self.false_compatible + self.false_breaking

    @property
    def undecided(self) -> float:
        """The share of edits without an answer."""
        return self.silent.total() / self.count

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def slow(self) -> float:
        """The 99th percentile."""
        return sorted(self.seconds)[self.count * 99 // 100]


def tally(answers: Mapping[str, Answer], edits: Iterable[Edit]) -> Tally:
    """What `answers`, by the ids of edits, come to on these edits."""
    found = Tally()
    for edit in edits:
        answer = answers[edit.id]
        found.seconds.append(answer.seconds)
        match answer.said:
            case Silence() as why:
                found.silent[why] += 1
            case contained if contained == edit.contained:
                found.right += 1
            case True:
                found.false_compatible += 1
            case _:
                found.false_breaking += 1
    return found
