"""The face of the patterns: languages, what they have in common, and a string that is in one.

Whether one language contains another is the question whether `both(one, without(other))` has a
member, and the member is the witness that it does not. Work is counted in steps of a budget,
the same number however much was found out before.
"""

from collections.abc import Iterator
from functools import lru_cache
from heapq import heappop, heappush
from typing import Final, TypeAlias

from mcpverify.drift.budget import Budget
from mcpverify.drift.patterns import algebra, character_set, expression, translation
from mcpverify.drift.patterns.derivatives import classes_of, step
from mcpverify.drift.patterns.expression import ALL, EMPTY, UNBOUNDED, Language
from mcpverify.drift.patterns.unsupported import Unsupported

__all__ = [
    "Language",
    "Unsupported",
    "any_string",
    "both",
    "either",
    "lengths",
    "literal",
    "matches",
    "pattern_language",
    "sample",
    "without",
]

_BEYOND_EMPTY: Final = 500
"""Steps spent on a longer string where the empty one is a member."""
_FAMILIAR: Final = 16
"""Characters for the price of one step, where their states were met before in the same text."""

_Path: TypeAlias = "tuple[_Path, int] | None"
"""The characters on the way to a state: the way before the last, and the last."""


def pattern_language(pattern: str) -> Language:
    """The strings in which the expression of ECMA-262 finds a match. Raises Unsupported."""
    _make_room()
    found = _pattern_language(pattern)
    if isinstance(found, Unsupported):
        raise Unsupported(*found.args)
    return found


@lru_cache(maxsize=1024)
def _pattern_language(pattern: str) -> Language | Unsupported:
    try:
        return translation.found_in(pattern)
    except Unsupported as unsupported:
        return unsupported


def _make_room() -> None:
    if expression.is_crowded():
        expression.forget()
        _pattern_language.cache_clear()


def any_string() -> Language:
    return ALL


def literal(text: str) -> Language:
    """The one string."""
    language: Language = expression.EPSILON
    for character in reversed(text):
        members = character_set.of_code_point(ord(character))
        language = algebra.chain(algebra.letter(members), language)
    return language


def lengths(lo: int, hi: int | None) -> Language:
    """The strings of `lo` to `hi` code points; of any greater length where `hi` is None."""
    if hi is not None and hi < lo:
        return EMPTY
    return algebra.repeat(expression.ANY, lo, UNBOUNDED if hi is None else hi)


def both(*languages: Language) -> Language:
    """The strings that are in all of them."""
    return algebra.both(languages)


def either(*languages: Language) -> Language:
    """The strings that are in any of them."""
    return algebra.either(languages)


def without(language: Language) -> Language:
    """The strings that are not in it."""
    return algebra.without(language)


def matches(language: Language, text: str, budget: Budget) -> bool:
    """Whether the text is in the language. Raises Exhausted."""
    seen: set[Language] = set()
    for place, character in enumerate(text):
        if language is EMPTY or language is ALL:
            break
        if language not in seen:
            seen.add(language)
            budget.spend(_price(language))
        elif place % _FAMILIAR == 0:
            budget.spend()
        language = step(language, ord(character))
    return language.nullable


def sample(language: Language, budget: Budget) -> str | None:
    """A short member that people can read; None if and only if there is none. Raises Exhausted.

    No surrogates are in it, and it is empty only where no other member is near.
    """
    # Nearest to the end first; of those that are equally near, the one found last: straight down.
    open_ends: list[tuple[int, int, int, Language, _Path]] = [(0, 0, 0, language, None)]
    # A nullable start may be come back to, with a string that is not empty.
    nearest: dict[Language, int] = {} if language.nullable else {language: 0}
    found = 0
    began = budget.spent
    while open_ends:
        _, _, way, state, path = heappop(open_ends)
        if state.nullable and path is not None:
            return "".join(reversed([*_characters(path)]))
        if way > nearest.get(state, way):
            continue
        if language.nullable and budget.spent - began > _BEYOND_EMPTY:
            break
        for code_point, after in _steps(state, budget):
            further = way + _effort(code_point)
            if after is not EMPTY and further < nearest.get(after, UNBOUNDED):
                nearest[after] = further
                found -= 1
                end = (further + after.shortest, found, further, after, (path, code_point))
                heappush(open_ends, end)
    return "" if language.nullable else None


def _steps(state: Language, budget: Budget) -> Iterator[tuple[int, Language]]:
    """What follows each class of characters, told by its best example; the best comes last."""
    classes = classes_of(state)
    budget.spend((1 + _price(state)) * len(classes.readable))
    for number in reversed(classes.readable):
        code_point = classes.examples[number]
        yield code_point, step(state, code_point)


def _effort(code_point: int) -> int:
    """How hard a character is to read: rather three letters than a line feed."""
    if 0x20 < code_point < 0x7F:
        return 1
    return 2 if code_point == 0x20 or code_point >= 0xA1 else 8


def _characters(path: _Path) -> Iterator[str]:
    while path is not None:
        path, code_point = path
        yield chr(code_point)


def _price(language: Language) -> int:
    return 1 + language.cost // 16
