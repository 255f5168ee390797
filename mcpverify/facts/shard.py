"""A part of a fleet that one job of many checks, so that all of them together check everything."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Shard:
    """Part `index` of `count`, counted from 1; `fleet` are the names of all targets, in order.

    `run` names the run of CI that this job is of, None where nothing tells; `asked` is a digest of
    the configuration and of the options: parts of one whole have both in common.
    """

    index: int
    count: int
    fleet: tuple[str, ...]
    run: str | None
    asked: str

    @property
    def names(self) -> tuple[str, ...]:
        """The targets of this part, in order."""
        return tuple(self.of(self.fleet))

    @property
    def told(self) -> str:
        return f"shard {self.index}/{self.count}"

    def of(self, items: Sequence[Item]) -> Sequence[Item]:
        """Those of the fleet's `items` that are in this part: every N-th, so that neighbors,
        which are often alike, are spread over all parts."""
        return items[self.index - 1 :: self.count]
