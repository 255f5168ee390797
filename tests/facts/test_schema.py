"""Where schemas stand inside schemas, and where they do not."""

import time

import pytest

from mcpverify.facts.json_text import Json
from mcpverify.facts.schema import DEFAULT_DIALECT, Place, dialect, subschemas


def pointers(schema: Json) -> list[str]:
    return sorted(place.pointer for place in subschemas(schema))


@pytest.mark.parametrize(
    "keyword",
    [
        "additionalItems",
        "additionalProperties",
        "contains",
        "contentSchema",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    ],
)
def test_a_keyword_may_hold_one_schema(keyword: str) -> None:
    assert pointers({keyword: {"type": "string"}}) == ["", f"/{keyword}"]
    assert pointers({keyword: True}) == [""]


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf", "prefixItems", "items"])
def test_a_keyword_may_hold_a_list_of_schemas(keyword: str) -> None:
    assert pointers({keyword: [{}, False, {"not": {}}]}) == [
        "",
        f"/{keyword}/0",
        f"/{keyword}/2",
        f"/{keyword}/2/not",
    ]


@pytest.mark.parametrize(
    "keyword",
    ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"],
)
def test_a_keyword_may_hold_schemas_by_name(keyword: str) -> None:
    assert pointers({keyword: {"a/b": {}, "properties": {"x": 1}, "c": ["a"], "": {}}}) == [
        "",
        f"/{keyword}/",
        f"/{keyword}/a~1b",
        f"/{keyword}/properties",
    ]


def test_the_name_of_a_property_is_no_keyword() -> None:
    schema: Json = {"properties": {"items": {"title": "x"}, "not": {"items": {}}}}
    assert pointers(schema) == ["", "/properties/items", "/properties/not", "/properties/not/items"]


@pytest.mark.parametrize("keyword", ["default", "const", "enum", "examples", "x-own", "required"])
def test_data_holds_no_schemas(keyword: str) -> None:
    assert pointers({keyword: {"properties": {"a": {}}}}) == [""]
    assert pointers({keyword: [{"properties": {"a": {}}}]}) == [""]


@pytest.mark.parametrize("schema", [True, False, None, 1, "x", [], [{"not": {}}]])
def test_what_is_no_object_holds_no_schemas(schema: Json) -> None:
    assert pointers(schema) == []


def test_values_of_the_wrong_shape_hold_no_schemas() -> None:
    wrong: Json = {"properties": [{}], "allOf": {"a": {}}, "not": [{}], "$defs": "x", "if": 1}
    assert pointers(wrong) == [""]


def test_a_schema_comes_after_the_one_that_holds_it() -> None:
    schema: Json = {"anyOf": [{"not": {"if": {}}}], "items": {"properties": {"a": {}, "b": {}}}}
    seen: set[Place] = set()
    for place in subschemas(schema):
        assert place.parent is None or place.parent in seen
        seen.add(place)
    assert len(seen) == 7


def test_a_schema_may_stand_somewhere_itself() -> None:
    root = Place({}, None, ())
    places = subschemas({"not": {}}, root, ("inputSchema",))
    assert [place.pointer for place in places] == ["/inputSchema", "/inputSchema/not"]


def test_deep_and_long_schemas_cost_what_they_are_long() -> None:
    schema: Json = {}
    for _ in range(50_000):
        schema = {"properties": {"x" * 1_000: schema}}
    started = time.process_time()
    assert sum(1 for _ in subschemas(schema)) == 50_001
    assert time.process_time() - started < 5  # building each pointer would take minutes
    while isinstance(schema, dict) and schema:  # or the interpreter would free it recursively
        (schema,) = schema.values()


def test_the_dialect_is_the_declared_one() -> None:
    assert dialect({"$schema": "http://json-schema.org/draft-07/schema#"}).endswith("07/schema#")
    assert dialect({}) == dialect(True) == dialect({"$schema": 7}) == DEFAULT_DIALECT
