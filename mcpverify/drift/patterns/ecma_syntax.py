"""A regular expression of ECMA-262 as a tree, as the u mode reads it.

Read once from left to right with a stack of our own, so neither long nor deep expressions
trouble it. What no mode of ECMA-262 admits, what is not regular, and what the engines
behind JSON Schema validators read differently is `Unsupported`.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from mcpverify.drift.patterns import character_set, ecma_escape
from mcpverify.drift.patterns.character_set import Bounds
from mcpverify.drift.patterns.unsupported import Unsupported

LONGEST: Final = 5_000
"""Characters in a pattern; longer ones are not read."""
DEEPEST: Final = 50
"""Groups within groups."""


class Edge(StrEnum):
    """An assertion on a position alone."""

    START = "start"
    END = "end"
    BOUNDARY = "boundary"
    INSIDE = "inside"


@dataclass(frozen=True, slots=True)
class Characters:
    """One character out of a set."""

    members: Bounds


@dataclass(frozen=True, slots=True)
class Sequence:
    items: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Choice:
    options: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Repeated:
    """`most` is None where there is no upper bound."""

    item: "Tree"
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Look:
    """What follows (`ahead`) or precedes must match `item`, or must not (`wanted`)."""

    item: "Tree"
    ahead: bool
    wanted: bool


Tree: TypeAlias = Characters | Sequence | Choice | Repeated | Edge | Look

_OPENERS: Final = re.compile(r"\((?:\?(?:(:)|(<?[=!])|<([^\W\d]\w*)>))?")
_QUANTIFIER: Final = re.compile(
    r"(?:([*+?])|\{([0-9]{1,15})(?:(,)([0-9]{1,15})?)?\})(?P<lazy>\??)", re.ASCII
)
# A brace that is no quantifier is a literal, unless some engine takes `{,3}` or `{ 3 }` for one.
_BRACE: Final = re.compile(r"\{[\s\d]*+(?:,[\s\d]*+)?\}")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_ESCAPE: Final = re.compile(r"\\.", re.DOTALL)
_SIMPLE: Final = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_WILD: Final = Characters(character_set.NOT_LINE_END)


@dataclass(slots=True)
class _Group:
    """A group that is still open: what was read of it, and what it is for."""

    look: str | None = None
    options: list[Tree] = field(default_factory=list)
    items: list[Tree] = field(default_factory=list)
    repeatable: bool = False

    def add(self, item: Tree, *, repeatable: bool) -> None:
        self.items.append(item)
        self.repeatable = repeatable

    def next_option(self) -> None:
        self.options.append(self.items[0] if len(self.items) == 1 else Sequence(tuple(self.items)))
        self.items = []
        self.repeatable = False

    def tree(self) -> Tree:
        self.next_option()
        tree = self.options[0] if len(self.options) == 1 else Choice(tuple(self.options))
        if self.look is None:
            return tree
        return Look(tree, ahead="<" not in self.look, wanted="=" in self.look)


def syntax_tree(pattern: str) -> Tree:
    """The tree of a pattern. Raises Unsupported."""
    if len(pattern) > LONGEST:
        raise Unsupported("it is too long")
    if _SURROGATE.search(pattern):
        raise Unsupported("it holds half a character")
    at = 0
    nested_class = False
    names: set[str] = set()
    group = _Group()
    outer: list[_Group] = []
    while at < len(pattern):
        match pattern[at]:
            case "|":
                group.next_option()
                at += 1
            case "(":
                opener = _OPENERS.match(pattern, at)
                assert opener is not None
                at = opener.end()
                if pattern.startswith("?", at):
                    raise Unsupported(f"its group {pattern[at - 1 : at + 3]} is none of ECMA-262")
                if opener[3] in names:
                    raise Unsupported("two of its groups have one name")
                if opener[3]:
                    names.add(opener[3])
                if len(outer) >= DEEPEST:
                    raise Unsupported("it is nested too deeply")
                outer.append(group)
                group = _Group(opener[2])
            case ")":
                if not outer:
                    raise Unsupported("it closes a group that it did not open")
                tree, repeatable = group.tree(), group.look is None
                group = outer.pop()
                group.add(tree, repeatable=repeatable)
                at += 1
            case "*" | "+" | "?":
                at = _repeat(group, pattern, at)
            case "{" if (brace := _BRACE.match(pattern, at)) and brace[0][1:-1].strip():
                at = _repeat(group, pattern, at)
            case "[":
                members, after = ecma_escape.bracketed(pattern, at)
                nested_class = nested_class or "[" in _ESCAPE.sub("", pattern[at + 1 : after])
                group.add(Characters(members), repeatable=True)
                at = after
            case "]" if nested_class:
                raise Unsupported("a class within a class is not read alike everywhere")
            case _:
                item, at = _atom(pattern, at)
                group.add(item, repeatable=not isinstance(item, Edge))
    if outer:
        raise Unsupported("it does not close a group")
    return group.tree()


def _repeat(group: _Group, pattern: str, at: int) -> int:
    quantifier = _QUANTIFIER.match(pattern, at)
    if quantifier is None:
        raise Unsupported(f"its {pattern[at : at + 20]} is not read alike everywhere, or too big")
    if not group.repeatable:
        raise Unsupported(f"it has nothing to repeat before the {quantifier[0]}")
    least: int
    most: int | None
    if quantifier[1]:
        least, most = _SIMPLE[quantifier[1]]
    else:
        least = int(quantifier[2])
        most = int(quantifier[4]) if quantifier[4] else None if quantifier[3] else least
    if most is not None and most < least:
        raise Unsupported(f"{quantifier[0]} repeats at most fewer than at least")
    group.add(Repeated(group.items.pop(), least, most), repeatable=False)
    return quantifier.end()


def _atom(pattern: str, at: int) -> tuple[Tree, int]:
    match pattern[at]:
        case "^":
            return Edge.START, at + 1
        case "$":
            return Edge.END, at + 1
        case ".":
            return _WILD, at + 1
        case "\\" if pattern.startswith("b", at + 1):
            return Edge.BOUNDARY, at + 2
        case "\\" if pattern.startswith("B", at + 1):
            return Edge.INSIDE, at + 2
        case "\\":
            members, at = ecma_escape.escaped(pattern, at)
            return Characters(members), at
        case literal:
            return Characters(character_set.of_code_point(ord(literal))), at + 1
