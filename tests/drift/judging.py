"""Tools and prompts in two versions, and what is said of the difference."""

from typing import Any

from mcpverify.drift.changes import changes
from mcpverify.drift.verdicts.judgement import judged
from mcpverify.facts.compatibility import Compatibility, EntryDrift, JudgedChange
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
    return {label(each): each.compatibility for each in entry.changes}


def label(each: JudgedChange) -> str:
    change = each.change
    value = change.live if change.live is not None else change.snapshot
    last = change.pointer.rpartition("/")[2]
    return f"{last}:{value}" if last in ("required", "enum", "type") else last


def only(entry: EntryDrift) -> JudgedChange:
    (change,) = entry.changes
    return change
