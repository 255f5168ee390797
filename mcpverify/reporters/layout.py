"""Text in columns: display width, wrapping, amounts for people, and color.

Width is what a terminal uses, not the number of characters: CJK takes two columns and
combining characters none. All texts are inert already.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from enum import StrEnum

_NEAR = 16  # characters before the end of a line
_SHELL_WORD = re.compile(r"(?:[^\s'\"\\]|\\.|'[^']*'|\"(?:[^\"\\]|\\.)*\"|['\"\\])+")


class Paint(StrEnum):
    """Select Graphic Rendition codes that can be read on light and on dark ground."""

    GOOD = "32"
    BAD = "1;31"
    UNKNOWN = "1;35"  # magenta, so that nobody takes it for green
    WARNING = "33"
    STRONG = "1"


def painted(text: str, paint: Paint | None, color: bool) -> str:
    return f"\x1b[{paint}m{text}\x1b[0m" if color and paint is not None else text


def width_of(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def padded(text: str, width: int) -> str:
    return text + " " * (width - width_of(text))


def clipped(text: str, width: int) -> str:
    """`text`, or as much of it as fits into `width` columns with an ellipsis."""
    if width_of(text) <= width:
        return text
    return _cut(text, max(width - 1, 1))[0] + "…"


def wrapped(text: str, width: int) -> list[str]:
    """The lines of `text`, broken at spaces; inside a word only where it is too long."""
    lines: list[str] = []
    line, used = "", 0
    for word in text.split():
        room = width_of(word)
        if line and used + 1 + room <= width:
            line, used = f"{line} {word}", used + 1 + room
            continue
        if line:
            lines.append(line)
        *full, line = chopped(word, width)
        lines += full
        used = width_of(line)
    return [*lines, line] if line else lines or [""]


def chopped(text: str, width: int) -> list[str]:
    """The lines of `text` with all its spaces, broken after one where one is near the end."""
    lines: list[str] = []
    while width_of(text) > width:
        head, tail = _cut(text, max(width, 2))
        space = head.rfind(" ", len(head) - _NEAR)
        if space >= 0:
            head, tail = head[: space + 1], head[space + 1 :] + tail
        lines.append(head)
        text = tail
    return [*lines, text]


def joined(items: Iterable[str], width: int, gap: str = "  ") -> list[str]:
    """The lines of `items` side by side, broken between items where that helps."""
    lines: list[str] = []
    for item in items:
        if lines and width_of(lines[-1]) + len(gap) + width_of(item) <= width:
            lines[-1] += gap + item
        else:
            lines += wrapped(item, width)
    return lines or [""]


def pasteable(command: str, width: int) -> list[str]:
    """The lines of a shell command, continued by backslashes, so that they can be pasted.

    Broken before options where possible; a word that is too long stays whole.
    """
    groups: list[str] = []
    for word in _SHELL_WORD.findall(command):
        option_before = groups and groups[-1].startswith("-") and " " not in groups[-1]
        if option_before and not word.startswith("-"):
            groups[-1] += f" {word}"  # an option and its value stay together
        else:
            groups.append(word)
    lines: list[str] = []
    for group in groups:
        # Four columns are kept: for the indent of a line that goes on, and for its backslash.
        if lines and width_of(lines[-1]) + 1 + width_of(group) <= width - 4:
            lines[-1] += f" {group}"
        else:
            lines.append(group)
    lines[1:] = [f"  {line}" for line in lines[1:]]
    return [f"{line} \\" for line in lines[:-1]] + lines[-1:]


def hung(label: str, lines: Iterable[str], indent: int) -> Iterator[str]:
    """`lines` in a column that begins at `indent`, the first of them after `label`."""
    head = padded(label, indent)
    for line in lines:
        yield (head + line).rstrip()
        head = " " * indent


def duration(seconds: float) -> str:
    """212 ms, 3.4 s, 118 s, 12 min."""
    if seconds < 0.9995:
        return f"{max(seconds, 0) * 1000:.0f} ms"
    if seconds < 99.95:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 600 else f"{seconds / 60:.0f} min"


def size(octets: int) -> str:
    """312 B, 1.2 kB, 3.4 MB."""
    if octets < 1000:
        return f"{octets} B"
    kilobytes = octets / 1000
    return f"{kilobytes:.1f} kB" if kilobytes < 999.95 else f"{kilobytes / 1000:.1f} MB"


def _columns(character: str) -> int:
    if unicodedata.east_asian_width(character) in "WF":
        return 2
    return 0 if unicodedata.category(character) in ("Mn", "Me") else 1


def _cut(text: str, width: int) -> tuple[str, str]:
    """What of `text` fits into `width` columns, and the rest."""
    if text[: width + 1].isascii():
        return text[:width], text[width:]
    used = 0
    for index, character in enumerate(text):
        used += _columns(character)
        if used > width:
            return text[:index], text[index:]
    return text, ""
