"""The bytes of a snapshot file: JSON laid out for a reviewer and for `git diff`.

The same value gives the same bytes on every platform and Python version, with one member
to a line, so that a change of the contract is a change of the lines that carry it. What
is visible stays readable; what is not, and could hide an instruction to a model or turn
the text around it, is written as an escape.
"""

import re
from collections.abc import Iterator
from typing import Final

from mcpverify.facts.json_text import Json, canonical_text, utf16_order

_INDENT: Final = "  "
# Lines of what is nested deeper would be mostly indentation, and a hostile schema of a
# thousand levels a file of many megabytes. From here on, all stands on one line.
_LEVELS: Final = 60

# A fixed table: that of the Unicode data in Python changes from one release to the next.
# Controls, separators, spaces that look like one, variation selectors, fillers, tags,
# bidirectional and other format characters, private use, noncharacters.
_INVISIBLE: Final = re.compile(
    "[\x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680"
    "\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3164\ue000-\uf8ff"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)


def laid_out(value: Json) -> bytes:
    """`value` as a file: sorted keys, two spaces, LF, ending in one. Any depth."""
    return ("".join(_pieces(value)) + "\n").encode()


def _pieces(value: Json) -> Iterator[str]:
    # Text that only awaits its turn, or a value and how deep it stands.
    pending: list[str | tuple[Json, int]] = [(value, 0)]
    while pending:
        match pending.pop():
            case str(text):
                yield text
            case (dict() | list() as holder, level) if holder and level < _LEVELS:
                opening, closing = "{}" if isinstance(holder, dict) else "[]"
                margin = "\n" + _INDENT * level
                pending.append(margin + closing)
                labels = _labels(holder)
                for at in range(len(labels) - 1, -1, -1):
                    label, member = labels[at]
                    pending.append((member, level + 1))
                    pending.append(f"{',' if at else opening}{margin}{_INDENT}{label}")
            case (leaf, _):
                yield _visible(canonical_text(leaf))


def _labels(holder: dict[str, Json] | list[Json]) -> list[tuple[str, Json]]:
    """What stands in `holder`, in order, and what is written before each."""
    if isinstance(holder, list):
        return [("", item) for item in holder]
    keys = sorted(holder, key=utf16_order)
    return [(f"{_visible(canonical_text(key))}: ", holder[key]) for key in keys]


def _visible(text: str) -> str:
    """JSON text with what cannot be seen escaped. It only ever stands inside strings."""
    return text if text.isascii() and "\x7f" not in text else _INVISIBLE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
