"""The referee: what it accepts, what it says of what it refuses, and where it says nothing."""

import subprocess
import sys
import time
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpverify.drift.budget import Budget
from mcpverify.drift.referee.oracle import Oracle
from mcpverify.drift.referee.silence import OracleSilent
from mcpverify.facts.json_text import Json
from tests.drift import referee
from tests.drift.schema_pairs import schema_of, values_for

DRAFT_04 = "http://json-schema.org/draft-04/schema#"
DRAFT_06 = "http://json-schema.org/draft-06/schema#"
DRAFT_07 = "http://json-schema.org/draft-07/schema#"
D2019_09 = "https://json-schema.org/draft/2019-09/schema"
D2020_12 = "https://json-schema.org/draft/2020-12/schema"


def refusal(schema: Any, value: Any) -> str | None:
    return Oracle(schema, Budget()).refusal(value)


def silence(schema: Any, value: Any) -> str:
    with pytest.raises(OracleSilent) as caught:
        refusal(schema, value)
    return caught.value.reason


def accepts(schema: Any, value: Any) -> bool:
    return refusal(schema, value) is None


# What it says

CIRCLE = {
    "type": "object",
    "properties": {"kind": {"const": "circle"}, "r": {"type": "number"}},
    "required": ["kind", "r"],
}
SQUARE = {
    "type": "object",
    "properties": {"kind": {"const": "square"}, "w": {"type": "number"}},
    "required": ["kind", "w"],
}
SHAPES = {"oneOf": [CIRCLE, SQUARE]}


@pytest.mark.parametrize(
    ("schema", "value", "sentence"),
    [
        (
            {"properties": {"mode": {"enum": ["fast", "full"]}}},
            {"mode": "fuzzy"},
            "at /mode: 'fuzzy' is not one of ['fast', 'full']",
        ),
        ({"required": ["query"]}, {}, "'query' is a required property"),
        (
            {"properties": {"limit": {"maximum": 100}}},
            {"limit": 500},
            "at /limit: 500 is greater than the maximum of 100",
        ),
        (
            {"properties": {"a": {"pattern": "^[0-9]+$"}}},
            {"a": "x"},
            "at /a: 'x' does not match '^[0-9]+$'",
        ),
        ({"items": {"type": "string"}}, ["a", True], "at /1: true is not of type 'string'"),
        (
            {"properties": {"a/b~": {"type": ["string", "null"]}}},
            {"a/b~": 1},
            "at /a~1b~0: 1 is not of type 'string' or 'null'",
        ),
        ({"const": None}, "x", "'x' is not null"),
        ({"exclusiveMinimum": 5}, 5, "5 is not greater than 5"),
        ({"exclusiveMaximum": 5}, 5, "5 is not less than 5"),
        ({"minimum": 0.5}, 0, "0 is less than the minimum of 0.5"),
        ({"$schema": DRAFT_04, "maximum": 5, "exclusiveMaximum": True}, 5, "5 is not less than 5"),
        ({"multipleOf": 0.1}, 0.35, "0.35 is not a multiple of 0.1"),
        ({"minLength": 1}, "", "'' is shorter than 1 character"),
        ({"maxLength": 2}, "abc", "'abc' is longer than 2 characters"),
        ({"minItems": 2}, [1], "[1] has fewer than 2 items"),
        ({"maxItems": 1}, [1, 2], "[1, 2] has more than 1 item"),
        ({"minProperties": 1}, {}, "{} has fewer than 1 property"),
        ({"maxProperties": 1}, {"a": 1, "b": None}, "{'a': 1, 'b': null} has more than 1 property"),
        ({"uniqueItems": True}, [1, 1], "[1, 1] has items that are equal"),
        ({"additionalProperties": False}, {"a": 1}, "'a' is not expected"),
        ({"additionalProperties": False}, {"a": 1, "b": 1}, "'a' and 'b' are not expected"),
        ({"propertyNames": {"pattern": "^a"}}, {"b": 1}, "the name 'b' does not match '^a'"),
        ({"contains": {"const": 1}}, [2], "[2] has no item that contains asks for"),
        (
            {"contains": {"const": 1}, "minContains": 2},
            [1],
            "[1] has 1 item that contains asks for, fewer than 2",
        ),
        ({"not": {"const": 1}}, 1, "1 is ruled out by {'not': {'const': 1}}"),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, "'b' is a dependency of 'a'"),
        (
            {"prefixItems": [True], "items": False},
            [1, 2],
            "[1, 2] has more items than are allowed",
        ),
        ({"properties": {"a": False}}, {"a": 1}, "at /a: no value is accepted here"),
        (False, 1, "no value is accepted here"),
        (
            {"oneOf": [{"type": "string"}, {"minLength": 1}]},
            "a",
            "'a' is valid under 2 alternatives, not under exactly one",
        ),
    ],
)
def test_a_refusal_is_one_sentence_with_the_place_in_front(
    schema: Any, value: Any, sentence: str
) -> None:
    assert refusal(schema, value) == sentence


