"""type: names, lists of them, and what a keyword says to a value of another type."""

from itertools import combinations

from tests.drift.cases.case import (
    ARRAY,
    BOOLEAN,
    INTEGER,
    NULL,
    NUMBER,
    OBJECT,
    STRING,
    Case,
    array,
    integer,
    number,
    string,
)

_ONE_OF_EACH = {
    "array": [],
    "boolean": True,
    "integer": 1,
    "null": None,
    "object": {},
    "string": "a",
}
_ALL = ["array", "boolean", "null", "number", "object", "string"]

_PAIRS = tuple(
    Case(f"type-{one}-to-{other}", {"type": one}, {"type": other}, _ONE_OF_EACH[one], value)
    for (one, _), (other, value) in combinations(_ONE_OF_EACH.items(), 2)
)

CASES = (
    *_PAIRS,
    Case("type-integer-to-number", INTEGER, NUMBER, gained=1.5),
    Case("type-number-to-string", NUMBER, STRING, lost=1.5, gained="a"),
    Case(
        "type-integer-to-number-in-a-list",
        {"type": ["integer", "null"]},
        {"type": ["number", "null"]},
        gained=1.5,
    ),
    Case("type-list-gains-null", STRING, {"type": ["string", "null"]}, gained=None),
    Case(
        "type-list-gains-another",
        {"type": ["string", "integer"]},
        {"type": ["string", "integer", "boolean"]},
        gained=True,
    ),
    Case(
        "type-list-exchanges-one",
        {"type": ["string", "integer"]},
        {"type": ["string", "boolean"]},
        lost=1,
        gained=True,
    ),
    Case(
        "type-list-in-another-order",
        {"type": ["string", "integer"]},
        {"type": ["integer", "string"]},
    ),
    Case("type-list-of-one", {"type": ["string"]}, STRING),
    Case("type-list-integer-beside-number", {"type": ["integer", "number"]}, NUMBER),
    Case(
        "type-list-with-integer-to-number",
        {"type": ["integer", "string"]},
        {"type": ["number", "string"]},
        gained=1.5,
    ),
    Case("type-dropped", STRING, {}, gained=1),
    Case("type-dropped-beside-a-bound", string(minLength=1), {"minLength": 1}, gained=1),
    Case("type-list-of-all", {"type": _ALL}, {}),
    Case("type-list-of-all-with-integer", {"type": [*_ALL, "integer"]}, True),
    Case(
        "type-list-of-all-but-numbers",
        {"type": [each for each in _ALL if each != "number"]},
        {},
        gained=1,
    ),
    Case(
        "type-list-of-all-but-fractions",
        {"type": [*(each for each in _ALL if each != "number"), "integer"]},
        {},
        gained=0.5,
    ),
    Case("type-any-of-all", {"anyOf": [{"type": each} for each in _ALL]}, {}),
    Case("type-scalar-becomes-list", STRING, array(items=STRING), lost="a", gained=["a"]),
    Case("type-scalar-or-list", STRING, {"anyOf": [STRING, array(items=STRING)]}, gained=["a"]),
    Case("type-object-becomes-string", OBJECT, STRING, lost={}, gained="a"),
    Case("type-integer-as-multiple-of-one", INTEGER, number(multipleOf=1)),
    Case("type-integer-as-multiple-of-three", integer(multipleOf=3), number(multipleOf=3)),
    Case("type-contradiction", {"allOf": [STRING, INTEGER]}, False),
    Case("type-integer-within-number-twice", {"allOf": [NUMBER, INTEGER]}, INTEGER),
    Case(
        "type-lists-that-meet",
        {"allOf": [{"type": ["string", "null"]}, {"type": ["string", "integer"]}]},
        STRING,
    ),
    Case(
        "type-lists-that-meet-in-integers",
        {"allOf": [{"type": ["number", "null"]}, {"type": ["string", "integer"]}]},
        INTEGER,
    ),
    Case("type-not-string", INTEGER, {"not": STRING}, gained=None),
    Case(
        "type-all-but-one",
        {"not": STRING},
        {"type": ["array", "boolean", "null", "number", "object"]},
    ),
    Case("type-not-integer", {"not": INTEGER}, {"not": NUMBER}, lost=0.5),
    Case("type-fractions-only", {"allOf": [NUMBER, {"not": INTEGER}]}, NUMBER, gained=1),
    Case("type-deaf-string-to-minimum", string(minimum=5), STRING),
    Case("type-deaf-integer-to-min-length", integer(minLength=3), INTEGER),
    Case("type-deaf-integer-to-pattern", integer(pattern="^a"), INTEGER),
    Case("type-deaf-string-to-properties", string(properties={"a": INTEGER}), STRING),
    Case("type-deaf-string-to-required", string(required=["a"]), STRING),
    Case("type-deaf-object-to-items", {"type": "object", "items": False}, OBJECT),
    Case("type-deaf-array-to-required", array(required=["a"], minProperties=2), ARRAY),
    Case("type-deaf-null-to-enum-of-strings", {"type": "null", "minItems": 3}, NULL),
    Case("type-deaf-boolean-to-multiples", {"type": "boolean", "multipleOf": 2}, BOOLEAN),
    Case("type-added-beside-minimum", {"minimum": 5}, number(minimum=5), lost="a"),
    Case(
        "type-added-beside-required",
        {"required": ["a"]},
        {"type": "object", "required": ["a"]},
        lost=1,
    ),
    Case(
        "type-bounds-of-two-types",
        {"type": ["string", "integer"], "minLength": 1, "minimum": 1},
        {"anyOf": [string(minLength=1), integer(minimum=1)]},
    ),
    Case(
        "type-bounds-of-two-types-narrowed",
        {"type": ["string", "integer"], "minimum": 1},
        {"type": ["string", "integer"], "minLength": 1, "minimum": 1},
        lost="",
    ),
)
