"""The facts of drift: each difference once, where it is, with both values."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpverify.drift.changes import changes
from mcpverify.facts.change import Aspect, Change, ChangeKind, Part, Subject
from mcpverify.facts.contract import Contract, contract_of, malformed_items
from mcpverify.facts.json_text import Json, parse, pointer
from tests.strategies import prompt_lists, tool_lists, tools

CORPUS = Path(__file__).parent.parent / "data" / "drift"
PAIRS: list[Any] = json.loads((CORPUS / "TRUTH.json").read_bytes())["pairs"]


def tool(name: str = "search", **fields: Any) -> dict[str, Json]:
    return {"name": name, "inputSchema": {"type": "object"}} | fields


def between(snapshot: Json, live: Json) -> list[tuple[str, str, str, Json, Json]]:
    """What differs between two states of one tool, in short."""
    found = changes(contract_of([snapshot]), contract_of([live]))
    return [(c.kind.value, c.part.value, c.pointer, c.snapshot, c.live) for c in found]


def in_schema(snapshot: Json, live: Json) -> list[tuple[str, str, str, Json, Json]]:
    found = between(tool(inputSchema=snapshot), tool(inputSchema=live))
    return [
        (kind, part, at.removeprefix("/inputSchema"), old, new)
        for kind, part, at, old, new in found
    ]


# Entries


def test_a_contract_against_itself_is_silent() -> None:
    contract = contract_of([tool()], [{"name": "p"}], [{"name": "t", "uriTemplate": "t:{a}"}])
    assert list(changes(contract, contract)) == []


@given(tool_lists, prompt_lists)
def test_any_contract_against_itself_is_silent(tools_: list[Any], prompts: list[Any]) -> None:
    contract = contract_of(tools_, prompts)
    assert list(changes(contract, contract_of(tools_[::-1], prompts[::-1]))) == []


@given(tool_lists, prompt_lists, tool_lists, prompt_lists)
def test_there_is_a_change_exactly_where_a_digest_differs(
    tools_: list[Any], prompts: list[Any], live_tools: list[Any], live_prompts: list[Any]
) -> None:
    snapshot, live = contract_of(tools_, prompts), contract_of(live_tools, live_prompts)
    found = list(changes(snapshot, live))
    assert bool(found) == (snapshot.digests != live.digests)


@given(tools(st.just("same")), tools(st.just("same")))
def test_a_text_change_moves_the_prompt_digest_and_any_other_the_contract_digest(
    snapshot: dict[str, Any], live: dict[str, Any]
) -> None:
    one, other = contract_of([snapshot]), contract_of([live])
    parts = {change.part for change in changes(one, other)}
    assert (Part.CONTRACT in parts) == (one.digests.contract != other.digests.contract)
    if Part.PROMPT in parts:
        assert one.digests.prompt != other.digests.prompt


@given(tools(st.just("same")), tools(st.just("same")))
def test_changes_have_a_mirror(snapshot: dict[str, Any], live: dict[str, Any]) -> None:
    mirrored = {"added": "removed", "removed": "added", "changed": "changed", "renamed": "renamed"}
    there = changes(contract_of([snapshot]), contract_of([live]))
    back = changes(contract_of([live]), contract_of([snapshot]))
    told = [(c.kind.value, c.part, places(c), c.aspect, c.snapshot, c.live) for c in there]
    turned = [(mirrored[c.kind], c.part, places(c), c.aspect, c.live, c.snapshot) for c in back]
    assert sorted(told, key=repr) == sorted(turned, key=repr)


@given(tools(st.just("same")), tools(st.just("same")))
def test_both_values_are_those_at_the_pointer(
    snapshot: dict[str, Any], live: dict[str, Any]
) -> None:
    one, other = contract_of([snapshot]), contract_of([live])
    for change in changes(one, other):
        for kind, contract, value in (
            (ChangeKind.ADDED, one, change.snapshot),
            (ChangeKind.REMOVED, other, change.live),
        ):
            if change.kind is kind:
                assert value is None
                continue
            at = change.pointer
            if contract is other and change.kind is ChangeKind.RENAMED:
                at = new_place(change)
            found = resolved(contract.tools[0].definition, at)
            assert value == found or value in found


def test_added_and_removed_entries_come_whole_and_in_order() -> None:
    snapshot = contract_of([tool("b"), tool("d")], [{"name": "p"}], [], [])
    live = contract_of([tool("a"), tool("d")], [], [{"name": "t", "uriTemplate": "t:{x}"}], [])

    def whole(subject: Subject, name: str, kind: ChangeKind, old: Json, new: Json) -> Change:
        return Change(subject, name, kind, Part.CONTRACT, "", old, new, Aspect.WHOLE)

    added, removed = ChangeKind.ADDED, ChangeKind.REMOVED
    template: Json = {"name": "t", "uriTemplate": "t:{x}"}
    assert list(changes(snapshot, live)) == [
        whole(Subject.TOOL, "a", added, None, tool("a")),
        whole(Subject.TOOL, "b", removed, tool("b"), None),
        whole(Subject.PROMPT, "p", removed, {"name": "p"}, None),
        whole(Subject.TEMPLATE, "t:{x}", added, None, template),
    ]


def test_resources_are_compared_where_both_include_them() -> None:
    some, none = contract_of([], resources=[{"name": "r", "uri": "r:1"}]), contract_of([])
    empty = contract_of([], resources=[])
    assert [change.subject for change in changes(some, empty)] == [Subject.RESOURCE]
    assert list(changes(some, none)) == list(changes(none, some)) == []


# Places and values


def test_members_that_differ_are_named_one_by_one() -> None:
    snapshot = tool(annotations={"readOnlyHint": True, "same": [1]}, icons=[])
    live = tool(annotations={"readOnlyHint": False, "same": [1], "a/b": None}, execution={})
    assert between(snapshot, live) == [
        ("added", "contract", "/annotations/a~1b", None, None),
        ("changed", "contract", "/annotations/readOnlyHint", True, False),
        ("added", "contract", "/execution", None, {}),
        ("removed", "contract", "/icons", [], None),
    ]


def test_types_are_told_apart() -> None:
    assert in_schema({"const": 1}, {"const": True}) == [("changed", "contract", "/const", 1, True)]
    assert in_schema({"const": 0}, {"const": False}) == [
        ("changed", "contract", "/const", 0, False)
    ]
    assert in_schema({"const": None}, {"const": {}}) == [
        ("changed", "contract", "/const", None, {})
    ]
    assert in_schema({"not": True}, {"not": {}}) == [("changed", "contract", "/not", True, {})]


def test_members_of_a_set_come_and_go_at_the_place_of_the_set() -> None:
    snapshot: Json = {"enum": ["a", "b", 1], "required": ["x"], "type": ["string", "null"]}
    live: Json = {"enum": ["b", "c", True], "required": ["x", "y"], "type": "string"}
    assert in_schema(snapshot, live) == [
        ("removed", "contract", "/enum", 1, None),
        ("removed", "contract", "/enum", "a", None),
        ("added", "contract", "/enum", None, "c"),
        ("added", "contract", "/enum", None, True),
        ("added", "contract", "/required", None, "y"),
        ("changed", "contract", "/type", ["null", "string"], "string"),
    ]
    assert in_schema({"dependentRequired": {"a": ["b"]}}, {"dependentRequired": {"a": []}}) == [
        ("removed", "contract", "/dependentRequired/a", "b", None)
    ]
    assert in_schema({"enum": ["a"]}, {"enum": ["a", "a"]}) == [
        ("added", "contract", "/enum", None, "a")
    ]


def test_a_list_that_is_no_set_is_compared_by_index() -> None:
    assert in_schema({"default": ["a", "b"]}, {"default": ["b", "a"]}) == [
        ("changed", "contract", "/default/0", "a", "b"),
        ("changed", "contract", "/default/1", "b", "a"),
    ]
    assert in_schema({"allOf": [{"not": {}}, True]}, {"allOf": [{"not": True}, True]}) == [
        ("changed", "contract", "/allOf/0/not", {}, True)
    ]


def test_an_item_that_was_put_in_or_taken_out_is_one_change() -> None:
    old: list[Json] = [{"type": "string"}, {"type": "null"}]
    new: Json = {"type": "integer"}
    assert in_schema({"anyOf": old}, {"anyOf": [old[0], new, old[1]]}) == [
        ("added", "contract", "/anyOf/1", None, new)
    ]
    assert in_schema({"anyOf": [new, *old]}, {"anyOf": old}) == [
        ("removed", "contract", "/anyOf/0", new, None)
    ]
    assert in_schema({"anyOf": [*old, new]}, {"anyOf": old}) == [
        ("removed", "contract", "/anyOf/2", new, None)
    ]
    assert in_schema({"examples": [1, 1]}, {"examples": [1, 1, 1]}) == [
        ("added", "contract", "/examples/2", None, 1)
    ]
    assert in_schema({"examples": [1, 2, 3, 9]}, {"examples": [1, 7, 9]}) == [
        ("changed", "contract", "/examples/1", 2, 7),
        ("removed", "contract", "/examples/2", 3, None),
    ]


def test_text_is_told_from_contract() -> None:
    assert between(tool(title="a", description="b"), tool(title="c")) == [
        ("removed", "prompt", "/description", "b", None),
        ("changed", "prompt", "/title", "a", "c"),
    ]
    assert between(tool(annotations={}), tool(annotations={"title": "a", "description": "b"})) == [
        ("added", "contract", "/annotations/description", None, "b"),
        ("added", "prompt", "/annotations/title", None, "a"),
    ]
    assert in_schema(
        {"properties": {"title": {"title": "a"}}, "default": {"title": "a"}},
        {"properties": {"title": {"title": "b"}}, "default": {"title": "b"}},
    ) == [
        ("changed", "contract", "/default/title", "a", "b"),
        ("changed", "prompt", "/properties/title/title", "a", "b"),
    ]
    assert in_schema({"title": "a"}, {"title": 1}) == [("changed", "contract", "/title", "a", 1)]
    assert in_schema({"items": {}}, {"items": {"description": ""}}) == [
        ("added", "prompt", "/items/description", None, "")
    ]


def test_the_text_of_an_argument_of_a_prompt_is_text() -> None:
    def prompt(text: str) -> Contract:
        return contract_of([], [{"name": "p", "arguments": [{"name": "a", "description": text}]}])

    (change,) = changes(prompt("old"), prompt("new"))
    assert (change.subject, change.part, change.pointer) == (
        Subject.PROMPT,
        Part.PROMPT,
        "/arguments/0/description",
    )


# The arguments of prompts


def arguments_of(snapshot: list[Json], live: list[Json]) -> list[tuple[str, str, str]]:
    one, other = (contract_of([], [{"name": "p", "arguments": each}]) for each in (snapshot, live))
    return [(c.kind.value, c.pointer, c.renamed_to) for c in changes(one, other)]


def test_an_argument_that_comes_first_is_one_change() -> None:
    old: list[Json] = [{"name": "a"}, {"name": "b", "required": True}]
    assert arguments_of(old, [{"name": "c"}, *old]) == [("added", "/arguments/0", "")]
    assert arguments_of([{"name": "c"}, *old], old) == [("removed", "/arguments/0", "")]


def test_an_argument_is_known_by_its_name() -> None:
    old: list[Json] = [{"name": "a"}, {"name": "b"}]
    new: list[Json] = [{"name": "c"}, {"name": "b", "required": True}]
    assert arguments_of(old, new) == [
        ("removed", "/arguments/0", ""),
        ("added", "/arguments/1/required", ""),
        ("added", "/arguments/0", ""),
    ]


def test_another_order_of_arguments_is_a_change_of_its_own() -> None:
    old: list[Json] = [{"name": "a"}, {"name": "b"}]
    assert arguments_of(old, old[::-1]) == [("changed", "/arguments", "")]


def test_arguments_that_names_do_not_tell_apart_are_compared_by_index() -> None:
    old: list[Json] = [{"name": "a"}, {"name": "a"}]
    assert arguments_of(old, [{"name": "a"}, {"name": "b"}]) == [
        ("changed", "/arguments/1/name", "")
    ]


# Size


def test_deep_definitions_are_compared() -> None:
    def deep(leaf: Json) -> Json:
        for _ in range(450):
            leaf = {"anyOf": [leaf, {"x": 1}]}
        return tool(inputSchema=leaf)

    (change,) = changes(contract_of([deep({"title": "a"})]), contract_of([deep({"title": "b"})]))
    assert change.pointer == "/inputSchema" + "/anyOf/0" * 450 + "/title"
    assert change.part is Part.PROMPT


def test_the_cost_grows_with_the_size_and_not_with_its_square() -> None:
    def wide_and_deep(length: int) -> Json:
        leaf: Json = list(range(200_000))
        for _ in range(400):
            leaf = [leaf, *([0] * length)]
        return tool(inputSchema={"enum": [str(n) for n in range(length, 50_000)], "default": leaf})

    snapshot, live = contract_of([wide_and_deep(1)]), contract_of([wide_and_deep(2)])
    started = time.process_time()
    found = list(changes(snapshot, live))
    assert time.process_time() - started < 5  # comparing subtrees over and over takes far longer
    assert len(found) == 401


# Released servers


def released(server: str, version: str) -> Contract:
    listing = parse((CORPUS / server / f"{version}.json").read_bytes())
    assert isinstance(listing, dict)
    assert isinstance(listing["tools"], list)
    assert malformed_items(Subject.TOOL, listing["tools"]) == ()
    return contract_of(listing["tools"])


every_pair = pytest.mark.parametrize(
    "pair",
    [pytest.param(pair, id=f"{pair['server']}-{pair['old']}-{pair['new']}") for pair in PAIRS],
)


@every_pair
def test_every_tool_of_a_release_that_changed_has_changes_and_no_other(pair: Any) -> None:
    old, new = released(pair["server"], pair["old"]), released(pair["server"], pair["new"])
    found = list(changes(old, new))
    told = {change.name for change in found}
    assert told == {name for name, verdict in pair["tools"].items() if verdict != "identical"}
    assert list(changes(old, old)) == list(changes(new, new)) == []


@every_pair
def test_what_a_reader_noticed_in_a_release_is_among_the_changes(pair: Any) -> None:
    old, new = released(pair["server"], pair["old"]), released(pair["server"], pair["new"])
    found = [(change.name, change.pointer) for change in changes(old, new)]
    for noticed in pair["notable_changes"]:
        part = "" if noticed["part"] == "tool" else f"/{noticed['part']}"
        place = f"{part}{noticed['path']}"
        near = [at for name, at in found if name == noticed["tool"]]
        assert any(at.startswith(place) or place.startswith(at) for at in near), noticed


def new_place(change: Change) -> str:
    parent = change.pointer.rpartition("/")[0]
    return parent + pointer(change.renamed_to)


def places(change: Change) -> set[str]:
    """Where it is, under either of its names."""
    renamed = change.kind is ChangeKind.RENAMED
    return {change.pointer, new_place(change)} if renamed else {change.pointer}


def resolved(value: Any, at: str) -> Any:
    for step in at.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value
