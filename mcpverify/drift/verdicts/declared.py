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
from mcpverify.facts.dialect import Dialect, understood_dialect
from mcpverify.facts.json_text import Json
from mcpverify.facts.schema import dialect, subschemas
from mcpverify.facts.schema_references import References, Resource, Target

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
        # Only a reference takes names away by being added: older dialects ignore what is beside it.
        if (change.kind is not ChangeKind.ADDED or change.aspect is Aspect.REFERENCE)
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
    before, after = _Document(snapshot), _Document(live)
    pending = deque([(before.closure([snapshot]), after.closure([live]))])
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
        inside = _below(new)
        for step, schemas in _below(old).items():
            if step[0] != "property" or step[1] in kept:
                pending.append((before.closure(schemas), after.closure(inside.get(step, []))))
    return found


class _Document:
    """A schema and where its references lead."""

    def __init__(self, schema: Json) -> None:
        self._schema = schema
        self._dialect = understood_dialect(dialect(schema)) or Dialect.D2020_12
        self._references: References | None = None
        self._resources: dict[int, Resource] = {}

    def closure(self, values: Iterable[Json]) -> _Schemas:
        """Every schema that holds for the same value as one of `values`."""
        found: _Schemas = []
        met: set[int] = set()
        pending = [*values]
        while pending:
            value = pending.pop()
            if not isinstance(value, dict) or id(value) in met:
                continue
            met.add(id(value))
            reference = value.get("$ref")
            if isinstance(reference, str) and self._dialect < Dialect.D2019_09:
                pending.append(self._target(value, reference))  # all that stands beside is ignored
                continue
            found.append(value)
            for keyword, inner in value.items():
                if keyword in _IN_PLACE:
                    pending += inner if isinstance(inner, list) else [inner]
                elif keyword in _IN_PLACE_BY_NAME and isinstance(inner, dict):
                    pending += inner.values()
                elif keyword in _REFERENCES and isinstance(inner, str):
                    pending.append(self._target(value, inner))
        return found

    def _target(self, schema: dict[str, Json], reference: str) -> Json:
        """What a reference in `schema` leads to; None where that is no part of the document."""
        if self._references is None:
            assert isinstance(self._schema, dict)
            self._references = References(self._schema, self._dialect)
            for place in subschemas(self._schema):
                self._resources[id(place.schema)] = self._references.resource_of(place)
        resource = self._resources.get(id(schema), self._references.root)
        target = self._references.target(resource, reference)
        return target.value if isinstance(target, Target) else None


def _names(schema: dict[str, Json]) -> Iterator[str]:
    properties, required = schema.get("properties"), schema.get("required")
    if isinstance(properties, dict):
        yield from (name for name, inner in properties.items() if inner is not False)
    if isinstance(required, list):
        yield from (name for name in required if isinstance(name, str))


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
