"""The places of the values that a schema is about, and the schemas that hold at each."""

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from mcpverify.facts.dialect import Dialect, understood_dialect
from mcpverify.facts.json_text import Json
from mcpverify.facts.schema import dialect, subschemas
from mcpverify.facts.schema_references import References, Resource, Target

Steps: TypeAlias = tuple[str, ...]
Schemas: TypeAlias = list[dict[str, Json]]

OTHERS: Final = ("additionalProperties", "unevaluatedProperties")
_IN_PLACE: Final = ("allOf", "anyOf", "oneOf", "if", "then", "else")
_IN_PLACE_BY_NAME: Final = ("dependentSchemas", "dependencies")
_REFERENCES: Final = ("$ref", "$dynamicRef", "$recursiveRef")
_OTHER_ITEMS: Final = ("items", "additionalItems", "unevaluatedItems")


class Document:
    """A schema and where its references lead."""

    def __init__(self, schema: Json) -> None:
        self._schema = schema
        self._dialect = understood_dialect(dialect(schema)) or Dialect.D2020_12
        self._references: References | None = None
        self._resources: dict[int, Resource] = {}

    def closure(self, values: Iterable[Json]) -> Schemas:
        """Every schema that holds for the same value as one of `values`."""
        found: Schemas = []
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


def _prefix(schema: Mapping[str, Json]) -> list[Json]:
    """The schemas of the first items, each of its own."""
    for keyword in ("prefixItems", "items"):
        value = schema.get(keyword)
        if isinstance(value, list):
            return value
    return []


def positions(*schemas: Mapping[str, Json]) -> int:
    """How many items must be looked at one by one: those with a schema of their own, and one."""
    length = 1 + max(len(_prefix(each)) for each in schemas)
    for each in schemas:
        most = each.get("maxItems")
        if isinstance(most, int | float) and most < length:
            length = int(max(most, 1))
    return length


def below(schemas: Schemas, length: int) -> dict[Steps, list[Json]]:
    """The schemas of what lies inside a value, by the step that leads there.

    The first `length` items of an array have a step each; those after them are like the last.
    """
    found: dict[Steps, list[Json]] = {}
    for schema in schemas:
        for keyword, value in schema.items():
            if keyword == "properties" and isinstance(value, dict):
                for name, inner in value.items():
                    found.setdefault(("property", name), []).append(inner)
            elif keyword == "patternProperties" and isinstance(value, dict):
                found.setdefault(("other", ""), []).extend(value.values())
            elif keyword in OTHERS:
                found.setdefault(("other", ""), []).append(value)
        own = _prefix(schema)
        rest = [schema[each] for each in _OTHER_ITEMS if isinstance(schema.get(each), dict | bool)]
        contained = [schema["contains"]] if "contains" in schema else []
        for index in range(length):
            inner = own[index : index + 1] or rest
            if inner or contained:
                found.setdefault(("item", str(index)), []).extend((*inner, *contained))
    return found
