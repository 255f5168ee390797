"""Who sends what: declared properties only, unless objects are read literally."""

from tests.drift.cases.case import (
    CLOSED,
    INTEGER,
    NUMBER,
    OBJECT,
    OPEN,
    STRING,
    Case,
    array,
    integer,
    record,
)

_A = record(a=STRING)
_AB = record(a=STRING, b=INTEGER)
_NONE = record()

CASES = (
    Case("optional-property-added", _A, _AB, appears=True),
    Case(
        "optional-property-added-open-world",
        _A,
        _AB,
        lost={"b": "x"},
        open_world=True,
        appears=True,
    ),
    Case(
        "optional-property-of-any-value-added-open-world",
        _A,
        record(a=STRING, b={}),
        open_world=True,
        appears=True,
    ),
    Case(
        "optional-property-added-where-closed",
        _A | CLOSED,
        _AB | CLOSED,
        gained={"b": 1},
        appears=True,
    ),
    Case("optional-property-added-while-it-opens", _A | CLOSED, _AB, gained={"b": 1}, appears=True),
    Case("optional-property-added-within-another", record(o=_A), record(o=_AB), appears=True),
    Case("optional-property-added-within-items", array(items=_A), array(items=_AB), appears=True),
    Case(
        "optional-property-added-within-another-open-world",
        record(o=_A),
        record(o=_AB),
        lost={"o": {"b": "x"}},
        open_world=True,
        appears=True,
    ),
    Case(
        "optional-property-added-within-a-map",
        OBJECT | {"additionalProperties": _A},
        OBJECT | {"additionalProperties": _AB},
        appears=True,
    ),
    Case("closed-later", _A, _A | CLOSED),
    Case("closed-later-open-world", _A, _A | CLOSED, lost={"x": 1}, open_world=True),
    Case("closed-later-within-another", record(o=_A), record(o=_A | CLOSED) | CLOSED),
    Case("closed-later-but-explicitly-open", _A | OPEN, _A | CLOSED, lost={"x": 1}),
    Case("explicitly-open", _A, _A | OPEN, appears=True),
    Case(
        "explicitly-open-as-an-empty-schema",
        _A | {"additionalProperties": {}},
        _A | CLOSED,
        lost={"x": 1},
    ),
    Case("explicitly-open-gains-a-property", _A | OPEN, _AB | OPEN, lost={"b": "x"}),
    Case("explicitly-open-gains-a-property-and-closes", _A | OPEN, _AB | CLOSED, lost={"b": "x"}),
    Case(
        "explicitly-of-strings-gains-a-string",
        _A | {"additionalProperties": STRING},
        record(a=STRING, b=STRING) | {"additionalProperties": STRING},
    ),
    Case(
        "explicitly-of-strings-gains-an-integer",
        _A | {"additionalProperties": STRING},
        _AB | {"additionalProperties": STRING},
        lost={"b": "x"},
        gained={"b": 1},
    ),
    Case(
        "explicitly-of-strings-says-no-more",
        _A | {"additionalProperties": STRING},
        _A,
        vanishes=True,
    ),
    Case(
        "explicitly-of-strings-says-no-more-open-world",
        _A | {"additionalProperties": STRING},
        _A,
        gained={"x": 1},
        open_world=True,
        vanishes=True,
    ),
    Case(
        "map-of-strings-says-no-more",
        OBJECT | {"additionalProperties": STRING},
        OBJECT,
        gained={"x": 1},
    ),
    Case(
        "by-pattern-closes",
        _A | {"patternProperties": {"^x-": INTEGER}},
        _A | CLOSED,
        lost={"x-": 1},
    ),
    Case("property-dropped-open-world", _AB, _A, gained={"b": "x"}, open_world=True, vanishes=True),
    # Free-form objects, and objects of none.
    Case("free-form-closes", OBJECT, OBJECT | CLOSED, lost={"x": 1}),
    Case("free-form-gains-a-property", OBJECT, _A, lost={"a": 1}),
    Case(
        "free-form-within-another-gains-a-property",
        record(o=OBJECT),
        record(o=_A),
        lost={"o": {"a": 1}},
    ),
    Case("free-form-explicitly", OBJECT, OBJECT | OPEN),
    Case(
        "free-form-without-a-type-gains-a-property",
        record(v={}),
        record(v={"properties": {"a": STRING}}),
        lost={"v": {"a": 1}},
    ),
    Case(
        "free-form-in-a-union-gains-a-property",
        {"anyOf": [STRING, OBJECT]},
        {"anyOf": [STRING, _A]},
        lost={"a": 1},
    ),
    Case("of-no-properties-closes", _NONE, _NONE | CLOSED),
    Case(
        "of-no-properties-closes-open-world", _NONE, _NONE | CLOSED, lost={"x": 1}, open_world=True
    ),
    Case("of-no-properties-gains-one", _NONE, _A, appears=True),
    Case(
        "of-no-properties-gains-a-required-one", _NONE, record("a", a=STRING), lost={}, appears=True
    ),
    Case("of-no-properties-takes-none", _NONE, OBJECT | {"maxProperties": 0}),
    Case("of-no-properties-within-another-closes", record(o=_NONE), record(o=_NONE | CLOSED)),
    # What declares a name.
    Case("declared-by-required", OBJECT | {"required": ["a"]}, record("a", a={}) | CLOSED),
    Case(
        "declared-by-required-and-refused",
        _A | {"required": ["b"]},
        record(a=STRING, b=False) | {"required": ["b"]},
        lost={"b": 1},
    ),
    Case("declared-by-all-of", {"allOf": [_A, record(b=INTEGER)]}, _AB | CLOSED),
    Case("declared-by-all-of-beside-free-form", {"allOf": [OBJECT, _A]}, _A | CLOSED),
    Case(
        "declared-by-all-of-but-refused", {"allOf": [_A | CLOSED, record(b=INTEGER)]}, _A | CLOSED
    ),
    Case("declared-beside-all-of", _A | {"allOf": [{"properties": {"b": INTEGER}}]}, _AB | CLOSED),
    Case(
        "declared-by-any-of",
        {"anyOf": [record("a", a=STRING), record("b", b=INTEGER)]},
        {"anyOf": [record("a", a=STRING) | CLOSED, record("b", b=INTEGER) | CLOSED]},
        lost={"a": "x", "b": 1},
    ),
    Case(
        "declared-by-any-of-and-both-open",
        {"anyOf": [record("a", a=STRING), record("b", b=INTEGER)]},
        _AB | CLOSED | {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
        lost={"a": "x", "b": "x"},
    ),
    Case(
        "declared-by-any-of-each-closed",
        {"anyOf": [record("a", a=STRING) | CLOSED, record("b", b=INTEGER) | CLOSED]},
        _AB | CLOSED,
        gained={},
    ),
    Case(
        "declared-by-one-of",
        {"oneOf": [record("a", a=STRING), record("b", b=INTEGER)]},
        {"oneOf": [record("a", a=STRING) | CLOSED, record("b", b=INTEGER) | CLOSED]},
        lost={"a": "x", "b": "x"},
    ),
    Case(
        "declared-by-if",
        _A
        | {
            "if": {"properties": {"m": {"const": 1}}, "required": ["m"]},
            "then": {"required": ["a"]},
        },
        _A | CLOSED,
        lost={"a": "x", "m": 1},
    ),
    Case(
        "declared-by-then",
        _A | {"if": {"required": ["a"]}, "then": {"properties": {"t": INTEGER}}},
        _A | CLOSED,
        lost={"a": "x", "t": 1},
    ),
    Case(
        "declared-by-a-dependent-schema",
        _A | {"dependentSchemas": {"a": {"properties": {"b": INTEGER}}}},
        _A | CLOSED,
        lost={"a": "x", "b": 1},
    ),
    Case(
        "declared-by-a-reference",
        {"type": "object", "$ref": "#/$defs/o", "$defs": {"o": _A}},
        _A | CLOSED,
    ),
    Case("not-declared-by-not", _A | {"not": {"required": ["b"]}}, _A | CLOSED),
    Case("not-declared-by-property-names", _A | {"propertyNames": {"maxLength": 1}}, _A | CLOSED),
    Case("not-declared-by-bounds", _A | {"maxProperties": 3}, _A | CLOSED),
    Case(
        "listed-though-not-declared",
        {"const": {"a": "x", "z": 1}},
        _A | CLOSED,
        lost={"a": "x", "z": 1},
        gained={},
    ),
    Case("unevaluated-refused", _A, _A | {"unevaluatedProperties": False}),
    Case(
        "unevaluated-refused-open-world",
        _A,
        _A | {"unevaluatedProperties": False},
        lost={"x": 1},
        open_world=True,
    ),
    Case(
        "unevaluated-refused-over-all-of",
        {"allOf": [_A, record(b=INTEGER)]},
        {"allOf": [_A, record(b=INTEGER)], "unevaluatedProperties": False},
    ),
    Case(
        "unevaluated-items-refused",
        array(prefixItems=[STRING], unevaluatedItems=False),
        array(prefixItems=[STRING], items=False),
    ),
    # All else is the same in both worlds.
    Case(
        "property-narrowed-open-world",
        record(a=NUMBER),
        record(a=INTEGER),
        lost={"a": 0.5},
        open_world=True,
    ),
    Case("required-added-open-world", _A, record("a", a=STRING), lost={}, open_world=True),
    Case(
        "closed-property-dropped-open-world",
        _AB | CLOSED,
        _A | CLOSED,
        lost={"b": 1},
        open_world=True,
        vanishes=True,
    ),
    Case(
        "enum-loses-a-value-open-world",
        record(a={"enum": [1, 2]}),
        record(a={"enum": [1]}),
        lost={"a": 2},
        open_world=True,
    ),
    Case(
        "safe-integers-bounded-open-world",
        record(n=INTEGER),
        record(n=integer(maximum=2**53 - 1)),
        open_world=True,
    ),
    Case(
        "tagged-branches-open-world",
        {"oneOf": [record("k", k={"const": 1}), record("k", k={"const": 2}, x=STRING)]},
        {"oneOf": [record("k", k={"const": 1}, x=STRING), record("k", k={"const": 2}, x=STRING)]},
        lost={"k": 1, "x": 1},
        open_world=True,
    ),
)
