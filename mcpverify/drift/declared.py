"""Which names a schema declares, and where in a value: to tell what silently vanished.

An open object takes any name, so that nothing is refused when a declared one is gone. Only
the names tell. They are collected through references and combinators, nearest first, and as far
as a bound goes; what lies beyond counts as not declared.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from mcpverify.facts.json_text import Json
from mcpverify.facts.schema import subschemas

Way: TypeAlias = tuple[str | int, ...]
"""The way into a value: the names of properties, and a number for an item or any other name."""

_ITEM: Final = 0
_OTHER: Final = 1

_IN_PLACE: Final = ("allOf", "anyOf", "oneOf", "if", "then", "else")
_IN_PLACE_BY_NAME: Final = ("dependentSchemas", "dependencies")
_ITEMS: Final = ("items", "prefixItems", "additionalItems", "unevaluatedItems", "contains")
_OTHERS: Final = ("additionalProperties", "unevaluatedProperties", "patternProperties")

_VISITS: Final = 4  # of one schema that refers to itself
_STEPS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Declared:
    """`names`: the ways to all declared names. `places`: the ways to a schema, by its `id`."""

    names: frozenset[Way]
    places: dict[int, list[Way]]

    def by(self, value: Json) -> Iterator[Way]:
        """The ways to the names that schemas within `value` declare."""
        for holder in value if isinstance(value, list) else [value]:
            for place in subschemas(holder):
                for way in self.places.get(id(place.schema), ()):
                    yield from ((*way, name) for name in _names(place.schema))


def declared(schema: Json) -> Declared:
    """What `schema` declares. It must stay alive, since its parts are known by their `id`."""
    names: set[Way] = set()
    places: dict[int, list[Way]] = {}
    pending: deque[tuple[Json, Way]] = deque([(schema, ())])
    steps = _STEPS
    while pending and steps > 0:
        value, way = pending.popleft()
        if not isinstance(value, dict):
            continue
        ways = places.setdefault(id(value), [])
        if way in ways or len(ways) >= _VISITS:
            continue
        ways.append(way)
        names.update((*way, name) for name in _names(value))
        steps -= 1 + len(value)
        pending += _below(schema, value, way)
    return Declared(frozenset(names), places)


def _names(schema: dict[str, Json]) -> Iterator[str]:
    properties, required = schema.get("properties"), schema.get("required")
    if isinstance(properties, dict):
        yield from (name for name, inner in properties.items() if inner is not False)
    if isinstance(required, list):
        yield from (name for name in required if isinstance(name, str))


def _below(root: Json, schema: dict[str, Json], way: Way) -> Iterator[tuple[Json, Way]]:
    for keyword, value in schema.items():
        if keyword in _IN_PLACE:
            yield from ((each, way) for each in _listed(value))
        elif keyword in _IN_PLACE_BY_NAME and isinstance(value, dict):
            yield from ((each, way) for each in value.values())
        elif keyword == "properties" and isinstance(value, dict):
            yield from ((each, (*way, name)) for name, each in value.items())
        elif keyword in _ITEMS:
            yield from ((each, (*way, _ITEM)) for each in _listed(value))
        elif keyword in _OTHERS:
            by_pattern = keyword == "patternProperties" and isinstance(value, dict)
            others = value.values() if by_pattern and isinstance(value, dict) else [value]
            yield from ((each, (*way, _OTHER)) for each in others)
        elif keyword in ("$ref", "$dynamicRef", "$recursiveRef") and isinstance(value, str):
            yield (_target(root, value), way)


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _target(root: Json, reference: str) -> Json:
    """Where a reference within the schema leads; None for one by name, or to nothing."""
    if reference != "#" and not reference.startswith("#/"):
        return None
    at = root
    for step in reference.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(at, dict) and key in at:
            at = at[key]
        elif isinstance(at, list) and key.isdecimal() and int(key) < len(at):
            at = at[int(key)]
        else:
            return None
    return at
