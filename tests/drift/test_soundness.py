"""Proofs and witnesses on made-up pairs of schemas, held to the oracle and to the world."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpverify.drift.budget import Budget
from mcpverify.drift.containment.prover import Proven, Refuted, contained
from tests.drift.closed_world import is_produced
from tests.drift.fuzz import (
    Referee,
    Tally,
    accepts,
    drawn,
    flaws_of_pair,
    flaws_of_schema,
    flaws_of_seed,
    smallest,
    tried,
)
from tests.drift.schema_pairs import (
    edited,
    pair_of,
    places,
    respellings,
    schema_of,
    tight_pair_of,
    values_for,
)

seeds = st.integers(0, 2**32)


@given(seeds)
@settings(max_examples=300)
def test_no_proof_is_refuted_and_no_witness_is_wrong(seed: int) -> None:
    random = Random(seed)
    producer, acceptor = pair_of(random)
    flaws = flaws_of_pair(producer, acceptor, random, tally=Tally())
    assert not [str(smallest(flaw, open_world=False)) for flaw in flaws]


@given(seeds)
@settings(max_examples=200)
def test_nor_where_nearly_all_values_are_tried(seed: int) -> None:
    random = Random(seed)
    producer, acceptor, pool = tight_pair_of(random)
    flaws = flaws_of_pair(producer, acceptor, random, tally=Tally(), pool=pool)
    assert not [str(smallest(flaw, open_world=False)) for flaw in flaws]


@given(seeds)
@settings(max_examples=60)
def test_nor_are_they_where_objects_are_read_literally(seed: int) -> None:
    random = Random(seed)
    producer, acceptor = pair_of(random)
    flaws = flaws_of_pair(producer, acceptor, random, open_world=True, tally=Tally())
    assert not [str(smallest(flaw, open_world=True)) for flaw in flaws]


@given(seeds)
@settings(max_examples=60)
def test_a_schema_is_proven_against_itself_however_it_is_written(seed: int) -> None:
    random = Random(seed)
    assert not [str(flaw) for flaw in flaws_of_schema(schema_of(random), random, Tally())]


def test_few_pairs_are_left_undecided() -> None:
    tally = Tally()
    for seed in range(200):
        flaws_of_seed(seed, tally)
    assert tally.answers["undecided"] <= 10
    assert tally.answers["respelled, undecided"] <= tally.answers["respelled, proven"] // 50


# The made-up schemas and values themselves


def test_the_same_seed_makes_the_same_pair() -> None:
    assert pair_of(Random(7)) == pair_of(Random(7))


def keywords_in(schema: Any) -> set[str]:
    root = [schema]
    return {
        keyword
        for container, key in [(root, 0), *places(schema)]
        if isinstance(container[key], dict)
        for keyword in container[key]
    }


def test_every_keyword_is_made_up_now_and_then() -> None:
    made: set[str] = set()
    for seed in range(600):
        made |= keywords_in(schema_of(Random(seed)))
    assert made >= {
        *("$ref", "$defs", "definitions", "type", "enum", "const", "not", "if", "then", "else"),
        *("properties", "required", "additionalProperties", "patternProperties", "propertyNames"),
        *("minProperties", "maxProperties", "dependentRequired", "dependentSchemas"),
        *("items", "prefixItems", "contains", "minContains", "maxContains", "uniqueItems"),
        *("minItems", "maxItems", "anyOf", "oneOf", "allOf", "pattern", "minLength", "maxLength"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("unevaluatedProperties", "unevaluatedItems", "dependencies", "additionalItems"),
        *("title", "description", "default", "format", "examples", "x-mine"),
    }


def test_many_of_the_values_are_valid_and_many_are_not() -> None:
    valid = total = 0
    for seed in range(150):
        random = Random(seed)
        schema = schema_of(random)
        answers = [accepts(schema, value) for value in values_for(schema, random, 10)]
        valid += answers.count(True)
        total += len(answers)
    assert 0.3 < valid / total < 0.9


def test_all_answers_are_met() -> None:
    tally = Tally()
    for seed in range(100):
        flaws_of_seed(seed, tally)
    assert tally.answers["proven"] >= 30
    assert tally.answers["refuted"] >= 20


def test_a_respelled_schema_accepts_the_same() -> None:
    for seed in range(60):
        random = Random(seed)
        schema = schema_of(random)
        for _, other in respellings(schema, random):
            for value in values_for(schema, random, 5):
                one, two = accepts(schema, value), accepts(other, value)
                assert one == two or None in (one, two), (schema, other, value)


def test_an_edit_leaves_the_schema_that_it_was_made_on() -> None:
    for seed in range(100):
        schema = schema_of(Random(seed))
        edited(schema, Random(seed), 3)
        assert schema == schema_of(Random(seed))


# What would be found


@pytest.mark.parametrize("first", [0, 1])
def test_most_proofs_that_do_not_hold_would_be_seen(first: int) -> None:
    seen = refuted = 0
    for seed in range(first, first + 450, 3):
        random = Random(seed)
        producer, acceptor, pool = drawn(seed, random)
        if isinstance(contained(producer, acceptor, Budget(seconds=10)), Refuted):
            refuted += 1
            referee = Referee(producer, acceptor, open_world=False)
            values = (*pool, *tried(producer, acceptor, random))
            seen += any(map(referee.breaks, values))
    assert refuted > 30
    assert seen / refuted > 0.7


# The world, written down once more

OBJECT = {"type": "object"}
ONE = {"properties": {"a": {"type": "integer"}}}
REQUIRED = {"required": ["a"]}
KIND_A = {"properties": {"kind": {"const": "a"}, "a": {}}, "required": ["kind"]}
KIND_B = {"properties": {"kind": {"const": "b"}, "b": {}}, "required": ["kind"]}
TREE = {"properties": {"child": {"$ref": "#"}, "n": {}}}


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        (OBJECT, {"x": 1}, True),
        (True, {"x": {"y": 1}}, True),
        (ONE, {"a": 1}, True),
        (ONE, {"b": 1}, False),
        (REQUIRED, {"b": 1}, False),
        ({"properties": {}}, {"b": 1}, False),
        (ONE | {"additionalProperties": True}, {"b": 1}, True),
        (ONE | {"additionalProperties": False}, {"b": 1}, False),
        (ONE | {"additionalProperties": ONE}, {"b": {"c": 1}}, False),
        (ONE | {"patternProperties": {"^b": {}}}, {"b": 1}, True),
        ({"allOf": [ONE, REQUIRED, {"required": ["b"]}]}, {"b": 1}, True),
        ({"anyOf": [ONE, {"properties": {"b": {}}}]}, {"a": 1, "b": 1}, True),
        ({"anyOf": [ONE, OBJECT]}, {"b": 1}, None),
        ({"anyOf": [KIND_A, KIND_B]}, {"kind": "a", "a": 1}, True),
        ({"anyOf": [KIND_A, KIND_B]}, {"kind": "a", "b": 1}, None),
        ({"anyOf": [KIND_A, KIND_B]}, {"kind": "a", "c": 1}, False),
        (ONE | {"if": {"properties": {"b": {}}}, "then": {}}, {"b": 1}, True),
        (ONE | {"if": {"properties": {"b": {}}}}, {"b": 1}, True),
        (ONE | {"dependentSchemas": {"a": {"properties": {"b": {}}}}}, {"b": 1}, True),
        ({"$defs": {"x": ONE}, "$ref": "#/$defs/x"}, {"b": 1}, False),
        (TREE, {"child": {"child": {"n": {"x": 1}}}}, True),
        (TREE, {"child": {"child": {"x": 1}}}, False),
        ({"items": ONE}, [{"a": 1}, {"b": 1}], False),
        ({"prefixItems": [ONE]}, [{"a": 1}, {"b": 1}], True),
        ({"type": "integer"}, 2**53, False),
        ({"type": "integer"}, 2**53 - 1, True),
        ({"minimum": 2**53}, 2**53 + 7, True),
        ({"enum": [2**60]}, 2**60, True),
    ],
)
def test_only_what_is_declared_is_produced(schema: Any, value: Any, expected: bool | None) -> None:
    assert is_produced(schema, value) is expected


def test_everything_is_produced_where_objects_are_read_literally() -> None:
    assert is_produced(ONE, {"b": {"c": 1}}, open_world=True) is True


def test_a_respelled_pair_is_judged_alike() -> None:
    for seed in range(40):
        random = Random(seed)
        producer, acceptor = pair_of(random)
        answer = type(contained(producer, acceptor, Budget(seconds=10)))
        for _, other in respellings(producer, random):
            respelled = type(contained(other, acceptor, Budget(seconds=10)))
            assert {answer, respelled} != {Proven, Refuted}, (producer, acceptor, other)
