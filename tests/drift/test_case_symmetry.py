"""The mirror rule over the tables: what narrows has what widens, input has output.

A row stands for its reverse, too: what it says of inputs, it says of the reverse's
outputs. So a keyword is covered both ways once one row narrows it; rows in which
both sides lose something, or neither does, are asked for as well.
"""

from collections.abc import Iterator

import pytest

from mcpverify.facts.json_text import Json
from tests.drift.cases import CASES, FAMILIES, Case

_NAMED = frozenset(
    {"properties", "patternProperties", "dependentSchemas", "dependencies", "$defs", "definitions"}
)
_HELD = frozenset(
    {
        "additionalItems",
        "additionalProperties",
        "contains",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
_LISTED = frozenset({"allOf", "anyOf", "oneOf", "prefixItems", "items"})

KEYWORDS = (
    *("type", "enum", "const"),
    *("properties", "required", "additionalProperties", "patternProperties", "propertyNames"),
    *("minProperties", "maxProperties", "dependentRequired", "dependentSchemas", "dependencies"),
    *("items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems"),
    *("contains", "minContains", "maxContains"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "pattern"),
    *("anyOf", "oneOf", "allOf", "not", "if", "then", "else"),
    *("$ref", "$defs", "definitions"),
)
ANNOTATIONS = ("title", "description", "default", "format", "examples", "$comment", "deprecated")

# Shapes of rows that a keyword cannot have, and why.
WAIVED = {
    ("minProperties", "exchanges"): "one number: of two schemas, one takes what the other does",
    ("maxProperties", "exchanges"): "one number",
    ("minItems", "exchanges"): "one number",
    ("maxItems", "exchanges"): "one number",
    ("minContains", "exchanges"): "one number",
    ("maxContains", "exchanges"): "one number",
    ("minLength", "exchanges"): "one number",
    ("maxLength", "exchanges"): "one number",
    ("minimum", "exchanges"): "one number",
    ("maximum", "exchanges"): "one number",
    ("exclusiveMinimum", "exchanges"): "one number, or true",
    ("exclusiveMaximum", "exchanges"): "one number, or true",
    ("uniqueItems", "exchanges"): "true or not",
}


Path = tuple[str, ...]


def differences(old: Json, new: Json) -> Iterator[Path]:
    """The keywords that lead to each difference; the last of them is what differs."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return
    for keyword in sorted(old.keys() | new.keys()):
        if keyword not in old or keyword not in new:
            yield (keyword,)
        elif repr(old[keyword]) != repr(new[keyword]):
            inner = list(_inner(keyword, old[keyword], new[keyword]))
            yield from ((keyword, *each) for each in inner or [()])


def _inner(keyword: str, old: Json, new: Json) -> Iterator[Path]:
    if isinstance(old, dict) and isinstance(new, dict) and keyword in _NAMED:
        if old.keys() != new.keys():
            yield ()
        pairs = [(old[name], new[name]) for name in sorted(old.keys() & new.keys())]
    elif isinstance(old, list) and isinstance(new, list) and keyword in _LISTED:
        if len(old) != len(new):
            yield ()
        pairs = list(zip(old, new, strict=False))
    else:
        pairs = [(old, new)] if keyword in _HELD else []
    for one, other in pairs:
        yield from differences(one, other)


def touched(case: Case) -> set[str]:
    return {keyword for path in differences(case.old, case.new) for keyword in path}


def alone(keyword: str) -> list[Case]:
    """The rows in which nothing differs but what stands at `keyword`, or within it."""
    rows = [(case, list(differences(case.old, case.new))) for case in CASES]
    return [case for case, paths in rows if len(paths) == 1 and keyword in paths[0]]


def shape(case: Case) -> str:
    match case.narrows, case.widens:
        case True, True:
            return "exchanges"
        case False, False:
            return "keeps"
        case _:
            return "narrows"


def test_what_differs_is_found() -> None:
    assert list(differences({"minimum": 1}, {"minimum": 2})) == [("minimum",)]
    assert list(differences({"minimum": 1}, {})) == [("minimum",)]
    assert list(differences({"const": 1}, {"const": True})) == [("const",)]
    assert list(differences({"items": {"type": 1}}, {"items": {"type": 2}})) == [("items", "type")]
    old: Json = {"properties": {"a": {"enum": [1]}, "b": {}}}
    new: Json = {"properties": {"a": {}}}
    assert list(differences(old, new)) == [("properties",), ("properties", "enum")]


def test_a_row_is_the_reverse_of_its_reverse() -> None:
    for case in CASES:
        there_and_back = case.reverse.reverse
        assert (there_and_back.old, there_and_back.new) == (case.old, case.new)
        assert (there_and_back.narrows, there_and_back.widens) == (case.narrows, case.widens)
        assert case.reverse.narrows is case.widens


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_every_keyword_has_rows_of_every_shape(keyword: str) -> None:
    shapes = {shape(case) for case in CASES if keyword in touched(case)}
    waived = {each for name, each in WAIVED if name == keyword}
    assert {"narrows", "keeps", "exchanges"} - waived <= shapes


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_every_keyword_narrows_where_nothing_else_differs(keyword: str) -> None:
    assert "narrows" in {shape(case) for case in alone(keyword)}


def test_what_is_waived_is_not_there() -> None:
    for (keyword, missing), reason in WAIVED.items():
        assert reason
        assert missing not in {shape(case) for case in alone(keyword)}, keyword


@pytest.mark.parametrize("keyword", ANNOTATIONS)
def test_an_annotation_loses_and_gains_nothing(keyword: str) -> None:
    rows = alone(keyword)
    assert len(rows) >= 2
    assert {shape(case) for case in rows} == {"keeps"}
    assert all(case.speaks for case in rows)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_narrows_and_keeps(family: str) -> None:
    shapes = {shape(case) for case in FAMILIES[family]}
    assert {"narrows", "keeps"} <= shapes


def test_both_worlds_are_asked() -> None:
    literal = [case for case in CASES if case.open_world]
    assert {shape(case) for case in literal} >= {"narrows", "keeps"}
    declared = {case.id for case in CASES if not case.open_world}
    twins = [each for each in literal if each.id.removesuffix("-open-world") in declared]
    assert len(twins) >= 10


def test_every_dialect_is_asked() -> None:
    declared = {
        schema["$schema"]
        for case in CASES
        for schema in (case.old, case.new)
        if isinstance(schema, dict) and isinstance(schema.get("$schema"), str)
    }
    for name in ("draft-04", "draft-06", "draft-07", "2019-09", "2020-12"):
        assert any(name in uri for uri in declared), name
