"""Sets of code points, as the rising bounds at which membership changes.

`(48, 58)` is the ASCII digits: from 48 on inside, from 58 on outside. Membership is one bisection,
and every operation is one sweep over the bounds.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

Bounds: TypeAlias = tuple[int, ...]

END: Final = 0x110000
NOTHING: Final[Bounds] = ()
ANYTHING: Final[Bounds] = (0, END)
SURROGATES: Final = range(0xD800, 0xE000)


def of_ranges(ranges: Iterable[tuple[int, int]]) -> Bounds:
    """The set of the code points in `ranges`, in any order, each with its last one."""
    bounds: list[int] = []
    for first, last in sorted(ranges):
        if bounds and first <= bounds[-1]:
            bounds[-1] = max(bounds[-1], last + 1)
        else:
            bounds += (first, last + 1)
    return tuple(bounds)


def of_code_point(code_point: int) -> Bounds:
    return (code_point, code_point + 1)


def ranges(members: Bounds) -> Iterable[tuple[int, int]]:
    """The ranges of a set, each with its last code point."""
    return ((members[at], members[at + 1] - 1) for at in range(0, len(members), 2))


def contains(members: Bounds, code_point: int) -> bool:
    return bisect_right(members, code_point) & 1 == 1


def complement(members: Bounds) -> Bounds:
    if not members:
        return ANYTHING
    opened = members[1:] if members[0] == 0 else (0, *members)
    return opened[:-1] if opened[-1] == END else (*opened, END)


def union(sets: Sequence[Bounds]) -> Bounds:
    if len(sets) == 1:
        return sets[0]
    return of_ranges(each for members in sets for each in ranges(members))


def intersection(one: Bounds, other: Bounds) -> Bounds:
    if one == ANYTHING:
        return other
    if other == ANYTHING:
        return one
    return complement(union((complement(one), complement(other))))


DIGIT: Final = of_ranges([(0x30, 0x39)])
WORD: Final = of_ranges([(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)])
LINE_END: Final = of_ranges([(0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029)])
# WhiteSpace and LineTerminator of ECMA-262: general category Zs, and these.
SPACE: Final = of_ranges(
    [
        *((0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A)),
        *((0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)),
        (0xFEFF, 0xFEFF),
    ]
)
NOT_LINE_END: Final = complement(LINE_END)
NOT_WORD: Final = complement(WORD)
