"""What is said about a schema that is not valid, or of which that is not known."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mcpverify.facts.json_text import Json, canonical_text, pointer
from mcpverify.facts.schema import Place

PROBLEMS_SHOWN: Final = 5
_LONGEST_POINTER: Final = 2_000
_LONGEST_VALUE: Final = 80


class ProblemKind(StrEnum):
    """What a problem means for the schema, worst first."""

    INVALID = "invalid"  # it breaks a must
    UNDECIDED = "undecided"  # whether it is valid could not be found out
    DOUBTFUL = "doubtful"  # it breaks a should: some clients or validators refuse it


@dataclass(frozen=True, slots=True)
class SchemaProblem:
    """One thing that is wrong with a schema. `pointer` is a JSON pointer into it.

    A very long pointer is cut, with `...` at its end. `text` may quote the server.
    """

    pointer: str
    text: str
    kind: ProblemKind = ProblemKind.INVALID


class Problems:
    """The problems of one schema: a few of each kind, and how many there are."""

    __slots__ = ("_count", "_kept")

    def __init__(self) -> None:
        self._count = 0
        self._kept: dict[ProblemKind, list[SchemaProblem]] = {kind: [] for kind in ProblemKind}

    def add(
        self,
        place: Place,
        steps: tuple[str | int, ...],
        text: str,
        kind: ProblemKind = ProblemKind.INVALID,
    ) -> None:
        """Notes a problem at the value to which `steps` lead from `place`."""
        self._count += 1
        kept = self._kept[kind]
        if len(kept) < PROBLEMS_SHOWN:
            where = place.pointer + pointer(*steps)
            if len(where) > _LONGEST_POINTER:
                where = where[:_LONGEST_POINTER] + "..."
            kept.append(SchemaProblem(where, text, kind))

    def told(self) -> Iterator[SchemaProblem]:
        """The worst few problems; then, of more, one that counts the rest."""
        kept = [problem for kind in ProblemKind for problem in self._kept[kind]]
        shown = kept[:PROBLEMS_SHOWN]
        yield from shown
        rest = self._count - len(shown)
        if rest:
            noun = "problem" if rest == 1 else "problems"
            yield SchemaProblem("", f"and {rest:,} more {noun}", shown[-1].kind)


def instead(value: Json) -> str:
    """What stands there instead, to end a sentence with, where that is short to say."""
    return "" if isinstance(value, dict | list) else f", not {quoted(value)}"


def quoted(value: str | float | bool | None) -> str:
    """A value that is neither object nor list, as JSON writes it, cut where it is long."""
    match value:
        case str():
            cut = value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE] + "..."
            return canonical_text(cut)
        case float() as number:
            return str(number)
        case int() if value.bit_length() > 200:
            return "a very large number"
        case _:
            return canonical_text(value)
