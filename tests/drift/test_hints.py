"""What no value shows: what a model reads, and what a client is told."""

from typing import Any

import pytest

from mcpverify.facts.compatibility import Compatibility
from mcpverify.facts.json_text import Json
from tests.drift.judging import (
    BEHAVIORAL,
    BREAKING,
    COMPATIBLE,
    UNDECIDED,
    of_input,
    of_tool,
    only,
    tool,
)


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
