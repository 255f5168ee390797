"""minimum, maximum, their exclusive forms, multipleOf, and integers that no double holds."""

from tests.drift.cases.case import INTEGER, NUMBER, Case, integer, number

_SAFE = 2**53 - 1

CASES = (
    Case("minimum-raised", integer(minimum=1), integer(minimum=2), lost=1),
    Case("minimum-added", INTEGER, integer(minimum=0), lost=-1),
    Case("minimum-added-to-numbers", NUMBER, number(minimum=0), lost=-0.5),
    Case("minimum-raised-by-a-fraction", number(minimum=1), number(minimum=1.5), lost=1),
    Case("minimum-of-zero-and-minus-zero", number(minimum=0), number(minimum=-0.0)),
    Case("minimum-as-a-float", integer(minimum=2), integer(minimum=2.0)),
    Case("minimum-without-a-type", {"minimum": 0}, {"minimum": 1}, lost=0),
    Case("minimum-becomes-maximum", integer(minimum=0), integer(maximum=0), lost=1, gained=-1),
    Case(
        "minimum-shifted-with-maximum",
        integer(minimum=0, maximum=9),
        integer(minimum=1, maximum=10),
        lost=0,
        gained=10,
    ),
    Case("minimum-of-a-fraction-on-integers", integer(minimum=0.5), integer(minimum=1)),
    Case(
        "minimum-of-a-nullable",
        {"type": ["integer", "null"], "minimum": 0},
        integer(minimum=0),
        lost=None,
    ),
    Case(
        "minimum-beside-a-weaker-one", integer(minimum=0, exclusiveMinimum=-1), integer(minimum=0)
    ),
    Case("minimum-twice", {"allOf": [integer(minimum=0), {"minimum": 5}]}, integer(minimum=5)),
    Case("maximum-lowered", integer(maximum=100), integer(maximum=50), lost=100),
    Case("maximum-added", INTEGER, integer(maximum=10), lost=11),
    Case("maximum-added-to-numbers", NUMBER, number(maximum=10), lost=10.5),
    Case("maximum-lowered-by-a-fraction", number(maximum=1), number(maximum=0.5), lost=1),
    Case("maximum-of-a-fraction-on-integers", integer(maximum=9.9), integer(maximum=9)),
    Case("maximum-as-a-power", integer(maximum=1e3), integer(maximum=1000)),
    Case(
        "exclusive-minimum-as-minimum-on-integers", integer(exclusiveMinimum=0), integer(minimum=1)
    ),
    Case(
        "exclusive-minimum-as-minimum-on-numbers",
        number(exclusiveMinimum=0),
        number(minimum=1),
        lost=0.5,
    ),
    Case(
        "exclusive-minimum-in-place-of-minimum",
        number(minimum=0),
        number(exclusiveMinimum=0),
        lost=0,
    ),
    Case(
        "exclusive-minimum-raised", number(exclusiveMinimum=0), number(exclusiveMinimum=1), lost=1
    ),
    Case("exclusive-minimum-added", INTEGER, integer(exclusiveMinimum=0), lost=0),
    Case(
        "exclusive-minimum-beside-minimum",
        number(minimum=0, exclusiveMinimum=0),
        number(exclusiveMinimum=0),
    ),
    Case("exclusive-minimum-of-a-fraction", integer(exclusiveMinimum=0.5), integer(minimum=1)),
    Case(
        "exclusive-maximum-as-maximum-on-integers", integer(exclusiveMaximum=10), integer(maximum=9)
    ),
    Case(
        "exclusive-maximum-as-maximum-on-numbers",
        number(exclusiveMaximum=10),
        number(maximum=9),
        lost=9.5,
    ),
    Case(
        "exclusive-maximum-in-place-of-maximum",
        number(maximum=1),
        number(exclusiveMaximum=1),
        lost=1,
    ),
    Case(
        "exclusive-maximum-lowered",
        integer(exclusiveMaximum=10),
        integer(exclusiveMaximum=5),
        lost=5,
    ),
    Case("exclusive-maximum-added", NUMBER, number(exclusiveMaximum=0), lost=0),
    Case("range-of-one", integer(minimum=5, maximum=5), {"const": 5}),
    Case("range-of-one-number", number(minimum=0.5, maximum=0.5), {"const": 0.5}),
    Case("range-of-none", integer(minimum=5, maximum=4), False),
    Case("range-of-no-integer", integer(minimum=0.1, maximum=0.9), False),
    Case("range-between-neighbors", integer(exclusiveMinimum=4, exclusiveMaximum=5), False),
    Case(
        "range-between-neighbors-of-numbers",
        number(exclusiveMinimum=4, exclusiveMaximum=5),
        False,
        lost=4.5,
    ),
    Case("range-of-no-number", number(exclusiveMinimum=5, exclusiveMaximum=5), False),
    Case("range-that-only-one-end-excludes", number(minimum=5, exclusiveMaximum=5), False),
    Case(
        "range-to-integers", number(minimum=0, maximum=1), integer(minimum=0, maximum=1), lost=0.5
    ),
    Case(
        "range-in-two-overlapping-halves", INTEGER, integer(anyOf=[{"maximum": 5}, {"minimum": 3}])
    ),
    Case(
        "range-in-two-halves-that-touch",
        number(minimum=0, maximum=9),
        number(anyOf=[{"minimum": 0, "maximum": 4}, {"minimum": 4, "maximum": 9}]),
    ),
    Case(
        "range-in-two-halves-of-integers",
        integer(minimum=0, maximum=9),
        integer(anyOf=[{"minimum": 0, "maximum": 4}, {"minimum": 5, "maximum": 9}]),
    ),
    Case(
        "range-in-two-halves-with-a-gap",
        number(minimum=0, maximum=9),
        number(anyOf=[{"minimum": 0, "maximum": 4}, {"minimum": 5, "maximum": 9}]),
        lost=4.5,
    ),
    Case(
        "range-in-two-halves-with-a-hole",
        integer(minimum=0, maximum=9),
        integer(anyOf=[{"maximum": 4}, {"minimum": 6}]),
        lost=5,
        gained=-1,
    ),
    # Integers that no double holds.
    Case("safe-integers-bounded", INTEGER, integer(minimum=-_SAFE, maximum=_SAFE)),
    Case(
        "safe-integers-bounded-above",
        integer(exclusiveMinimum=0),
        integer(exclusiveMinimum=0, maximum=_SAFE),
    ),
    Case("safe-integers-bounded-within", INTEGER, integer(maximum=_SAFE - 1), lost=_SAFE),
    Case("safe-integers-bounded-within-below", INTEGER, integer(minimum=1 - _SAFE), lost=-_SAFE),
    Case("safe-numbers-bounded", NUMBER, number(minimum=-_SAFE, maximum=_SAFE)),
    Case(
        "safe-integers-and-those-of-64-bits", INTEGER, integer(minimum=-(2**63), maximum=2**63 - 1)
    ),
    Case(
        "safe-integers-and-those-of-32-bits",
        INTEGER,
        integer(minimum=-(2**31), maximum=2**31 - 1),
        lost=2**31,
    ),
    Case(
        "safe-integers-of-64-to-32-bits",
        integer(maximum=2**63 - 1),
        integer(maximum=2**31 - 1),
        lost=2**31,
    ),
    Case(
        "unsafe-integers-listed", {"enum": [1, 2**53]}, integer(maximum=_SAFE), lost=2**53, gained=2
    ),
    Case("unsafe-integers-listed-are-integers", {"const": 2**60}, INTEGER, gained=1),
    Case(
        "unsafe-integers-from-a-bound-on",
        integer(minimum=2**53),
        integer(maximum=_SAFE),
        lost=2**53,
        gained=0,
    ),
    Case(
        "unsafe-integers-down-from-a-bound",
        integer(maximum=-(2**53)),
        integer(minimum=-_SAFE),
        lost=-(2**53),
        gained=0,
    ),
    Case(
        "unsafe-integers-in-a-range",
        integer(minimum=2**60, maximum=2**60 + 10),
        integer(minimum=2**60),
        gained=2**60 + 11,
    ),
    Case(
        "unsafe-integers-that-are-neighbors",
        {"const": 2**53 + 1},
        {"type": "integer", "minimum": 2**53 + 1, "maximum": 2**53 + 1},
    ),
    # Multiples.
    Case("multiple-of-added", INTEGER, integer(multipleOf=5), lost=1),
    Case("multiple-of-coarser", integer(multipleOf=2), integer(multipleOf=4), lost=2),
    Case("multiple-of-others", integer(multipleOf=2), integer(multipleOf=3), lost=2, gained=3),
    Case(
        "multiple-of-both",
        integer(multipleOf=6),
        integer(allOf=[{"multipleOf": 2}, {"multipleOf": 3}]),
    ),
    Case("multiple-of-one-on-integers", INTEGER, integer(multipleOf=1)),
    Case("multiple-of-a-half-on-integers", INTEGER, integer(multipleOf=0.5)),
    Case("multiple-of-a-half", INTEGER, number(multipleOf=0.5), gained=0.5),
    Case("multiple-of-one-and-a-half-on-integers", integer(multipleOf=1.5), integer(multipleOf=3)),
    Case(
        "multiple-of-three-tenths-to-tenths",
        number(multipleOf=0.3),
        number(multipleOf=0.1),
        gained=0.1,
    ),
    Case(
        "multiple-of-tenths-to-hundredths",
        number(multipleOf=0.1),
        number(multipleOf=0.01),
        gained=0.01,
    ),
    Case(
        "multiple-of-halves-and-fifths",
        number(multipleOf=0.5),
        number(multipleOf=0.2),
        lost=0.5,
        gained=0.2,
    ),
    Case("multiple-of-hundredths-added", NUMBER, number(multipleOf=0.01), lost=0.001),
    Case("multiple-of-tenths-as-a-power", number(multipleOf=0.1), number(multipleOf=1e-1)),
    Case(
        "multiple-of-in-a-range-of-one", integer(multipleOf=5, minimum=1, maximum=9), {"const": 5}
    ),
    Case("multiple-of-in-a-range-of-none", integer(multipleOf=7, minimum=8, maximum=13), False),
    Case(
        "multiple-of-moves-a-bound",
        integer(multipleOf=10, minimum=1),
        integer(multipleOf=10, minimum=10),
    ),
    Case(
        "multiple-of-quarters-listed",
        number(multipleOf=0.25, minimum=0, maximum=0.5),
        {"enum": [0, 0.25, 0.5]},
    ),
    Case(
        "multiple-of-tenths-listed",
        number(multipleOf=0.1, minimum=0.1, maximum=0.3),
        {"enum": [0.1, 0.2, 0.3]},
    ),
    Case("multiple-of-without-a-type", {"multipleOf": 2}, {"multipleOf": 6}, lost=2),
    Case(
        # A step that long asks for numbers which are not produced otherwise.
        "multiple-of-none-but-zero",
        integer(multipleOf=2**54),
        {"const": 0},
        lost=2**54,
    ),
)
