"""A value that breaks, as it is shown: no larger than it has to be, and with the right words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mcpverify.drift.budget import Budget
from mcpverify.drift.referee.oracle import Oracle
from mcpverify.drift.referee.silence import OracleSilent
from mcpverify.drift.verdicts.hybrid import Ground, Group
from mcpverify.facts.json_text import Json

_MEMBERS: Final = 16  # of a value that is made smaller


@dataclass(frozen=True, slots=True)
class Shown:
    """A value, and why it is refused.

    `refusal` is the acceptor's, None where it takes the value; `blamed` that of the producer's
    schema with no more than the blamed change made, or little more.
    """

    value: Json
    refusal: str | None
    blamed: str

    @property
    def words(self) -> str:
        """Why the acceptor refuses the value, or why the change alone does: not another change."""
        whole, part = self.refusal or "", self.blamed
        return whole if not part or _about(whole) == _about(part) else part


def _about(refusal: str) -> str:
    """The place and the value that a refusal is about: `at /mode: 'fuzzy'`."""
    return refusal.partition(" is ")[0]


def shortened(ground: Ground, group: Group, shown: Shown, budget: Budget) -> Shown:
    """The same without the members that this group does not refuse."""
    producer, acceptor = Oracle(ground.producer, budget), Oracle(ground.acceptor, budget)
    alone = Oracle(ground.hybrid([group]), budget)
    try:
        for name in _members(shown.value):
            smaller = _without(shown.value, name)
            blamed, refusal = alone.refusal(smaller), acceptor.refusal(smaller)
            if blamed is not None and refusal is not None and producer.refusal(smaller) is None:
                shown = Shown(smaller, refusal, blamed)
    except OracleSilent:
        pass
    return shown


def _members(value: Json) -> Iterator[str]:
    if isinstance(value, dict) and len(value) <= _MEMBERS:
        yield from value


def _without(value: Json, name: str) -> Json:
    assert isinstance(value, dict)
    return {key: each for key, each in value.items() if key != name}