@pytest.mark.parametrize(
    ("schema", "value", "sentence"),
    [
        (SHAPES, {"kind": "triangle"}, "at /kind: 'triangle' is not one of ['circle', 'square']"),
        (SHAPES, {"kind": "square"}, "'w' is a required property"),
        (SHAPES, {"kind": "circle", "r": "x"}, "at /r: 'x' is not of type 'number'"),
        (SHAPES, {}, "'kind' is a required property"),
        ({"anyOf": [False, {"maxLength": 1}]}, "ab", "'ab' is longer than 1 character"),
        ({"oneOf": [False, False]}, "ab", "no value is accepted here"),
        (SHAPES, 5, "5 is not of type 'object'"),
        (
            {"anyOf": [{"enum": ["a", "b"]}, {"type": "null"}]},
            "c",
            "'c' is not one of ['a', 'b']",
        ),
        ({"anyOf": [{"const": "a"}, {"const": "b"}]}, "c", "'c' is not one of ['a', 'b']"),
        (
            {"anyOf": [{"type": "string"}, {"type": "null"}]},
            5,
            "5 is not of type 'string' or 'null'",
        ),
        (
            {"properties": {"n": {"anyOf": [{"type": "integer", "maximum": 9}, {"type": "null"}]}}},
            {"n": 10},
            "at /n: 10 is greater than the maximum of 9",
        ),
        (
            {"properties": {"shapes": {"items": SHAPES}}},
            {"shapes": [{"kind": "square", "w": 1}, {"kind": "square", "w": "x"}]},
            "at /shapes/1/w: 'x' is not of type 'number'",
        ),
    ],
)
def test_of_alternatives_the_one_that_was_meant_is_told_about(
    schema: Any, value: Any, sentence: str
) -> None:
    assert refusal(schema, value) == sentence


def test_a_long_value_is_cut() -> None:
    sentence = refusal({"enum": ["x" * 1000, *range(1000)]}, "y" * 1000)
    assert sentence is not None
    assert len(sentence) < 200
    assert sentence.endswith("... 1000 more]")


def test_a_deep_value_is_cut() -> None:
    value: Json = 1
    for _ in range(200):
        value = {"a": [value]}
    sentence = refusal({"type": "string"}, value)
    assert sentence is not None
    assert len(sentence) < 200


def test_control_characters_are_written_as_escapes() -> None:
    assert refusal({"const": "a"}, "\x1b[31m\u202e") == "'\\x1b[31m\\u202e' is not 'a'"


@given(st.integers(0, 2**32))
@settings(max_examples=50)
def test_a_refusal_is_the_same_each_time(seed: int) -> None:
    random = Random(seed)
    schema = schema_of(random)
    for value in values_for(schema, random, 5):
        first, again = Budget(seconds=20), Budget(seconds=20)  # only steps may decide here
        answers = []
        for budget in (first, again):
            try:
                answers.append(Oracle(schema, budget).refusal(value))
            except OracleSilent as silent:
                answers.append(silent.reason)
        assert answers[0] == answers[1]
        assert first.spent == again.spent


