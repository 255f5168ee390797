"""if, then and else, and what they come to without them."""

from tests.drift.cases.case import INTEGER, NUMBER, STRING, Case, integer, record, string

_MODE = record(mode={"enum": ["a", "b"]}, x={}, y={})
_IS_B = {"properties": {"mode": {"const": "b"}}, "required": ["mode"]}
_MAY_BE_B = {"properties": {"mode": {"const": "b"}}}

CASES = (
    Case(
        "condition-added",
        _MODE,
        _MODE | {"if": _IS_B, "then": {"required": ["x"]}},
        lost={"mode": "b"},
    ),
    Case(
        "condition-that-holds-where-the-property-is-missing",
        _MODE,
        _MODE | {"if": _MAY_BE_B, "then": {"required": ["x"]}},
        lost={},
    ),
    Case(
        "condition-on-a-required-property",
        _MODE | {"required": ["mode"], "if": _MAY_BE_B, "then": {"required": ["x"]}},
        _MODE | {"required": ["mode"], "if": _IS_B, "then": {"required": ["x"]}},
    ),
    Case(
        "then-asks-for-more",
        _MODE | {"if": _IS_B, "then": {"required": ["x"]}},
        _MODE | {"if": _IS_B, "then": {"required": ["x", "y"]}},
        lost={"mode": "b", "x": 1},
    ),
    Case(
        "then-asks-for-another",
        _MODE | {"if": _IS_B, "then": {"required": ["x"]}},
        _MODE | {"if": _IS_B, "then": {"required": ["y"]}},
        lost={"mode": "b", "x": 1},
        gained={"mode": "b", "y": 1},
    ),
    Case(
        "then-narrows-a-property",
        _MODE | {"if": _IS_B, "then": {"properties": {"x": NUMBER}}},
        _MODE | {"if": _IS_B, "then": {"properties": {"x": INTEGER}}},
        lost={"mode": "b", "x": 0.5},
    ),
    Case("then-without-if", STRING, string(then={"minLength": 1})),
    Case("else-without-if", STRING, string(**{"else": {"minLength": 1}})),
    Case("if-alone", STRING, string(**{"if": {"minLength": 1}})),
    Case(
        "if-true",
        string(**{"if": True, "then": {"minLength": 1}, "else": False}),
        string(minLength=1),
    ),
    Case(
        "if-false",
        string(**{"if": False, "then": False, "else": {"minLength": 1}}),
        string(minLength=1),
    ),
    Case(
        "if-widened",
        _MODE | {"if": _IS_B, "then": {"required": ["x"]}},
        _MODE | {"if": {"required": ["mode"]}, "then": {"required": ["x"]}},
        lost={"mode": "a"},
    ),
    Case(
        "if-exchanged",
        _MODE | {"if": _IS_B, "then": {"required": ["x"]}},
        _MODE
        | {
            "if": {"properties": {"mode": {"const": "a"}}, "required": ["mode"]},
            "then": {"required": ["x"]},
        },
        lost={"mode": "a"},
        gained={"mode": "b"},
    ),
    Case(
        "else-added",
        _MODE | {"if": _IS_B, "then": {"required": ["x"]}},
        _MODE | {"if": _IS_B, "then": {"required": ["x"]}, "else": {"required": ["y"]}},
        lost={},
    ),
    Case(
        "else-asks-for-another",
        _MODE | {"if": _IS_B, "else": {"required": ["x"]}},
        _MODE | {"if": _IS_B, "else": {"required": ["y"]}},
        lost={"x": 1},
        gained={"y": 1},
    ),
    Case(
        "else-that-says-nothing",
        _MODE | {"if": _IS_B, "then": {"required": ["x"]}},
        _MODE | {"if": _IS_B, "then": {"required": ["x"]}, "else": {}},
    ),
    Case("if-on-a-type", {"if": STRING, "then": {"minLength": 1}}, {"minLength": 1}),
    Case(
        "if-on-a-type-as-any-of",
        {"if": STRING, "then": {"minLength": 1}},
        {"anyOf": [string(minLength=1), {"not": STRING}]},
    ),
    Case(
        "if-on-a-bound",
        integer(**{"if": {"minimum": 10}, "then": {"multipleOf": 10}}),
        INTEGER,
        gained=11,
    ),
    Case(
        "conditions-as-any-of",
        _MODE | {"if": _IS_B, "then": {"required": ["x"]}, "else": {"required": ["y"]}},
        _MODE
        | {
            "anyOf": [
                {"allOf": [_IS_B, {"required": ["x"]}]},
                {"allOf": [{"not": _IS_B}, {"required": ["y"]}]},
            ]
        },
    ),
    Case(
        "conditions-the-other-way-round",
        _MODE | {"if": _IS_B, "then": {"required": ["x"]}, "else": {"required": ["y"]}},
        _MODE | {"if": {"not": _IS_B}, "then": {"required": ["y"]}, "else": {"required": ["x"]}},
    ),
    Case(
        "conditions-in-all-of",
        _MODE | {"allOf": [{"if": _IS_B, "then": {"required": ["x"]}}]},
        _MODE
        | {
            "allOf": [
                {"if": _IS_B, "then": {"required": ["x"]}},
                {"if": {"required": ["x"]}, "then": {"required": ["y"]}},
            ]
        },
        lost={"x": 1},
    ),
    Case(
        "conditions-in-turn",
        _MODE | {"if": _IS_B, "then": {"if": {"required": ["x"]}, "then": {"required": ["y"]}}},
        _MODE | {"if": {"allOf": [_IS_B, {"required": ["x"]}]}, "then": {"required": ["y"]}},
    ),
    Case(
        "condition-within-a-property",
        record(o=_MODE),
        record(o=_MODE | {"if": _IS_B, "then": {"required": ["x"]}}),
        lost={"o": {"mode": "b"}},
    ),
    Case(
        "condition-that-never-holds",
        _MODE
        | {
            "if": {"properties": {"mode": {"const": "z"}}, "required": ["mode"]},
            "then": {"required": ["x"]},
        },
        _MODE,
    ),
)
