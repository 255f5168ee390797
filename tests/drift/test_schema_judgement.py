"""What a change of a schema means: every verdict, and what it rests on."""

from typing import Any

import pytest

from mcpverify.facts.compatibility import Side
from mcpverify.facts.json_text import Json
from tests.drift.judging import (
    BEHAVIORAL,
    BREAKING,
    COMPATIBLE,
    UNDECIDED,
    label,
    of_input,
    of_output,
    of_tool,
    only,
    tool,
    verdicts,
)


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
    told = {label(each): each.reason for each in entry.changes}
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


def test_a_witness_shows_no_more_than_the_change_that_it_breaks_on() -> None:
    string: Json = {"type": "string"}
    old: dict[str, Json] = {"mode": {"enum": ["fast", "full"]}, "n": {"maximum": 9}, "q": string}
    new: dict[str, Json] = {"mode": {"enum": ["fast"]}, "n": {"maximum": 5}, "query": string}
    entry = of_input(
        {"properties": old, "required": ["q"]}, {"properties": new, "required": ["query"]}
    )
    shown = {}
    for each in entry.changes:
        assert each.witness is not None
        shown[label(each)] = (each.witness.value, each.witness.refusal)
    missing = "'query' is a required property"
    bound = "at /n: 6 is greater than the maximum of 5"
    assert shown.pop("maximum") == ({"n": 6, "q": "text"}, bound)
    assert shown.pop("enum:full")[0] == {"mode": "full", "q": "text"}
    assert set(map(str, shown.values())) == {str(({"q": "text"}, missing))}


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


@pytest.mark.parametrize(
    ("reference", "target"),
    [
        ("#/$defs/O", {}),
        ("#/$defs/a%20b", {}),
        ("#O", {"$anchor": "O"}),
        ("https://example.org/o", {"$id": "https://example.org/o"}),
    ],
)
def test_a_name_that_vanishes_behind_a_reference_is_behavioral(
    reference: str, target: dict[str, Json]
) -> None:
    def schema(*names: str) -> Json:
        inner: Json = {"properties": {name: {} for name in names}, **target}
        where = "a b" if "%20" in reference else "O"
        return {"properties": {"o": {"$ref": reference}}, "$defs": {where: inner}}

    assert of_input(schema("x", "y"), schema("x")).compatibility is BEHAVIORAL
    assert of_input(schema("x"), schema("x", "y")).compatibility is COMPATIBLE
    inline: Json = {"properties": {"o": {"properties": {"x": {}}}}}
    assert of_input(schema("x", "y"), inline).compatibility is BEHAVIORAL
    assert of_input(schema("x"), inline).compatibility is COMPATIBLE


@pytest.mark.parametrize(
    ("declared", "left"),
    [
        ({"additionalProperties": True}, {}),
        ({"additionalProperties": {"type": "string"}}, {"patternProperties": {"^x-": {}}}),
        ({"patternProperties": {"^x-": {}}}, {}),
        ({"patternProperties": {"^[xy]-": {}}}, {"patternProperties": {"^x-": {}}}),
        ({"unevaluatedProperties": {}}, {}),
    ],
)
def test_names_that_were_allowed_unlisted_vanish_as_listed_ones_do(
    declared: dict[str, Json], left: dict[str, Json]
) -> None:
    listed: dict[str, Json] = {"properties": {"a": {}}}
    entry = of_input(listed | declared, listed | left)
    told = [each for each in entry.changes if each.compatibility is BEHAVIORAL]
    assert ["names that it allowed" in each.reason for each in told] == [True]
    assert of_output(listed | declared, listed | left).compatibility in (BEHAVIORAL, BREAKING)
    assert of_input(listed | left, listed | declared).compatibility is not BEHAVIORAL


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"patternProperties": {"^x-": {}}}, {"patternProperties": {"^[xy]-": {}}}),
        ({"patternProperties": {"^(a|b)$": {}}}, {"properties": {"a": {}, "b": {}}}),
        ({"additionalProperties": True}, {"unevaluatedProperties": True}),
        (
            {"additionalProperties": True, "propertyNames": {"enum": ["a", "b"]}},
            {"properties": {"a": {}, "b": {}}},
        ),
        ({"additionalProperties": {}}, {}),
    ],
)
def test_names_that_are_declared_otherwise_did_not_vanish(
    old: dict[str, Json], new: dict[str, Json]
) -> None:
    def within(inner: dict[str, Json]) -> Json:
        return {"properties": {"o": {"type": "object", **inner}}}

    assert of_input(within(old), within(new)).compatibility is COMPATIBLE


