"""Steps on objects: which names there are, must be, and may be."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from typing import Any, Final

from tests.drift.rewriting.rewrite import (
    APART,
    NARROWED,
    SAME,
    WIDENED,
    Relation,
    Rewrite,
    Schema,
    Surroundings,
    bare,
    extended,
    split,
    step,
    without,
)

_DIALECTS: Final = (
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
)


def objects(schema: Schema, where: Surroundings) -> Iterator[Rewrite]:
    shape = _Shape.of(schema)
    if shape is None:
        return
    yield from _added_properties(schema, shape, where)
    yield from _removed_properties(schema, shape)
    yield from _requirements(schema, shape, where)
    yield from _openness(schema, shape, where)
    if where.root:
        for dialect in _DIALECTS:
            if schema.get("$schema") != dialect:
                named = extended(schema, **{"$schema": dialect})
                yield step(f"dialect {dialect}", schema, named, SAME, family="$schema")
    if len(shape.properties) > 1:
        turned = extended(schema, properties=dict(reversed(shape.properties.items())))
        yield step(
            "properties in another order", schema, turned, SAME, family="order", respells=True
        )
    words, rest = split(schema)
    stays = ("type", "$schema", "$defs", "definitions")
    outside = {key: rest[key] for key in rest if key in stays or key.startswith("x-")}
    moved = without(rest, *outside)
    if moved:
        parted = {**words, **outside, "allOf": [moved]}
        yield step("all in an allOf", {**words, **rest}, parted, SAME, family="allOf")


@dataclass(frozen=True, slots=True)
class _Shape:
    """What an object schema says of names. At most one of the three is true.

    `shut`: it refuses what it does not declare. `any_name`: what is not declared is
    declared to be anything. `declared`: it says nothing, so only the open reading takes it.
    """

    properties: dict[str, Any]
    required: list[str]
    shut: bool
    any_name: bool

    @property
    def declared(self) -> bool:
        return not (self.shut or self.any_name)

    @property
    def optional(self) -> list[str]:
        return [name for name in self.properties if name not in self.required]

    @classmethod
    def of(cls, schema: Schema) -> "_Shape | None":
        additional = schema.get("additionalProperties")
        if additional not in (None, True, False) or not {"patternProperties"}.isdisjoint(schema):
            return None
        free = "properties" not in schema and additional is None
        return cls(
            schema.get("properties", {}),
            schema.get("required", []),
            additional is False,
            free or additional is True,
        )


def _adding(shape: _Shape, optional: bool, anything: bool) -> tuple[Relation, Relation]:
    """A property put in: the two relations."""
    accepted_back = not shape.shut
    if not optional:
        return (Relation(False, accepted_back),) * 2
    if anything:
        return (Relation(True, accepted_back),) * 2
    # Who sends any name sends this one, too, with any value.
    return (
        Relation(not shape.any_name, accepted_back),
        Relation(shape.shut, accepted_back),
    )


_NEW: Final[tuple[tuple[str, Any], ...]] = (
    ("text", {"type": "string", "description": "What is new."}),
    ("number with a default", {"type": "integer", "default": 5, "minimum": 1}),
    ("nullable", {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}),
    ("list", {"type": "array", "items": {"type": "string"}}),
    ("thing", {}),
)


def _added_properties(schema: Schema, shape: _Shape, where: Surroundings) -> Iterator[Rewrite]:
    for kind, written in _NEW:
        properties = {**shape.properties, "extra": written}
        for optional in (True, False):
            closed, plain = _adding(shape, optional, written == {})
            after = extended(schema, properties=properties)
            if not optional:
                after["required"] = [*shape.required, "extra"]
            name = f"{'an optional' if optional else 'a required'} {kind}"
            yield step(name, schema, after, closed, plain, "properties")
    if where.root and not shape.any_name:
        again = {"type": "array", "items": {"$ref": "#"}}
        after = extended(schema, properties={**shape.properties, "children": again})
        closed, plain = _adding(shape, True, False)
        yield step("an optional recursive list", schema, after, closed, plain, "$ref")
    # Properties that are named like keywords are properties.
    for keyword in ("title", "format", "default", "type", "required", "$ref", "description"):

        def named(written: Schema, keyword: str = keyword) -> Schema:
            return extended(schema, properties={**shape.properties, keyword: written})

        if keyword not in shape.properties and schema.get("properties"):
            texts, numbers = named({"type": "string"}), named({"type": "integer"})
            name = f"another type of a property named {keyword}"
            yield step(name, texts, numbers, APART, family="type")
            listed = named({"enum": ["fast", "full", "draft"]})
            name = f"an enum value less of a property named {keyword}"
            yield step(name, listed, named({"enum": ["fast", "full"]}), NARROWED, family="enum")


def _requiring(schema: Schema, names: list[str]) -> Schema:
    return extended(schema, required=names) if names else without(schema, "required")


def _removed_properties(schema: Schema, shape: _Shape) -> Iterator[Rewrite]:
    for name, written in shape.properties.items():
        left = {key: value for key, value in shape.properties.items() if key != name}
        required = name in shape.required
        after = _requiring(
            extended(schema, properties=left), [each for each in shape.required if each != name]
        )
        grown, plainly = _adding(shape, not required, anything=not bare(written))
        closed, plain = Relation(*reversed(grown)), Relation(*reversed(plainly))
        yield step(f"no {name}", schema, after, closed, plain, "properties")
        if not bare(written):
            continue
        other = f"new_{name}"
        renamed = extended(
            schema,
            properties={other if k == name else k: v for k, v in shape.properties.items()},
        )
        if required:
            renamed["required"] = [other if each == name else each for each in shape.required]
        both = SAME if shape.declared and not required else APART
        yield step(f"{name} renamed", schema, renamed, both, APART, "properties")


def _requirements(schema: Schema, shape: _Shape, where: Surroundings) -> Iterator[Rewrite]:
    def change(name: str, after: Schema, closed: Relation, plain: Relation, family: str) -> Rewrite:
        return step(name, schema, after, closed, plain, family)

    if len(shape.required) > 1:
        turned = extended(schema, required=shape.required[::-1])
        yield step("required in another order", schema, turned, SAME, family="order", respells=True)
    if "required" not in schema and not where.old_draft:
        yield change("required: []", extended(schema, required=[]), SAME, SAME, "required")
    for name in shape.optional:
        after = extended(schema, required=[*shape.required, name])
        yield change(f"{name} required", after, NARROWED, NARROWED, "required")
    for name in shape.required:
        after = _requiring(schema, [each for each in shape.required if each != name])
        yield change(f"{name} optional", after, WIDENED, WIDENED, "required")
    for one, other in list(permutations(shape.optional[:3], 2))[:3]:
        needed = "dependencies" if where.old_draft else "dependentRequired"
        after = extended(schema, **{needed: {one: [other]}})
        yield change(f"{one} needs {other}", after, NARROWED, NARROWED, needed)
        after = extended(schema, **{"if": {"required": [one]}, "then": {"required": [other]}})
        yield change(f"if {one} then {other}", after, NARROWED, NARROWED, "if")
        after = extended(schema, **{"not": {"required": [one, other]}})
        yield change(f"not both {one} and {other}", after, NARROWED, NARROWED, "not")
        after = extended(schema, anyOf=[{"required": [one]}, {"required": [other]}])
        yield change(f"{one} or {other}", after, NARROWED, NARROWED, "anyOf")


def _openness(schema: Schema, shape: _Shape, where: Surroundings) -> Iterator[Rewrite]:
    def change(name: str, after: Schema, closed: Relation, plain: Relation, family: str) -> Rewrite:
        return step(name, schema, after, closed, plain, family)

    additional = "additionalProperties"
    absent, texts = (
        without(schema, additional),
        extended(schema, additionalProperties={"type": "string"}),
    )
    shut, opened = (
        extended(schema, additionalProperties=False),
        extended(schema, additionalProperties=True),
    )
    only_open = shape.declared
    if shape.shut:
        yield change("any name", opened, WIDENED, WIDENED, additional)
        yield change("texts under any name", texts, WIDENED, WIDENED, additional)
        if "properties" in schema:
            yield change("not shut any more", absent, SAME, WIDENED, additional)
    else:
        yield change("shut", shut, SAME if only_open else NARROWED, NARROWED, additional)
        yield change("only texts", texts, SAME if only_open else NARROWED, NARROWED, additional)
        if only_open:
            yield change("any name", opened, SAME, SAME, additional)
        elif additional in schema:
            yield change("any name unsaid", absent, SAME, SAME, additional)
    if not where.old_draft and not where.beside:
        sealed = extended(schema, unevaluatedProperties=False)
        closed = NARROWED if additional not in schema and not only_open else SAME
        plain = NARROWED if additional not in schema else SAME
        yield change("unevaluatedProperties: false", sealed, closed, plain, "unevaluatedProperties")
    patterned = extended(schema, patternProperties={"^x-": {"type": "string"}})
    closed = WIDENED if shape.shut else SAME if only_open else NARROWED
    plain = WIDENED if shape.shut else NARROWED
    yield change("texts under x-", patterned, closed, plain, "patternProperties")
    count = len(shape.properties)
    if not count and not shape.any_name:
        return
    if all(re.fullmatch(r"[A-Za-z_]\w*", name) for name in shape.properties):
        plain_names = extended(schema, propertyNames={"pattern": r"^[A-Za-z_]\w*$"})
        closed = NARROWED if shape.any_name else SAME
        plain = SAME if shape.shut else NARROWED
        yield change("plain names", plain_names, closed, plain, "propertyNames")
    some = SAME if shape.required else NARROWED
    yield change("minProperties: 1", extended(schema, minProperties=1), some, some, "minProperties")
    bounded = NARROWED if shape.any_name else SAME
    plain = SAME if shape.shut else NARROWED
    yield change(
        "maxProperties: all",
        extended(schema, maxProperties=max(count, 1)),
        bounded,
        plain,
        "maxProperties",
    )
    if shape.optional:
        fewer = extended(schema, maxProperties=count - 1)
        yield change("maxProperties: all but one", fewer, NARROWED, NARROWED, "maxProperties")
    if shape.required and shape.declared:
        branch = {"type": "object", "properties": {"kind": {"const": "none"}}, "required": ["kind"]}
        words, rest = split(schema)
        if not where.root and not where.beside:
            either = {**words, "anyOf": [rest, branch]}
            yield step("or another object", {**words, **rest}, either, WIDENED, family="anyOf")
