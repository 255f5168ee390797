"""What a change means to those who call: every verdict of a tool, and what it rests on."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from mcpverify.drift.changes import changes
from mcpverify.drift.judgement import judged
from mcpverify.facts.compatibility import Compatibility, EntryDrift, JudgedChange, Side
from mcpverify.facts.contract import Contract, contract_of
from mcpverify.facts.json_text import Json

BEHAVIORAL, BREAKING = Compatibility.BEHAVIORAL, Compatibility.BREAKING
COMPATIBLE, UNDECIDED = Compatibility.COMPATIBLE, Compatibility.UNDECIDED


def tool(name: str = "search", **fields: Any) -> dict[str, Json]:
    return {"name": name, "inputSchema": {"type": "object"}} | fields


def between(snapshot: Contract, live: Contract, **options: bool) -> tuple[EntryDrift, ...]:
    return judged(snapshot, live, changes(snapshot, live), **options)


def of_tool(snapshot: Json, live: Json, **options: bool) -> EntryDrift:
    (entry,) = between(contract_of([snapshot]), contract_of([live]), **options)
    return entry


def of_input(snapshot: Any, live: Any, **options: bool) -> EntryDrift:
    one, other = ({"type": "object"} | each for each in (snapshot, live))
    return of_tool(tool(inputSchema=one), tool(inputSchema=other), **options)


def of_output(snapshot: Any, live: Any) -> EntryDrift:
    return of_tool(tool(outputSchema=snapshot), tool(outputSchema=live))


def verdicts(entry: EntryDrift) -> dict[str, Compatibility]:
    """By the last step of the pointer, or the value that came or went in a set."""
    return {_label(each): each.compatibility for each in entry.changes}


def _label(each: JudgedChange) -> str:
    change = each.change
    value = change.live if change.live is not None else change.snapshot
    last = change.pointer.rpartition("/")[2]
    return f"{last}:{value}" if last in ("required", "enum", "type") else last


def only(entry: EntryDrift) -> JudgedChange:
    (change,) = entry.changes
    return change


# Whole entries


def test_equal_contracts_have_no_drift() -> None:
    contract = contract_of([tool()], [{"name": "p"}])
    assert between(contract, contract) == ()


def test_entries_come_worst_first_then_by_name() -> None:
    snapshot = contract_of(
        [tool("a", title="x"), tool("gone"), tool("z")],
        [{"name": "left"}],
        [{"name": "t", "uriTemplate": "t:{a}"}],
    )
    live = contract_of([tool("a", title="y"), tool("z", title="z"), tool("new")])
    assert [(e.subject.value, e.name, e.compatibility.value) for e in between(snapshot, live)] == [
        ("tool", "gone", "breaking"),
        ("prompt", "left", "breaking"),
        ("resource template", "t:{a}", "breaking"),
        ("tool", "a", "behavioral"),
        ("tool", "z", "behavioral"),
        ("tool", "new", "compatible"),
    ]


def test_a_renamed_tool_breaks_and_names_the_new_one() -> None:
    schema = {"type": "object", "properties": {"query": {"type": "string"}}}
    snapshot = contract_of([tool("search", inputSchema=schema)])
    live = contract_of([tool("find", inputSchema=schema)])
    gone, new = between(snapshot, live)
    assert (gone.name, gone.compatibility, gone.renamed_to) == ("search", BREAKING, "find")
    assert "find" in only(gone).reason
    assert only(gone).witness is not None
    assert (new.name, new.compatibility) == ("find", COMPATIBLE)


def test_a_renamed_tool_shows_a_call_that_it_took() -> None:
    schema: Json = {
        "type": "object",
        "properties": {"mode": {"enum": ["fast"]}, "n": {"type": "integer", "minimum": 5}},
        "required": ["mode"],
    }
    live = contract_of([tool("find", inputSchema=schema)])
    gone, _ = between(contract_of([tool("search", inputSchema=schema)]), live)
    witness = only(gone).witness
    assert witness is not None
    assert isinstance(witness.value, dict)
    assert witness.value["mode"] == "fast"
    assert witness.refusal == "there is no tool search any more: it is find now"


def test_the_fields_of_templates_and_resources_lose_nothing() -> None:
    def contract(mime: str) -> Contract:
        template: Json = {"name": "t", "uriTemplate": "t:{a}", "mimeType": mime}
        resource: Json = {"name": "r", "uri": "r:1", "mimeType": mime}
        return contract_of([], [], [template], [resource])

    found = between(contract("text/plain"), contract("text/html"))
    assert [each.compatibility for each in found] == [BEHAVIORAL, BEHAVIORAL]


# What a model reads, and what a client is told


@pytest.mark.parametrize(
    ("snapshot", "live"),
    [
        ({"title": "a"}, {"title": "b"}),
        ({"description": "a"}, {}),
        ({}, {"icons": []}),
        ({"x": 1}, {"x": 2}),
        ({"execution": {"x": 1}}, {"execution": {}}),
        ({"annotations": {}}, {"annotations": {"title": "a"}}),
        ({"annotations": {"x": 1}}, {"annotations": {}}),
    ],
)
def test_what_no_call_depends_on_is_behavioral(snapshot: Any, live: Any) -> None:
    for one, other in ((snapshot, live), (live, snapshot)):
        change = only(of_tool(tool(**one), tool(**other)))
        assert change.compatibility is BEHAVIORAL
        assert change.reason
        assert change.witness is None


@pytest.mark.parametrize(
    ("keyword", "snapshot", "live"),
    [
        ("default", 1, 2),
        ("format", "date", "time"),
        ("examples", [1], [2]),
        ("description", "a", "b"),
        ("deprecated", False, True),
        ("x-order", 1, 2),
        ("contentSchema", {"type": "string"}, {"type": "integer"}),
        ("contentMediaType", "a/b", "c/d"),
    ],
)
@pytest.mark.parametrize("field", ["inputSchema", "outputSchema"])
def test_what_json_schema_asserts_nothing_by_is_behavioral(
    keyword: str, snapshot: Json, live: Json, field: str
) -> None:
    def with_property(schema: Json) -> Json:
        return tool(**{field: {"type": "object", "properties": {"a": schema}}})

    pairs = [({keyword: snapshot}, {keyword: live}), ({}, {keyword: live}), ({keyword: live}, {})]
    for one, other in pairs:
        entry = of_tool(with_property(one), with_property(other))
        assert {each.compatibility for each in entry.changes} == {BEHAVIORAL}


HINTS = [
    ("readOnlyHint", False, True, "without asking"),
    ("readOnlyHint", True, False, "may now ask"),
    ("readOnlyHint", None, True, "without asking"),
    ("destructiveHint", True, False, "without asking"),
    ("destructiveHint", False, True, "may now ask"),
    ("destructiveHint", None, False, "without asking"),
    ("destructiveHint", False, None, "may now ask"),
    ("idempotentHint", None, True, "may now repeat"),
    ("idempotentHint", True, False, "no longer repeat"),
    ("openWorldHint", True, False, "without asking"),
    ("openWorldHint", False, None, "trust results less"),
    ("readOnlyHint", None, False, "assumes without it (false)"),
    ("destructiveHint", True, None, "assumes without it (true)"),
    ("openWorldHint", None, True, "assumes without it (true)"),
    ("idempotentHint", False, None, "assumes without it (false)"),
]


@pytest.mark.parametrize(("hint", "snapshot", "live", "told"), HINTS)
def test_a_hint_that_flips_says_what_a_client_would_now_do(
    hint: str, snapshot: bool | None, live: bool | None, told: str
) -> None:
    one, other = (
        tool(annotations={"x": 1} | ({} if each is None else {hint: each}))
        for each in (snapshot, live)
    )
    change = only(of_tool(one, other))
    assert change.compatibility is BEHAVIORAL
    assert told in change.reason


def test_destroying_counts_for_nothing_where_a_tool_only_reads() -> None:
    one, other = (
        tool(annotations={"readOnlyHint": True, "destructiveHint": each}) for each in (True, False)
    )
    assert "counts for nothing" in only(of_tool(one, other)).reason


@pytest.mark.parametrize(
    ("snapshot", "live", "verdict"),
    [
        ("optional", "required", BREAKING),
        (None, "required", BREAKING),
        ("forbidden", "required", BREAKING),
        ("optional", "forbidden", BREAKING),
        ("optional", None, BREAKING),
        ("required", None, BREAKING),
        ("required", "optional", COMPATIBLE),
        ("forbidden", "optional", COMPATIBLE),
        (None, "optional", COMPATIBLE),
        ("forbidden", None, BEHAVIORAL),
        (None, "forbidden", BEHAVIORAL),
        (None, "sometimes", UNDECIDED),
    ],
)
def test_tasks_that_become_required_or_forbidden_break_calls(
    snapshot: str | None, live: str | None, verdict: Compatibility
) -> None:
    one, other = (
        tool() if each is None else tool(execution={"taskSupport": each})
        for each in (snapshot, live)
    )
    change = only(of_tool(one, other))
    assert (change.compatibility, change.witness) == (verdict, None)


@pytest.mark.parametrize(
    ("snapshot", "live", "verdict"),
    [
        ({}, {"x-mcp-header": "Region"}, BREAKING),
        ({"x-mcp-header": "Region"}, {"x-mcp-header": "Zone"}, BREAKING),
        ({"x-mcp-header": "Region"}, {"x-mcp-header": "REGION"}, COMPATIBLE),
        ({"x-mcp-header": "Region"}, {}, COMPATIBLE),
    ],
)
def test_an_argument_that_must_be_repeated_as_a_header_breaks_calls(
    snapshot: Any, live: Any, verdict: Compatibility
) -> None:
    one, other = (
        {"properties": {"region": {"type": "string"} | each}} for each in (snapshot, live)
    )
    change = only(of_input(one, other))
    assert (change.compatibility, change.witness) == (verdict, None)


def test_a_new_optional_argument_with_a_header_breaks_no_call() -> None:
    region: Json = {"type": "string", "x-mcp-header": "Region"}
    assert of_input({"properties": {}}, {"properties": {"region": region}}).compatibility is (
        COMPATIBLE
    )


def test_an_output_schema_that_goes_breaks_readers_and_one_that_comes_does_not() -> None:
    with_one, without = tool(outputSchema={"type": "object"}), tool()
    assert only(of_tool(with_one, without)).compatibility is BREAKING
    assert only(of_tool(without, with_one)).compatibility is COMPATIBLE


# Arguments of prompts


def of_prompt(snapshot: list[Json], live: list[Json]) -> EntryDrift:
    one, other = ([{"name": "p", "arguments": each}] for each in (snapshot, live))
    (entry,) = between(contract_of([], one), contract_of([], other))
    return entry


A: dict[str, Json] = {"name": "a", "required": True}
B: dict[str, Json] = {"name": "b"}


def test_a_prompt_that_asks_for_more_breaks() -> None:
    for live in ([A, B | {"required": True}], [A, {"name": "c", "required": True}, B]):
        change = of_prompt([A, B], live).changes[0]
        assert change.compatibility is BREAKING
        assert change.witness is not None
        assert change.witness.value == {"a": "text"}
        assert "is a required property" in change.witness.refusal


@pytest.mark.parametrize(
    ("snapshot", "live", "verdict"),
    [
        ([A], [A, B], COMPATIBLE),
        ([A], [{"name": "a"}], COMPATIBLE),
        ([B], [B | {"required": False}], COMPATIBLE),
        ([A, B], [A], BEHAVIORAL),
        ([A, B], [B, A], BEHAVIORAL),
        ([A], [A | {"description": "x"}], BEHAVIORAL),
        ([A], [A | {"x": 1}], BEHAVIORAL),
        ([A, A], [A, B], UNDECIDED),
    ],
)
def test_a_prompt_that_asks_for_no_more_breaks_nothing(
    snapshot: list[Json], live: list[Json], verdict: Compatibility
) -> None:
    assert of_prompt(snapshot, live).compatibility is verdict


def test_arguments_that_come_or_go_at_once_are_judged_one_by_one() -> None:
    none: Json = {"name": "p"}
    some: Json = {"name": "p", "arguments": [A, B]}
    (come,) = between(contract_of([], [none]), contract_of([], [some]))
    (gone,) = between(contract_of([], [some]), contract_of([], [none]))
    assert [each.compatibility for each in come.changes] == [BREAKING, COMPATIBLE]
    assert [each.compatibility for each in gone.changes] == [BEHAVIORAL, BEHAVIORAL]


# Schemas


def test_a_narrowed_argument_breaks_with_the_call_that_is_refused() -> None:
    modes = ({"properties": {"mode": {"enum": each}}} for each in (["fast", "fuzzy"], ["fast"]))
    change = only(of_input(*modes))
    assert change.compatibility is BREAKING
    assert change.witness is not None
    assert (change.witness.side, change.witness.value) == (Side.INPUT, {"mode": "fuzzy"})
    assert "'fuzzy'" in change.witness.refusal


def test_a_widened_argument_is_compatible_and_a_widened_result_breaks() -> None:
    narrow, wide = ({"properties": {"a": {"enum": each}}} for each in (["x"], ["x", "y"]))
    assert only(of_input(narrow, wide)).compatibility is COMPATIBLE
    assert only(of_output(wide, narrow)).compatibility is COMPATIBLE
    change = only(of_output(narrow, wide))
    assert change.compatibility is BREAKING
    assert change.witness is not None
    assert (change.witness.side, change.witness.value) == (Side.OUTPUT, {"a": "y"})


def test_a_required_argument_with_a_default_breaks_and_says_so() -> None:
    old: Json = {"properties": {}}
    new: Json = {"properties": {"n": {"default": 1}, "m": {}}, "required": ["n", "m"]}
    entry = of_input(old, new)
    assert verdicts(entry) == {
        "required:n": BREAKING,
        "required:m": BREAKING,
        "n": COMPATIBLE,
        "m": COMPATIBLE,
    }
    told = {_label(each): each.reason for each in entry.changes}
    assert "it has a default" in told["required:n"]
    assert "default" not in told["required:m"]


def test_an_argument_that_vanishes_is_silently_ignored_or_refused() -> None:
    closed = {"additionalProperties": False}
    old: dict[str, Json] = {"properties": {"a": {}, "b": {}}}
    new: dict[str, Json] = {"properties": {"a": {}}}
    ignored = only(of_input(old, new))
    assert (ignored.compatibility, ignored.witness) == (BEHAVIORAL, None)
    assert "silently ignored" in ignored.reason
    assert only(of_input(old | closed, new | closed)).compatibility is BREAKING
    gone = only(of_output(old, new))
    assert gone.compatibility is BEHAVIORAL
    assert "readers" in gone.reason
    assert only(of_output(old | closed, new | closed)).compatibility is BEHAVIORAL


def test_a_field_that_results_gain_breaks_readers_of_a_closed_object_only() -> None:
    closed = {"additionalProperties": False}
    old: dict[str, Json] = {"properties": {"a": {}}}
    new: dict[str, Json] = {"properties": {"a": {}, "b": {}}}
    assert only(of_output(old, new)).compatibility is COMPATIBLE
    assert only(of_output(old | closed, new | closed)).compatibility is BREAKING


def test_a_promise_that_results_keep_no_more_breaks_readers() -> None:
    old: Json = {"properties": {"a": {}}, "required": ["a"]}
    assert only(of_output(old, {"properties": {"a": {}}})).compatibility is BREAKING
    dropped = of_output(old, {"properties": {}})
    assert verdicts(dropped) == {"required:a": BREAKING, "a": BEHAVIORAL}


def test_a_renamed_argument_breaks_where_the_new_name_is_required() -> None:
    string: Json = {"type": "string"}
    old: dict[str, Json] = {"properties": {"q": string}, "required": ["q"]}
    new: dict[str, Json] = {"properties": {"query": string}, "required": ["query"]}
    entry = of_input(old, new)
    assert {each.compatibility for each in entry.changes} == {BREAKING}
    assert any("renamed to query" in each.reason for each in entry.changes)
    optional = only(of_input({"properties": {"q": string}}, {"properties": {"query": string}}))
    assert optional.compatibility is BEHAVIORAL
    assert "renamed to query" in optional.reason


def test_changes_that_break_alone_have_a_witness_each_and_the_rest_is_proven() -> None:
    old: Json = {
        "properties": {"a": {"enum": [1, 2]}, "b": {"maximum": 9}, "c": {"minLength": 2}, "d": {}}
    }
    new: Json = {
        "properties": {"a": {"enum": [1]}, "b": {"maximum": 8}, "c": {}, "d": {"minItems": 0}}
    }
    entry = of_input(old, new)
    assert verdicts(entry) == {
        "enum:2": BREAKING,
        "maximum": BREAKING,
        "minLength": COMPATIBLE,
        "minItems": COMPATIBLE,
    }
    for change in entry.changes[:2]:
        assert change.witness is not None
        place = change.change.pointer.split("/")[3]
        assert f"at /{place}:" in change.witness.refusal


def test_each_value_that_a_long_list_loses_breaks_with_a_call_of_its_own() -> None:
    values = [f"v{number}" for number in range(60)]
    entry = of_input(
        {"properties": {"a": {"enum": values}}}, {"properties": {"a": {"const": "v0"}}}
    )
    assert entry.compatibility is BREAKING
    entry = of_input(
        {"properties": {"a": {"enum": values}}}, {"properties": {"a": {"enum": ["v0"]}}}
    )
    witnesses = {each.change.snapshot: each.witness for each in entry.changes}
    assert len(witnesses) == 59
    for value, witness in witnesses.items():
        assert witness is not None
        assert witness.value == {"a": value}


def test_what_cannot_be_decided_leaves_the_rest_decided() -> None:
    # A back-reference is no regular language: whether the two patterns agree is not known.
    one, other = ({"type": "string", "pattern": rf"^(a+)b\1{end}$"} for end in ("c", "c?"))
    entry = of_input(
        {"properties": {"a": one, "b": {"type": "string"}}},
        {"properties": {"a": other, "b": {"type": ["string", "null"]}, "c": {}}},
    )
    assert verdicts(entry) == {
        "pattern": UNDECIDED,
        "c": COMPATIBLE,
        "type:['null', 'string']": COMPATIBLE,
    }
    assert entry.changes[0].compatibility is UNDECIDED


def test_a_property_that_moved_behind_a_reference_did_not_vanish() -> None:
    inline: Json = {"properties": {"o": {"properties": {"x": {"type": "string"}}}}}
    behind: Json = {
        "properties": {"o": {"$ref": "#/$defs/O"}},
        "$defs": {"O": {"properties": {"x": {"type": "string"}}}},
    }
    assert of_input(inline, behind).compatibility is COMPATIBLE
    assert of_input(behind, inline).compatibility is COMPATIBLE


def test_a_name_that_vanishes_with_a_branch_is_behavioral() -> None:
    both: Json = {"anyOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}
    assert only(of_input(both, {"anyOf": [{"properties": {"a": {}}}]})).compatibility is BEHAVIORAL


def test_the_open_world_reads_objects_literally() -> None:
    old: Json = {"properties": {"a": {}}}
    new: Json = {"properties": {"a": {}, "b": {"type": "string"}}}
    assert of_input(old, new).compatibility is COMPATIBLE
    assert of_input(old, new, open_world=True).compatibility is BREAKING


@pytest.mark.parametrize(
    ("snapshot", "live"),
    [
        ({"type": "object", "minProperties": 1}, {"type": "object", "minProperties": "2"}),
        ({"type": "object"}, {"type": "object", "$ref": "#/nowhere"}),
        ({"type": "object"}, {"type": "object", "$schema": "http://x/y"}),
        ({"type": "object"}, True),
        ([], {"type": "object"}),
    ],
)
def test_a_schema_that_cannot_be_judged_is_undecided_with_the_reason(
    snapshot: Json, live: Json
) -> None:
    for one, other in ((snapshot, live), (live, snapshot)):
        entry = of_tool(tool(inputSchema=one), tool(inputSchema=other))
        assert entry.compatibility is UNDECIDED
        assert all(
            "cannot be judged" in each.reason or "can be judged" in each.reason
            for each in entry.changes
        )


def test_a_schema_that_only_the_protocol_objects_to_is_judged_all_the_same() -> None:
    untyped: Any = {"properties": {"a": {"type": "string"}}}
    entry = of_tool(tool(inputSchema=untyped), tool(inputSchema=untyped | {"required": ["a"]}))
    assert entry.compatibility is BREAKING


# Speed


def test_a_run_without_schema_changes_loads_neither_prover_nor_referee() -> None:
    code = """
import sys
from mcpverify.drift.changes import changes
from mcpverify.drift.judgement import judged
from mcpverify.facts.contract import contract_of
old = contract_of([{"name": "a", "inputSchema": {}}, {"name": "b", "inputSchema": {}}])
new = contract_of([{"name": "a", "title": "A", "inputSchema": {}}])
assert len(judged(old, new, changes(old, new))) == 2
print(*sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert not loaded & {"jsonschema", "mcpverify.drift.oracle"}
    assert not any(name.startswith("mcpverify.drift.containment") for name in loaded)


def many(count: int, maximum: int) -> Iterator[Json]:
    for number in range(count):
        limits: Json = {"type": "integer", "maximum": maximum}
        yield tool(f"t{number}", inputSchema={"type": "object", "properties": {"n": limits}})


def test_every_change_gets_one_verdict() -> None:
    snapshot, live = contract_of([*many(50, 9)]), contract_of([*many(49, 8)])
    found = tuple(changes(snapshot, live))
    told = [each.change for entry in judged(snapshot, live, found) for each in entry.changes]
    assert sorted(map(repr, told)) == sorted(map(repr, found))
