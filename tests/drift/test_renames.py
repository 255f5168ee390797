"""What counts as renamed: beyond doubt, or not at all."""

from typing import Any

import pytest

from mcpverify.drift.changes import changes
from mcpverify.facts.contract import contract_of
from mcpverify.facts.json_text import Json

QUERY: Json = {
    "type": "object",
    "properties": {"query": {"type": "string", "description": "What to look for"}},
}


def tool(name: str, schema: Json = QUERY, **fields: Any) -> Json:
    return {"name": name, "inputSchema": schema} | fields


def told(snapshot: list[Json], live: list[Json]) -> list[tuple[str, str, str]]:
    found = changes(contract_of(snapshot), contract_of(live))
    return [(change.kind.value, change.name, change.renamed_to) for change in found]


def in_properties(old: dict[str, Json], new: dict[str, Json], **others: Json) -> list[Any]:
    def contract(properties: dict[str, Json]) -> list[Json]:
        return [tool("t", {"type": "object", "properties": properties} | others)]

    found = changes(contract_of(contract(old)), contract_of(contract(new)))
    return [(c.kind.value, c.pointer.rpartition("/")[2], c.renamed_to) for c in found]


# Tools


def test_a_tool_whose_equal_came_under_another_name_is_renamed() -> None:
    assert told([tool("search")], [tool("find")]) == [
        ("added", "find", ""),
        ("renamed", "search", "find"),
    ]


def test_texts_do_not_matter_where_the_schema_tells_enough() -> None:
    other: Json = {
        "title": "Arguments",
        "type": "object",
        "properties": {"query": {"type": "string", "title": "Query"}},
    }
    live = tool("find", other, title="Find", description="Finds things")
    assert ("renamed", "search", "find") in told([tool("search")], [live])


@pytest.mark.parametrize(
    "live",
    [
        tool("find", {"type": "object", "properties": {"query": {"type": "integer"}}}),
        tool("find", outputSchema={"type": "object"}),
        tool("find", {"type": "object", "properties": {"title": {"type": "string"}}}),
    ],
)
def test_another_schema_is_another_tool(live: Json) -> None:
    assert [kind for kind, _, _ in told([tool("search")], [live])] == ["added", "removed"]


def test_of_several_equals_the_one_with_the_same_description_is_meant() -> None:
    old = [tool("a", description="Searches books"), tool("b", description="Searches maps")]
    new = [tool("y", description="Searches maps"), tool("z", description="Searches books")]
    found = told(old, new)
    assert ("renamed", "a", "z") in found
    assert ("renamed", "b", "y") in found


def test_of_several_equals_without_a_description_none_is_meant() -> None:
    found = told([tool("a")], [tool("y"), tool("z")])
    assert [kind for kind, _, _ in found] == ["removed", "added", "added"]
    twice = [tool("y", description="x"), tool("z", description="x")]
    assert ("removed", "a", "") in told([tool("a", description="x")], twice)


@pytest.mark.parametrize(
    ("old", "new", "renamed"),
    [
        ("", "", False),
        ("Lists all repositories", "Lists all repositories", True),
        (
            "Lists all of the repositories that a user of this server can see and write to",
            "Lists all of the repositories that a user of this service can see and write to",
            True,
        ),
        ("Lists all repositories", "Deletes all repositories", False),
    ],
)
def test_a_tool_without_parameters_is_known_by_its_description_only(
    old: str, new: str, renamed: bool
) -> None:
    empty: Json = {"type": "object", "properties": {}}
    found = told([tool("a", empty, description=old)], [tool("b", empty, description=new)])
    assert (("renamed", "a", "b") in found) == renamed


def test_thousands_of_renamed_tools_take_no_time() -> None:
    old = [tool(f"a{n}", description=str(n)) for n in range(5_000)]
    new = [tool(f"b{n}", description=str(n)) for n in range(5_000)]
    found = told(old, new)
    assert sum(kind == "renamed" for kind, _, _ in found) == 5_000
    assert ("renamed", "a17", "b17") in found


# Parameters


def test_a_parameter_whose_equal_came_is_renamed_and_replaces_the_pair() -> None:
    assert in_properties(
        {"query": {"type": "string", "title": "Query"}, "n": {}},
        {"q": {"type": "string", "title": "Q"}, "n": {}},
    ) == [("renamed", "query", "q")]


def test_the_required_names_change_beside_a_renamed_parameter() -> None:
    snapshot = tool("t", {"properties": {"query": {}}, "required": ["query"]})
    live = tool("t", {"properties": {"q": {}}, "required": ["q"]})
    found = changes(contract_of([snapshot]), contract_of([live]))
    assert [(c.kind.value, c.pointer) for c in found] == [
        ("renamed", "/inputSchema/properties/query"),
        ("removed", "/inputSchema/required"),
        ("added", "/inputSchema/required"),
    ]


def test_parameters_that_could_be_either_are_not_renamed() -> None:
    string: Json = {"type": "string"}
    found = in_properties({"a": string, "b": string}, {"y": string, "z": string})
    assert [kind for kind, _, _ in found] == ["removed", "removed", "added", "added"]
    described: dict[str, Json] = {"type": "string", "description": "The city"}
    found = in_properties({"a": string, "b": described}, {"y": described, "z": string})
    assert ("renamed", "b", "y") in found


def test_a_property_named_description_is_no_text_of_its_schema() -> None:
    old: Json = {"type": "object", "properties": {"description": {"type": "string"}}}
    new: Json = {"type": "object", "properties": {}}
    found = in_properties({"a": old}, {"b": new})
    assert [kind for kind, _, _ in found] == ["removed", "added"]


# Prompts


def test_an_argument_of_a_prompt_is_renamed_where_its_description_stayed() -> None:
    def prompt(name: str, text: str) -> Json:
        return {"name": "p", "arguments": [{"name": name, "description": text}]}

    def between(old: Json, new: Json) -> list[tuple[str, str]]:
        found = changes(contract_of([], [old]), contract_of([], [new]))
        return [(change.kind.value, change.renamed_to) for change in found]

    assert between(prompt("a", "The city"), prompt("b", "The city")) == [("renamed", "b")]
    assert between(prompt("a", "The city"), prompt("b", "Some day")) == [
        ("removed", ""),
        ("added", ""),
    ]