# Where Python is not JSON Schema


def test_the_end_of_a_pattern_is_the_end_of_the_text() -> None:
    assert not accepts({"pattern": "^a$"}, "a\n")


def test_digits_are_those_of_ascii() -> None:
    assert not accepts({"pattern": r"^\d$"}, "٣")


def test_names_are_matched_as_ecma_262_matches() -> None:
    schema = {"patternProperties": {"^a$": False}, "additionalProperties": True}
    assert accepts(schema, {"a\n": 1})
    assert not accepts(schema, {"a": 1})


def test_additional_properties_are_those_that_no_pattern_has() -> None:
    schema = {"patternProperties": {"^a$": True}, "additionalProperties": False}
    assert accepts(schema, {"a": 1})
    assert not accepts(schema, {"a\n": 1})


@pytest.mark.parametrize(
    ("number", "divisor", "expected"),
    [
        (0.3, 0.1, True),
        (1.1, 0.1, True),
        (0.35, 0.1, False),
        (10**30 + 1, 0.5, True),
        (10**30 + 1, 2, False),
        (1e300, 1e-300, True),
        (4.35, 0.01, True),
        (0, 0.7, True),
        (-0.3, 0.1, True),
    ],
)
def test_multiples_are_decimal(number: float, divisor: float, expected: bool) -> None:
    assert accepts({"multipleOf": divisor}, number) is expected


def test_large_integers_are_compared_with_floats_exactly() -> None:
    assert not accepts({"maximum": float(2**53)}, 2**53 + 1)
    assert accepts({"maximum": 2**53 + 1}, float(2**53))


def test_true_is_no_number_and_one_is_one_point_zero() -> None:
    assert not accepts({"const": 1}, True)
    assert not accepts({"enum": [[0]]}, [False])
    assert not accepts({"type": "integer"}, True)
    assert accepts({"const": {"a": [1]}}, {"a": [1.0]})
    assert not accepts({"uniqueItems": True}, [[1], [True], [1.0]])
    assert accepts({"uniqueItems": True}, [[1], [True], {"a": 1}, {"a": True}])


def test_formats_are_never_asserted() -> None:
    assert accepts({"format": "email"}, "nobody")


# Dialects


def test_an_integer_of_draft_4_has_no_fraction_in_its_spelling() -> None:
    assert not accepts({"$schema": DRAFT_04, "type": "integer"}, 1.0)
    assert accepts({"$schema": DRAFT_06, "type": "integer"}, 1.0)


def test_what_stands_beside_a_reference_counts_since_2019_09() -> None:
    schema = {
        "definitions": {"s": {"type": "string"}},
        "properties": {"a": {"$ref": "#/definitions/s", "maxLength": 1}},
    }
    assert accepts({"$schema": DRAFT_07} | schema, {"a": "long"})
    assert not accepts({"$schema": D2019_09} | schema, {"a": "long"})
    assert not accepts(schema, {"a": "long"})


@pytest.mark.parametrize(
    "uri", ["https://json-schema.org/draft-07/schema", "https://json-schema.org/draft-07/schema#"]
)
def test_a_dialect_is_known_by_the_other_scheme(uri: str) -> None:
    assert not accepts({"$schema": uri, "items": [{"type": "string"}]}, [1])


def test_a_schema_inside_may_name_the_same_dialect() -> None:
    schema = {"properties": {"a": {"$schema": D2020_12, "pattern": "^a$"}}}
    assert not accepts(schema, {"a": "a\n"})


