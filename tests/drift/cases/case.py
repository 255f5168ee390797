"""A row of the tables: two schemas, and the values that tell them apart."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from mcpverify.facts.json_text import Json


class Nothing(Enum):
    """No value, where null is one."""

    NOTHING = "nothing"


NOTHING = Nothing.NOTHING

_BOUND_TO_THE_ROOT = frozenset(
    {"$schema", "$id", "id", "$ref", "$dynamicRef", "$recursiveRef", "$defs", "definitions"}
)


@dataclass(frozen=True, slots=True)
class Case:
    """What happens when a schema `old` becomes `new`.

    `lost` is a value that old takes and new refuses: there is one if and only if the change
    breaks an input. `gained` is one that new takes and old refuses: the change breaks an
    output. Both are values that the other side would produce: in the closed world, unless
    `open_world`. A row without either says that the two schemas take the same.

    `vanishes`: a declared property is gone, and no value is lost by that; `appears`: read from
    right to left one is. `speaks`: what only people, models or clients read differs. All of
    them are behavioral. `undecided_ok` is why a prover may say that it does not know.
    """

    id: str
    old: Json
    new: Json
    lost: Any = NOTHING
    gained: Any = NOTHING
    open_world: bool = False
    vanishes: bool = False
    appears: bool = False
    speaks: bool = False
    undecided_ok: str = ""

    @property
    def narrows(self) -> bool:
        return self.lost is not NOTHING

    @property
    def widens(self) -> bool:
        return self.gained is not NOTHING

    @property
    def reverse(self) -> "Case":
        """The row read from right to left."""
        return replace(
            self,
            id=f"{self.id}-reversed",
            old=self.new,
            new=self.old,
            lost=self.gained,
            gained=self.lost,
            vanishes=self.appears,
            appears=self.vanishes,
        )

    @property
    def nests(self) -> bool:
        """Whether both schemas mean the same at any place of a larger schema."""
        return not any(_keys(each) & _BOUND_TO_THE_ROOT for each in (self.old, self.new))


def _keys(value: Json) -> set[str]:
    found: set[str] = set()
    for each in _containers(value):
        if isinstance(each, dict):
            found |= each.keys()
    return found


def _containers(value: Json) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from _containers(each)
    elif isinstance(value, list):
        for each in value:
            yield from _containers(each)


ARRAY: Json = {"type": "array"}
BOOLEAN: Json = {"type": "boolean"}
INTEGER: Json = {"type": "integer"}
NULL: Json = {"type": "null"}
NUMBER: Json = {"type": "number"}
OBJECT: Json = {"type": "object"}
STRING: Json = {"type": "string"}
CLOSED: dict[str, Json] = {"additionalProperties": False}
OPEN: dict[str, Json] = {"additionalProperties": True}


def record(*required: str, **properties: Any) -> dict[str, Any]:
    """The schema of an object with these properties, of which some are required."""
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    return schema | {"required": list(required)} if required else schema


def string(**keywords: Any) -> dict[str, Any]:
    return {"type": "string", **keywords}


def integer(**keywords: Any) -> dict[str, Any]:
    return {"type": "integer", **keywords}


def number(**keywords: Any) -> dict[str, Any]:
    return {"type": "number", **keywords}


def array(**keywords: Any) -> dict[str, Any]:
    return {"type": "array", **keywords}
