"""Schemas made to hang, crash or mislead: the prover and the judgement end, and never guess.

Whatever a schema is, containment is answered within the budget, the answer is never wrong,
and nothing is raised. Undecided is always allowed here; what has to be decided stands
in the tables of cases.
"""

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from mcpverify.drift.budget import STEPS, Budget
from mcpverify.drift.changes import changes
from mcpverify.drift.containment.prover import Answer, Proven, Refuted, Undecided, contained
from mcpverify.drift.referee.oracle import Oracle
from mcpverify.drift.referee.silence import OracleSilent
from mcpverify.drift.verdicts.judgement import judged
from mcpverify.facts.compatibility import Compatibility
from mcpverify.facts.contract import contract_of
from mcpverify.facts.json_text import Json
from tests.drift.cases.case import INTEGER, NUMBER, STRING, array, integer, record, string
from tests.servers.lists_a_lot import TOOLS
from tests.servers.refers_to_itself import SCHEMAS
from tests.servers.uses_patterns import CATASTROPHIC, ECMA
from tests.strategies import json_values, schemas

SECONDS = 3.0  # of processor time, for what the budget ends after a quarter of one


def deep(levels: int, wrap: Callable[[Any], Any], innermost: Any = STRING) -> Any:
    for _ in range(levels):
        innermost = wrap(innermost)
    return innermost


def doubling(keyword: str, levels: int = 40) -> dict[str, Any]:
    """Each definition refers twice to the next: 2 to the power of `levels` in the end."""
    definitions: dict[str, Any] = {f"d{levels}": STRING}
    for level in range(levels):
        twice = [{"$ref": f"#/$defs/d{level + 1}"}, {"$ref": f"#/$defs/d{level + 1}"}]
        named = dict(zip("ab", twice, strict=True))
        definitions[f"d{level}"] = {
            "properties": {"properties": named},
            "dependentSchemas": {"dependentSchemas": named},
            "if": {"if": twice[0], "then": twice[1]},
            "not": {"not": {"not": twice[0]}, "anyOf": twice},
        }.get(keyword, {keyword: twice})
    return {"$ref": "#/$defs/d0", "$defs": definitions}


def cycle(definition: Any) -> dict[str, Any]:
    """A definition `a` that may refer to itself where it stands."""
    return record(v={"$ref": "#/$defs/a"}) | {"$defs": {"a": definition}}


A: dict[str, Any] = {"$ref": "#/$defs/a"}


def clauses(variables: int, count: int) -> dict[str, Any]:
    """Three of many flags in each clause: whether any object fits is a riddle."""
    flags = {f"x{number}": {"type": "boolean"} for number in range(variables)}

    def literal(seed: int) -> Any:
        name = f"x{seed * 7919 % variables}"
        return {"properties": {name: {"const": seed % 3 == 0}}}

    found = [
        {"anyOf": [literal(5 * n), literal(5 * n + 2), literal(5 * n + 3)]} for n in range(count)
    ]
    return record(*flags, **flags) | {"allOf": found}