def test_items_and_properties_left_unevaluated_are_found_through_references() -> None:
    schema = {
        "$defs": {"named": {"properties": {"a": True}, "patternProperties": {"^x$": True}}},
        "$ref": "#/$defs/named",
        "if": {"required": ["b"], "properties": {"b": True}},
        "then": {"properties": {"c": True}},
        "unevaluatedProperties": False,
    }
    assert accepts(schema, {"a": 1, "b": 1, "c": 1, "x": 1})
    assert not accepts(schema, {"a": 1, "c": 1})
    assert not accepts(schema, {"x\n": 1})
    assert accepts(
        {"prefixItems": [True], "contains": {"const": 2}, "unevaluatedItems": False}, [1, 2]
    )
    tuples = {"$schema": D2019_09, "items": [True], "unevaluatedItems": False}
    assert accepts(tuples, [1])
    assert not accepts(tuples, [1, 2])


# References


@pytest.mark.parametrize(
    "schema",
    [
        {"$defs": {"a": {"type": "string"}}, "$ref": "#/$defs/a"},
        {"$defs": {"a/b": {"type": "string"}}, "$ref": "#/$defs/a~1b"},
        {"$defs": {"a": {"$anchor": "here", "type": "string"}}, "$ref": "#here"},
        {"$defs": {"a": {"$id": "urn:a", "type": "string"}}, "$ref": "urn:a"},
        {
            "$id": "https://example.com/x/root",
            "$defs": {
                "a": {"$id": "b", "$defs": {"c": {"type": "string"}}, "$ref": "#/$defs/c"},
            },
            "$ref": "/x/b",
        },
        {"$id": "https://example.com/root", "x": {"type": "string"}, "$ref": "root#/x"},
        {"$defs": {"a": {"$dynamicAnchor": "t", "type": "string"}}, "$dynamicRef": "#t"},
    ],
)
def test_references_lead_into_the_document(schema: Any) -> None:
    assert accepts(schema, "a")
    assert refusal(schema, 1) == "1 is not of type 'string'"


def test_a_recursive_schema_is_followed_as_far_as_the_value_goes() -> None:
    schema = {"properties": {"child": {"$ref": "#"}, "n": {"type": "integer"}}}
    value = {"child": {"child": {"n": "x"}}}
    assert refusal(schema, value) == "at /child/child/n: 'x' is not of type 'integer'"
    recursive = {"$schema": D2019_09, "items": {"$recursiveRef": "#"}, "type": "array"}
    assert refusal(recursive, [[[1]]]) == "at /0/0/0: 1 is not of type 'array'"


def test_a_metaschema_is_at_hand() -> None:
    assert accepts({"$ref": D2020_12}, {"type": "string"})
    assert not accepts({"$ref": D2020_12}, {"type": "sting"})


# Silence


def deep(levels: int) -> Json:
    schema: Json = {"type": "string"}
    for _ in range(levels):
        schema = {"allOf": [schema]}
    return schema


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"minimum": "x"}, "minimum has a value that means nothing"),
        ({"minimum": True}, "minimum has a value that means nothing"),
        ({"type": "nonsense"}, "type has a value that means nothing"),
        ({"type": ["integer", "nonsense"]}, "type has a value that means nothing"),
        ({"type": []}, "type has a value that means nothing"),
        ({"multipleOf": 0}, "multipleOf has a value that means nothing"),
        ({"exclusiveMinimum": True}, "exclusiveMinimum has a value that means nothing"),
        (
            {"$schema": DRAFT_04, "minimum": 1, "exclusiveMinimum": 1},
            "exclusiveMinimum has a value that means nothing",
        ),
        ({"required": "abc"}, "required has a value that means nothing"),
        ({"required": True}, "required has a value that means nothing"),
        ({"enum": {"a": 1}}, "enum has a value that means nothing"),
        ({"properties": ["a"]}, "properties has a value that means nothing"),
        ({"properties": {"a": None}}, "properties has a value that means nothing"),
        ({"allOf": {"a": {}}}, "allOf has a value that means nothing"),
        ({"not": None}, "not has a value that means nothing"),
        ({"$ref": 5}, "$ref has a value that means nothing"),
        ({"$ref": "#/nowhere"}, "a reference leads to nothing in the schema"),
        ({"$ref": "https://example.com/x"}, "a reference leads to nothing in the schema"),
        ({"$ref": "file:///etc/passwd"}, "a reference leads to nothing in the schema"),
        ({"$ref": "#/title", "title": "x"}, "a reference leads to something that is no schema"),
        ({"$ref": "#"}, "the schema or the value nests too deep"),
        ({"$schema": "urn:mine"}, "its dialect is not known here"),
        (
            {"allOf": [{"$schema": DRAFT_07, "type": "integer"}]},
            "a schema inside it is of another dialect",
        ),
        ({"$ref": DRAFT_07}, "a schema inside it is of another dialect"),
        (deep(900), "the schema or the value nests too deep"),
        (
            {"$defs": {"a": {"$id": "urn:" + "a" * 30_000}}, "$id": "urn:x"},
            "its identifiers are too long",
        ),
        ("type", "the schema is not valid"),
        ([], "the schema is not valid"),
        (None, "the schema is not valid"),
    ],
)
def test_what_cannot_be_told_is_not_guessed(schema: Any, reason: str) -> None:
    assert silence(schema, 1) == reason


