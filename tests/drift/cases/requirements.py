"""required, dependentRequired and dependentSchemas: what has to be there, and when."""

from tests.drift.cases.case import INTEGER, STRING, Case, array, integer, record, string

_AB = record(a={}, b={})
_ABC = record(a={}, b={}, c={})

CASES = (
    Case("required-added", record(a=STRING), record("a", a=STRING), lost={}),
    Case(
        "required-added-with-the-property",
        record(a=STRING),
        record("b", a=STRING, b=STRING),
        lost={},
        appears=True,
    ),
    Case(
        "required-added-beside-another",
        record("a", a=STRING, b=STRING),
        record("a", "b", a=STRING, b=STRING),
        lost={"a": "x"},
    ),
    Case(
        "required-added-though-it-has-a-default",
        record(a=string(default="x")),
        record("a", a=string(default="x")),
        lost={},
    ),
    Case(
        "required-added-with-a-property-that-has-a-default",
        record(a=STRING),
        record("b", a=STRING, b=integer(default=10)),
        lost={},
        appears=True,
    ),
    Case(
        "required-exchanged",
        record("a", a=STRING, b=STRING),
        record("b", a=STRING, b=STRING),
        lost={"a": "x"},
        gained={"b": "x"},
    ),
    Case(
        "required-in-another-order",
        record("a", "b", a=STRING, b=STRING),
        record("b", "a", a=STRING, b=STRING),
    ),
    Case("required-of-nothing", _AB, _AB | {"required": []}),
    Case(
        "required-within-another",
        record(o=record(a=STRING)),
        record(o=record("a", a=STRING)),
        lost={"o": {}},
    ),
    Case(
        "required-within-items",
        array(items=record(a=STRING)),
        array(items=record("a", a=STRING)),
        lost=[{}],
    ),
    Case("required-but-not-described", {"type": "object", "required": ["a"]}, record("a", a={})),
    Case(
        "required-in-all-of",
        _AB | {"allOf": [{"required": ["a"]}, {"required": ["b"]}]},
        _AB | {"required": ["a", "b"]},
    ),
    Case(
        "required-in-place-of-a-default",
        record(a=integer(default=1)),
        record("a", a=INTEGER),
        lost={},
        speaks=True,
    ),
    Case(
        "required-one-of-two-added",
        _AB,
        _AB | {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
        lost={},
    ),
    Case(
        "required-exactly-one-of-two",
        _AB | {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
        _AB | {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
        gained={"a": 1, "b": 1},
    ),
    Case(
        "required-one-of-two-instead-of-both",
        _AB | {"required": ["a", "b"]},
        _AB | {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
        gained={"a": 1},
    ),
    Case("required-not-both", _AB, _AB | {"not": {"required": ["a", "b"]}}, lost={"a": 1, "b": 1}),
    Case(
        "required-neither-nor",
        _AB,
        _AB | {"not": {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}},
        lost={"a": 1},
    ),
    Case(
        "required-neither-nor-as-false",
        record(a=False, b=False),
        _AB | {"not": {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}},
    ),
    # Depending on others.
    Case("dependent-required-added", _AB, _AB | {"dependentRequired": {"a": ["b"]}}, lost={"a": 1}),
    Case(
        "dependent-required-asks-for-more",
        _ABC | {"dependentRequired": {"a": ["b"]}},
        _ABC | {"dependentRequired": {"a": ["b", "c"]}},
        lost={"a": 1, "b": 1},
    ),
    Case(
        "dependent-required-of-another",
        _AB | {"dependentRequired": {"a": ["b"]}},
        _AB | {"dependentRequired": {"b": ["a"]}},
        lost={"b": 1},
        gained={"a": 1},
    ),
    Case(
        "dependent-required-in-another-order",
        _ABC | {"dependentRequired": {"a": ["b", "c"]}},
        _ABC | {"dependentRequired": {"a": ["c", "b"]}},
    ),
    Case("dependent-required-of-nothing", _AB, _AB | {"dependentRequired": {"a": []}}),
    Case("dependent-required-of-itself", _AB, _AB | {"dependentRequired": {"a": ["a"]}}),
    Case(
        "dependent-required-where-all-are-required",
        _AB | {"required": ["a", "b"]},
        _AB | {"required": ["a", "b"], "dependentRequired": {"a": ["b"]}},
    ),
    Case(
        "dependent-required-of-a-required-one",
        _AB | {"required": ["a"], "dependentRequired": {"a": ["b"]}},
        _AB | {"required": ["a", "b"]},
    ),
    Case(
        "dependent-required-that-follows",
        _ABC | {"dependentRequired": {"a": ["b"], "b": ["c"]}},
        _ABC | {"dependentRequired": {"a": ["b", "c"], "b": ["c"]}},
    ),
    Case(
        "dependent-required-of-what-nobody-sends",
        record(b=STRING),
        record(b=STRING) | {"dependentRequired": {"a": ["b"]}},
    ),
    Case(
        "dependent-required-of-what-nobody-sends-open-world",
        record(b=STRING),
        record(b=STRING) | {"dependentRequired": {"a": ["b"]}},
        lost={"a": 1},
        open_world=True,
    ),
    Case(
        "dependent-required-as-a-condition",
        _AB | {"dependentRequired": {"a": ["b"]}},
        _AB | {"if": {"required": ["a"]}, "then": {"required": ["b"]}},
    ),
    Case(
        "dependent-required-as-a-union",
        _AB | {"dependentRequired": {"a": ["b"]}},
        _AB | {"anyOf": [{"not": {"required": ["a"]}}, {"required": ["b"]}]},
    ),
    Case(
        "dependent-schema-added",
        _AB,
        _AB | {"dependentSchemas": {"a": {"properties": {"b": INTEGER}}}},
        lost={"a": 1, "b": "x"},
    ),
    Case(
        "dependent-schema-narrowed",
        _AB | {"dependentSchemas": {"a": {"properties": {"b": {"type": "number"}}}}},
        _AB | {"dependentSchemas": {"a": {"properties": {"b": INTEGER}}}},
        lost={"a": 1, "b": 0.5},
    ),
    Case(
        "dependent-schema-of-another",
        _AB | {"dependentSchemas": {"a": {"required": ["b"]}}},
        _AB | {"dependentSchemas": {"b": {"required": ["a"]}}},
        lost={"b": 1},
        gained={"a": 1},
    ),
    Case(
        "dependent-schema-as-dependent-required",
        _AB | {"dependentSchemas": {"a": {"required": ["b"]}}},
        _AB | {"dependentRequired": {"a": ["b"]}},
    ),
    Case(
        "dependent-schema-that-is-false",
        _AB | {"dependentSchemas": {"a": False}},
        record(a=False, b={}),
    ),
    Case("dependent-schema-that-is-true", _AB | {"dependentSchemas": {"a": True}}, _AB),
    Case(
        "dependent-schema-of-a-required-one",
        record("a", a={}, b={}) | {"dependentSchemas": {"a": {"properties": {"b": STRING}}}},
        record("a", a={}, b=STRING),
    ),
)
