"""anyOf, oneOf, allOf and not, and what they come to when they are multiplied out."""

from tests.drift.cases.case import (
    CLOSED,
    INTEGER,
    NULL,
    NUMBER,
    STRING,
    Case,
    array,
    integer,
    number,
    record,
    string,
)

_CIRCLE = record("kind", "r", kind={"const": "circle"}, r=NUMBER)
_SQUARE = record("kind", "side", kind={"const": "square"}, side=NUMBER)
_LINE = record("kind", "length", kind={"const": "line"}, length=NUMBER)
_AB = record(a={}, b={})

CASES = (
    Case("any-of-loses-a-branch", {"anyOf": [STRING, INTEGER]}, {"anyOf": [STRING]}, lost=1),
    Case(
        "any-of-exchanges-a-branch",
        {"anyOf": [STRING, INTEGER]},
        {"anyOf": [STRING, NULL]},
        lost=1,
        gained=None,
    ),
    Case(
        "any-of-narrows-a-branch",
        {"anyOf": [STRING, NUMBER]},
        {"anyOf": [STRING, INTEGER]},
        lost=0.5,
    ),
    Case("any-of-in-another-order", {"anyOf": [STRING, INTEGER]}, {"anyOf": [INTEGER, STRING]}),
    Case("any-of-types", {"anyOf": [STRING, INTEGER]}, {"type": ["string", "integer"]}),
    Case("any-of-one", {"anyOf": [STRING]}, STRING),
    Case(
        "any-of-any-of",
        {"anyOf": [STRING, {"anyOf": [INTEGER, NULL]}]},
        {"anyOf": [STRING, INTEGER, NULL]},
    ),
    Case("any-of-with-a-branch-within-another", {"anyOf": [INTEGER, NUMBER]}, NUMBER),
    Case("any-of-with-a-string-within-another", {"anyOf": [STRING, string(minLength=1)]}, STRING),
    Case("any-of-with-one-twice", {"anyOf": [STRING, STRING]}, STRING),
    Case("any-of-beside-a-type", {"type": "string", "anyOf": [STRING, INTEGER]}, STRING),
    Case(
        "any-of-beside-keywords",
        integer(anyOf=[{"minimum": 10}, {"const": 0}]),
        {"anyOf": [integer(minimum=10), {"const": 0}]},
    ),
    Case("any-of-added", STRING, string(anyOf=[{"minLength": 3}, {"const": ""}]), lost="a"),
    Case(
        "any-of-two-any-ofs",
        {"allOf": [{"anyOf": [STRING, INTEGER]}, {"anyOf": [INTEGER, NULL]}]},
        INTEGER,
    ),
    Case(
        "any-of-records-by-a-value",
        record("a", a={"enum": [1, 2]}, b=STRING),
        {"anyOf": [record("a", a={"const": 1}, b=STRING), record("a", a={"const": 2}, b=STRING)]},
    ),
    Case(
        "any-of-records-by-a-value-narrowed",
        record("a", a={"enum": [1, 2]}, b=STRING),
        {
            "anyOf": [
                record("a", a={"const": 1}, b=STRING),
                record("a", a={"const": 2}, b=string(minLength=1)),
            ]
        },
        lost={"a": 2, "b": ""},
    ),
    Case(
        "any-of-records-with-and-without-one",
        record(a=STRING),
        {"anyOf": [record("a", a=STRING), record(a=False)]},
    ),
    Case(
        "any-of-a-property-and-of-the-whole",
        record("a", a={"anyOf": [STRING, INTEGER]}),
        {"anyOf": [record("a", a=STRING), record("a", a=INTEGER)]},
    ),
    Case(
        "any-of-two-properties-crosswise",
        record("a", "b", a={"anyOf": [STRING, INTEGER]}, b={"anyOf": [STRING, INTEGER]}),
        {"anyOf": [record("a", "b", a=STRING, b=STRING), record("a", "b", a=INTEGER, b=INTEGER)]},
        lost={"a": "x", "b": 1},
    ),
    Case(
        "any-of-two-properties-all-ways",
        record("a", "b", a={"anyOf": [STRING, INTEGER]}, b={"anyOf": [STRING, INTEGER]}),
        {
            "anyOf": [
                record("a", "b", a=first, b=second)
                for first in (STRING, INTEGER)
                for second in (STRING, INTEGER)
            ]
        },
    ),
    Case(
        "any-of-item-or-items",
        {"anyOf": [STRING, array(items=STRING)]},
        {"anyOf": [STRING, array(items=STRING, minItems=1)]},
        lost=[],
    ),
    # oneOf.
    Case("one-of-one", {"oneOf": [STRING]}, STRING),
    Case("one-of-types", {"oneOf": [STRING, INTEGER]}, {"anyOf": [STRING, INTEGER]}),
    Case("one-of-in-another-order", {"oneOf": [STRING, NUMBER]}, {"oneOf": [NUMBER, STRING]}),
    Case("one-of-loses-a-branch", {"oneOf": [STRING, INTEGER]}, {"oneOf": [STRING]}, lost=1),
    Case(
        "one-of-exchanges-a-branch",
        {"oneOf": [STRING, INTEGER]},
        {"oneOf": [STRING, NULL]},
        lost=1,
        gained=None,
    ),
    Case("one-of-consts", {"oneOf": [{"const": "a"}, {"const": "b"}]}, {"enum": ["a", "b"]}),
    Case("one-of-with-a-branch-within-another", {"oneOf": [INTEGER, NUMBER]}, NUMBER, gained=1),
    Case(
        "one-of-with-one-twice",
        {"oneOf": [STRING, STRING]},
        False,
    ),
    Case(
        "one-of-with-a-branch-that-begins-to-overlap",
        {"oneOf": [STRING, INTEGER]},
        {"oneOf": [STRING, {"type": ["integer", "string"], "maxLength": 1}]},
        lost="a",
    ),
    Case(
        "one-of-ranges-that-overlap",
        integer(oneOf=[{"minimum": 0}, {"maximum": 10}]),
        integer(anyOf=[{"minimum": 0}, {"maximum": 10}]),
        gained=5,
    ),
    Case(
        "one-of-ranges-that-do-not-overlap",
        integer(oneOf=[{"minimum": 11}, {"maximum": 10}]),
        INTEGER,
    ),
    Case(
        "one-of-three-where-two-overlap",
        {"oneOf": [{"enum": [1, 2]}, {"enum": [2, 3]}, {"enum": [4]}]},
        {"enum": [1, 3, 4]},
    ),
    Case(
        "one-of-three-where-all-overlap",
        {"oneOf": [{"enum": [1, 2]}, {"enum": [1, 3]}, {"enum": [1, 4]}]},
        {"enum": [2, 3, 4]},
    ),
    Case("one-of-a-type-and-its-null", {"oneOf": [STRING, NULL]}, {"type": ["string", "null"]}),
    # Told apart by a value.
    Case(
        "tagged-loses-a-branch",
        {"oneOf": [_CIRCLE, _SQUARE, _LINE]},
        {"oneOf": [_CIRCLE, _SQUARE]},
        lost={"kind": "line", "length": 1},
    ),
    Case("tagged-as-any-of", {"oneOf": [_CIRCLE, _SQUARE]}, {"anyOf": [_CIRCLE, _SQUARE]}),
    Case("tagged-in-another-order", {"oneOf": [_CIRCLE, _SQUARE]}, {"oneOf": [_SQUARE, _CIRCLE]}),
    Case(
        "tagged-narrows-a-branch",
        {"oneOf": [_CIRCLE, _SQUARE]},
        {"oneOf": [_CIRCLE, record("kind", "side", kind={"const": "square"}, side=INTEGER)]},
        lost={"kind": "square", "side": 0.5},
    ),
    Case(
        "tagged-gains-an-optional-property",
        {"oneOf": [_CIRCLE, _SQUARE]},
        {"oneOf": [_CIRCLE | {"properties": {**_CIRCLE["properties"], "label": STRING}}, _SQUARE]},
        appears=True,
    ),
    Case(
        "tagged-gains-a-required-property",
        {"oneOf": [_CIRCLE, _SQUARE]},
        {
            "oneOf": [
                _CIRCLE
                | {
                    "properties": {**_CIRCLE["properties"], "label": STRING},
                    "required": ["kind", "r", "label"],
                },
                _SQUARE,
            ]
        },
        lost={"kind": "circle", "r": 1},
        appears=True,
    ),
    Case(
        "tagged-gains-what-the-other-has",
        {"oneOf": [_CIRCLE, _SQUARE]},
        {"oneOf": [_CIRCLE | {"properties": {**_CIRCLE["properties"], "side": STRING}}, _SQUARE]},
    ),
    Case(
        "tagged-with-the-tag-outside",
        {"oneOf": [_CIRCLE, _SQUARE]},
        record("kind", kind={"enum": ["circle", "square"]}) | {"oneOf": [_CIRCLE, _SQUARE]},
    ),
    Case(
        "tagged-with-another-tag",
        {"oneOf": [_CIRCLE, _SQUARE]},
        {"oneOf": [_CIRCLE, record("kind", "side", kind={"const": "box"}, side=NUMBER)]},
        lost={"kind": "square", "side": 1},
        gained={"kind": "box", "side": 1},
    ),
    Case(
        "tagged-with-a-list-of-tags",
        {"oneOf": [_CIRCLE, _SQUARE]},
        {"oneOf": [_CIRCLE, record("kind", "side", kind={"enum": ["square", "box"]}, side=NUMBER)]},
        gained={"kind": "box", "side": 1},
    ),
    Case(
        "tagged-with-a-tag-that-became-optional",
        {"oneOf": [_CIRCLE, _SQUARE]},
        {"oneOf": [record("r", kind={"const": "circle"}, r=NUMBER), _SQUARE]},
        gained={"r": 1},
    ),
    Case(
        "tagged-and-closed",
        {"oneOf": [_CIRCLE, _SQUARE]},
        {"oneOf": [_CIRCLE | CLOSED, _SQUARE | CLOSED]},
    ),
    Case(
        "tagged-with-overlapping-tags",
        {"oneOf": [_CIRCLE, _SQUARE]},
        {"oneOf": [_CIRCLE, record("kind", kind={"enum": ["circle", "square"]}, side=NUMBER)]},
        lost={"kind": "circle", "r": 1},
        gained={"kind": "square"},
    ),
    Case(
        "tagged-by-conditions",
        {"oneOf": [_CIRCLE, _SQUARE]},
        record("kind", kind={"enum": ["circle", "square"]}, r={}, side={})
        | {"if": {"properties": {"kind": {"const": "circle"}}}, "then": _CIRCLE, "else": _SQUARE},
    ),
    # allOf.
    Case("all-of-one", {"allOf": [STRING]}, STRING),
    Case("all-of-nothing-said", {"allOf": [{}, {}]}, {}),
    Case("all-of-added", STRING, string(allOf=[{"minLength": 1}]), lost=""),
    Case(
        "all-of-exchanged",
        {"allOf": [STRING, {"minLength": 1}]},
        {"allOf": [STRING, {"maxLength": 1}]},
        lost="aa",
        gained="",
    ),
    Case("all-of-all-of", {"allOf": [{"allOf": [STRING, {"minLength": 1}]}]}, string(minLength=1)),
    Case(
        "all-of-records",
        {"allOf": [record(a=STRING), record("b", b=INTEGER)]},
        record("b", a=STRING, b=INTEGER),
    ),
    Case(
        "all-of-one-property-twice",
        {"allOf": [record(a=NUMBER), record(a={"minimum": 0})]},
        record(a=number(minimum=0)),
    ),
    Case(
        "all-of-contradicting-properties",
        {"allOf": [record(a=STRING), record(a=INTEGER)]},
        record(a=False),
    ),
    Case(
        "all-of-over-any-of",
        {"allOf": [{"minimum": 0}], "anyOf": [INTEGER, {"type": "null"}]},
        {"anyOf": [integer(minimum=0), NULL]},
    ),
    # not.
    Case("not-a-finite-set", STRING, string(**{"not": {"enum": ["a"]}}), lost="a"),
    Case(
        "not-a-larger-finite-set",
        string(**{"not": {"enum": ["a"]}}),
        string(**{"not": {"enum": ["a", "b"]}}),
        lost="b",
    ),
    Case(
        "not-another-finite-set",
        string(**{"not": {"enum": ["a"]}}),
        string(**{"not": {"enum": ["b"]}}),
        lost="b",
        gained="a",
    ),
    Case("not-a-const", {"not": {"const": 1}}, {"not": {"enum": [1]}}),
    Case(
        "not-within-a-finite-set",
        {"enum": ["a", "b", "c"], "not": {"const": "c"}},
        {"enum": ["a", "b"]},
    ),
    Case(
        "not-what-is-not-there-anyway",
        {"enum": ["a", "b"]},
        {"enum": ["a", "b"], "not": {"const": "c"}},
    ),
    Case("not-not", {"not": {"not": STRING}}, STRING),
    Case(
        "not-not-a-record",
        {"not": {"not": record("a", a=NUMBER)}},
        record("a", a=INTEGER),
        lost={"a": 0.5},
        appears=True,
    ),
    Case(
        "not-any-of",
        {"not": {"anyOf": [STRING, NUMBER]}},
        {"allOf": [{"not": STRING}, {"not": NUMBER}]},
    ),
    Case(
        "not-all-of",
        {"not": {"allOf": [STRING, {"minLength": 1}]}},
        {"anyOf": [{"not": STRING}, {"const": ""}]},
    ),
    Case("not-a-range", number(**{"not": {"minimum": 5}}), number(exclusiveMaximum=5)),
    Case("not-a-range-of-integers", integer(**{"not": {"minimum": 5}}), integer(maximum=4)),
    Case("not-even", INTEGER, integer(**{"not": {"multipleOf": 2}}), lost=0),
    Case("not-empty", STRING, string(**{"not": {"maxLength": 0}}), lost=""),
    Case("not-empty-as-min-length", string(**{"not": {"maxLength": 0}}), string(minLength=1)),
    Case("not-null", {"type": ["string", "null"], "not": NULL}, STRING),
    Case(
        "not-a-property-of-a-value",
        _AB,
        _AB | {"not": {"properties": {"a": {"const": 1}}, "required": ["a"]}},
        lost={"a": 1},
    ),
    Case(
        "not-a-property-of-a-value-or-none",
        _AB,
        _AB | {"not": {"properties": {"a": {"const": 1}}}},
        lost={},
    ),
    Case("not-what-it-is", string(**{"not": STRING}), False),
)
