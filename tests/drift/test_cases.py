"""The tables of cases against the prover and the judgement, and against plain jsonschema."""

import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest

from mcpverify.drift.budget import Budget
from mcpverify.drift.changes import changes
from mcpverify.drift.containment.prover import Answer, Proven, Refuted, Undecided, contained
from mcpverify.drift.referee.oracle import Oracle
from mcpverify.drift.verdicts.judgement import judged
from mcpverify.facts.compatibility import Compatibility, EntryDrift
from mcpverify.facts.contract import contract_of
from mcpverify.facts.json_text import Json
from tests.drift.cases import CASES, FAMILIES, Case
from tests.drift.cases.case import OBJECT, STRING, array, record
from tests.drift.referee import accepts, has_patterns


def named(case: Case) -> str:
    return case.id


def questions(case: Case) -> Iterator[tuple[str, Json, Json, bool]]:
    """Who produces, who accepts, and whether it breaks: callers send, servers return."""
    yield "input", case.old, case.new, case.narrows
    yield "output", case.new, case.old, case.widens


def asked(case: Case, producer: Json, acceptor: Json) -> Answer:
    # Steps alone decide: a loaded machine must not change an answer.
    return contained(producer, acceptor, Budget(seconds=20), open_world=case.open_world)


def flaw(case: Case, answer: Answer, breaks: bool) -> str:
    """What is wrong with an answer, "" for nothing."""
    match answer:
        case Undecided(reason):
            return "" if case.undecided_ok else f"undecided: {reason}"
        case Proven():
            return "proven, though it breaks" if breaks else ""
        case Refuted(value):
            return "" if breaks else f"refuted by {value!r}, though nothing breaks"


def takes(schema: Json, value: Json) -> bool:
    """By jsonschema alone, but for patterns."""
    if has_patterns(schema):
        return Oracle(schema, Budget(1_000_000, 10)).refusal(value) is None
    return accepts(schema, value)


# The tables themselves.


def test_there_are_many_rows_and_each_has_a_name_of_its_own() -> None:
    assert len(CASES) >= 300
    assert len({case.id for case in CASES}) == len(CASES)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", case.id) for case in CASES)


def test_few_rows_may_be_undecided() -> None:
    assert sum(bool(case.undecided_ok) for case in CASES) <= len(CASES) // 50


@pytest.mark.parametrize("family", FAMILIES)
def test_the_values_of_a_row_tell_its_schemas_apart(family: str) -> None:
    for case in FAMILIES[family]:
        if "translated" in case.undecided_ok:
            continue
        if case.narrows:
            assert takes(case.old, case.lost), case.id
            assert not takes(case.new, case.lost), case.id
        if case.widens:
            assert takes(case.new, case.gained), case.id
            assert not takes(case.old, case.gained), case.id


# The prover.


@pytest.mark.parametrize("case", CASES, ids=named)
def test_the_prover_answers_as_the_table_says(case: Case) -> None:
    for side, producer, acceptor, breaks in questions(case):
        answer = asked(case, producer, acceptor)
        assert not flaw(case, answer, breaks), side
        if isinstance(answer, Refuted):
            assert takes(producer, answer.value), side
            assert not takes(acceptor, answer.value), side


def test_what_may_be_undecided_is() -> None:
    for case in CASES:
        if case.undecided_ok:
            answers = [asked(case, one, other) for _, one, other, _ in questions(case)]
            assert any(isinstance(each, Undecided) for each in answers), case.id


WRAPPERS: dict[str, Callable[[Json], Any]] = {
    "property": lambda schema: record(v=schema),
    "property of a closed object": lambda schema: (
        record("w", v=schema, w=STRING) | {"additionalProperties": False}
    ),
    "property by pattern": lambda schema: OBJECT | {"patternProperties": {"^v": schema}},
    "map": lambda schema: OBJECT | {"additionalProperties": schema},
    "items": lambda schema: array(items=schema),
    "second item": lambda schema: array(prefixItems=[True, schema]),
    "reference": lambda schema: {"$ref": "#/$defs/d", "$defs": {"d": schema}},
    "all of": lambda schema: {"allOf": [schema]},
    "any of": lambda schema: {"anyOf": [schema]},
    "one of": lambda schema: {"oneOf": [False, schema]},
    "then": lambda schema: {"if": True, "then": schema},
    "tagged union": lambda schema: {
        "oneOf": [record("k", k={"const": 1}, v=schema), record("k", k={"const": 2})]
    },
    "list of records or null": lambda schema: {
        "anyOf": [array(minItems=1, items=record("v", v=schema)), {"type": "null"}]
    },
}


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_schema_within_another_is_answered_as_it_is_alone(wrapper: str) -> None:
    wrap = WRAPPERS[wrapper]
    flaws = []
    for case in CASES:
        if case.nests:
            for side, producer, acceptor, breaks in questions(case):
                told = flaw(case, asked(case, wrap(producer), wrap(acceptor)), breaks)
                flaws += [(case.id, side, told)] if told else []
    assert not flaws


