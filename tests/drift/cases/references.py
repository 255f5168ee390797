"""$ref and what it leads to: in place, renamed, recursive, and with keywords beside it."""

from typing import Any

from mcpverify.facts.json_text import Json
from tests.drift.cases.case import (
    CLOSED,
    INTEGER,
    NULL,
    NUMBER,
    STRING,
    Case,
    array,
    integer,
    record,
    string,
)

_DRAFT_07 = {"$schema": "http://json-schema.org/draft-07/schema#"}
_REF = {"$ref": "#/$defs/a"}


def _defs(schema: Json, **definitions: Any) -> dict[str, Any]:
    """An object whose property `v` is of this schema."""
    return record(v=schema) | {"$defs": definitions}


def _tree(**more: Any) -> dict[str, Any]:
    return record(children=array(items={"$ref": "#"}), **more)


def _list(value: Json, *required: str) -> dict[str, Any]:
    return _defs(_REF, a=record(*required, value=value, next=_REF))


CASES = (
    Case("ref-in-place", _defs(_REF, a=STRING), record(v=STRING)),
    Case("ref-narrowed", _defs(_REF, a=NUMBER), _defs(_REF, a=INTEGER), lost={"v": 0.5}),
    Case(
        "ref-exchanged",
        _defs(_REF, a=STRING),
        _defs(_REF, a=INTEGER),
        lost={"v": "x"},
        gained={"v": 1},
    ),
    Case(
        "ref-to-an-enum-that-loses",
        _defs(_REF, a={"enum": ["x", "y"]}),
        _defs(_REF, a={"enum": ["x"]}),
        lost={"v": "y"},
    ),
    Case(
        "ref-to-another-definition",
        _defs(_REF, a=STRING, b=INTEGER),
        _defs({"$ref": "#/$defs/b"}, a=STRING, b=INTEGER),
        lost={"v": "x"},
        gained={"v": 1},
    ),
    Case(
        "ref-to-a-wider-definition",
        _defs(_REF, a=INTEGER, b=NUMBER),
        _defs({"$ref": "#/$defs/b"}, a=INTEGER, b=NUMBER),
        gained={"v": 0.5},
    ),
    Case("defs-renamed", _defs(_REF, a=STRING), _defs({"$ref": "#/$defs/b"}, b=STRING)),
    Case(
        "defs-as-definitions",
        _defs(_REF, a=STRING),
        record(v={"$ref": "#/definitions/a"}) | {"definitions": {"a": STRING}},
    ),
    Case("defs-that-nobody-uses", record(v=STRING), _defs(STRING, a=INTEGER)),
    Case("defs-that-nobody-uses-changed", _defs(STRING, a=INTEGER), _defs(STRING, a=STRING)),
    Case(
        "definitions-narrowed",
        record(v={"$ref": "#/definitions/a"}) | {"definitions": {"a": NUMBER}},
        record(v={"$ref": "#/definitions/a"}) | {"definitions": {"a": INTEGER}},
        lost={"v": 0.5},
    ),
    Case(
        "definitions-exchanged",
        record(v={"$ref": "#/definitions/a"}) | {"definitions": {"a": STRING}},
        record(v={"$ref": "#/definitions/a"}) | {"definitions": {"a": INTEGER}},
        lost={"v": "x"},
        gained={"v": 1},
    ),
    Case(
        "definitions-that-nobody-uses",
        record(v=STRING),
        record(v=STRING) | {"definitions": {"a": INTEGER}},
    ),
    Case("ref-through-another", _defs(_REF, a={"$ref": "#/$defs/b"}, b=STRING), record(v=STRING)),
    Case("ref-in-all-of", _defs({"allOf": [_REF]}, a=STRING), _defs(_REF, a=STRING)),
    Case(
        "ref-in-any-of-with-null",
        _defs({"anyOf": [_REF, NULL]}, a=STRING),
        _defs(_REF, a={"type": ["string", "null"]}),
    ),
    Case(
        "ref-made-nullable",
        _defs(_REF, a={"enum": ["x"]}),
        _defs({"anyOf": [_REF, NULL]}, a={"enum": ["x"]}),
        gained={"v": None},
    ),
    Case(
        "ref-to-a-property",
        record(a=STRING, b={"$ref": "#/properties/a"}),
        record(a=STRING, b=STRING),
    ),
    Case(
        "ref-to-a-property-that-narrows",
        record(a=NUMBER, b={"$ref": "#/properties/a"}),
        record(a=INTEGER, b={"$ref": "#/properties/a"}),
        lost={"b": 0.5},
    ),
    Case(
        "ref-with-an-escaped-pointer",
        record(v={"$ref": "#/$defs/a~1b~0%25"}) | {"$defs": {"a/b~%": STRING}},
        record(v=STRING),
    ),
    Case(
        "ref-by-anchor", _defs({"$ref": "#here"}, a=STRING | {"$anchor": "here"}), record(v=STRING)
    ),
    Case(
        "ref-by-id",
        _defs({"$ref": "item"}, a=STRING | {"$id": "item"}) | {"$id": "https://example.com/root"},
        record(v=STRING),
    ),
    Case(
        "ref-within-an-id",
        _defs(
            _REF,
            a={
                "$id": "https://example.com/a",
                **record(x={"$ref": "#/$defs/b"}),
                "$defs": {"b": INTEGER},
            },
            b=STRING,
        ),
        record(v=record(x=INTEGER)),
    ),
    Case("ref-to-true", _defs(_REF, a=True), record(v={})),
    Case("ref-to-false", _defs(_REF, a=False), record(v=False)),
    Case(
        "ref-to-a-definition-named-as-a-keyword",
        record(v={"$ref": "#/$defs/properties"}) | {"$defs": {"properties": STRING}},
        record(v=STRING),
    ),
    Case(
        "ref-that-is-dynamic",
        _defs({"$dynamicRef": "#/$defs/a"}, a=STRING),
        record(v=STRING),
        undecided_ok="$dynamicRef is rare, and may be left to the oracle",
    ),
    # Keywords beside it.
    Case(
        "ref-with-a-bound-beside-it",
        _defs(_REF, a=STRING),
        _defs(_REF | {"minLength": 2}, a=STRING),
        lost={"v": ""},
    ),
    Case(
        "ref-with-a-bound-beside-it-in-place",
        _defs(_REF | {"minLength": 2}, a=STRING),
        record(v=string(minLength=2)),
    ),
    Case(
        "ref-with-a-bound-beside-it-in-draft-07",
        record(v={"$ref": "#/definitions/a"}) | {"definitions": {"a": STRING}} | _DRAFT_07,
        record(v={"$ref": "#/definitions/a", "minLength": 2})
        | {"definitions": {"a": STRING}}
        | _DRAFT_07,
    ),
    Case(
        "ref-with-a-bound-that-draft-07-hides",
        record(v={"$ref": "#/definitions/a", "minLength": 2})
        | {"definitions": {"a": STRING}}
        | _DRAFT_07,
        record(v={"$ref": "#/definitions/a", "minLength": 2}) | {"definitions": {"a": STRING}},
        lost={"v": ""},
    ),
    Case(
        "ref-with-properties-beside-it",
        _defs(_REF | record("y", y=INTEGER), a=record("x", x=STRING)),
        record(v=record("x", "y", x=STRING, y=INTEGER)),
    ),
    Case(
        "ref-with-a-text-beside-it",
        _defs(_REF, a=STRING),
        _defs(_REF | {"description": "v"}, a=STRING),
        speaks=True,
    ),
    # Recursion.
    Case(
        "tree-in-definitions",
        _tree(),
        {
            "$ref": "#/$defs/t",
            "type": "object",
            "$defs": {"t": record(children=array(items={"$ref": "#/$defs/t"}))},
        },
    ),
    Case(
        "tree-unrolled-once",
        _tree(x=INTEGER),
        {
            **record(x=INTEGER, children=array(items={"$ref": "#/$defs/t"})),
            "$defs": {"t": record(x=INTEGER, children=array(items={"$ref": "#/$defs/t"}))},
        },
    ),
    Case("tree-narrowed-at-each-node", _tree(x=NUMBER), _tree(x=INTEGER), lost={"x": 0.5}),
    Case(
        "tree-narrowed-below-its-root",
        _tree(x=NUMBER),
        {
            **record(x=NUMBER, children=array(items={"$ref": "#/$defs/t"})),
            "$defs": {"t": record(x=INTEGER, children=array(items={"$ref": "#/$defs/t"}))},
        },
        lost={"children": [{"x": 0.5}]},
    ),
    Case(
        "tree-narrowed-three-down",
        _tree(x=NUMBER),
        record(
            x=NUMBER,
            children=array(
                items=record(
                    x=NUMBER,
                    children=array(
                        items=record(
                            x=NUMBER,
                            children=array(
                                items=record(x=INTEGER, children=array(items={"$ref": "#"}))
                            ),
                        )
                    ),
                )
            ),
        ),
        lost={"children": [{"children": [{"children": [{"x": 0.5}]}]}]},
    ),
    Case(
        "tree-that-becomes-a-leaf",
        _tree(x=INTEGER),
        record(x=INTEGER, children=array(items=record(x=INTEGER) | CLOSED)),
        lost={"children": [{"children": []}]},
    ),
    Case("tree-gains-an-optional-property", _tree(), _tree(label=STRING), appears=True),
    Case(
        "tree-gains-a-required-property",
        _tree(),
        _tree(label=STRING) | {"required": ["label"]},
        lost={},
        appears=True,
    ),
    Case("tree-that-closes", _tree(), _tree() | CLOSED),
    Case("tree-that-closes-open-world", _tree(), _tree() | CLOSED, lost={"x": 1}, open_world=True),
    Case("list-narrowed", _list(NUMBER), _list(INTEGER), lost={"v": {"value": 0.5}}),
    Case("list-of-required-values", _list(NUMBER), _list(NUMBER, "value"), lost={"v": {}}),
    Case(
        "list-in-two-definitions",
        _list(STRING),
        _defs(
            _REF,
            a=record(value=STRING, next={"$ref": "#/$defs/b"}),
            b=record(value=STRING, next={"$ref": "#/$defs/a"}),
        ),
    ),
    Case(
        "list-in-two-definitions-of-which-one-narrows",
        _list(NUMBER),
        _defs(
            _REF,
            a=record(value=NUMBER, next={"$ref": "#/$defs/b"}),
            b=record(value=INTEGER, next={"$ref": "#/$defs/a"}),
        ),
        lost={"v": {"next": {"value": 0.5}}},
    ),
    Case(
        "list-with-an-end",
        _defs(_REF, a={"anyOf": [NULL, record("next", next=_REF)]}),
        _defs(_REF, a={"anyOf": [NULL, record("next", next=_REF), STRING]}),
        gained={"v": "x"},
    ),
    Case(
        "list-without-an-end",
        _defs(_REF, a=record("next", next=_REF)),
        record(v=False),
    ),
    Case(
        "list-without-an-end-that-narrows",
        _defs(_REF, a=record("next", "n", next=_REF, n=INTEGER)),
        _defs(_REF, a=record("next", "n", next=_REF, n=integer(minimum=5))),
    ),
    Case(
        "json-of-any-shape",
        _defs(
            _REF,
            a={
                "anyOf": [
                    STRING,
                    NUMBER,
                    array(items=_REF),
                    {"type": "object", "additionalProperties": _REF},
                ]
            },
        ),
        _defs(
            _REF,
            a={
                "anyOf": [
                    STRING,
                    INTEGER,
                    array(items=_REF),
                    {"type": "object", "additionalProperties": _REF},
                ]
            },
        ),
        lost={"v": 0.5},
    ),
    Case(
        "expression-that-loses-an-operator",
        _defs(
            _REF,
            a={
                "anyOf": [
                    NUMBER,
                    record("op", "args", op={"enum": ["+", "-"]}, args=array(items=_REF)),
                ]
            },
        ),
        _defs(
            _REF,
            a={"anyOf": [NUMBER, record("op", "args", op={"enum": ["+"]}, args=array(items=_REF))]},
        ),
        lost={"v": {"op": "-", "args": []}},
    ),
    Case(
        "expression-that-gains-an-operator-behind-one",
        _defs(_REF, a={"anyOf": [NUMBER, record("not", **{"not": _REF})]}),
        _defs(_REF, a={"anyOf": [NUMBER, STRING, record("not", **{"not": _REF})]}),
        gained={"v": "x"},
    ),
    Case(
        "ref-to-elsewhere",
        record(v={"$ref": "https://example.com/a.json"}, n=INTEGER),
        record(v={"$ref": "https://example.com/a.json"}, n=NUMBER),
        gained={"n": 0.5},
        undecided_ok="nothing is fetched, so that no value can be judged",
    ),
)
