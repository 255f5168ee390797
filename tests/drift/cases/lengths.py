"""minLength and maxLength: code points are counted, and line feeds are characters."""

from tests.drift.cases.case import INTEGER, STRING, Case, string

CASES = (
    Case("min-length-added", STRING, string(minLength=1), lost=""),
    Case("min-length-of-zero", STRING, string(minLength=0)),
    Case("min-length-raised", string(minLength=1), string(minLength=3), lost="aa"),
    Case("min-length-as-a-float", string(minLength=2), string(minLength=2.0)),
    Case("min-length-without-a-type", {"minLength": 1}, {"minLength": 2}, lost="a"),
    Case("min-length-on-integers", INTEGER, {"type": "integer", "minLength": 9}),
    Case(
        "min-length-becomes-max-length",
        string(minLength=2),
        string(maxLength=3),
        lost="aaaa",
        gained="",
    ),
    Case("max-length-added", STRING, string(maxLength=5), lost="aaaaaa"),
    Case("max-length-lowered", string(maxLength=10), string(maxLength=5), lost="aaaaaa"),
    Case("max-length-added-far-away", STRING, string(maxLength=2_000), lost="a" * 2_001),
    Case("max-length-added-very-far-away", STRING, string(maxLength=100_000), lost="a" * 100_001),
    Case("max-length-of-zero", string(maxLength=0), {"const": ""}),
    Case("lengths-of-none", string(minLength=5, maxLength=3), False),
    Case(
        "lengths-shifted",
        string(minLength=1, maxLength=3),
        string(minLength=2, maxLength=4),
        lost="a",
        gained="aaaa",
    ),
    Case("lengths-fixed", string(minLength=3, maxLength=3), STRING, gained=""),
    Case("lengths-in-two-halves", STRING, {"anyOf": [string(maxLength=3), string(minLength=4)]}),
    Case(
        "lengths-in-two-halves-with-a-hole",
        STRING,
        {"anyOf": [string(maxLength=3), string(minLength=5)]},
        lost="aaaa",
    ),
    Case("lengths-twice", {"allOf": [string(minLength=1), {"minLength": 4}]}, string(minLength=4)),
    Case("length-of-an-emoji", {"const": "\U0001f600"}, string(maxLength=1), gained="a"),
    Case(
        "length-of-an-emoji-with-a-modifier",
        {"const": "\U0001f44d\U0001f3fd"},
        string(maxLength=1),
        lost="\U0001f44d\U0001f3fd",
        gained="a",
    ),
    Case("length-of-combined-characters", {"const": "e\u0301"}, string(minLength=2), gained="ab"),
    # Lengths and patterns.
    Case("length-as-a-pattern-of-anything", string(minLength=1), string(pattern="[^]")),
    Case("length-as-a-pattern-of-both-classes", string(minLength=1), string(pattern=r"[\s\S]")),
    Case("length-as-a-dot", string(minLength=1), string(pattern="."), lost="\n"),
    Case("length-as-an-anchored-dot", string(minLength=1), string(pattern="^.+$"), lost="\n"),
    Case("length-as-something-visible", string(minLength=1), string(pattern=r"\S"), lost=" "),
    Case(
        "length-of-three-as-a-pattern", string(minLength=3, maxLength=3), string(pattern="^[^]{3}$")
    ),
    Case(
        "length-of-three-as-dots",
        string(minLength=3, maxLength=3),
        string(pattern="^.{3}$"),
        lost="a\nb",
    ),
    Case(
        "length-of-an-emoji-in-a-pattern",
        {"const": "\U0001f600"},
        string(pattern="^.$"),
        gained="a",
    ),
    Case(
        "length-within-a-pattern",
        string(pattern="^[a-z]{3}$"),
        string(minLength=3, maxLength=3),
        gained="ABC",
    ),
    Case(
        "length-that-a-pattern-implies",
        string(pattern="^[a-z]{3}$"),
        string(pattern="^[a-z]{3}$", minLength=3, maxLength=3),
    ),
    Case("length-that-a-pattern-rules-out", string(pattern="^[a-f]{8}$", maxLength=7), False),
    Case(
        "length-beside-a-pattern",
        string(pattern="^[a-z]+$", maxLength=5),
        string(pattern="^[a-z]{1,5}$"),
    ),
    Case(
        "length-beside-a-pattern-lowered",
        string(pattern="^[a-z]+$", maxLength=5),
        string(pattern="^[a-z]+$", maxLength=4),
        lost="aaaaa",
    ),
    Case(
        "length-beside-a-pattern-raised",
        string(pattern="^[a-z]+$", minLength=1),
        string(pattern="^[a-z]+$", minLength=2),
        lost="a",
    ),
    Case(
        "length-beside-a-pattern-of-one",
        string(pattern="^a*$", minLength=2, maxLength=2),
        {"const": "aa"},
    ),
    Case("length-of-lines", string(minLength=1, pattern="^.*$"), string(pattern="^.+$")),
)
