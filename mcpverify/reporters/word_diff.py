"""Two long texts as a person compares them: the words that differ, and a little around them.

The cost is bounded, whatever the texts are: what is equal at both ends is cut off by halving, and
what is left is compared word by word only as far as that is cheap, and else as a whole.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mcpverify.reporters.details import common_start
from mcpverify.reporters.inert import inert
from mcpverify.reporters.layout import wrapped

MAX_LINES: Final = 40
MAX_CHANGED: Final = 600  # characters of one side of one change that are shown
AROUND: Final = 80  # characters of equal text that are shown beside a change
WIDTH: Final = 84
_LINE_ENDS: Final = 4  # in such equal text
_MAX_SIDE: Final = 12  # lines of one side of one change
_MAX_INDENT: Final = 12
_MAX_MIDDLE: Final = 200_000  # characters that are taken apart into words
_MAX_EDITS: Final = 300  # words and spaces
_MAX_STEPS: Final = 300_000  # of the search
_ISLAND: Final = 3  # words between two changes that are read as part of one
_WORD: Final = 60  # characters that one may have to be kept whole
# Scripts without spaces between words are compared character by character.
_SPACELESS: Final = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORDS: Final = re.compile(rf"\s+|[{_SPACELESS}]|[^\s{_SPACELESS}]+")
_INSIDE: Final = re.compile(rf"[^\s{_SPACELESS}]")


@dataclass(frozen=True, slots=True)
class Passage:
    """Equal text, and what follows it on each side: nothing on one of them, or at the very end."""

    same: str
    old: str
    new: str

    @property
    def changed(self) -> bool:
        return self.old != self.new


def passages(old: str, new: str) -> tuple[Passage, ...]:
    """`old` and `new` from begin to end: the texts of a side, in order, are that side."""
    start, end = _ends(old, new)
    middle = (old[start : len(old) - end], new[start : len(new) - end])
    found = (
        [*_compared(*middle)] if max(map(len, middle)) <= _MAX_MIDDLE else [Passage("", *middle)]
    )
    found[0] = Passage(old[:start] + found[0].same, found[0].old, found[0].new)
    found.append(Passage(old[len(old) - end :], "", ""))
    return tuple(_merged(found))


def word_diff(old: str, new: str, width: int = WIDTH, most: int = MAX_LINES) -> Iterator[str]:
    """The lines of a word diff, inert, the first character of each being its sign.

    Lines begin where the texts have line ends, where a change begins or ends, and where one would
    be wider than `width`.
    """
    found = passages(old, new)
    shown = 0
    for number, passage in enumerate(found):
        lines = [*_context(passage.same, number == 0, number == len(found) - 1, width - 2)]
        lines += _change(passage, width - 2)
        left = sum(each.changed for each in found[number:])
        if shown and left and shown + len(lines) > most:
            yield f"  … and {left:,} more change{'' if left == 1 else 's'}"
            return
        yield from lines
        shown += len(lines)


# -- what differs


def _ends(old: str, new: str) -> tuple[int, int]:
    """How much is equal at the beginning and at the end, in whole words where they are words."""
    start = _whole(old, new, common_start(old, new))
    end = common_start(old[start:][::-1], new[start:][::-1])
    return start, _whole(old[::-1], new[::-1], end)


def _whole(old: str, new: str, at: int) -> int:
    """`at`, or where the word begins that goes on behind it on either side."""
    if not any(_INSIDE.match(text[at : at + 1]) for text in (old, new)):
        return at
    back = at
    while back > 0 and _INSIDE.match(old[back - 1]):
        back -= 1
        if at - back > _WORD:
            return at
    return back


def _compared(old: str, new: str) -> Iterator[Passage]:
    """The passages of two texts, of which the first may begin with a change."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    pairs = _matches(before, after)
    if pairs is None:
        yield Passage("", old, new)
        return
    same: list[str] = []
    x = y = 0
    for at, to in [*pairs, (len(before), len(after))]:
        if (at, to) != (x, y):
            yield Passage("".join(same), "".join(before[x:at]), "".join(after[y:to]))
            same = []
        same += before[at : at + 1]
        x, y = at + 1, to + 1
    if same or not (before or after):
        yield Passage("".join(same), "", "")