HOSTILE: dict[str, Any] = {
    **{f"refers to itself: {name}": schema for name, schema in SCHEMAS.items()},
    **{
        f"deep {name}": deep(levels, wrap)
        for name, levels, wrap in (
            ("properties", 400, lambda inner: record(a=inner)),
            ("required properties", 400, lambda inner: record("a", a=inner)),
            ("items", 900, lambda inner: {"items": inner}),
            ("arrays", 450, lambda inner: array(items=inner)),
            ("not", 900, lambda inner: {"not": inner}),
            ("maps", 900, lambda inner: {"additionalProperties": inner}),
            ("any of", 450, lambda inner: {"anyOf": [inner, {"type": "null"}]}),
            ("one of", 450, lambda inner: {"oneOf": [inner, {"type": "null"}]}),
            ("all of", 450, lambda inner: {"allOf": [inner, {"minLength": 1}]}),
            ("if", 450, lambda inner: {"if": inner, "then": {"minLength": 1}}),
            ("definitions", 400, lambda inner: {"$defs": {"a": inner}}),
        )
    },
    "deep references": {
        "$ref": "#/$defs/d0",
        "$defs": {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(5_000)} | {"d5000": STRING},
    },
    "deep const": {"const": deep(900, lambda inner: [inner], 1)},
    "deep default": {"default": deep(900, lambda inner: {"a": inner}, 1)},
    **{
        f"doubling {keyword}": doubling(keyword)
        for keyword in (
            "allOf",
            "anyOf",
            "oneOf",
            "not",
            "if",
            "properties",
            "prefixItems",
            "dependentSchemas",
        )
    },
    "cycle": cycle(A),
    "cycle in turns": cycle({"allOf": [{"$ref": "#/$defs/b"}]})
    | {"$defs": {"a": {"allOf": [{"$ref": "#/$defs/b"}]}, "b": {"anyOf": [A, STRING]}}},
    "cycle in all of": cycle({"allOf": [A, STRING]}),
    "cycle in any of": cycle({"anyOf": [A, STRING]}),
    "cycle in one of": cycle({"oneOf": [A, STRING]}),
    "cycle in not": cycle({"not": A}),
    "cycle in if": cycle({"if": A, "then": STRING, "else": INTEGER}),
    "cycle in a dependent schema": cycle({"dependentSchemas": {"a": A}}),
    "cycle without an end": cycle(record("a", "b", a=A, b=A)),
    "cycle through property names": cycle({"type": "object", "propertyNames": A}),
    "cycle through contains": cycle(array(contains=A)),
    "many flags": clauses(30, 120),
    "many choices": record(
        **{f"p{n}": {"anyOf": [{"const": v} for v in range(50)]} for n in range(50)}
    ),
    "choices multiplied": {
        "allOf": [
            {"anyOf": [record(f"p{n}", **{f"p{n}": {"const": v}}) for v in range(6)]}
            for n in range(12)
        ]
    },
    "one of many that overlap": {"oneOf": [integer(minimum=n) for n in range(200)]},
    "one of many records": {"oneOf": [record("k", k={"const": n}, v=STRING) for n in range(500)]},
    "many values": {"enum": [f"value-{n}" for n in range(50_000)]},
    "many values of many kinds": {"enum": [[n, {"a": [n]}] for n in range(20_000)]},
    "many properties": record(**{f"p{n}": STRING for n in range(10_000)}),
    "many requirements": {"type": "object", "required": [f"p{n}" for n in range(50_000)]},
    "many dependencies": {
        "type": "object",
        "dependentRequired": {f"p{n}": [f"p{(n + 1) % 2_000}"] for n in range(2_000)},
    },
    "many patterns of properties": {
        "type": "object",
        "patternProperties": {f"^[a-z]*{chr(97 + n % 26)}{{{n}}}": INTEGER for n in range(200)},
    },
    "many conditions": record(k=INTEGER)
    | {
        "allOf": [
            {
                "if": {"properties": {"k": {"const": n}}, "required": ["k"]},
                "then": {"required": [f"p{n}"]},
            }
            for n in range(300)
        ]
    },
    **{f"pattern {pattern}": string(pattern=pattern) for pattern in (*ECMA, *CATASTROPHIC)},
    **{
        f"pattern {name}": string(pattern=pattern)
        for name, pattern in {
            "of a distant letter": "^[ab]*a[ab]{30}$",
            "of many letters": "".join(f"(?=.*{chr(97 + n)})" for n in range(26)),
            "counted twice": "^(([ab]?){1,500}){1,500}$",
            "counted high": "^(a|aa){99999}$",
            "of all characters": "^[\\u{0}-\\u{10FFFF}]{1,9999}$",
            "in parentheses": "(" * 5_000 + "a" + ")" * 5_000,
            "of many alternatives": "^(" + "|".join(f"{n}a*{n}" for n in range(3_000)) + ")$",
            "as long as a book": "a" * 200_000,
            "of stars": "^" + "a*" * 300 + "b$",
            "behind and ahead": "^(?:(?<!a)b|(?=c)[^]|(?!d)e)*(?<=(?:ab)+)$",
            "unfinished": "(a",
        }.items()
    },
    "bounds without end": {
        "type": ["integer", "string", "array", "object"],
        "minimum": 10**900,
        "minLength": 10**30,
        "minItems": 10**30,
        "minProperties": 10**30,
    },
    "bounds of large numbers": integer(multipleOf=10**300 + 7, minimum=1),
    "bounds of small numbers": {"type": "number", "minimum": 1e-300, "maximum": 2e-300},
    "a multiple far away": integer(
        multipleOf=999_983, minimum=1, maximum=10**12, allOf=[{"multipleOf": 999_979}]
    ),
    "a multiple of nearly nothing": {"type": "number", "multipleOf": 5e-324},
    "many items": array(items=INTEGER, minItems=10**9),
    "many items, each once": array(
        items={"enum": list(range(3_000))}, uniqueItems=True, minItems=3_000
    ),
    "many items to contain": array(contains=INTEGER, minContains=10**9),
    "a long prefix": array(prefixItems=[integer(minimum=n) for n in range(3_000)], minItems=3_000),
    "a name as long as a book": record(**{"a" * 500_000: STRING}),
    "a value as long as a book": {"const": "a" * 500_000},
    "names that are keywords": record(**{"$ref": {"$ref": "#"}, "allOf": {"allOf": [True]}}),
}

