"""What is produced at all: which properties a world declares, at the root and below it."""

import pytest

from mcpverify.drift.budget import Budget
from mcpverify.drift.containment.membership import produced
from mcpverify.drift.containment.reading import read
from mcpverify.drift.containment.world import World
from mcpverify.facts.json_text import Json

TEXT: Json = {"type": "string"}
INNER: Json = {"properties": {"a": TEXT}}


def world(schema: Json, *, literal: bool = False, arguments: bool = False) -> World:
    budget = Budget()
    return World((read(schema, budget),), budget, literal=literal, arguments=arguments)


DECLARED: list[tuple[str, Json, str]] = [
    ("a property", {"properties": {"a": TEXT}}, "a"),
    ("a name in required", {"properties": {"b": TEXT}, "required": ["a"]}, "a"),
    ("a match of patternProperties", {"patternProperties": {"^a": TEXT}}, "abc"),
    ("any, where additionalProperties is true", {"additionalProperties": True, **INNER}, "z"),
    ("any, where additionalProperties is a schema", {"additionalProperties": TEXT, **INNER}, "z"),
    ("any, where unevaluatedProperties lets it be", {"unevaluatedProperties": {}, **INNER}, "z"),
    ("a property in allOf", {"properties": {"b": TEXT}, "allOf": [INNER]}, "a"),
    ("a property in anyOf", {"anyOf": [INNER, {"properties": {"b": TEXT}}]}, "a"),
    ("a property of another branch", {"oneOf": [INNER, {"properties": {"b": TEXT}}]}, "b"),
    ("a property in if", {"if": INNER, "then": {"properties": {"b": TEXT}}}, "a"),
    ("a property in then", {"if": {"properties": {"b": TEXT}}, "then": INNER}, "a"),
    ("a property behind a reference", {"$ref": "#/$defs/i", "$defs": {"i": INNER}}, "a"),
    ("a property in dependentSchemas", {"dependentSchemas": {"b": INNER}, **INNER}, "a"),
    ("any, where nothing is named", {"type": "object"}, "z"),
    ("any, where a choice names nothing", {"anyOf": [INNER, {"type": "object"}]}, "z"),
]

NOT_DECLARED: list[tuple[str, Json, str]] = [
    ("another name", {"properties": {"a": TEXT}}, "z"),
    ("no match", {"patternProperties": {"^a": TEXT}}, "ba"),
    (
        "another name, where additionalProperties is false",
        {"additionalProperties": False, **INNER},
        "z",
    ),
    ("any, where properties are empty", {"type": "object", "properties": {}}, "z"),
    (
        "another name beside a choice that only requires",
        {"anyOf": [{"required": ["a"]}], **INNER},
        "z",
    ),
    (
        "another name, where the nameless choice is no object",
        {"anyOf": [INNER, {"type": "null"}]},
        "z",
    ),
]


@pytest.mark.parametrize(("what", "schema", "name"), DECLARED, ids=lambda each: str(each)[:60])
def test_an_object_may_hold(what: str, schema: Json, name: str) -> None:
    assert world(schema).declares(name) is True


@pytest.mark.parametrize(("what", "schema", "name"), NOT_DECLARED, ids=lambda each: str(each)[:60])
def test_an_object_does_not_hold(what: str, schema: Json, name: str) -> None:
    assert world(schema).declares(name) is False


def test_an_open_world_declares_everything() -> None:
    assert world({"properties": {"a": TEXT}, "additionalProperties": False}, literal=True).declares(
        "z"
    )


def test_arguments_that_are_not_named_are_none() -> None:
    assert world({"type": "object"}, arguments=True).declares("z") is False


def test_below_the_arguments_an_object_is_free_form_again() -> None:
    schema: Json = {"properties": {"filter": {"type": "object"}}}
    assert world(schema, arguments=True).child("filter").declares("z") is True


def test_what_no_pattern_can_tell_is_unknown() -> None:
    assert world({"patternProperties": {r"(a)\1": TEXT}}).declares("z") is None


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, 2**53),
        ({"type": "number"}, -(2**53)),
        ({"properties": {"a": {"items": {"properties": {}}}}}, {"a": [{"z": 1}]}),
        ({"properties": {"a": INNER}}, {"a": {"z": 1}}),
    ],
)
def test_is_not_produced(schema: Json, value: Json) -> None:
    assert produced(world(schema), value, Budget()) is False


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, 2**53 - 1),
        ({"enum": [2**60]}, 2**60),
        ({"minimum": 2**60}, 2**60 + 1),
        ({"maximum": -(2**60)}, -(2**60)),
        (
            {"properties": {"a": {"prefixItems": [INNER], "items": True}}},
            {"a": [{"a": ""}, {"z": 1}]},
        ),
    ],
)
def test_is_produced(schema: Json, value: Json) -> None:
    assert produced(world(schema), value, Budget()) is True
