"""Steps on bounds. Two schemas are compared on all values next to what either names.

That is exact for bounds, steps and lists of numbers, and for lengths.
"""

import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any, Final

from tests.drift.rewriting.rewrite import (
    APART,
    NARROWED,
    SAFE,
    SAME,
    Relation,
    Rewrite,
    Schema,
    extended,
    step,
    without,
)


def holds_near(
    produced: Callable[[Any], bool], accepted: Callable[[Any], bool], near: list[Any]
) -> bool:
    return all(accepted(value) for value in near if produced(value))


def lengths(
    schema: Schema,
    least: str,
    most: str,
    lows: tuple[int, ...],
    highs: tuple[int, ...],
    shortest: int,
) -> Iterator[Rewrite]:
    """Steps on a pair of bounds of a length; what is shorter than `shortest` never occurs."""
    here = {key: schema[key] for key in (least, most) if key in schema}
    rest = without(schema, least, most)
    variants: list[dict[str, int]] = [{}]
    variants += [{least: low} for low in lows] + [{most: high} for high in highs]
    variants += [{least: lows[1], most: highs[0]}, {least: lows[1], most: highs[-1]}]
    near = [*range(shortest, 9), *(high + off for high in highs for off in (-1, 0, 1)), 10**6]

    def within(one: dict[str, int], other: dict[str, int]) -> bool:
        def accepts(bounds: dict[str, int], length: int) -> bool:
            return bounds.get(least, 0) <= length <= bounds.get(most, 10**9)

        return holds_near(lambda n: accepts(one, n), lambda n: accepts(other, n), near)

    for one, other in paired(here, variants):
        relation = Relation(within(one, other), within(other, one))
        yield step(told(one, other), {**rest, **one}, {**rest, **other}, relation, family=most)


def paired(here: Schema, variants: list[Any]) -> Iterator[tuple[Any, Any]]:
    """What stands there against each variant, and neighbors among the variants."""
    seen = set()
    for one, other in (
        *((here, each) for each in variants),
        *pairwise(variants),
        *zip(variants, variants[2:], strict=False),
    ):
        key = frozenset((json.dumps(one, sort_keys=True), json.dumps(other, sort_keys=True)))
        if len(key) == 2 and key not in seen:
            seen.add(key)
            yield one, other


def told(one: Any, other: Any) -> str:
    return f"{json.dumps(one)} to {json.dumps(other)}"


_NUMERIC: Final = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "enum",
    "const",
)


def numbers(schema: Schema) -> Iterator[Rewrite]:
    here: Schema = {key: schema[key] for key in ("type", *_NUMERIC) if key in schema}
    rest = without(schema, "type", *_NUMERIC)
    kind = {"type": here["type"]}
    variants: list[Schema] = [
        kind,
        {**kind, "minimum": 0},
        {**kind, "minimum": 1},
        {**kind, "exclusiveMinimum": 0},
        {**kind, "minimum": 2},
        {**kind, "minimum": 1, "maximum": 10},
        {**kind, "minimum": 1, "maximum": 100},
        {**kind, "maximum": 100},
        {**kind, "exclusiveMaximum": 100},
        {**kind, "exclusiveMaximum": 101},
        {**kind, "maximum": 1000},
        {**kind, "maximum": SAFE},
        {**kind, "minimum": -SAFE, "maximum": SAFE},
        kind,
        {**kind, "multipleOf": 1},
        {**kind, "multipleOf": 5},
        {**kind, "multipleOf": 10},
        {**kind, "multipleOf": 0.5},
        {**kind, "multipleOf": 0.01},
        {**kind, "enum": [1, 2, 3]},
        {**kind, "enum": [1, 2]},
        {**kind, "const": 1},
        {**kind, "const": 2},
    ]
    other_kind = {"type": "number" if here["type"] == "integer" else "integer"}
    variants += [{**here, **other_kind}, {**here, "type": [here["type"], "null"]}]
    for one, other in paired(here, variants):
        closed, plain = _numbers_relate(json.dumps(one), json.dumps(other))
        family = next((k for k in _NUMERIC if one.get(k) != other.get(k)), "type")
        yield step(told(one, other), {**rest, **one}, {**rest, **other}, closed, plain, family)
    if "minimum" in schema:
        yield step(
            "a bound written with a point",
            schema,
            extended(schema, minimum=float(schema["minimum"])),
            SAME,
            family="order",
            respells=True,
        )


@cache
def _numbers_relate(one: str, other: str) -> tuple[Relation, Relation]:
    """The relation in the closed world, and the plain one, of two schemas as texts."""
    before, after = json.loads(one), json.loads(other)
    closed, plain = (
        Relation(_numbers_within(before, after, world), _numbers_within(after, before, world))
        for world in (True, False)
    )
    return closed, plain


def _numbers_within(one: Schema, other: Schema, closed: bool) -> bool:
    bounds = [
        Fraction(str(value))
        for each in (one, other)
        for key in _NUMERIC
        for value in (each.get(key, []) if key == "enum" else [each.get(key, 0)])
    ]
    near: list[Any] = [Fraction(n) for n in (0, -10, 10, 20, 30, SAFE, -SAFE, 10**20, -(10**20))]
    near += [Fraction(n, 2) for n in range(-12, 44)] + [Fraction(3, 1000), None, Fraction(1, 100)]
    near += [b + off for b in bounds for off in (-1, Fraction(-1, 2), 0, Fraction(1, 2), 1)]

    def produced(value: Fraction | None) -> bool:
        return _number_accepted(one, value) and not (closed and value and abs(value) > SAFE)

    return holds_near(produced, lambda value: _number_accepted(other, value), near)


def _number_accepted(schema: Schema, value: Fraction | None) -> bool:
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    listed = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if listed is not None and value not in listed:
        return False
    if value is None:
        return "null" in types

    def bound(keyword: str) -> Fraction | None:
        return Fraction(str(schema[keyword])) if keyword in schema else None

    low, high = bound("minimum"), bound("maximum")
    above, below, step = bound("exclusiveMinimum"), bound("exclusiveMaximum"), bound("multipleOf")
    return (
        ("number" in types or ("integer" in types and value.denominator == 1))
        and (low is None or value >= low)
        and (high is None or value <= high)
        and (above is None or value > above)
        and (below is None or value < below)
        and (step is None or (value / step).denominator == 1)
    )


def booleans(schema: Schema) -> Iterator[Rewrite]:
    if "enum" in schema or "const" in schema:
        return
    true, false = extended(schema, const=True), extended(schema, const=False)
    yield step("only true", schema, true, NARROWED, family="const")
    yield step("false for true", true, false, APART, family="const")
    yield step("both listed", schema, extended(schema, enum=[True, False]), SAME, family="enum")
