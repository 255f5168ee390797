"""Which declared names silently vanished: an open object takes any name, so nothing is refused.

Both schemas are walked side by side, place by place in the values that they are about, through
references and combinators. A pair of places that was met before is not walked again, so
that schemas which refer to themselves end.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from mcpverify.drift.verdicts.hybrid import at, steps_of
from mcpverify.facts.change import Aspect, Change, ChangeKind
from mcpverify.facts.json_text import Json, pointer_steps
from mcpverify.facts.schema import subschemas

Vanished: TypeAlias = dict[int, set[str]]
"""The names by the `id` of the schemas of the snapshot that declare them."""

_Schemas: TypeAlias = list[dict[str, Json]]
_Step: TypeAlias = tuple[str, str]

_IN_PLACE: Final = ("allOf", "anyOf", "oneOf", "if", "then", "else")
_IN_PLACE_BY_NAME: Final = ("dependentSchemas", "dependencies")
_ITEMS: Final = ("items", "prefixItems", "additionalItems", "unevaluatedItems", "contains")
_OTHERS: Final = ("additionalProperties", "unevaluatedProperties")
_REFERENCES: Final = ("$ref", "$dynamicRef", "$recursiveRef")

_STEPS: Final = 20_000

_GONE: Final = (ChangeKind.REMOVED, ChangeKind.RENAMED)
_MAY_HIDE_NAMES: Final = (
    Aspect.REFERENCE,
    Aspect.COMBINATOR,
    Aspect.SCHEMA,
    Aspect.ITEMS,
    Aspect.ADDITIONAL,
)


def silently_lost(snapshot: Json, live: Json, changes: Iterable[Change]) -> set[int]:
    """The changes, by `id`, by which a name that the snapshot declares is declared no more."""
    suspects = [
        change
        for change in changes
        if change.kind is not ChangeKind.ADDED
        and (change.aspect is Aspect.PROPERTY or change.aspect in _MAY_HIDE_NAMES)
    ]
    if not suspects:
        return set()
    gone = vanished(snapshot, live)
    found: set[int] = set()
    for change in suspects:
        steps = steps_of(change)
        if change.aspect is Aspect.PROPERTY and change.kind in _GONE:
            holder = at(snapshot, steps[:-2]).value
            silent = steps[-1] in gone.get(id(holder), ())
        else:
            values = change.snapshot
            silent = any(
                id(place.schema) in gone
                for value in (values if isinstance(values, list) else [values])
                for place in subschemas(value)
            )
        if silent:
            found.add(id(change))
    others = [change for change in suspects if change.aspect is not Aspect.PROPERTY]
    if gone and not found and others:
        found.add(id(others[0]))
    return found


def vanished(snapshot: Json, live: Json) -> Vanished:
    """The names that `snapshot` declares somewhere and `live` does not declare there.

    As far as a bound goes; what lies beyond counts as unchanged. `snapshot` must stay alive.
    """
    found: Vanished = {}
    pending = deque([(_closure(snapshot, [snapshot]), _closure(live, [live]))])
    met: set[tuple[frozenset[int], frozenset[int]]] = set()
    steps = _STEPS
    while pending and steps > 0:
        old, new = pending.popleft()
        key = (frozenset(map(id, old)), frozenset(map(id, new)))
        if not old or key in met:
            continue
        met.add(key)
        steps -= sum(1 + len(each) for each in (*old, *new))
        kept = {name for schema in new for name in _names(schema)}
        for schema in old:
            gone = {name for name in _names(schema) if name not in kept}
            if gone:
                found.setdefault(id(schema), set()).update(gone)
        before, after = _below(old), _below(new)
        for step, schemas in before.items():
            if step[0] != "property" or step[1] in kept:
                inner = _closure(live, after.get(step, []))
                pending.append((_closure(snapshot, schemas), inner))
    return found


def _names(schema: dict[str, Json]) -> Iterator[str]:
    properties, required = schema.get("properties"), schema.get("required")
    if isinstance(properties, dict):
        yield from (name for name, inner in properties.items() if inner is not False)
    if isinstance(required, list):
        yield from (name for name in required if isinstance(name, str))


def _closure(root: Json, values: Iterable[Json]) -> _Schemas:
    """Every schema that holds for the same value as one of `values`."""
    found: dict[int, dict[str, Json]] = {}
    pending = [*values]
    while pending:
        value = pending.pop()
        if isinstance(value, dict) and id(value) not in found:
            found[id(value)] = value
            pending += _beside(root, value)
    return list(found.values())


def _beside(root: Json, schema: dict[str, Json]) -> Iterator[Json]:
    for keyword, value in schema.items():
        if keyword in _IN_PLACE:
            yield from value if isinstance(value, list) else [value]
        elif keyword in _IN_PLACE_BY_NAME and isinstance(value, dict):
            yield from value.values()
        elif keyword in _REFERENCES and isinstance(value, str):
            yield _target(root, value)


def _below(schemas: _Schemas) -> dict[_Step, list[Json]]:
    """The schemas of what lies inside a value, by the step that leads there."""
    found: dict[_Step, list[Json]] = {}
    for schema in schemas:
        for keyword, value in schema.items():
            if keyword == "properties" and isinstance(value, dict):
                for name, inner in value.items():
                    found.setdefault(("property", name), []).append(inner)
            elif keyword == "patternProperties" and isinstance(value, dict):
                found.setdefault(("other", ""), []).extend(value.values())
            elif keyword in _OTHERS:
                found.setdefault(("other", ""), []).append(value)
            elif keyword in _ITEMS:
                items = value if isinstance(value, list) else [value]
                found.setdefault(("item", ""), []).extend(items)
    return found


def _target(root: Json, reference: str) -> Json:
    """Where a reference within the schema leads; None for one by name, or to nothing."""
    if reference != "#" and not reference.startswith("#/"):
        return None
    return at(root, pointer_steps(reference)).value
