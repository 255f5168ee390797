"""The same thing as pydantic, zod and their versions write it, and what people do to it."""

from tests.drift.cases.case import (
    BOOLEAN,
    CLOSED,
    INTEGER,
    NULL,
    NUMBER,
    OPEN,
    STRING,
    Case,
    array,
    integer,
    number,
    record,
    string,
)

_SAFE = 2**53 - 1
_COLORS = {"enum": ["red", "green"], "title": "Color", "type": "string"}
_OPTIONAL = {"anyOf": [STRING, NULL], "default": None, "title": "Name"}
_NULLABLE = {"type": ["string", "null"]}

CASES = (
    Case("pydantic-optional-to-a-type-list", {"anyOf": [STRING, NULL]}, _NULLABLE),
    Case(
        "pydantic-optional-made-required",
        record(name=_OPTIONAL),
        record("name", name=_OPTIONAL),
        lost={},
    ),
    Case(
        "pydantic-optional-not-null-any-more",
        record(name=_OPTIONAL),
        record(name=STRING),
        lost={"name": None},
        speaks=True,
    ),
    Case(
        "pydantic-optional-of-a-bounded-integer",
        {"anyOf": [integer(minimum=1, maximum=10), NULL]},
        {"anyOf": [integer(minimum=1, maximum=5), NULL]},
        lost=10,
    ),
    Case(
        "pydantic-optional-list",
        {"anyOf": [array(items=STRING), NULL]},
        {"type": ["array", "null"], "items": STRING},
    ),
    Case(
        "pydantic-enum-in-definitions",
        record(c={"$ref": "#/$defs/Color"}) | {"$defs": {"Color": _COLORS}},
        record(c=_COLORS),
        speaks=True,
    ),
    Case(
        "pydantic-enum-in-definitions-loses",
        record(c={"$ref": "#/$defs/Color"}) | {"$defs": {"Color": _COLORS}},
        record(c={"$ref": "#/$defs/Color"})
        | {"$defs": {"Color": {"const": "red", "title": "Color", "type": "string"}}},
        lost={"c": "green"},
    ),
    Case(
        "pydantic-enum-with-a-default-in-all-of",
        record(c={"allOf": [{"$ref": "#/$defs/Color"}], "default": "red"})
        | {"$defs": {"Color": _COLORS}},
        record(c={"$ref": "#/$defs/Color", "default": "red"}) | {"$defs": {"Color": _COLORS}},
    ),
    Case("pydantic-literal-of-one", string(const="a", enum=["a"]), string(const="a")),
    Case(
        "pydantic-model-that-forbids-more",
        record(m={"$ref": "#/$defs/M"}) | {"$defs": {"M": record("a", a=STRING)}},
        record(m={"$ref": "#/$defs/M"}) | {"$defs": {"M": record("a", a=STRING) | CLOSED}},
    ),
    Case(
        "pydantic-model-inlined",
        record("m", m={"$ref": "#/$defs/M"}) | {"$defs": {"M": record("a", a=STRING)}},
        record("m", m=record("a", a=STRING)),
    ),
    Case(
        "pydantic-model-to-a-dictionary",
        record("m", m={"$ref": "#/$defs/M"}) | {"$defs": {"M": record("a", a=STRING)}},
        record("m", m={"type": "object"} | OPEN),
        gained={"m": {}},
        appears=True,
    ),
    Case(
        "pydantic-decimal",
        {"anyOf": [NUMBER, string(pattern=r"^-?\d+(\.\d+)?$")]},
        NUMBER,
        lost="0",
    ),
    Case(
        "pydantic-integer-or-string", {"anyOf": [INTEGER, STRING]}, {"type": ["integer", "string"]}
    ),
    Case(
        "pydantic-tuple",
        array(prefixItems=[INTEGER, INTEGER], minItems=2, maxItems=2),
        array(items=INTEGER, minItems=2, maxItems=2),
    ),
    Case(
        "pydantic-set-to-list",
        array(items=STRING, uniqueItems=True),
        array(items=STRING),
        gained=["a", "a"],
    ),
    Case("pydantic-positive-integer", integer(exclusiveMinimum=0), integer(minimum=1)),
    Case("pydantic-positive-integer-from-any", INTEGER, integer(exclusiveMinimum=0), lost=0),
    Case(
        "pydantic-dictionary-of-integers",
        {"type": "object", "additionalProperties": INTEGER},
        {"type": "object", "additionalProperties": NUMBER},
        gained={"x": 0.5},
    ),
    Case(
        "pydantic-discriminated",
        {
            "discriminator": {"propertyName": "k"},
            "oneOf": [record("k", k=string(const="a")), record("k", k=string(const="b"))],
        },
        {"oneOf": [record("k", k=string(const="a")), record("k", k=string(const="b"))]},
        speaks=True,
    ),
    Case("zod-nullable-to-any-of", _NULLABLE, {"anyOf": [STRING, NULL]}),
    Case("zod-nullable-dropped", record("a", a=_NULLABLE), record("a", a=STRING), lost={"a": None}),
    Case(
        "zod-nullable-enum",
        {"type": ["string", "null"], "enum": ["a", None]},
        {"anyOf": [string(enum=["a"]), NULL]},
    ),
    Case(
        "zod-integer-with-its-bounds",
        record(n=INTEGER),
        record(n=integer(minimum=-_SAFE, maximum=_SAFE)),
    ),
    Case(
        "zod-positive-integer-with-its-bound",
        record(n=integer(exclusiveMinimum=0)),
        record(n=integer(exclusiveMinimum=0, maximum=_SAFE)),
    ),
    Case(
        "zod-integers-in-items-with-bounds",
        array(items=INTEGER),
        array(items=integer(minimum=-_SAFE, maximum=_SAFE)),
    ),
    Case(
        "zod-strict-object-to-loose",
        record(a=STRING) | CLOSED,
        record(a=STRING) | {"additionalProperties": {}},
        gained={"x": 1},
    ),
    Case(
        "zod-record-with-names",
        {"type": "object", "additionalProperties": NUMBER},
        {"type": "object", "additionalProperties": NUMBER, "propertyNames": STRING},
    ),
    Case("zod-undefined-branch", {"anyOf": [{"not": {}}, STRING]}, STRING),
    Case(
        "zod-literals", {"anyOf": [string(const="a"), string(const="b")]}, string(enum=["a", "b"])
    ),
    Case(
        "zod-literals-of-several-types",
        {"type": ["string", "number"], "enum": ["a", 1]},
        {"anyOf": [string(const="a"), number(const=1)]},
    ),
    Case("zod-non-empty-string", string(minLength=1), STRING, gained=""),
    Case(
        "zod-default-made-required",
        record(n=integer(default=5)),
        record("n", n=integer(default=5)),
        lost={},
    ),
    Case(
        "zod-union-of-string-and-list",
        {"anyOf": [STRING, array(items=STRING)]},
        array(items=STRING),
        lost="a",
    ),
    Case(
        "zod-date-time",
        string(format="date-time"),
        string(format="date-time", pattern=r"^\d"),
        lost="",
    ),
    Case(
        "zod-intersection",
        {"allOf": [record("a", a=STRING), record("b", b=BOOLEAN)]},
        record("a", "b", a=STRING, b=BOOLEAN),
    ),
    Case("zod-refined-number", number(multipleOf=0.01), number(multipleOf=0.05), lost=0.01),
)
