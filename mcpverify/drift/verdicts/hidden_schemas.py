"""Schemas that stand where JSON Schema keeps none, and are schemas by being referred to.

`#/components/schemas/Pet` is one: `components` is no keyword, and what changes below it
would pass for an annotation if no reference led there.
"""

from collections import deque

from mcpverify.drift.validity.schema_shapes import REFERENCES
from mcpverify.facts.dialect import understood_dialect
from mcpverify.facts.json_text import Json
from mcpverify.facts.schema import Place, dialect, subschemas
from mcpverify.facts.schema_references import References, Target


def hidden_schemas(schema: Json) -> tuple[str, ...]:
    """The JSON pointers from the root of `schema` to those of its schemas that are hidden so."""
    if not isinstance(schema, dict):
        return ()
    known = understood_dialect(dialect(schema))
    places = deque(subschemas(schema))
    if known is None or not any(each in place.schema for place in places for each in _ANY):
        return ()
    references = References(schema, known)
    seen = {id(place.schema) for place in places if not _only_describes(place)}
    found: list[str] = []
    while places:
        place = places.popleft()
        for keyword in REFERENCES[known]:
            reference = place.schema.get(keyword)
            if not isinstance(reference, str):
                continue
            target = references.target(references.resource_of(place), reference)
            if not isinstance(target, Target):
                continue
            if target.place is None:
                found.append(reference.partition("#")[2])
            elif id(target.place.schema) not in seen:
                found.append(target.place.pointer)
                for inner in subschemas(target.value, target.place.parent, target.place.steps):
                    seen.add(id(inner.schema))
                    places.append(inner)
    return tuple(found)


def _only_describes(place: Place) -> bool:
    """Whether a schema is one of decoded content, which no validator holds a value to."""
    at: Place | None = place
    while at is not None:
        if "contentSchema" in at.steps[:1]:
            return True
        at = at.parent
    return False


_ANY = frozenset().union(*REFERENCES.values())
