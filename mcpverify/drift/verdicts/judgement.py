"""What the changes between two contracts mean to those who call: one verdict for each.

Schemas go to the prover and its referee, which are loaded only where a schema changed; all
else is judged by rules.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from mcpverify.drift.budget import SECONDS, Budget
from mcpverify.drift.verdicts.hidden_schemas import hidden_schemas
from mcpverify.drift.verdicts.hints import behavioral, judged_hint
from mcpverify.facts.change import Aspect, Change, ChangeKind, Subject
from mcpverify.facts.compatibility import (
    Compatibility,
    EntryDrift,
    JudgedChange,
    Side,
)
from mcpverify.facts.contract import Contract, Entry
from mcpverify.facts.json_text import Json, utf16_order

# What the prover is asked about: the values that a schema allows.
_OF_SCHEMAS: Final = frozenset(
    {
        Aspect.PROPERTY,
        Aspect.REQUIREMENT,
        Aspect.TYPE,
        Aspect.ENUM,
        Aspect.BOUND,
        Aspect.PATTERN,
        Aspect.ITEMS,
        Aspect.ADDITIONAL,
        Aspect.COMBINATOR,
        Aspect.REFERENCE,
        Aspect.SCHEMA,
    }
)
# A deploy job that waits for the last of thousands of verdicts is ended before it rolls back.
SECONDS_IN_ALL: Final = 20.0
_FIELDS: Final = {"inputSchema": Side.INPUT, "outputSchema": Side.OUTPUT}

_GONE: Final = {
    Subject.TOOL: "a call of it meets an unknown tool",
    Subject.PROMPT: "a client that asks for it meets an unknown prompt",
    Subject.TEMPLATE: "a client that reads by it finds nothing",
    Subject.RESOURCE: "a client that reads it finds nothing",
}


def judged(
    snapshot: Contract,
    live: Contract,
    changes: Iterable[Change],
    *,
    open_world: bool = False,
    clock: Callable[[], float] = time.thread_time,
) -> tuple[EntryDrift, ...]:
    """The entries that differ, worst first and then by name, each with its changes likewise.

    `changes` are those between the two contracts. Every one of them gets one verdict; what is
    left when SECONDS_IN_ALL are over, by the processor's time on `clock`, is undecided.
    """
    by_entry: dict[tuple[Subject, str], list[Change]] = {}
    for change in changes:
        by_entry.setdefault((change.subject, change.name), []).append(change)
    recorded, current = _definitions(snapshot), _definitions(live)
    end = clock() + SECONDS_IN_ALL
    found = []
    for key, each in by_entry.items():
        budget = Budget(seconds=min(SECONDS, max(end - clock(), 0.0)))
        both = recorded.get(key, {}), current.get(key, {})
        found.append(_judged_entry(*both, each, budget, open_world))
    subjects = list(Subject)
    found.sort(
        key=lambda entry: (
            -entry.compatibility.rank,
            subjects.index(entry.subject),
            utf16_order(entry.name),
        )
    )
    return tuple(found)


def _definitions(contract: Contract) -> dict[tuple[Subject, str], dict[str, Json]]:
    lists: Sequence[Sequence[Entry]] = (
        contract.tools,
        contract.prompts,
        contract.templates,
        contract.resources or (),
    )
    return {(each.subject, each.name): each.definition for entries in lists for each in entries}


def _judged_entry(
    snapshot: dict[str, Json],
    live: dict[str, Json],
    changes: list[Change],
    budget: Budget,
    open_world: bool,
) -> EntryDrift:
    verdicts: dict[int, JudgedChange] = {}
    in_schemas: dict[str, list[int]] = {}
    hidden = _hidden(changes, snapshot, live)
    for index, change in enumerate(changes):
        field = _schema_of(change, hidden)
        if field:
            in_schemas.setdefault(field, []).append(index)
        else:
            verdicts[index] = _by_rule(change, snapshot, live)
    cuts: list[str] = []
    for field, indexes in in_schemas.items():
        those = [changes[index] for index in indexes]
        judged_ones, cut = _by_proof(field, snapshot, live, those, budget, open_world)
        verdicts |= zip(indexes, judged_ones, strict=True)
        cuts += [cut] if cut else []
    renamed_to = next((each.renamed_to for each in changes if each.pointer == ""), "")
    ordered = [verdicts[index] for index in range(len(changes))]
    ordered.sort(key=lambda each: -each.compatibility.rank)
    first = changes[0]
    return EntryDrift(first.subject, first.name, tuple(ordered), renamed_to, next(iter(cuts), ""))


def _schema_of(change: Change, hidden: Sequence[str]) -> str:
    """The field whose schema has to be judged for this change, "" for none."""
    if change.subject is not Subject.TOOL:
        return ""
    field = _field_of(change)
    if not field or change.aspect in _OF_SCHEMAS:
        return field
    here = f"{change.pointer}/"
    return field if any(here.startswith(each) or each.startswith(here) for each in hidden) else ""


def _field_of(change: Change) -> str:
    """The field with a schema that the change is in, "" for none."""
    field = change.pointer.partition("/")[2].partition("/")[0]
    return field if field in _FIELDS else ""


def _hidden(
    changes: Iterable[Change], snapshot: dict[str, Json], live: dict[str, Json]
) -> tuple[str, ...]:
    """Pointers, each with a slash behind it, to what is a schema by being referred to only."""
    fields = {
        _field_of(change)
        for change in changes
        if change.subject is Subject.TOOL and change.aspect not in _OF_SCHEMAS
    }
    return tuple(
        f"/{field}{pointer}/"
        for field in sorted(fields - {""})
        for schema in (snapshot.get(field), live.get(field))
        for pointer in hidden_schemas(schema)
    )


def _by_rule(change: Change, snapshot: dict[str, Json], live: dict[str, Json]) -> JudgedChange:
    if change.aspect is Aspect.WHOLE:
        return _whole(change, snapshot)
    if change.subject is Subject.PROMPT and change.pointer.startswith("/arguments"):
        from mcpverify.drift.verdicts.prompt_judgement import judged_argument

        return judged_argument(change, snapshot, live)
    if change.subject is Subject.TOOL:
        return judged_hint(change, snapshot, live)
    return behavioral(change)


def _by_proof(
    field: str,
    snapshot: dict[str, Json],
    live: dict[str, Json],
    changes: list[Change],
    budget: Budget,
    open_world: bool,
) -> tuple[Iterable[JudgedChange], str]:
    if field not in snapshot or field not in live:
        reason = f"only one side has an {field}"
        return [JudgedChange(each, Compatibility.UNDECIDED, reason) for each in changes], ""
    from mcpverify.drift.verdicts.schema_judgement import SchemaPair, judged_schema

    pair = SchemaPair(_FIELDS[field], snapshot[field], live[field])
    verdict = judged_schema(pair, changes, budget, open_world=open_world)
    return verdict.changes, verdict.cut


def _whole(change: Change, snapshot: dict[str, Json]) -> JudgedChange:
    match change.kind:
        case ChangeKind.ADDED:
            reason = "it is new: no old call depends on it"
            return JudgedChange(change, Compatibility.COMPATIBLE, reason)
        case ChangeKind.RENAMED:
            from mcpverify.drift.verdicts.old_call import old_call

            reason = f"renamed to {change.renamed_to}: {_GONE[change.subject]}"
            call = old_call(snapshot, change.renamed_to)
            return JudgedChange(change, Compatibility.BREAKING, reason, call)
        case _:
            return JudgedChange(change, Compatibility.BREAKING, _GONE[change.subject])
