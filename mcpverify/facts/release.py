"""Which release is serving, as far as the versions of the snapshot file in git tell."""

from dataclasses import dataclass
from enum import StrEnum


class Descent(StrEnum):
    """How the commit of a release stands to the one whose snapshot was compared."""

    OLDER = "older"
    NEWER = "newer"
    ELSEWHERE = "elsewhere"  # neither leads to the other


@dataclass(frozen=True, slots=True)
class Release:
    """A version of the snapshot file: at `path` in the commit of hash `commit`, in full.

    `committed` is when it was made, in seconds since the epoch.
    """

    path: str
    commit: str
    committed: float
    descent: Descent


@dataclass(frozen=True, slots=True)
class ReleaseSearch:
    """What a search for the live contract in the history of the snapshot file came to.

    `searched` counts the versions that were compared, without the one that the gate compared.
    `problem` says why none or not all could be, "" where all of the last ones were.
    """

    searched: int = 0
    found: Release | None = None
    problem: str = ""