def test_every_schema_is_proven_against_itself() -> None:
    for case in CASES:
        for schema in (case.old, case.new):
            answer = asked(case, schema, schema)
            assert isinstance(answer, Proven) or case.undecided_ok, (case.id, answer)


def test_the_order_of_keys_and_of_sets_changes_no_answer() -> None:
    random = Random(3)
    for case in CASES:
        for side, producer, acceptor, breaks in questions(case):
            answer = asked(case, shuffled(producer, random), shuffled(acceptor, random))
            assert not flaw(case, answer, breaks), (case.id, side)


def shuffled(value: Any, random: Random, keyword: str = "") -> Any:
    """The same schema in another order, wherever order says nothing."""
    if isinstance(value, dict):
        keys = list(value)
        random.shuffle(keys)
        return {key: shuffled(value[key], random, key) for key in keys}
    if not isinstance(value, list):
        return value
    items = [shuffled(each, random) for each in value]
    if keyword in ("anyOf", "oneOf", "allOf", "enum", "required", "type"):
        random.shuffle(items)
    return items


def test_asking_twice_gives_one_answer() -> None:
    for case in CASES:
        assert asked(case, case.old, case.new) == asked(case, case.old, case.new), case.id


# The judgement.


def entry(case: Case, field: str) -> EntryDrift | None:
    """What is said of a tool, one of whose schemas changes as in the row."""

    def tool(schema: Json) -> Json:
        whole = record(v=schema) if case.nests else schema
        return {"name": "tool", "inputSchema": {"type": "object"}} | {field: whole}

    snapshot, live = contract_of([tool(case.old)]), contract_of([tool(case.new)])
    found = judged(snapshot, live, changes(snapshot, live), open_world=case.open_world)
    return found[0] if found else None


def expected(case: Case, breaks: bool) -> set[Compatibility]:
    if breaks:
        found = {Compatibility.BREAKING}
    elif case.speaks or case.vanishes:
        found = {Compatibility.BEHAVIORAL}
    else:
        found = {Compatibility.COMPATIBLE, Compatibility.IDENTICAL}
        if may_lose_a_name(case):
            found |= {Compatibility.BEHAVIORAL}
    return found | ({Compatibility.UNDECIDED} if case.undecided_ok else set())


def may_lose_a_name(case: Case) -> bool:
    """Whether some place that `old` names may have no name, or no value, in `new`."""
    return bool(names(case.old) - names(case.new)) or allows_nothing(case.new)


def names(schema: Json) -> set[str]:
    if isinstance(schema, list):
        return {name for each in schema for name in names(each)}
    if not isinstance(schema, dict):
        return set()
    properties = schema.get("properties")
    own = set(properties) if isinstance(properties, dict) else set()
    return own | {name for each in schema.values() for name in names(each)}


def allows_nothing(schema: Json) -> bool:
    if isinstance(schema, dict):
        return any(map(allows_nothing, schema.values())) or schema.get("not") == {}
    return schema is False or (isinstance(schema, list) and any(map(allows_nothing, schema)))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_tool_is_judged_as_the_table_says(family: str) -> None:
    flaws = []
    for case in (row for each in FAMILIES[family] for row in (each, each.reverse)):
        for field, breaks in (("inputSchema", case.narrows), ("outputSchema", case.widens)):
            found = entry(case, field)
            verdict = found.compatibility if found else Compatibility.IDENTICAL
            if verdict not in expected(case, breaks):
                flaws.append((case.id, field, str(verdict)))
            for change in found.changes if found else ():
                assert (change.compatibility is Compatibility.BREAKING) == bool(change.witness)
    assert not flaws


def test_judging_twice_agrees() -> None:
    for case in CASES:
        assert entry(case, "inputSchema") == entry(case, "inputSchema"), case.id


def test_the_arguments_of_a_tool_without_parameters_are_none() -> None:
    gains = Case("gains-one", OBJECT, record(a=STRING))
    answer = contained(gains.old, gains.new, Budget(), arguments=True)
    assert isinstance(answer, Proven)
    assert isinstance(contained(gains.old, gains.new, Budget()), Refuted)