def test_a_tool_that_named_nothing_and_took_anything_takes_no_argument_any_more() -> None:
    bare: dict[str, Json] = {"type": "object"}
    assert of_input(bare | {"additionalProperties": True}, bare).compatibility is BEHAVIORAL


def test_items_are_told_apart_by_their_place() -> None:
    def items(*names: str, **rest: Json) -> Json:
        prefix: Json = [{"properties": {name: {}}} for name in names]
        return {"properties": {"l": {"prefixItems": prefix, **rest}}}

    assert of_input(items("a", "b"), items("b", "a")).compatibility is BEHAVIORAL
    one: Json = {"properties": {"a": {}}}
    alike: Json = {"properties": {"l": {"items": one}}}
    for rest in ({"items": False}, {"maxItems": 2}, {"items": one}):
        assert of_output(alike, items("a", "a", **rest)).compatibility is COMPATIBLE
    assert of_input(alike, items("a", "b", items=one)).compatibility is BEHAVIORAL


def test_what_draft_07_ignores_beside_a_reference_declares_nothing() -> None:
    draft = "http://json-schema.org/draft-07/schema#"
    old: dict[str, Json] = {"$schema": draft, "properties": {"o": {"properties": {"x": {}}}}}
    empty: Json = {"O": {"properties": {"y": {}}}}
    beside: Json = {"$ref": "#/definitions/O", "properties": {"x": {}}}
    new: dict[str, Json] = {"$schema": draft, "properties": {"o": beside}, "definitions": empty}
    assert of_input(old, new).compatibility is BEHAVIORAL


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
        ({"type": "object", "minProperties": "2"}, {"type": "object", "minProperties": 1}),
        ({"type": "object"}, {"type": "object", "$ref": "#/nowhere"}),
        ({"type": "object"}, {"type": "object", "$schema": "http://x/y"}),
        ([], {"type": "object"}),
        ({"type": "object"}, []),
    ],
    ids=str,
)
def test_a_schema_that_cannot_be_judged_is_undecided_with_the_reason(
    snapshot: Json, live: Json
) -> None:
    entry = of_tool(tool(inputSchema=snapshot), tool(inputSchema=live))
    assert entry.compatibility is UNDECIDED
    assert all("can be judged" in each.reason for each in entry.changes)


def test_an_index_too_long_for_a_number_leads_to_nothing() -> None:
    far: Json = {"$ref": f"#/anyOf/{'1' * 5_000}"}
    old: Json = {"properties": {"a": {}, "b": far}, "anyOf": [{}, {}]}
    entry = of_input(old, {"properties": {"b": True}, "anyOf": [{}, {}]})
    assert entry.compatibility is BEHAVIORAL


def test_what_takes_everything_takes_what_could_not_be_judged() -> None:
    dangling: Json = {"type": "object", "$ref": "#/nowhere"}
    entry = of_tool(tool(inputSchema=dangling), tool(inputSchema={"type": "object"}))
    assert entry.compatibility is COMPATIBLE


def test_what_is_invalid_on_both_sides_alike_keeps_nothing_else_from_being_judged() -> None:
    odd: Json = {"type": "string", "maxLength": "ten"}
    entry = of_input({"properties": {"a": odd}}, {"properties": {"a": odd, "b": True}})
    assert entry.compatibility is COMPATIBLE


def test_a_schema_that_only_the_protocol_objects_to_is_judged_all_the_same() -> None:
    untyped: Any = {"properties": {"a": {"type": "string"}}}
    entry = of_tool(tool(inputSchema=untyped), tool(inputSchema=untyped | {"required": ["a"]}))
    assert entry.compatibility is BREAKING
