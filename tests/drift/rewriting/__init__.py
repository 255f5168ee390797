"""What a server author may write in place of one subschema, and how the two relate.

The truth is known by construction, from the step that was taken, and never from the code under
test: a `Rewrite` says for both directions whether all values that the one produces are accepted by
the other, in the closed world and by the plain letter of JSON Schema.
"""

from collections.abc import Iterator

from tests.drift.rewriting.arrays import arrays
from tests.drift.rewriting.bounds import booleans, numbers
from tests.drift.rewriting.kinds import choices, types
from tests.drift.rewriting.objects import objects
from tests.drift.rewriting.rewrite import Rewrite, Schema, Surroundings, bare, types_apart, types_of
from tests.drift.rewriting.texts import texts
from tests.drift.rewriting.words import annotations


def rewrites(schema: Schema, where: Surroundings) -> Iterator[Rewrite]:
    """All steps from `schema` to something else. Each has its mirror in `undone`."""
    for each in _all_rewrites(schema, where):
        if not where.beside or _keeps_apart(each, where.beside):
            yield each


def _keeps_apart(rewrite: Rewrite, beside: frozenset[str]) -> bool:
    """The types that come or go are none that another branch accepts."""
    before, after = types_of(rewrite.before), types_of(rewrite.after)
    if before is None or after is None:
        return rewrite.annotates or rewrite.respells
    return all(types_apart(each, beside) for each in before ^ after)


def _all_rewrites(schema: Schema, where: Surroundings) -> Iterator[Rewrite]:
    yield from annotations(schema, where)
    match schema.get("type"):
        case "string" if "enum" not in schema and "const" not in schema:
            yield from texts(schema)
        case "integer" | "number" if "enum" not in schema and "const" not in schema:
            yield from numbers(schema)
        case "boolean":
            yield from booleans(schema)
        case "array":
            yield from arrays(schema, where)
        case "object":
            yield from objects(schema, where)
    if not where.root and bare(schema) and "format" not in schema:
        yield from types(schema, where)
        yield from choices(schema)
