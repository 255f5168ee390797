"""enum and const: finite sets, alone and against schemas of other kinds."""

from tests.drift.cases.case import (
    BOOLEAN,
    CLOSED,
    INTEGER,
    NULL,
    STRING,
    Case,
    array,
    integer,
    number,
    record,
    string,
)

CASES = (
    Case("enum-loses-a-value", {"enum": ["a", "b"]}, {"enum": ["a"]}, lost="b"),
    Case(
        "enum-exchanges-a-value", {"enum": ["a", "b"]}, {"enum": ["a", "c"]}, lost="b", gained="c"
    ),
    Case(
        "enum-of-others",
        {"enum": ["GET", "POST"]},
        {"enum": ["get", "post"]},
        lost="GET",
        gained="get",
    ),
    Case("enum-in-another-order", {"enum": ["a", "b"]}, {"enum": ["b", "a"]}),
    Case("enum-of-one-as-const", {"enum": ["a"]}, {"const": "a"}),
    Case("enum-with-a-value-twice", {"enum": ["a", "a", "b"]}, {"enum": ["a", "b"]}),
    Case("enum-of-nothing", {"enum": []}, False),
    Case("enum-of-nothing-gains", {"enum": []}, {"enum": [1]}, gained=1),
    Case("enum-to-any-string", {"enum": ["a", "b"]}, STRING, gained="c"),
    Case("enum-dropped-beside-a-type", string(enum=["a", "b"]), STRING, gained="c"),
    Case("enum-dropped", {"enum": ["a"]}, {}, gained=1),
    Case("enum-beside-its-type", string(enum=["a", "b"]), {"enum": ["a", "b"]}),
    Case("enum-beside-another-type", string(enum=["a", 1]), {"enum": ["a"]}),
    Case("enum-of-null-beside-string", string(enum=["a", None]), string(enum=["a"])),
    Case(
        "enum-of-null-made-possible",
        string(enum=["a", None]),
        {"type": ["string", "null"], "enum": ["a", None]},
        gained=None,
    ),
    Case(
        "enum-nullable-without-null",
        {"type": ["string", "null"], "enum": ["a"]},
        {"type": ["string", "null"], "enum": ["a", None]},
        gained=None,
    ),
    Case(
        "enum-as-any-of-consts", {"enum": ["a", "b"]}, {"anyOf": [{"const": "a"}, {"const": "b"}]}
    ),
    Case(
        "enum-as-one-of-titled-consts",
        {"enum": ["a", "b"]},
        {"oneOf": [{"const": "a", "title": "A"}, {"const": "b", "title": "B"}]},
    ),
    Case(
        "enum-as-one-of-titled-consts-loses",
        {"enum": ["a", "b"]},
        {"oneOf": [{"const": "a", "title": "A"}]},
        lost="b",
    ),
    Case(
        "enum-in-pieces",
        {"enum": ["a", "b", "c"]},
        {"anyOf": [{"enum": ["a", "b"]}, {"const": "c"}]},
    ),
    Case(
        "enum-that-two-share",
        {"allOf": [{"enum": ["a", "b"]}, {"enum": ["b", "c"]}]},
        {"const": "b"},
    ),
    Case("enum-beside-const", {"enum": ["a", "b"], "const": "a"}, {"const": "a"}),
    Case("enum-beside-a-const-of-another", {"enum": ["a", "b"], "const": "c"}, False),
    Case("enum-of-both-booleans", BOOLEAN, {"enum": [True, False]}),
    Case("enum-of-one-boolean", BOOLEAN, {"enum": [True]}, lost=False),
    Case("enum-of-booleans-and-null", BOOLEAN, {"enum": [True, False, None]}, gained=None),
    Case("enum-of-one-boolean-at-a-time", BOOLEAN, {"anyOf": [{"const": False}, {"const": True}]}),
    Case("const-null", NULL, {"const": None}),
    Case("enum-null", {"enum": [None]}, NULL),
    Case("const-changed", {"const": "a"}, {"const": "b"}, lost="a", gained="b"),
    Case("const-to-enum", {"const": "a"}, {"enum": ["a", "b"]}, gained="b"),
    Case("const-dropped-without-a-type", {"const": 1}, {}, gained=2),
    Case("const-dropped", {"const": 1}, INTEGER, gained=2),
    Case("const-one-and-one-point-zero", {"const": 1}, {"enum": [1.0]}),
    Case("const-one-and-true", {"const": 1}, {"const": True}, lost=1, gained=True),
    Case("const-zero-and-false", {"const": 0}, {"const": False}, lost=0, gained=False),
    Case("const-one-and-its-name", {"const": 1}, {"const": "1"}, lost=1, gained="1"),
    Case(
        "const-list-of-one-and-of-true", {"const": [1]}, {"const": [True]}, lost=[1], gained=[True]
    ),
    Case("const-zero-and-minus-zero", {"const": 0}, {"const": -0.0}),
    Case(
        "const-nearly-the-same",
        {"const": 0.3},
        {"const": 0.30000000000000004},
        lost=0.3,
        gained=0.30000000000000004,
    ),
    Case(
        "const-nearly-the-same-integers",
        {"const": 9007199254740993},
        {"const": 9007199254740992},
        lost=9007199254740993,
        gained=9007199254740992,
    ),
    Case(
        "const-composed-and-decomposed",
        {"const": "\u00e9"},
        {"const": "e\u0301"},
        lost="\u00e9",
        gained="e\u0301",
    ),
    Case("const-empty-string-and-null", {"const": ""}, {"const": None}, lost="", gained=None),
    Case(
        "enum-of-objects-loses", {"enum": [{"a": 1}, {"a": 2}]}, {"enum": [{"a": 1}]}, lost={"a": 2}
    ),
    Case(
        "enum-of-objects-with-keys-in-another-order",
        {"enum": [{"a": 1, "b": 2}]},
        {"const": {"b": 2, "a": 1}},
    ),
    Case("enum-of-arrays-loses", {"enum": [[1, 2], [2, 1]]}, {"enum": [[1, 2]]}, lost=[2, 1]),
    Case("const-object-to-its-shape", {"const": {"a": 1}}, record("a", a=INTEGER), gained={"a": 2}),
    Case(
        "const-object-with-more-than-the-shape",
        {"const": {"a": 1, "z": 2}},
        record(a={"const": 1}),
        gained={},
    ),
    Case(
        "const-object-with-more-than-the-closed-shape",
        {"const": {"a": 1, "z": 2}},
        record(a={"const": 1}) | CLOSED,
        lost={"a": 1, "z": 2},
        gained={"a": 1},
    ),
    Case(
        "const-array-as-tuple",
        {"const": [1, 2]},
        array(prefixItems=[{"const": 1}, {"const": 2}], minItems=2, maxItems=2),
    ),
    Case("const-object-as-properties", {"const": {"a": 1}}, record("a", a={"const": 1}) | CLOSED),
    Case("enum-as-a-range-of-integers", {"enum": [1, 2, 3]}, integer(minimum=1, maximum=3)),
    Case("enum-with-a-hole-in-a-range", {"enum": [1, 3]}, integer(minimum=1, maximum=3), gained=2),
    Case(
        "enum-partly-in-a-range",
        {"enum": [1, 30]},
        integer(minimum=1, maximum=3),
        lost=30,
        gained=2,
    ),
    Case(
        "enum-of-integers-as-range-of-numbers",
        {"enum": [1, 2, 3]},
        number(minimum=1, maximum=3),
        gained=1.5,
    ),
    Case("enum-filtered-by-a-bound", {"enum": [1, 5, 9], "minimum": 5}, {"enum": [5, 9]}),
    Case("enum-filtered-by-a-length", {"enum": ["", "a"], "minLength": 1}, {"enum": ["a"]}),
    Case("enum-against-a-length", {"enum": ["", "a"]}, string(minLength=1), lost="", gained="b"),
    Case("enum-within-a-length", {"enum": ["a", "bb"]}, string(minLength=1), gained="c"),
    Case(
        "enum-within-a-pattern", {"enum": ["a1", "b2"]}, string(pattern="^[a-z][0-9]$"), gained="c3"
    ),
    Case(
        "enum-partly-within-a-pattern",
        {"enum": ["a1", "B2"]},
        string(pattern="^[a-z][0-9]$"),
        lost="B2",
        gained="c3",
    ),
    Case(
        "enum-filtered-by-a-pattern", {"enum": ["a1", "B2"], "pattern": "^[a-z]"}, {"const": "a1"}
    ),
    Case(
        "enum-with-a-line-feed-against-an-anchor",
        {"enum": ["a", "a\n"]},
        string(pattern="^a$"),
        lost="a\n",
    ),
    Case("enum-of-multiples", {"enum": [2, 4]}, integer(multipleOf=2), gained=6),
    Case(
        "enum-with-what-is-no-multiple", {"enum": [2, 5]}, integer(multipleOf=2), lost=5, gained=4
    ),
    Case("enum-of-integers-and-a-fraction", {"enum": [1, 1.5]}, INTEGER, lost=1.5, gained=2),
    Case("enum-of-two-types-loses-one", {"enum": ["auto", 1, 2]}, {"enum": ["auto", 1]}, lost=2),
    Case(
        "enum-or-any-integer",
        {"enum": ["auto", 1]},
        {"anyOf": [{"const": "auto"}, INTEGER]},
        gained=2,
    ),
    Case(
        "enum-in-items-loses",
        array(items={"enum": ["a", "b"]}),
        array(items={"const": "a"}),
        lost=["b"],
    ),
    Case(
        "enum-of-a-property-loses",
        record(mode={"enum": ["fast", "full", "fuzzy"]}),
        record(mode={"enum": ["fast", "full"]}),
        lost={"mode": "fuzzy"},
    ),
    Case(
        "enum-of-a-required-property-loses",
        record("m", m={"enum": ["a", "b"]}),
        record("m", m={"enum": ["a"]}),
        lost={"m": "b"},
    ),
    Case(
        "enum-added-to-a-property", record(m=STRING), record(m=string(enum=["a"])), lost={"m": "b"}
    ),
)
