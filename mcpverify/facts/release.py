"""Which release is serving, as far as the versions of the snapshot file in git tell."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

MOST_VERSIONS: Final = 50  # that are searched


class Descent(StrEnum):
    """How the commit of a release stands to the one whose snapshot was compared."""

    OLDER = "older"
    NEWER = "newer"
    ELSEWHERE = "elsewhere"  # neither leads to the other

    @property
    def release(self) -> str:
        """Such a release in words: `an old release`."""
        match self:
            case Descent.OLDER:
                return "an old release"
            case Descent.NEWER:
                return "a newer release"
            case Descent.ELSEWHERE:
                return "a release of another branch"
            case _:
                assert_never(self)


@dataclass(frozen=True, slots=True)
class Release:
    """A version of the snapshot file: at `path` in the commit of hash `commit`, in full.

    `committed` is when it was made, in seconds since the epoch.
    """

    path: str
    commit: str
    committed: float
    descent: Descent

    def told(self, now: float) -> str:
        """`snapshots/weather.json at 4b1d0aa (6 days ago)`; `now` in seconds since the epoch."""
        return f"{self.path} at {self.commit[:7]} ({_ago(now - self.committed)})"


@dataclass(frozen=True, slots=True)
class ReleaseSearch:
    """What a search for the live contract in the history of the snapshot file came to.

    `searched` counts the versions that were compared, without the one that the gate compared.
    `problem` says why none or not all could be, "" where all of the last ones were.
    """

    searched: int = 0
    found: Release | None = None
    problem: str = ""

    @property
    def is_unknown(self) -> bool:
        """Whether all of the last versions were compared, and none is equal."""
        return self.found is None and self.searched > 0 and not self.problem


def _ago(seconds: float) -> str:
    """How long ago, in the largest unit that there are two of."""
    for unit, length in (
        ("year", 31_557_600),
        ("month", 2_629_800),
        ("day", 86_400),
        ("hour", 3_600),
    ):
        if seconds >= 2 * length:
            return f"{seconds // length:,.0f} {unit}s ago"
    if seconds >= 120:
        return f"{seconds // 60:.0f} minutes ago"
    return "just now"