def _matches(old: list[str], new: list[str]) -> list[tuple[int, int]] | None:
    """The places of equal words on both sides, in order; None where too much differs.

    The greedy search of Myers (An O(ND) Difference Algorithm, 1986): fewest edits first.
    """
    reach = {1: 0}
    steps = _MAX_STEPS
    trace: list[dict[int, int]] = []
    for edits in range(_MAX_EDITS + 1):
        trace.append(dict(reach))
        for diagonal in range(-edits, edits + 1, 2):
            down = diagonal == -edits or (
                diagonal != edits and reach[diagonal - 1] < reach[diagonal + 1]
            )
            began = x = reach[diagonal + 1] if down else reach[diagonal - 1] + 1
            while x < len(old) and 0 <= x - diagonal < len(new) and old[x] == new[x - diagonal]:
                x += 1
            reach[diagonal] = x
            steps -= x - began
            if x >= len(old) and x - diagonal >= len(new):
                return _walked(trace, len(old), len(new))
        if steps < 0:
            break
    return None


def _walked(trace: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    """The way back through `trace` from the end of both sides: where it went diagonally."""
    pairs: list[tuple[int, int]] = []
    for edits in range(len(trace) - 1, -1, -1):
        reach, diagonal = trace[edits], x - y
        down = diagonal == -edits or (
            diagonal != edits and reach[diagonal - 1] < reach[diagonal + 1]
        )
        from_diagonal = diagonal + 1 if down else diagonal - 1
        from_x = reach[from_diagonal] if edits else 0
        from_y = from_x - from_diagonal if edits else 0
        while x > from_x and y > from_y:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        x, y = from_x, from_y
    return pairs[::-1]


def _merged(found: list[Passage]) -> Iterator[Passage]:
    """Changes with but a few words between them are one: pieces of a sentence are hard to read."""
    held = found[0]
    for each in found[1:]:
        if each.changed and held.changed and len(each.same.split()) <= _ISLAND:
            held = Passage(
                held.same, held.old + each.same + each.old, held.new + each.same + each.new
            )
        elif not held.changed:
            held = Passage(held.same + each.same, each.old, each.new)
        else:
            yield held
            held = each
    yield held


# -- how it is shown


def _context(same: str, first: bool, last: bool, width: int) -> Iterator[str]:
    """Equal text, cut to what stands beside a change."""
    if first or last or len(same) > 3 * AROUND or same.count("\n") > 2 * _LINE_ENDS:
        head, tail = _head(same), _head(same[::-1])[::-1]
        pieces = [] if first else [f"{head}{' …' * (last and len(head) < len(same))}"]
        pieces += [] if last else [f"{'… ' * (len(tail) < len(same))}{tail}"]
    else:
        pieces = [same]
    for piece in pieces:
        yield from _lines("  ", piece, width)


def _head(text: str) -> str:
    """The beginning of `text`, up to a space or a line end where one is near."""
    if len(text) <= AROUND:
        cut = text
    else:
        cut = text[:AROUND]
        space = max(cut.rfind(" "), cut.rfind("\n"))
        cut = cut[:space] if space > AROUND // 2 else cut
    return "\n".join(cut.split("\n")[: _LINE_ENDS + 1])


def _change(passage: Passage, width: int) -> Iterator[str]:
    spaces = passage.old.split() == passage.new.split()
    for sign, text in (("- ", passage.old), ("+ ", passage.new)):
        if spaces and text:
            # The words are equal: all that there is to see is what lies between them.
            lines = [f"{sign}{each}" for each in wrapped(f'"{inert(text, MAX_CHANGED)}"', width)]
        else:
            begins = not passage.same or passage.same.endswith("\n")
            lines = [*_lines(sign, text[:MAX_CHANGED], width, begins)]
        yield from lines[:_MAX_SIDE]
        if len(lines) > _MAX_SIDE or len(text) > MAX_CHANGED:
            yield f"{sign}… ({len(text):,} characters in all)"


def _lines(sign: str, text: str, width: int, begins: bool = False) -> Iterator[str]:
    """The lines of `text`, without the blank ones; `begins` says that it begins with a line."""
    for number, line in enumerate(text.split("\n")):
        if line.strip():
            indent = min(len(line) - len(line.lstrip(" ")), _MAX_INDENT)
            indent *= begins or number > 0
            # Where the line ends themselves are what changed, they are quoted instead.
            for each in wrapped(inert(line.rstrip("\r")), width - indent):
                yield f"{sign}{' ' * indent}{each}"
