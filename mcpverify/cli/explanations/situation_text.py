"""What is told of a situation: one text for each, in the same parts."""

from dataclasses import dataclass
from enum import StrEnum

from mcpverify.facts.verdict import Verdict


class RollBack(StrEnum):
    """Whether it helps to roll back."""

    NEEDLESS = "not needed"
    HELPS = "helps"
    DEPENDS = "depends"
    DOES_NOT_HELP = "does not help"


@dataclass(frozen=True, slots=True)
class SituationText:
    """`happened`, `known`, `todo` and `because` are whole sentences.

    `headline` is how the second line of a report begins, "" where that is a path. `because` says
    when rolling back helps and when not, "" where none is needed.
    """

    verdict: Verdict
    headline: str
    title: str
    happened: str
    known: str
    todo: str
    roll_back: RollBack
    because: str = ""
