"""Steps from one type to another, to more or fewer of them, and on an anyOf."""

from collections.abc import Iterator
from typing import Any, Final

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
    types_apart,
    types_of,
    without,
)


def types(schema: Schema, where: Surroundings) -> Iterator[Rewrite]:
    words, rest = split(schema)
    held = types_of(rest)
    free = not where.beside
    if free:
        yield step("anything", schema, words, WIDENED, family="type")
        whole = {**words, **rest}
        yield step("in an allOf of one", whole, {**words, "allOf": [rest]}, SAME, family="allOf")
        yield step("in an anyOf of one", whole, {**words, "anyOf": [rest]}, SAME, family="anyOf")
    if held is None:
        if "$ref" in schema and free:
            nullable = {**words, "anyOf": [rest, {"type": "null"}]}
            yield step("nullable", {**words, **rest}, nullable, WIDENED, family="anyOf")
            yield step("text instead", schema, {**words, "type": "string"}, APART, family="type")
        return
    open_to = [
        each for each in _OTHER_TYPES if types_apart(each, held) and types_apart(each, where.beside)
    ]
    if "type" in rest and "enum" not in rest and "const" not in rest:
        for other in open_to:
            instead = {**words, **_OTHER_TYPES[other]}
            yield step(f"{other} instead", schema, instead, APART, family="type")
            if other not in ("array", "object"):
                wider = extended(schema, type=[*sorted(held), other])
                yield step(f"{other} as well", schema, wider, WIDENED, family="type")
    if isinstance(rest.get("type"), list):
        for gone in rest["type"]:
            left = [each for each in rest["type"] if each != gone]
            one: Any = left[0] if len(left) == 1 else left
            yield step(
                f"no {gone} any more", schema, extended(schema, type=one), NARROWED, family="type"
            )
        branches = [{"type": each} for each in rest["type"]]
        if set(rest) == {"type"}:
            spelled = {**words, "anyOf": branches}
            yield step(
                "anyOf for a list of types", {**words, **rest}, spelled, SAME, family="anyOf"
            )
    if "null" in open_to and free and "anyOf" not in rest:
        whole = {**words, **rest}
        nullable = {**words, "anyOf": [rest, {"type": "null"}]}
        yield step("nullable by anyOf", whole, nullable, WIDENED, family="anyOf")
        exactly = {**words, "oneOf": [rest, {"type": "null"}]}
        yield step("nullable by oneOf", whole, exactly, WIDENED, family="oneOf")
        yield step("oneOf for anyOf", nullable, exactly, SAME, family="oneOf")


_OTHER_TYPES: Final[dict[str, Schema]] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "null": {"type": "null"},
    "array": {"type": "array", "items": {"type": "string"}},
    "object": {"type": "object", "properties": {"value": {"type": "string"}}},
}


def choices(schema: Schema) -> Iterator[Rewrite]:
    """Steps on an anyOf whose branches no value shares."""
    branches = schema.get("anyOf")
    if not isinstance(branches, list) or any(types_of(each) is None for each in branches):
        return
    held = [each for branch in branches for each in types_of(branch) or ()]
    if len(held) != len(set(held)) or {"integer", "number"} <= set(held) or len(branches) < 2:
        return
    words, rest = split(schema)
    for index, branch in enumerate(branches):
        left = [each for each in branches if each is not branch]
        yield step(
            f"without branch {index}",
            schema,
            extended(schema, anyOf=left),
            NARROWED,
            family="anyOf",
        )
        if set(schema) <= {*words, "anyOf"} and bare(branch) == branch:
            yield step(
                f"branch {index} alone", schema, {**words, **branch}, NARROWED, family="anyOf"
            )
        kind = min(types_of(branch) or ())
        yield step(f"of type {kind}", schema, extended(schema, type=kind), NARROWED, family="type")
    for other, written in _OTHER_TYPES.items():
        if types_apart(other, held):
            wider = extended(schema, anyOf=[*branches, written])
            yield step(f"a branch for {other}", schema, wider, WIDENED, family="anyOf")
    turned = extended(schema, anyOf=branches[::-1])
    yield step("branches in another order", schema, turned, SAME, family="anyOf")
    exactly = {**without(schema, "anyOf"), "oneOf": branches}
    yield step("oneOf for anyOf", schema, exactly, SAME, family="oneOf")
    if all(set(branch) == {"type"} and isinstance(branch["type"], str) for branch in branches):
        listed = {**without(schema, "anyOf"), "type": held}
        yield step("a list of types for anyOf", schema, listed, SAME, family="anyOf")
    if rest.get("type") is None:
        refused = extended(schema, **{"not": {"type": held[0]}})
        yield step(f"not {held[0]}", schema, refused, NARROWED, family="not")