NONSENSE: tuple[Any, ...] = (
    None,
    5,
    "string",
    [],
    [{}],
    {"type": 5},
    {"type": []},
    {"type": "strin"},
    {"type": [None]},
    {"enum": "a"},
    {"properties": []},
    {"properties": {"a": 5}},
    {"required": "a"},
    {"required": [5]},
    {"additionalProperties": 5},
    {"patternProperties": {"(": {}}},
    {"patternProperties": []},
    {"propertyNames": []},
    {"items": 5},
    {"items": [5]},
    {"prefixItems": {}},
    {"minimum": "a"},
    {"minimum": None},
    {"maximum": True},
    {"multipleOf": 0},
    {"multipleOf": -1},
    {"minLength": -1},
    {"minLength": 1.5},
    {"minItems": "1"},
    {"uniqueItems": "yes"},
    {"pattern": 5},
    {"pattern": "("},
    {"anyOf": []},
    {"anyOf": {}},
    {"anyOf": [5]},
    {"oneOf": None},
    {"allOf": "a"},
    {"not": 5},
    {"if": 5, "then": 5},
    {"dependentRequired": []},
    {"dependentRequired": {"a": 5}},
    {"dependentSchemas": {"a": 5}},
    {"$ref": 5},
    {"$ref": "#/nowhere"},
    {"$ref": "#/$defs"},
    {"$ref": "http://localhost:1/a"},
    {"$ref": "%"},
    {"$ref": "#%zz"},
    {"$defs": 5},
    {"$schema": 5},
    {"$schema": "https://example.com/own"},
    {"$id": 5},
    {"$id": "http://["},
    {"$anchor": 5},
    {"contains": 5},
    {"minContains": "a"},
    {"unevaluatedProperties": 5},
    {"exclusiveMinimum": True},
    {"$dynamicRef": "#gone"},
    {"$recursiveRef": "a"},
    {"$schema": "http://json-schema.org/draft-04/schema#", "exclusiveMinimum": 5},
)


def answered(producer: Json, acceptor: Json, **options: bool) -> Answer:
    """The answer, which came in time and for the steps it may cost."""
    budget = Budget()
    began = time.thread_time()
    answer = contained(producer, acceptor, budget, **options)
    assert time.thread_time() - began < SECONDS
    assert isinstance(answer, Undecided) or budget.spent <= STEPS
    if isinstance(answer, Refuted):
        assert confirmed(producer, answer.value) is not False
        assert confirmed(acceptor, answer.value) is not True
    return answer


def confirmed(schema: Json, value: Json) -> bool | None:
    try:
        return Oracle(schema, Budget()).refusal(value) is None
    except OracleSilent:
        return None


@pytest.fixture(params=sorted(HOSTILE))
def hostile(request: pytest.FixtureRequest) -> Any:
    return HOSTILE[request.param]


def test_a_hostile_schema_is_not_refuted_by_itself(hostile: Any) -> None:
    assert not isinstance(answered(hostile, hostile), Refuted)
    assert not isinstance(answered(hostile, hostile, open_world=True), Refuted)


def test_a_hostile_schema_against_others_is_answered_in_time(hostile: Any) -> None:
    answered(hostile, record(a=STRING))
    answered(record(a=STRING), hostile)
    assert not isinstance(answered(hostile, True), Refuted)
    assert not isinstance(answered(False, hostile), Refuted)


def beside(schema: Any, n: Any) -> dict[str, Any]:
    """An object with a hostile property that nobody has to send."""
    definitions = (
        {"$defs": schema["$defs"]} if isinstance(schema, dict) and "$defs" in schema else {}
    )
    return record(v=schema, n=n) | definitions


