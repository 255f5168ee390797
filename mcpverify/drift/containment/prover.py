"""The question of containment, asked of two schemas."""

from dataclasses import dataclass
from typing import TypeAlias

from mcpverify.drift.budget import Budget, Exhausted
from mcpverify.drift.containment.outcome import Found, Nothing, Unknown
from mcpverify.drift.containment.reading import read
from mcpverify.drift.containment.search import Search
from mcpverify.drift.containment.world import World
from mcpverify.facts.json_text import Json


@dataclass(frozen=True, slots=True)
class Proven:
    """Every value that the producer makes is accepted."""


@dataclass(frozen=True, slots=True)
class Refuted:
    """`value` is one that the producer makes and the acceptor refuses."""

    value: Json


@dataclass(frozen=True, slots=True)
class Undecided:
    """Neither was found; `reason` is a sentence without its full stop."""

    reason: str
    exhausted: bool = False
    by_time: bool = False


Answer: TypeAlias = Proven | Refuted | Undecided


def contained(
    producer: Json,
    acceptor: Json,
    budget: Budget,
    *,
    open_world: bool = False,
    arguments: bool = False,
) -> Answer:
    """Whether all that `producer` lets be produced is accepted by `acceptor`.

    Both are whole schemas, each in the dialect that it declares; `arguments` says that they
    are input schemas of a tool. Total: what is no schema is undecided.
    """
    try:
        producing, accepting = read(producer, budget), read(acceptor, budget)
        world = World((producing,), budget, literal=open_world, arguments=arguments)
        outcome = Search(budget).value((producing,), (accepting,), world)
    except Exhausted as exhausted:
        if exhausted.by_time:
            return Undecided("the judgement ran out of time", exhausted=True, by_time=True)
        return Undecided(f"the judgement ran out of its {budget.steps:,} steps", exhausted=True)
    except RecursionError:
        return Undecided("the schemas are too deep")
    match outcome:
        case Nothing():
            return Proven()
        case Found(value):
            return Refuted(value)
        case Unknown(reason):
            return Undecided(reason)
