"""true and false as schemas, and what means the same."""

from tests.drift.cases.case import (
    CLOSED,
    INTEGER,
    OBJECT,
    STRING,
    Case,
    array,
    record,
)

CASES = (
    Case("boolean-true-as-empty", True, {}),
    Case("boolean-false-as-not-anything", False, {"not": {}}),
    Case("boolean-true-to-false", True, False, lost=1),
    Case("boolean-not-true", {"not": True}, False),
    Case("boolean-not-false", {"not": False}, True),
    Case("boolean-false-to-string", False, STRING, gained="a"),
    Case("boolean-true-to-string", True, STRING, lost=1),
    Case("boolean-any-of-with-true", {"anyOf": [STRING, True]}, {}),
    Case("boolean-any-of-with-false", {"anyOf": [STRING, False]}, STRING),
    Case("boolean-all-of-with-false", {"allOf": [STRING, False]}, False),
    Case("boolean-all-of-with-true", {"allOf": [STRING, True]}, STRING),
    Case("boolean-one-of-with-true", {"oneOf": [STRING, True]}, {"not": STRING}),
    Case("boolean-one-of-with-false", {"oneOf": [STRING, False]}, STRING),
    Case("boolean-any-of-falses", {"anyOf": [False, False]}, False),
    Case("boolean-property-true", record(a=True), record(a={})),
    Case("boolean-property-true-to-string", record(a=True), record(a=STRING), lost={"a": 1}),
    Case("boolean-property-to-false", record(a=STRING), record(a=False), lost={"a": "x"}),
    Case(
        "boolean-property-false-in-place-of-a-closed-object",
        record(a=STRING, b=False),
        record(a=STRING) | CLOSED,
    ),
    Case(
        "boolean-property-false-in-place-of-a-closed-object-open-world",
        record(a=STRING, b=False),
        record(a=STRING) | CLOSED,
        lost={"c": 1},
        open_world=True,
    ),
    Case("boolean-property-false-that-nobody-sends", record(a=STRING), record(a=STRING, b=False)),
    Case(
        "boolean-property-false-that-nobody-sends-open-world",
        record(a=STRING),
        record(a=STRING, b=False),
        lost={"b": 1},
        open_world=True,
    ),
    Case("boolean-required-property-that-is-false", record("a", a=False), False),
    Case(
        "boolean-required-property-that-is-false-to-object", record("a", a=False), OBJECT, gained={}
    ),
    Case("boolean-items-false", array(items=False), array(maxItems=0)),
    Case("boolean-items-true", array(items=True), {"type": "array"}),
    Case(
        "boolean-additional-false-as-not-anything",
        record(a=STRING) | CLOSED,
        record(a=STRING) | {"additionalProperties": {"not": {}}},
    ),
    Case(
        "boolean-additional-true-as-empty",
        OBJECT | {"additionalProperties": True},
        OBJECT | {"additionalProperties": {}},
    ),
    Case("boolean-required-true", record("a", a=True), record("a", a=INTEGER), lost={"a": "x"}),
)
