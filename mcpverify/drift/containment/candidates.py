"""Values to try where the search did not settle the question: another judge must look at them.

They are what the producer makes, in as many shapes as a few nudges and some chance give:
one declared property alone, all of them, other types, longer lists, the ends of ranges.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from random import Random
from typing import Final

from mcpverify.drift.budget import Budget, Exhausted
from mcpverify.drift.containment.form import ALL_TYPES, Form, Range, equality_key, new_form
from mcpverify.drift.containment.outcome import Found
from mcpverify.drift.containment.reading import read
from mcpverify.drift.containment.search import Search
from mcpverify.drift.containment.world import World
from mcpverify.facts.json_text import Json

MOST: Final = 60
_RANDOM_ROUNDS: Final = 40
_ONE: Final = Fraction(1)


def candidates(
    producer: Json,
    acceptor: Json,
    budget: Budget,
    random: Random,
    *,
    open_world: bool = False,
    arguments: bool = False,
) -> Iterator[Json]:
    """Distinct values that `producer` probably makes and `acceptor` possibly refuses.

    Ends with the budget; raises nothing.
    """
    seen: set[str] = set()
    try:
        producing, accepting = read(producer, budget), read(acceptor, budget)
        world = World((producing,), budget, literal=open_world, arguments=arguments)
        for value in _values(producing, accepting, world, budget, random):
            key = equality_key(value)
            if key not in seen:
                seen.add(key)
                yield value
                if len(seen) >= MOST:
                    return
    except (Exhausted, RecursionError):
        return


def _values(
    producing: Form, accepting: Form, world: World, budget: Budget, random: Random
) -> Iterator[Json]:
    search = Search(budget, lenient=True)
    outcome = search.value((producing,), (accepting,), world)
    if isinstance(outcome, Found):
        yield outcome.value
    nudges = list(_nudges(world, depth=2))
    random.shuffle(nudges)
    chosen: list[tuple[Form, ...]] = [(each,) for each in nudges]
    chosen += (
        tuple(random.sample(nudges, min(len(nudges), random.randint(2, 4))))
        for _ in range(_RANDOM_ROUNDS if nudges else 0)
    )
    for some in chosen:
        outcome = search.value((producing, *some), (), world)
        if isinstance(outcome, Found):
            yield outcome.value


def _nudges(world: World, depth: int) -> Iterator[Form]:
    """Schemas that ask for one thing each, and mostly for what the producer knows."""
    for kind in sorted(ALL_TYPES):
        yield _asking(types=frozenset({kind}))
    names = tuple(sorted(world.names))
    if names:
        yield _asking(required=names)
    for name in names:
        yield _asking(required=(name,))
    for count in (1, 2, 5):
        yield _asking(min_items=count)
        yield _asking(min_length=count * 7, types=frozenset({"string"}))
    yield _asking(min_properties=len(names) + 1)
    yield _asking(range=Range(high=-_ONE), types=frozenset({"number"}))
    yield _asking(range=Range(low=_ONE * 1000), types=frozenset({"number"}))
    if depth:
        for name in islice(names, 12):
            for inner in _nudges(world.child(name), depth - 1):
                yield _asking(required=(name,), properties={name: inner})
        for inner in _nudges(world.item(0), 0):
            yield _asking(min_items=1, items=inner)


def _asking(**fields: object) -> Form:
    form = new_form()
    for field, value in fields.items():
        setattr(form, field, value)
    return form
