"""Properties that are named as keywords are: they are properties."""

from tests.drift.cases.case import CLOSED, INTEGER, NUMBER, STRING, Case, array, record

_NAMES = (
    "title",
    "description",
    "format",
    "default",
    "examples",
    "type",
    "required",
    "enum",
    "const",
    "properties",
    "items",
    "pattern",
    "minimum",
    "additionalProperties",
    "anyOf",
    "not",
    "if",
    "deprecated",
    "__proto__",
)
_AS_IF = ("$ref", "$defs", "$id", "$schema")


def _slug(name: str) -> str:
    return name.strip("$_").lower()


CASES = (
    *(
        Case(
            f"property-named-{_slug(name)}-narrowed",
            record(**{name: NUMBER}),
            record(**{name: INTEGER}),
            lost={name: 0.5},
        )
        for name in (*_NAMES, *_AS_IF)
    ),
    *(
        Case(
            f"property-named-{_slug(name)}-dropped",
            record(a=STRING, **{name: NUMBER}) | CLOSED,
            record(a=STRING) | CLOSED,
            lost={name: 1},
            vanishes=True,
        )
        for name in (*_NAMES, *_AS_IF)
    ),
    *(
        Case(
            f"property-named-{_slug(name)}-required",
            record(**{name: STRING}),
            record(name, **{name: STRING}),
            lost={},
        )
        for name in ("title", "default", "$ref")
    ),
    Case(
        "property-named-title-within-items",
        array(items=record(title=NUMBER)),
        array(items=record(title=INTEGER)),
        lost=[{"title": 0.5}],
    ),
    Case(
        "property-named-properties-within-itself",
        record(properties=record(properties=NUMBER)),
        record(properties=record(properties=INTEGER)),
        lost={"properties": {"properties": 0.5}},
    ),
    Case(
        "property-named-title-says-otherwise",
        record(title=STRING | {"title": "A"}),
        record(title=STRING | {"title": "B"}),
        speaks=True,
    ),
    Case(
        "property-named-enum-of-an-enum",
        record(enum={"enum": ["a", "b"]}),
        record(enum={"enum": ["a"]}),
        lost={"enum": "b"},
    ),
    Case(
        "property-by-a-pattern-that-is-a-keyword",
        {"type": "object", "patternProperties": {"title": NUMBER}},
        {"type": "object", "patternProperties": {"title": INTEGER}},
        lost={"title": 0.5},
    ),
    Case(
        "property-named-as-nothing", record(**{"": NUMBER}), record(**{"": INTEGER}), lost={"": 0.5}
    ),
    Case(
        "property-named-with-a-slash",
        record(**{"a/b~c": NUMBER}),
        record(**{"a/b~c": INTEGER}),
        lost={"a/b~c": 0.5},
    ),
    Case(
        "property-named-as-an-array-holds",
        record(**{"0": NUMBER}),
        record(**{"0": INTEGER}),
        lost={"0": 0.5},
    ),
    Case(
        "definition-named-as-a-keyword",
        record(v={"$ref": "#/$defs/title"}) | {"$defs": {"title": NUMBER}},
        record(v={"$ref": "#/$defs/title"}) | {"$defs": {"title": INTEGER}},
        lost={"v": 0.5},
    ),
    Case(
        "dependent-schema-named-as-a-keyword",
        record(title=STRING, b={}) | {"dependentSchemas": {"title": {"properties": {"b": NUMBER}}}},
        record(title=STRING, b={})
        | {"dependentSchemas": {"title": {"properties": {"b": INTEGER}}}},
        lost={"title": "x", "b": 0.5},
    ),
    Case(
        "dependent-required-named-as-a-keyword",
        record(default={}, format={}),
        record(default={}, format={}) | {"dependentRequired": {"default": ["format"]}},
        lost={"default": 1},
    ),
)
