"""What a change touches: the aspect, by which it is judged and told."""

import pytest

from mcpverify.drift.changes import changes
from mcpverify.facts.contract import contract_of
from mcpverify.facts.json_text import Json
from tests.drift.test_changes import between, in_schema, tool


def aspects(snapshot: Json, live: Json) -> dict[str, str]:
    """The aspect of each change by its pointer, inside the schema of the input."""
    one, other = tool(inputSchema=snapshot), tool(inputSchema=live)
    found = list(changes(contract_of([one]), contract_of([other])))
    assert len(found) == len({change.pointer for change in found})
    return {change.pointer.removeprefix("/inputSchema"): change.aspect.value for change in found}


@pytest.mark.parametrize(
    ("aspect", "keyword", "old", "new"),
    [
        ("type", "type", "string", "integer"),
        ("enum", "enum", ["a"], ["a", "b"]),
        ("enum", "const", 1, 2),
        ("bound", "minimum", 1, 2),
        ("bound", "maxLength", 1, 2),
        ("bound", "uniqueItems", True, False),
        ("pattern", "pattern", "a", "b"),
        ("items", "items", True, False),
        ("items", "prefixItems", [True], [True, True]),
        ("items", "contains", True, False),
        ("requirement", "required", ["a"], ["a", "b"]),
        ("requirement", "dependentRequired", {"a": ["b"]}, {"a": ["b", "c"]}),
        ("property", "properties", {"a": {}}, {"a": {}, "b": {}}),
        ("additional-properties", "additionalProperties", True, False),
        ("additional-properties", "patternProperties", {"a": {}}, {}),
        ("additional-properties", "propertyNames", True, False),
        ("combinator", "anyOf", [{}], [{}, {}]),
        ("combinator", "not", {}, True),
        ("combinator", "if", {}, True),
        ("combinator", "dependentSchemas", {"a": True}, {"a": False}),
        ("combinator", "dependencies", {"a": ["b"]}, {"a": ["b", "c"]}),
        ("reference", "$ref", "#/$defs/a", "#/$defs/b"),
        ("reference", "$defs", {"a": {}}, {}),
        ("schema", "$schema", "a", "b"),
        ("schema", "properties", {"a": {}}, {"a": True}),
        ("schema", "$defs", {"a": {}}, {"a": True}),
        ("default", "default", {"type": 1}, {"type": 2}),
        ("format", "format", "date", "time"),
        ("examples", "examples", [1], [1, 2]),
        ("text", "title", "a", "b"),
        ("text", "description", "a", 1),
        ("header", "x-mcp-header", "a", "b"),
        ("keyword", "x-order", 1, 2),
        ("keyword", "deprecated", True, False),
        ("keyword", "contentSchema", {"type": "string"}, {"type": "integer"}),
    ],
)
def test_the_aspect_of_a_change_is_that_of_its_keyword(
    aspect: str, keyword: str, old: Json, new: Json
) -> None:
    assert {*aspects({keyword: old}, {keyword: new}).values()} == {aspect}
    nested = ({"items": {"anyOf": [{keyword: each}]}} for each in (old, new))
    assert {*aspects(*nested).values()} == {aspect}


@pytest.mark.parametrize("name", ["title", "format", "default", "type", "required", "$ref"])
def test_a_property_that_is_named_like_a_keyword_is_a_property(name: str) -> None:
    some: Json = {"properties": {name: {"type": "string"}, "other": {}}}
    assert aspects({"properties": {"other": {}}}, some) == {f"/properties/{name}": "property"}
    more: Json = {"properties": {name: {"type": "integer"}, "other": {}}}
    assert aspects(some, more) == {f"/properties/{name}/type": "type"}


@pytest.mark.parametrize(
    ("aspect", "pointer", "old", "new"),
    [
        ("annotation", "/annotations/readOnlyHint", {"annotations": {}}, None),
        ("execution", "/execution/taskSupport", {"execution": {"taskSupport": "optional"}}, None),
        ("icons", "/icons", {"icons": []}, None),
        ("output-schema", "/outputSchema", {"outputSchema": {}}, None),
        ("schema", "/outputSchema", {"outputSchema": {}}, {"outputSchema": True}),
        ("schema", "/inputSchema", {"inputSchema": {}}, {"inputSchema": True}),
        ("field", "/x", {"x": 1}, {"x": 2}),
        ("text", "/title", {"title": "a"}, {}),
    ],
)
def test_the_aspect_of_a_field_of_a_tool(
    aspect: str, pointer: str, old: dict[str, Json], new: dict[str, Json] | None
) -> None:
    if pointer == "/annotations/readOnlyHint":
        new = {"annotations": {"readOnlyHint": True}}
    (change,) = changes(contract_of([tool(**old)]), contract_of([tool(**(new or {}))]))
    assert (change.pointer, change.aspect.value) == (pointer, aspect)


@pytest.mark.parametrize(
    ("keyword", "whole", "told"),
    [
        ("required", ["a", "b"], ["/required", "/required"]),
        ("properties", {"a": {}, "b": True}, ["/properties/a", "/properties/b"]),
        (
            "dependentRequired",
            {"a": ["b"], "c": []},
            ["/dependentRequired/a", "/dependentRequired/c"],
        ),
        ("properties", {}, ["/properties"]),
        ("required", [], ["/required"]),
        ("enum", ["a", "b"], ["/enum"]),
    ],
)
def test_what_comes_or_goes_with_a_keyword_is_told_one_by_one(
    keyword: str, whole: Json, told: list[str]
) -> None:
    assert [at for _, _, at, _, _ in in_schema({}, {keyword: whole})] == told
    assert [at for _, _, at, _, _ in in_schema({keyword: whole}, {})] == told


def test_annotations_that_come_are_told_one_by_one() -> None:
    found = between(tool(), tool(annotations={"title": "a", "readOnlyHint": True}))
    assert found == [
        ("added", "contract", "/annotations/readOnlyHint", None, True),
        ("added", "prompt", "/annotations/title", None, "a"),
    ]
