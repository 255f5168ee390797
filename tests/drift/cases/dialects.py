"""What the drafts read otherwise: the dialect that a schema declares is the one it means."""

from typing import Any

from mcpverify.facts.json_text import Json
from tests.drift.cases.case import (
    BOOLEAN,
    CLOSED,
    INTEGER,
    NUMBER,
    STRING,
    Case,
    array,
    integer,
    number,
    record,
    string,
)

_URIS = {
    4: "http://json-schema.org/draft-04/schema#",
    6: "http://json-schema.org/draft-06/schema#",
    7: "http://json-schema.org/draft-07/schema#",
    2019: "https://json-schema.org/draft/2019-09/schema",
    2020: "https://json-schema.org/draft/2020-12/schema",
}


def _in(draft: int, schema: Json, *required: str, **more: Any) -> dict[str, Any]:
    """An object whose property `v` is of this schema, in a dialect."""
    return {"$schema": _URIS[draft], **record(*required, v=schema), **more}


def _whole(draft: int, schema: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": _URIS[draft], **schema}


_AB = record(a={}, b={})
_TUPLE = [STRING, INTEGER]

CASES = (
    *(
        Case(f"narrowed-in-draft-{draft}", _in(draft, NUMBER), _in(draft, INTEGER), lost={"v": 0.5})
        for draft in _URIS
    ),
    *(
        Case(f"closed-in-draft-{draft}", _in(draft, STRING), _in(draft, STRING, **CLOSED))
        for draft in _URIS
    ),
    *(
        Case(
            f"schema-of-draft-{draft}-left-out",
            _in(draft, string(maxLength=3)),
            record(v=string(maxLength=3)),
        )
        for draft in _URIS
    ),
    Case(
        "schema-with-and-without-a-fragment",
        _in(7, STRING),
        {**record(v=STRING), "$schema": _URIS[7].rstrip("#")},
    ),
    # Draft 4.
    Case(
        "exclusive-minimum-as-a-boolean",
        _in(4, integer(minimum=0)),
        _in(4, integer(minimum=0, exclusiveMinimum=True)),
        lost={"v": 0},
    ),
    Case(
        "exclusive-minimum-as-a-boolean-that-is-false",
        _in(4, integer(minimum=0)),
        _in(4, integer(minimum=0, exclusiveMinimum=False)),
    ),
    Case(
        "exclusive-minimum-as-a-boolean-in-a-later-draft",
        _in(4, number(minimum=0, exclusiveMinimum=True)),
        _in(2020, number(exclusiveMinimum=0)),
    ),
    Case(
        "exclusive-maximum-as-a-boolean",
        _in(4, number(maximum=1)),
        _in(4, number(maximum=1, exclusiveMaximum=True)),
        lost={"v": 1},
    ),
    Case(
        "exclusive-maximum-as-a-boolean-in-a-later-draft",
        _in(4, number(maximum=1, exclusiveMaximum=True)),
        _in(7, number(maximum=1)),
        gained={"v": 1},
    ),
    Case("const-in-draft-4", _in(4, STRING), _in(4, string(const="a"))),
    Case(
        "const-from-draft-4-on",
        _in(4, string(const="a")),
        _in(6, string(const="a")),
        lost={"v": "b"},
    ),
    Case("contains-in-draft-4", _in(4, array(contains=INTEGER)), _in(4, array())),
    Case(
        "property-names-in-draft-4",
        _in(4, {"type": "object", "propertyNames": {"maxLength": 1}}),
        _in(4, {"type": "object"}),
    ),
    # Draft 6.
    Case("condition-in-draft-6", _in(6, STRING), _in(6, {**STRING, "if": True, "then": False})),
    Case(
        "condition-from-draft-6-on",
        _in(6, {**STRING, "if": {"maxLength": 1}, "then": False}),
        _in(7, {**STRING, "if": {"maxLength": 1}, "then": False}),
        lost={"v": ""},
    ),
    # Draft 7.
    Case("tuple-of-items", _in(7, array(items=_TUPLE)), _in(2020, array(prefixItems=_TUPLE))),
    Case(
        "tuple-of-items-narrowed",
        _in(7, array(items=[STRING, NUMBER])),
        _in(7, array(items=[STRING, INTEGER])),
        lost={"v": ["a", 0.5]},
    ),
    Case(
        "tuple-of-items-exchanged",
        _in(7, array(items=[STRING, INTEGER])),
        _in(7, array(items=[INTEGER, STRING])),
        lost={"v": ["a"]},
        gained={"v": [1]},
    ),
    Case(
        "tuple-of-items-alone",
        _in(7, array(items=_TUPLE, additionalItems=False)),
        _in(2020, array(prefixItems=_TUPLE, items=False)),
    ),
    Case(
        "additional-items-added",
        _in(7, array(items=_TUPLE)),
        _in(7, array(items=_TUPLE, additionalItems=False)),
        lost={"v": ["a", 1, 1]},
    ),
    Case(
        "additional-items-narrowed",
        _in(7, array(items=[STRING], additionalItems=NUMBER)),
        _in(7, array(items=[STRING], additionalItems=INTEGER)),
        lost={"v": ["a", 0.5]},
    ),
    Case(
        "additional-items-exchanged",
        _in(7, array(items=[STRING], additionalItems=STRING)),
        _in(7, array(items=[STRING], additionalItems=INTEGER)),
        lost={"v": ["a", "b"]},
        gained={"v": ["a", 1]},
    ),
    Case(
        "additional-items-beside-a-schema",
        _in(7, array(items=STRING)),
        _in(7, array(items=STRING, additionalItems=False)),
    ),
    Case(
        "additional-items-in-2020-12", _in(2020, array()), _in(2020, array(additionalItems=False))
    ),
    Case(
        "tuple-of-items-in-2019-09",
        _in(2019, array(items=_TUPLE, additionalItems=False)),
        _in(7, array(items=_TUPLE, additionalItems=False)),
    ),
    Case("prefix-items-in-draft-7", _in(7, array()), _in(7, array(prefixItems=[STRING]))),
    Case(
        "prefix-items-from-2020-12-on",
        _in(7, array(prefixItems=[STRING])),
        _in(2020, array(prefixItems=[STRING])),
        lost={"v": [1]},
    ),
    Case(
        "dependencies-of-names",
        _whole(7, _AB),
        _whole(7, _AB | {"dependencies": {"a": ["b"]}}),
        lost={"a": 1},
    ),
    Case(
        "dependencies-of-schemas",
        _whole(7, _AB),
        _whole(7, _AB | {"dependencies": {"a": {"properties": {"b": INTEGER}}}}),
        lost={"a": 1, "b": "x"},
    ),
    Case(
        "dependencies-exchanged",
        _whole(7, _AB | {"dependencies": {"a": ["b"]}}),
        _whole(7, _AB | {"dependencies": {"b": ["a"]}}),
        lost={"b": 1},
        gained={"a": 1},
    ),
    Case(
        "dependencies-as-dependent-required",
        _whole(7, _AB | {"dependencies": {"a": ["b"]}}),
        _whole(2020, _AB | {"dependentRequired": {"a": ["b"]}}),
    ),
    Case(
        "dependencies-as-dependent-schemas",
        _whole(7, _AB | {"dependencies": {"a": {"required": ["b"]}}}),
        _whole(2019, _AB | {"dependentSchemas": {"a": {"required": ["b"]}}}),
    ),
    Case(
        "dependencies-in-draft-4",
        _whole(4, _AB | {"dependencies": {"a": ["b"]}}),
        _whole(6, _AB | {"dependencies": {"a": ["b"]}}),
    ),
    Case(
        "dependencies-in-2020-12",
        _whole(2020, _AB),
        _whole(2020, _AB | {"dependencies": {"a": ["b"]}}),
    ),
    Case(
        "dependencies-until-draft-7",
        _whole(7, _AB | {"dependencies": {"a": ["b"]}}),
        _whole(2020, _AB | {"dependencies": {"a": ["b"]}}),
        gained={"a": 1},
    ),
    Case(
        "dependent-required-in-draft-7",
        _whole(7, _AB),
        _whole(7, _AB | {"dependentRequired": {"a": ["b"]}}),
    ),
    Case(
        "min-contains-in-draft-7",
        _in(7, array(contains=INTEGER)),
        _in(7, array(contains=INTEGER, minContains=2)),
    ),
    Case("unevaluated-in-draft-7", _in(7, STRING), _in(7, STRING, unevaluatedProperties=False)),
    Case(
        "boolean-properties-in-draft-6",
        _whole(6, record(a=True)),
        _whole(6, record(a=BOOLEAN)),
        lost={"a": 1},
    ),
    Case(
        "definitions-in-2020-12",
        _in(2020, {"$ref": "#/definitions/a"}, definitions={"a": STRING}),
        _in(2020, STRING),
    ),
    Case(
        "defs-in-draft-7", _in(7, {"$ref": "#/$defs/a"}, **{"$defs": {"a": STRING}}), _in(7, STRING)
    ),
    Case(
        "id-in-draft-4",
        _in(
            4,
            {"$ref": "item"},
            id="http://example.com/a",
            definitions={"i": {"id": "item", "type": "string"}},
        ),
        _in(4, STRING),
    ),
    Case(
        "recursion-in-2019-09",
        _whole(2019, record(next={"$recursiveRef": "#"}, v=NUMBER)),
        _whole(2019, record(next={"$ref": "#"}, v=NUMBER)),
        undecided_ok="$recursiveRef is rare, and may be left to the oracle",
    ),
)
