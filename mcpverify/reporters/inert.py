"""What a server says, made harmless: one line of printable text that nothing obeys.

Every reporter sends through here what it did not write itself. Terminals get no
escape sequences, CI logs no workflow commands, files no second line, and readers no
characters that they cannot see. The result is its own fixed point, and legal XML text.
"""

import json
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator

from mcpverify.facts.json_text import Json

MAX_MARKS = 4  # combining characters on one base, more than any script needs

# Printable by Unicode's account, and yet nothing shows: fillers, joiners, variation selectors.
_UNSEEN = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}.union(
    range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0)
)
_KEPT = 4096  # characters whose form is remembered: a hostile text may hold a million kinds
_MAY_COMBINE = re.compile(rf"[^\x00-\u02ff]{{{MAX_MARKS + 1},}}")
# GitHub looks for "::" where a line starts and for "##[" anywhere in it, Azure for "##vso[",
# TeamCity for "##teamcity[". Once it is wrapped, a line may start at any word.
_COMMAND = re.compile(r"##(?=[A-Za-z]*\[)")


class _Forms(dict[int, str]):
    """How each character is shown, found out when it is first met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        seen = character.isprintable() and code not in _UNSEEN
        form = character if seen else _escape(code)
        if len(self) < _KEPT:
            self[code] = form
        return form


_FORMS = _Forms({0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t"})


def inert(text: str, limit: int | None = None) -> str:
    """`text` on one line, with a visible escape for each character that could act or hide.

    Escaped are controls, line ends, bidi and other format characters, odd spaces, and what
    Unicode does not assign; heaps of combining characters are cut, and workflow commands
    broken. What is longer than `limit` ends in `… (+N characters)`, N being those of
    `text` that are left out.
    """
    if limit is None:
        return _harmless(text)
    head = text[:limit]
    shown = _harmless(head)
    if len(shown) > limit:
        # Escapes made it longer: the most of it that fits.
        fits = bisect_left(
            range(1, len(head)), True, key=lambda n: len(_harmless(head[:n])) > limit
        )
        head = head[:fits]
        shown = _harmless(head)
    left_out = len(text) - len(head)
    return f"{shown}… (+{left_out:,} characters)" if left_out else shown


def never_a_command(line: str) -> str:
    """CI systems look behind indentation: wrapping must not bring `::` to a line's start."""
    bare = line.lstrip()
    if bare.startswith("::"):
        return f"{line[: len(line) - len(bare)]}\\x3a{bare[1:]}"
    return line


def inert_json(value: Json, limit: int) -> str:
    """`value` as compact JSON, inert, cut at `limit` characters. Costs no more than it shows."""
    pieces: list[str] = []
    length = 0
    for piece in json_pieces(value, limit):
        pieces.append(piece)
        length += len(piece)
        if length > limit:
            return _harmless("".join(pieces)[:limit])[:limit] + "…"
    return _harmless("".join(pieces))


def json_pieces(value: Json, limit: int | None = None) -> Iterator[str]:
    """The compact JSON text of `value`, of any depth, piece by piece.

    Of a string no more than about `limit` characters are written.
    """
    # A tuple is text that only awaits its turn; an iterator, a container half written.
    pending: list[Json | tuple[str] | Iterator[tuple[str, Json]]] = [value]
    while pending:
        each = pending.pop()
        match each:
            case dict():
                yield "{"
                pending += (("}",), _members(each, limit))
            case list():
                yield "["
                pending += (("]",), _items(each))
            case str():
                yield _string(each, limit)
            case tuple():
                yield each[0]
            case None | bool() | int() | float():
                yield json.dumps(each)
            case _:
                following = next(each, None)
                if following is not None:
                    pending += (each, following[1])
                    yield following[0]


def _harmless(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        text = _MAY_COMBINE.sub(_fewer_marks, text.translate(_FORMS))
    if "::" in text:
        text = f" {text}".replace(" ::", " \\x3a:")[1:]
    return _COMMAND.sub(r"\\x23#", text)


def _escape(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _fewer_marks(match: re.Match[str]) -> str:
    run = match[0]
    if run.isalpha():  # no combining character is a letter
        return run
    pieces: list[str] = []
    marks = 0
    for character in run + "\0":
        if unicodedata.category(character).startswith("M"):
            marks += 1
            if marks > MAX_MARKS:
                continue
        else:
            if marks > MAX_MARKS:
                pieces.append(f"[+{marks - MAX_MARKS:,} marks]")
            marks = 0
        pieces.append(character)
    return "".join(pieces[:-1])


def _string(text: str, limit: int | None) -> str:
    # Two more than can be shown: the caller must see that it was cut.
    return json.dumps(text if limit is None else text[: limit + 2], ensure_ascii=False)


def _members(value: dict[str, Json], limit: int | None) -> Iterator[tuple[str, Json]]:
    comma = ""
    for key, member in value.items():
        yield f"{comma}{_string(key, limit)}:", member
        comma = ","


def _items(value: list[Json]) -> Iterator[tuple[str, Json]]:
    comma = ""
    for item in value:
        yield comma, item
        comma = ","
