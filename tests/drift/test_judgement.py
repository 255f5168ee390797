"""What a change means to those who call: whole entries, and how they are told."""

import subprocess
import sys
from collections.abc import Iterator

from mcpverify.drift.changes import changes
from mcpverify.drift.verdicts.judgement import judged
from mcpverify.facts.contract import Contract, contract_of
from mcpverify.facts.json_text import Json
from tests.drift.judging import (
    BEHAVIORAL,
    BREAKING,
    COMPATIBLE,
    UNDECIDED,
    between,
    only,
    tool,
)

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
    assert witness.refusal == "there is no tool 'search' any more: it is 'find' now"


def test_the_fields_of_templates_and_resources_lose_nothing() -> None:
    def contract(mime: str) -> Contract:
        template: Json = {"name": "t", "uriTemplate": "t:{a}", "mimeType": mime}
        resource: Json = {"name": "r", "uri": "r:1", "mimeType": mime}
        return contract_of([], [], [template], [resource])

    found = between(contract("text/plain"), contract("text/html"))
    assert [each.compatibility for each in found] == [BEHAVIORAL, BEHAVIORAL]


# Speed


def test_a_run_without_schema_changes_loads_neither_prover_nor_referee() -> None:
    code = """
import sys
from mcpverify.drift.changes import changes
from mcpverify.drift.verdicts.judgement import judged
from mcpverify.facts.contract import contract_of
old = contract_of([{"name": "a", "inputSchema": {}}, {"name": "b", "inputSchema": {}}])
new = contract_of([{"name": "a", "title": "A", "inputSchema": {}}])
assert len(judged(old, new, changes(old, new))) == 2
print(*sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert not loaded & {"jsonschema", "mcpverify.drift.referee.oracle"}
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


def test_what_is_left_when_the_time_for_all_is_over_is_undecided() -> None:
    old, new = contract_of([*many(30, 5)]), contract_of([*many(30, 4)])
    seconds = iter(range(0, 3_000, 2))

    entries = judged(old, new, changes(old, new), clock=lambda: next(seconds))

    breaking = [each.name for each in entries if each.compatibility is BREAKING]
    undecided = [each for each in entries if each.compatibility is UNDECIDED]
    assert len(breaking) + len(undecided) == 30
    assert breaking
    assert all("time" in each.cut for each in undecided)
    assert len(undecided) > 15
