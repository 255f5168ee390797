"""From the tree of a pattern to the language of all strings in which it finds a match.

A tree is translated from its end: given the strings that may follow, what is the rest of a
string from here on? So `$` says that the rest is empty, and a look-ahead that the rest is in one
more language. What lies behind matters to `^`, `\\b` and a look-behind only. They see the last
character, so that the answer is a row: the rest at the start of the string, and the rest after a
character of each kind that the pattern tells apart.
"""

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from mcpverify.drift.patterns import character_set
from mcpverify.drift.patterns.algebra import both, chain, either, letter, repeat, without
from mcpverify.drift.patterns.character_set import ANYTHING, Bounds
from mcpverify.drift.patterns.ecma_syntax import (
    Characters,
    Choice,
    Edge,
    Look,
    Repeated,
    Tree,
    syntax_tree,
)
from mcpverify.drift.patterns.ecma_syntax import Sequence as Concatenation
from mcpverify.drift.patterns.expression import (
    ALL,
    EMPTY,
    EPSILON,
    SOME,
    UNBOUNDED,
    Both,
    Chain,
    Either,
    Knot,
    Language,
    Letter,
    Repeat,
    Without,
)
from mcpverify.drift.patterns.unsupported import Unsupported

Row: TypeAlias = tuple[Language, ...]

_STEPS: Final = 6_000
"""Parts of a tree that are translated, counted again for each turn of a loop that is unrolled."""
_PRICE_OF_ASSERTION: Final = 8


def found_in(pattern: str) -> Language:
    """The strings in which the pattern finds a match. Raises Unsupported."""
    tree = syntax_tree(pattern)
    translation = _Translation(_kinds(tree))
    return translation.after_any(translation.rests(tree, translation.every))


def _kinds(tree: Tree) -> list[Bounds]:
    """The kinds of characters that assertions on what lies behind tell apart: a partition."""
    kinds = [ANYTHING]
    for part in _parts(tree):
        seen: list[Bounds] = []
        if part in (Edge.BOUNDARY, Edge.INSIDE):
            seen = [character_set.WORD]
        elif isinstance(part, Look) and not part.ahead:
            seen = [option.members for option in _options(part) if isinstance(option, Characters)]
        for members in seen:
            outside = character_set.complement(members)
            halves = [character_set.intersection(k, m) for k in kinds for m in (members, outside)]
            kinds = [half for half in halves if half]
        if len(kinds) > 16:
            raise Unsupported("its look-behinds tell too many kinds of characters apart")
    return kinds


def _parts(tree: Tree) -> Iterator[Tree]:
    pending = [tree]
    while pending:
        part = pending.pop()
        yield part
        match part:
            case Concatenation(items):
                pending += items
            case Choice(options):
                pending += options
            case Repeated(item) | Look(item):
                pending.append(item)


def _options(look: Look) -> Sequence[Tree]:
    return look.item.options if isinstance(look.item, Choice) else (look.item,)


