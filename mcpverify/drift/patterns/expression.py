"""The nodes of a regular expression with intersection and complement, and where they are kept.

Nodes are made by `algebra` alone, which gives one node for one expression: so they are compared
and looked up by identity. A node knows what is cheap to know of its strings (their lengths,
whether the empty one is among them) and carries the transitions that `derivatives` found already.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

from mcpverify.drift.patterns import character_set
from mcpverify.drift.patterns.character_set import Bounds

UNBOUNDED: Final = 1 << 60
"""As good as infinite, where strings are counted or measured. Every count stops here."""
_KEPT: Final = 50_000


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """The code points in classes, within which the derivatives of an expression are the same.

    From `starts[n]` on, a code point is in the class `numbers[n]`. `examples` has a code point of
    each class, and `readable` the classes, best example first, without those of surrogates alone.
    """

    starts: list[int]
    numbers: list[int]
    examples: list[int]
    readable: list[int]


class Language:
    """A regular set of strings of code points, immutable."""

    __slots__ = (
        *("classes", "cost", "heads", "knotted", "longest", "negation", "nullable"),
        *("shortest", "steps"),
    )

    def __init__(
        self, *, nullable: bool, shortest: int, longest: int, cost: int, knotted: bool = False
    ) -> None:
        self.nullable = nullable
        self.shortest = shortest  # no string is shorter, none is longer
        self.longest = min(longest, UNBOUNDED)
        self.cost = min(cost, UNBOUNDED)  # nodes that one derivative has to look at
        self.knotted = knotted
        self.negation: Language | None = None
        self.heads: frozenset[Letter] | None = None
        self.classes: Classes | None = None
        self.steps: list[Language | None] = []


class Letter(Language):
    """One character out of a set; none at all out of the empty one."""

    __slots__ = ("members",)

    def __init__(self, members: Bounds) -> None:
        super().__init__(nullable=False, shortest=1, longest=1, cost=1)
        self.members = members


class Epsilon(Language):
    """The empty string."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(nullable=True, shortest=0, longest=0, cost=1)


class Chain(Language):
    """A string of `head`, then one of `tail`; the head is no chain itself."""

    __slots__ = ("head", "tail")

    def __init__(self, head: Language, tail: Language) -> None:
        super().__init__(
            nullable=head.nullable and tail.nullable,
            shortest=min(head.shortest + tail.shortest, UNBOUNDED),
            longest=head.longest + tail.longest,
            cost=1 + head.cost + (tail.cost if head.nullable else 0),
            knotted=head.knotted or tail.knotted,
        )
        self.head = head
        self.tail = tail


class Repeat(Language):
    """From `least` to `most` strings of `item`, one after the other."""

    __slots__ = ("item", "least", "most")

    def __init__(self, item: Language, least: int, most: int) -> None:
        super().__init__(
            nullable=least == 0,
            shortest=min(least * item.shortest, UNBOUNDED),
            longest=most * item.longest,
            cost=1 + item.cost,
            knotted=item.knotted,
        )
        self.item = item
        self.least = least
        self.most = most


class Either(Language):
    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Language, ...]) -> None:
        super().__init__(
            nullable=any(part.nullable for part in parts),
            shortest=min(part.shortest for part in parts),
            longest=max(part.longest for part in parts),
            cost=1 + sum(part.cost for part in parts),
            knotted=any(part.knotted for part in parts),
        )
        self.parts = parts


class Both(Language):
    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Language, ...]) -> None:
        super().__init__(
            nullable=all(part.nullable for part in parts),
            shortest=max(part.shortest for part in parts),
            longest=min(part.longest for part in parts),
            cost=1 + sum(part.cost for part in parts),
            knotted=any(part.knotted for part in parts),
        )
        self.parts = parts


class Without(Language):
    """All strings but those of `item`."""

    __slots__ = ("item",)

    def __init__(self, item: Language) -> None:
        super().__init__(
            nullable=not item.nullable,
            shortest=0 if not item.nullable else 1,
            longest=UNBOUNDED,
            cost=1 + item.cost,
            knotted=item.knotted,
        )
        self.item = item


class Knot(Language):
    """A name for an expression in which the name itself occurs: after a character at the earliest.

    It stands for the rest of a string from within a loop whose turns look around. Each
    is made for its loop and equals no other.
    """

    __slots__ = ("definition",)

    def __init__(self, *, nullable: bool) -> None:
        super().__init__(nullable=nullable, shortest=0, longest=UNBOUNDED, cost=16, knotted=True)
        self.definition: Language | None = None


EMPTY: Final = Letter(character_set.NOTHING)
EPSILON: Final = Epsilon()
ANY: Final = Letter(character_set.ANYTHING)
ALL: Final = Repeat(ANY, 0, UNBOUNDED)
SOME: Final = Repeat(ANY, 1, UNBOUNDED)

EMPTY.negation, ALL.negation = ALL, EMPTY
EPSILON.negation, SOME.negation = SOME, EPSILON

made: Final[dict[Hashable, Language]] = {}
"""The nodes by what they were made of, so that what was made once is not made again."""


def _reset() -> None:
    made.clear()
    made[EMPTY.members] = EMPTY
    made[ANY.members] = ANY
    made[(ANY, 0, UNBOUNDED)] = ALL
    made[(ANY, 1, UNBOUNDED)] = SOME


def is_crowded() -> bool:
    """Whether `made` grew so large that it is time to `forget`."""
    return len(made) > _KEPT


def forget() -> None:
    """Lets go of all nodes that nobody else holds. What stays in use stays right: equal
    expressions made before and after are just not recognized as equal any more."""
    _reset()


_reset()
