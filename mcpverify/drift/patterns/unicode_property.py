"""The sets that `\\p{...}` names: general categories, and the few properties that are plain ranges.

Python knows the category of each code point, not its script. What it does not know is
no set here, and the pattern that asks for it is not translated.
"""

from functools import cache
from itertools import groupby
from typing import Final
from unicodedata import category

from mcpverify.drift.patterns import character_set
from mcpverify.drift.patterns.character_set import ANYTHING, Bounds

# The value aliases of General_Category, as ECMA-262 admits them.
_ALIASES: Final = {
    "C": ("Other",),
    "Cc": ("Control", "cntrl"),
    "Cf": ("Format",),
    "Cn": ("Unassigned",),
    "Co": ("Private_Use",),
    "Cs": ("Surrogate",),
    "L": ("Letter",),
    "LC": ("Cased_Letter",),
    "Ll": ("Lowercase_Letter",),
    "Lm": ("Modifier_Letter",),
    "Lo": ("Other_Letter",),
    "Lt": ("Titlecase_Letter",),
    "Lu": ("Uppercase_Letter",),
    "M": ("Mark", "Combining_Mark"),
    "Mc": ("Spacing_Mark",),
    "Me": ("Enclosing_Mark",),
    "Mn": ("Nonspacing_Mark",),
    "N": ("Number",),
    "Nd": ("Decimal_Number", "digit"),
    "Nl": ("Letter_Number",),
    "No": ("Other_Number",),
    "P": ("Punctuation", "punct"),
    "Pc": ("Connector_Punctuation",),
    "Pd": ("Dash_Punctuation",),
    "Pe": ("Close_Punctuation",),
    "Pf": ("Final_Punctuation",),
    "Pi": ("Initial_Punctuation",),
    "Po": ("Other_Punctuation",),
    "Ps": ("Open_Punctuation",),
    "S": ("Symbol",),
    "Sc": ("Currency_Symbol",),
    "Sk": ("Modifier_Symbol",),
    "Sm": ("Math_Symbol",),
    "So": ("Other_Symbol",),
    "Z": ("Separator",),
    "Zl": ("Line_Separator",),
    "Zp": ("Paragraph_Separator",),
    "Zs": ("Space_Separator",),
}
_CATEGORY: Final = {name: short for short, names in _ALIASES.items() for name in (short, *names)}
_PLAIN: Final = {
    "Any": ANYTHING,
    "ASCII": (0, 0x80),
    "ASCII_Hex_Digit": character_set.of_ranges([(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)]),
}
_PLAIN["AHex"] = _PLAIN["ASCII_Hex_Digit"]

# No version of Unicode has put anything into the planes between, and the last two are private.
_LOOKED_AT: Final = (range(0x40000), range(0xE0000, 0xF0000))
_UNASSIGNED: Final = (0x40000, 0xDFFFF)
_PRIVATE: Final = (0xF0000, 0x10FFFF)
_NONCHARACTERS: Final = ((0xFFFFE, 0xFFFFF), (0x10FFFE, 0x10FFFF))


def of_property(name: str) -> Bounds | None:
    """The set of `\\p{name}`, or None for a property that is not known here."""
    if name in _PLAIN:
        return _PLAIN[name]
    key, equals, value = name.rpartition("=")
    if equals and key not in ("gc", "General_Category"):
        return None
    if not equals and value == "Assigned":
        return character_set.complement(_of_category("Cn"))
    short = _CATEGORY.get(value)
    return None if short is None else _of_category(short)


@cache
def _of_category(short: str) -> Bounds:
    if short == "LC":
        return character_set.union([_of_category(each) for each in ("Lu", "Ll", "Lt")])
    wanted = [each for name, each in _by_category().items() if name.startswith(short)]
    return character_set.union(wanted) if wanted else character_set.NOTHING


@cache
def _by_category() -> dict[str, Bounds]:
    ranges: dict[str, list[tuple[int, int]]] = {"Cn": [_UNASSIGNED, *_NONCHARACTERS]}
    for code_points in _LOOKED_AT:
        first = code_points.start
        for name, run in groupby(map(category, map(chr, code_points))):
            after = first + sum(1 for _ in run)
            ranges.setdefault(name, []).append((first, after - 1))
            first = after
    private = character_set.intersection(
        character_set.of_ranges([_PRIVATE]),
        character_set.complement(character_set.of_ranges(_NONCHARACTERS)),
    )
    ranges["Co"] += character_set.ranges(private)
    return {name: character_set.of_ranges(each) for name, each in ranges.items()}