def test_what_narrows_beside_a_hostile_schema_is_never_proven(hostile: Any) -> None:
    wide, narrow = beside(hostile, NUMBER), beside(hostile, INTEGER)
    assert not isinstance(answered(wide, narrow), Proven)
    assert not isinstance(answered(narrow, wide), Refuted)


def test_a_tool_with_a_hostile_schema_is_judged_in_time(hostile: Any) -> None:
    for field, breaks in (("inputSchema", True), ("outputSchema", False)):
        snapshot, live = (
            contract_of(
                [{"name": "a", "inputSchema": {"type": "object"}} | {field: beside(hostile, each)}]
            )
            for each in (NUMBER, INTEGER)
        )
        differing = list(changes(snapshot, live))
        began = time.thread_time()
        (entry,) = judged(snapshot, live, differing)
        assert time.thread_time() - began < SECONDS
        wrong = Compatibility.COMPATIBLE if breaks else Compatibility.BREAKING
        assert entry.compatibility is not wrong


@pytest.mark.parametrize("one", HOSTILE)
def test_hostile_schemas_meet(one: str) -> None:
    names = list(HOSTILE)
    at = names.index(one)
    for step in (1, 29):
        answered(HOSTILE[one], HOSTILE[names[(at + step) % len(names)]])


@pytest.mark.parametrize("what", TOOLS)
def test_large_contracts_are_judged_in_time(what: str) -> None:
    tools = TOOLS[what]()[:20]
    changed = [tool | {"inputSchema": beside(tool["inputSchema"], INTEGER)} for tool in tools]
    widened = [tool | {"inputSchema": beside(tool["inputSchema"], NUMBER)} for tool in tools]
    snapshot, live = contract_of(changed), contract_of(widened)
    differing = list(changes(snapshot, live))
    began = time.thread_time()
    entries = judged(snapshot, live, differing)
    assert time.thread_time() - began < SECONDS
    assert len(entries) == len(tools)
    assert all(each.compatibility is not Compatibility.BREAKING for each in entries)


def test_an_enum_of_many_values_that_loses_one_is_never_proven() -> None:
    values: list[Json] = [f"value-{number}" for number in range(50_000)]
    for lost in (0, 25_000, -1):
        fewer = [value for value in values if value != values[lost]]
        assert not isinstance(answered({"enum": values}, {"enum": fewer}), Proven)
        assert not isinstance(answered({"enum": fewer}, {"enum": values}), Refuted)


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "properties", "prefixItems"])
def test_what_is_doubled_often_and_then_narrowed_is_never_proven(keyword: str) -> None:
    wide, narrow = doubling(keyword), doubling(keyword)
    narrow["$defs"]["d40"] = string(maxLength=3)
    assert not isinstance(answered(wide, narrow), Proven)
    assert not isinstance(answered(narrow, wide), Refuted)


@pytest.mark.parametrize("nonsense", NONSENSE, ids=repr)
def test_what_is_no_schema_is_never_refuted_by_itself_and_raises_nothing(nonsense: Any) -> None:
    for place in (
        nonsense,
        record(v=nonsense),
        array(items=nonsense),
        {"anyOf": [STRING, nonsense]},
    ):
        assert not isinstance(answered(place, place), Refuted)
        for other in (True, STRING, record(v=STRING)):
            answered(place, other)
            answered(other, place)


def test_little_stack_is_enough_to_say_that_it_is_too_little() -> None:
    schema = HOSTILE["deep properties"]
    limit = sys.getrecursionlimit()
    frames = sum(1 for _ in frames_now())
    sys.setrecursionlimit(frames + 150)
    try:
        answer = contained(schema, record(a=schema), Budget())
    finally:
        sys.setrecursionlimit(limit)
    assert isinstance(answer, Undecided)


def frames_now() -> Iterator[Any]:
    frame: Any = sys._getframe()
    while frame is not None:
        yield frame
        frame = frame.f_back


@settings(max_examples=300)
@given(json_values | schemas, json_values | schemas)
def test_whatever_is_sent_as_a_schema_is_answered(one: Any, other: Any) -> None:
    answered(one, other)
    assert not isinstance(answered(one, one), Refuted)
    assert not isinstance(answered(one, True), Refuted)


def test_a_budget_that_is_spent_at_once_decides_nothing() -> None:
    for schema in list(HOSTILE.values())[:20]:
        answer = contained(beside(schema, NUMBER), beside(schema, INTEGER), Budget(steps=1))
        assert isinstance(answer, Undecided)
        assert answer.exhausted