def test_a_pattern_beyond_us_is_not_guessed() -> None:
    assert silence({"pattern": r"(a)\1"}, "aa").startswith("a pattern is not decided")


@pytest.mark.parametrize("keyword", ["items", "then", "contains", "propertyNames", "dependencies"])
@pytest.mark.parametrize("value", [5, "x", None, [5], {"a": 5}])
@pytest.mark.parametrize("uri", [DRAFT_04, DRAFT_06, DRAFT_07, D2019_09, D2020_12])
def test_whatever_stands_for_a_schema_there_is_an_answer_or_silence(
    keyword: str, value: Json, uri: str
) -> None:
    schema = {"$schema": uri, "if": True, keyword: value} if uri > DRAFT_06 else {keyword: value}
    for instance in ([1], {"a": 1}, 1):
        try:
            refusal(schema, instance)
        except OracleSilent:
            pass


def test_an_exponential_schema_ends() -> None:
    schema: Json = {"type": "string"}
    definitions: dict[str, Json] = {"0": schema}
    for level in range(1, 40):
        once: Json = {"$ref": f"#/$defs/{level - 1}"}
        definitions[str(level)] = {"anyOf": [once, once]}
    started = time.perf_counter()
    assert silence({"$defs": definitions, "$ref": "#/$defs/39"}, 1).startswith("the budget is")
    assert time.perf_counter() - started < 5


def test_the_budget_is_shared_by_all_questions() -> None:
    budget = Budget(steps=50)
    oracle = Oracle({"type": "string"}, budget)
    assert oracle.refusal("a") is None
    first = budget.spent
    budget.spend(50 - first)
    with pytest.raises(OracleSilent, match="too many steps"):
        oracle.refusal("a")


def test_a_large_value_costs_more_than_the_budget_has() -> None:
    assert silence({"type": "string"}, "x" * 1_000_000).startswith("the budget is spent")


# The library


@given(st.integers(0, 2**32))
@settings(max_examples=200)
def test_where_the_library_means_the_same_it_says_the_same(seed: int) -> None:
    random = Random(seed)
    schema = schema_of(random)
    for value in values_for(schema, random, 12):
        try:
            accepted = accepts(schema, value)
        except OracleSilent:
            continue
        assert accepted == referee.accepts(schema, value), (schema, value)


def test_the_library_is_loaded_with_the_first_question() -> None:
    code = (
        "import sys; from mcpverify.drift.referee.oracle import Oracle; "
        "from mcpverify.drift.budget import Budget; oracle = Oracle({}, Budget()); "
        "print('jsonschema' in sys.modules, oracle.refusal(1), 'jsonschema' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    assert run.stdout.split() == ["False", "None", "True"]