class _Translation:
    """One pattern on its way into a language."""

    def __init__(self, kinds: list[Bounds]) -> None:
        self.kinds = kinds
        self.every: Row = (ALL,) * (1 + len(kinds))
        self.nowhere: Row = (EMPTY,) * (1 + len(kinds))
        self._left = _STEPS
        self._plain: dict[int, tuple[Tree, Language | None]] = {}

    def after_any(self, row: Row) -> Language:
        """Whatever comes first, and then the rest that fits behind it."""
        if all(rest is row[0] for rest in row):
            return chain(ALL, row[0])
        found = [
            chain(chain(ALL, letter(kind)), rest)
            for kind, rest in zip(self.kinds, row[1:], strict=True)
        ]
        return either((row[0], *found))

    def rests(self, tree: Tree, after: Row) -> Row:
        """What a string goes on with from here, if `tree` matches here and `after` behind it."""
        self._left -= _PRICE_OF_ASSERTION if isinstance(tree, Edge | Look) else 1
        self._left -= after[0].cost // 16
        if self._left < 0:
            raise Unsupported("it is too big")
        match tree:
            case Characters(members):
                return (self._character(members, after),) * len(after)
            case Concatenation(items):
                for item in reversed(items):
                    after = self.rests(item, after)
                return after
            case Choice(options):
                rows = [self.rests(option, after) for option in options]
                return tuple(either(rests) for rests in zip(*rows, strict=True))
            case Repeated(item, least, most):
                return self._repeated(item, least, UNBOUNDED if most is None else most, after)
            case Edge():
                return self._edge(tree, after)
            case Look(item, ahead, wanted) if ahead:
                seen = self.rests(item, self.every)
                held = seen if wanted else tuple(map(without, seen))
                return tuple(map(both, zip(held, after, strict=True)))
            case Look():
                here = self._behind(tree)
                return tuple(
                    rest if fits else EMPTY for rest, fits in zip(after, here, strict=True)
                )

    def _character(self, members: Bounds, after: Row) -> Language:
        if all(rest is after[1] for rest in after[2:]):
            return chain(letter(members), after[1])
        return either(
            chain(letter(character_set.intersection(members, kind)), rest)
            for kind, rest in zip(self.kinds, after[1:], strict=True)
        )

    def _edge(self, edge: Edge, after: Row) -> Row:
        match edge:
            case Edge.START:
                return (after[0], *self.nowhere[1:])
            case Edge.END:
                return tuple(EPSILON if rest.nullable else EMPTY for rest in after)
            case Edge.BOUNDARY | Edge.INSIDE:
                word_next = chain(letter(character_set.WORD), ALL)
                held = []
                for kind in (character_set.NOTHING, *self.kinds):
                    behind = bool(character_set.intersection(kind, character_set.WORD))
                    crossed = behind == (edge is Edge.BOUNDARY)
                    held.append(without(word_next) if crossed else word_next)
                return tuple(map(both, zip(held, after, strict=True)))

    def _behind(self, look: Look) -> list[bool]:
        """Whether the look-behind holds: at the start, and after each kind of character."""
        fits = [False] * (1 + len(self.kinds))
        for option in _options(look):
            if isinstance(option, Characters):
                for number, kind in enumerate(self.kinds, 1):
                    within = bool(character_set.intersection(kind, option.members))
                    fits[number] = fits[number] or within
            elif option is Edge.START:
                fits[0] = True
            else:
                raise Unsupported("it looks behind at more than one character")
        return [fit == look.wanted for fit in fits]

    def _repeated(self, item: Tree, least: int, most: int, after: Row) -> Row:
        plain = self._plain_language(item)
        if plain is not None:
            return self._plainly_repeated(repeat(plain, least, most), after)
        row = self._looped(item, after) if most == UNBOUNDED else after
        for _ in range(0 if most == UNBOUNDED else most - least):
            turn = self.rests(item, row)
            row = tuple(map(either, zip(after, turn, strict=True)))
        for _ in range(least):
            row = self.rests(item, row)
        return row

    def _plainly_repeated(self, turns: Language, after: Row) -> Row:
        if all(rest is after[0] for rest in after):
            return (chain(turns, after[0]),) * len(after)
        some = either(
            chain(_ending(turns, kind), rest)
            for kind, rest in zip(self.kinds, after[1:], strict=True)
            if rest is not EMPTY
        )
        if not turns.nullable:
            return (some,) * len(after)
        return tuple(either((some, rest)) for rest in after)

    def _plain_language(self, tree: Tree) -> Language | None:
        """The language of the tree itself; None where it depends on what is around it."""
        known = self._plain.get(id(tree))
        if known is None:
            asserts = any(isinstance(part, Edge | Look) for part in _parts(tree))
            language = None if asserts else self._alone(tree)
            known = self._plain[id(tree)] = (tree, language)
        return known[1]

    def _alone(self, tree: Tree) -> Language:
        row: Row = (EPSILON,) * (1 + len(self.kinds))
        return self.rests(tree, row)[0]

    def _looped(self, item: Tree, after: Row) -> Row:
        """Any number of turns of what looks around: each turn is followed by the same knots."""
        knots = [Knot(nullable=rest.nullable) for rest in after]
        turns = self.rests(item, tuple(knots))
        for knot, rest, turn in zip(knots, after, turns, strict=True):
            knot.definition = either((rest, _guarded(turn, knot)))
        return tuple(knots)


def _ending(language: Language, kind: Bounds) -> Language:
    """The strings of the language that end with a character of the kind."""
    if kind == ANYTHING:
        return both((language, SOME))
    if isinstance(language, Repeat) and isinstance(language.item, Letter):
        last = letter(character_set.intersection(language.item.members, kind))
        most = language.most - (language.most < UNBOUNDED)
        return chain(repeat(language.item, max(language.least - 1, 0), most), last)
    return both((language, chain(ALL, letter(kind))))


def _guarded(turn: Language, knot: Knot) -> Language:
    """A turn of a loop without the empty turns, after which the loop is where it was before.

    An empty turn can only refuse what no turn at all would admit, so nothing is lost.
    """
    if turn is knot:
        return EMPTY
    if not _begins_with(turn, knot, set()):
        return turn
    if isinstance(turn, Either):
        return either(_guarded(part, knot) for part in turn.parts)
    if isinstance(turn, Both):
        return both(_guarded(part, knot) for part in turn.parts)
    if isinstance(turn, Chain) and not turn.head.knotted:
        some = chain(both((turn.head, SOME)), turn.tail)
        return either((some, _guarded(turn.tail, knot)))
    raise Unsupported("a loop in it looks around in a way that is not translated")


def _begins_with(language: Language, knot: Knot, passed: set[Language]) -> bool:
    """Whether the knot can be reached in the language before any character."""
    if language is knot:
        return True
    if not language.knotted or language in passed:
        return False
    match language:
        case Knot():
            passed.add(language)
            if language.definition is None:
                raise Unsupported("loops within a loop of it look around")
            return _begins_with(language.definition, knot, passed)
        case Either() | Both():
            return any(_begins_with(part, knot, passed) for part in language.parts)
        case Chain():
            return _begins_with(language.head, knot, passed) or (
                language.head.nullable and _begins_with(language.tail, knot, passed)
            )
        case Repeat() | Without():
            return _begins_with(language.item, knot, passed)
    return False
