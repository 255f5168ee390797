"""The language of what may follow a character: the transitions of an automaton never built whole.

The derivative of a language by a character is what its strings go on with after that character.
Characters that no set at the front of an expression tells apart share one derivative, which is
found once and kept with its node.
"""

from bisect import bisect_right
from functools import lru_cache
from typing import Final

from mcpverify.drift.patterns.algebra import both, chain, either, repeat, without
from mcpverify.drift.patterns.character_set import END, SURROGATES
from mcpverify.drift.patterns.expression import (
    EMPTY,
    EPSILON,
    UNBOUNDED,
    Both,
    Chain,
    Classes,
    Either,
    Epsilon,
    Knot,
    Language,
    Letter,
    Repeat,
    Without,
)

# What a person reads most easily comes first; the end of the list is all that is a character.
_READABLE: Final = [
    *((ord(first), ord(last)) for first, last in ("az", "09", "AZ", "__", "--", "..")),
    *((ord(first), ord(last)) for first, last in ("!/", ":@", "[`", "{~", "  ")),
    *((0xE0, 0xF6), (0xF8, 0x17F), (0x3B1, 0x3C9), (0x4E00, 0x9FA5), (0x1F600, 0x1F64F)),
    *((0xA1, 0xAC), (0xAE, 0x2FF), (0x2030, 0x205E), (0x2190, 0x21FF), (0x00, END - 1)),
]
_NONE: Final[frozenset[Letter]] = frozenset()


def step(language: Language, code_point: int) -> Language:
    """What the strings that begin with the character go on with."""
    if isinstance(language, Letter):
        return EPSILON if bisect_right(language.members, code_point) & 1 else EMPTY
    if isinstance(language, Epsilon):
        return EMPTY
    classes = language.classes or classes_of(language)
    number = classes.numbers[bisect_right(classes.starts, code_point) - 1]
    found = language.steps[number]
    if found is None:
        found = language.steps[number] = _derivative(language, code_point)
    return found


def _derivative(language: Language, code_point: int) -> Language:
    if isinstance(language, Chain):
        return _derivative_of_chain(language, code_point)
    if isinstance(language, Both):
        following = []
        for part in language.parts:
            after = step(part, code_point)
            if after is EMPTY:
                return EMPTY
            following.append(after)
        return both(following)
    if isinstance(language, Either):
        return either([step(part, code_point) for part in language.parts])
    if isinstance(language, Repeat):
        after = step(language.item, code_point)
        if after is EMPTY:
            return EMPTY
        most = language.most - (language.most < UNBOUNDED)
        return chain(after, repeat(language.item, max(language.least - 1, 0), most))
    if isinstance(language, Without):
        return without(step(language.item, code_point))
    assert isinstance(language, Knot)
    assert language.definition is not None
    return step(language.definition, code_point)


def _derivative_of_chain(language: Chain, code_point: int) -> Language:
    """A loop, not a recursion: a thousand optional parts may follow each other."""
    parts = []
    rest: Language = language
    while isinstance(rest, Chain):
        parts.append(chain(step(rest.head, code_point), rest.tail))
        if not rest.head.nullable:
            return either(parts)
        rest = rest.tail
    parts.append(step(rest, code_point))
    return either(parts)


def classes_of(language: Language) -> Classes:
    """The classes of code points by which the derivatives of a language differ at most."""
    if language.classes is None:
        language.classes = _partition(_heads(language))
        language.steps = [None] * len(language.classes.examples)
    return language.classes


def _heads(language: Language) -> frozenset[Letter]:
    """The sets that the first character of a string is held against."""
    if language.heads is None:
        language.heads = _found_heads(language)
    return language.heads


def _found_heads(language: Language) -> frozenset[Letter]:
    if isinstance(language, Letter):
        return frozenset((language,))
    if isinstance(language, Epsilon):
        return frozenset()
    if isinstance(language, Either | Both):
        return _NONE.union(*map(_heads, language.parts))
    if isinstance(language, Repeat | Without):
        return _heads(language.item)
    if isinstance(language, Knot):
        assert language.definition is not None
        return _heads(language.definition)
    heads = []
    rest = language
    while isinstance(rest, Chain):
        heads.append(_heads(rest.head))
        if not rest.head.nullable:
            return _NONE.union(*heads)
        rest = rest.tail
    return _NONE.union(*heads, _heads(rest))


@lru_cache(maxsize=512)
def _partition(heads: frozenset[Letter]) -> Classes:
    toggles: dict[int, int] = {0: 0}
    for number, head in enumerate(heads):
        for bound in head.members:
            toggles[bound] = toggles.get(bound, 0) ^ (1 << number)
    toggles.pop(END, None)
    starts = sorted(toggles)
    known: dict[int, int] = {}
    numbers = []
    inside = 0
    for start in starts:
        inside ^= toggles[start]
        numbers.append(known.setdefault(inside, len(known)))
    examples = [starts[numbers.index(number)] for number in range(len(known))]
    return Classes(starts, numbers, examples, _readable(starts, numbers, examples))


def _readable(starts: list[int], numbers: list[int], examples: list[int]) -> list[int]:
    """The classes in the order of their best examples, which are put into `examples`."""
    order: dict[int, None] = {}
    for first, last in _READABLE:
        at = bisect_right(starts, first) - 1
        while at < len(starts) and starts[at] <= last and len(order) < len(examples):
            if numbers[at] not in order:
                example = max(starts[at], first)
                if example in SURROGATES:
                    example = SURROGATES.stop
                after = starts[at + 1] if at + 1 < len(starts) else END
                if example < after:
                    order[numbers[at]] = None
                    examples[numbers[at]] = example
            at += 1
    return list(order)
