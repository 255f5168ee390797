"""Which of the values that a target takes from the environment are secrets: by their places.

A reference is one, unless its place says otherwise: the host of an address, a path of a file, what
is expected of a name or a version.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

from mcpverify.facts.credentials import Credential, of_variable

Piece: TypeAlias = tuple[str, str]
"""A part of a text, and the name of the variable that it was read from, "" where it stands so."""

_HOST: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://|(?!/))(?:[^/?#]*@)?([^/?#]*)")


def pieces_of(
    text: str, reference: re.Pattern[str], read: Callable[[re.Match[str]], Piece]
) -> tuple[Piece, ...]:
    """`text` in parts: what stands in it, and what `read` makes of each reference."""
    found: list[Piece] = []
    at = 0
    for each in reference.finditer(text):
        found += [(text[at : each.start()], ""), read(each)]
        at = each.end()
    return (*found, (text[at:], ""))


def joined(pieces: Iterable[Piece]) -> str:
    return "".join(text for text, _ in pieces)


def in_text(pieces: Iterable[Piece]) -> Iterator[Credential]:
    """The secrets of a text: each value that was read."""
    for text, name in pieces:
        if name:
            yield from of_variable(name, text)


def in_address(pieces: Iterable[Piece]) -> Iterator[Credential]:
    """The secrets of an address: what was read of its path and query, and not of its host.

    Of a variable that holds a host as well, segments of the path are secrets by their look alone:
    most of them are names.
    """
    pieces = tuple(pieces)
    host = _HOST.match(joined(pieces))
    begin, end = (0, 0) if host is None else host.span(1)
    at = 0
    for text, name in pieces:
        start, at = at, at + len(text)
        if not name:
            continue
        if start >= end or (at <= begin and "://" not in text):
            yield from of_variable(name, text)
        else:
            segments = re.split(r"[/?#&=]", text[max(end - start, 0) :])
            found = (Credential(f"environment variable {name}", each, False) for each in segments)
            yield from (each for each in found if each.unmistakable)


def in_word(pieces: Iterable[Piece]) -> Iterator[Credential]:
    """The secrets of an argument of a command, which may be an address."""
    pieces = tuple(pieces)
    return in_address(pieces) if "://" in joined(pieces) else in_text(pieces)
