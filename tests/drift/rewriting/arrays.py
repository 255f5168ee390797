"""Steps on arrays: how many items, of what kind, and whether they repeat."""

from collections.abc import Iterator

from tests.drift.rewriting.bounds import lengths
from tests.drift.rewriting.rewrite import (
    APART,
    NARROWED,
    SAME,
    WIDENED,
    Rewrite,
    Schema,
    Surroundings,
    bare,
    extended,
    split,
    step,
    types_of,
    without,
)


def arrays(schema: Schema, where: Surroundings) -> Iterator[Rewrite]:
    yield from lengths(schema, "minItems", "maxItems", (0, 1, 2), (1, 10, 100), 0)
    unique = extended(schema, uniqueItems=True)
    yield step("unique items", schema, unique, NARROWED, family="uniqueItems")
    yield step(
        "uniqueItems: false",
        schema,
        extended(schema, uniqueItems=False),
        SAME,
        family="uniqueItems",
    )
    short = extended(without(schema, "minItems"), maxItems=1)
    yield step(
        "unique, of one", short, extended(short, uniqueItems=True), SAME, family="uniqueItems"
    )
    items = schema.get("items")
    if not isinstance(items, dict) or not items:
        return
    words, rest = split(schema)
    yield step("items of any kind", schema, without(schema, "items"), WIDENED, family="items")
    yield step(
        "items: true", without(schema, "items"), extended(schema, items=True), SAME, family="items"
    )
    loose = without(schema, "minItems")
    yield step("no items", loose, extended(loose, items=False), NARROWED, family="items")
    some = extended(schema, minItems=1)
    held = bare(items)
    yield step(
        "minItems by contains", some, extended(schema, contains=held), SAME, family="contains"
    )
    yield step("contains", loose, extended(loose, contains=held), NARROWED, family="contains")
    one = without({**words, **rest}, "minItems")
    if where.old_draft:
        pair = {**one, "items": [held, held], "additionalItems": False}
    else:
        pair = {**one, "prefixItems": [held, held], "items": False}
    yield step("two at most", one, pair, NARROWED, family="items")
    kinds = types_of(items)
    if kinds and "array" not in kinds and not where.beside and not where.root:
        either = {**words, "anyOf": [held, rest]}
        yield step("or a single one", {**words, **rest}, either, WIDENED, family="anyOf")
        swapped = {**words, **held}
        yield step("a single one", {**words, **rest}, swapped, APART, family="type")
