"""Looks for verdicts that are not sound, on made-up pairs of schemas: `make fuzz`.

Each pair is drawn from a seed of its own, so one number replays it. What is found is made
as small as it gets before it is printed.
"""

from __future__ import annotations

import argparse
import copy
import json
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Any

from mcpverify.drift.budget import Budget
from mcpverify.drift.containment.prover import Proven, Refuted, Undecided, contained
from mcpverify.drift.referee.oracle import Oracle
from mcpverify.drift.referee.silence import OracleSilent
from tests.drift.closed_world import is_produced
from tests.drift.schema_pairs import (
    NUMBERS,
    WORDS,
    is_circular,
    pair_of,
    places,
    respellings,
    tight_pair_of,
    values_for,
)

VALUES = 45
SCALARS: list[Any] = [*WORDS, *NUMBERS, True, False, None, [], {}, -0.1, 6.5, 30, "aaa", "zzzzz"]
SECONDS = 10.0  # of a judgement: only steps may decide here
REFEREE_STEPS = 60_000  # for all values of a pair: 99 pairs in 100 need a tenth of it
REFEREE_SECONDS = 2.0  # where a step is dear: errors inside errors of nested unions


@dataclass(frozen=True, slots=True)
class Flaw:
    """A claim that does not hold, of a pair that shows it."""

    claim: str
    producer: Any
    acceptor: Any
    value: Any = None
    note: str = ""

    def __str__(self) -> str:
        lines = [self.claim + (f": {self.note}" if self.note else "")]
        lines += [
            f"  {name:9} {json.dumps(each, ensure_ascii=False)}"
            for name, each in (
                ("producer", self.producer),
                ("acceptor", self.acceptor),
                ("value", self.value),
            )
        ]
        return "\n".join(lines)


@dataclass(slots=True)
class Tally:
    """What a run came to."""

    answers: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    flaws: list[tuple[int, Flaw]] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.answers += other.answers
        self.reasons += other.reasons
        self.flaws += other.flaws
        self.steps += other.steps


def budget() -> Budget:
    return Budget(seconds=SECONDS)


def accepts(schema: Any, value: Any) -> bool | None:
    """What the oracle says; None where it is silent."""
    try:
        return Oracle(schema, Budget(steps=200_000, seconds=SECONDS)).refusal(value) is None
    except OracleSilent:
        return None


class Referee:
    """Who says of a value that it breaks a pair: produced and accepted, then refused."""

    def __init__(self, producer: Any, acceptor: Any, open_world: bool) -> None:
        self._schema = producer
        self._open_world = open_world
        self._producer = Oracle(producer, Budget(REFEREE_STEPS, REFEREE_SECONDS))
        self._acceptor = Oracle(acceptor, Budget(REFEREE_STEPS, REFEREE_SECONDS))

    def breaks(self, value: Any) -> bool:
        try:
            return (
                self._acceptor.refusal(value) is not None
                and self._producer.refusal(value) is None
                and is_produced(self._schema, value, open_world=self._open_world) is True
            )
        except OracleSilent:
            return False


def flaws_of_pair(
    producer: Any,
    acceptor: Any,
    random: Random,
    *,
    open_world: bool = False,
    tally: Tally,
    pool: Sequence[Any] = (),
) -> Iterator[Flaw]:
    """The claims about a pair that do not hold; the values of `pool` are tried, too."""
    spent = budget()
    answer = contained(producer, acceptor, spent, open_world=open_world)
    tally.answers[type(answer).__name__.lower()] += 1
    tally.steps.append(spent.spent)
    again = budget()
    if contained(producer, acceptor, again, open_world=open_world) != answer:
        yield Flaw("judged twice, it differs", producer, acceptor, note=str(answer))
    if again.spent != spent.spent:
        note = f"{spent.spent} and {again.spent}"
        yield Flaw("judged twice, the steps differ", producer, acceptor, note=note)
    match answer:
        case Proven():
            referee = Referee(producer, acceptor, open_world)
            for value in (*pool, *tried(producer, acceptor, random)):
                if referee.breaks(value):
                    yield Flaw("proven, but it is refused", producer, acceptor, value)
                    return
        case Refuted(value):
            if is_produced(producer, value, open_world=open_world) is False:
                yield Flaw("refuted, but not produced", producer, acceptor, value)
            elif accepts(producer, value) is False:
                yield Flaw("refuted, but the producer refuses it", producer, acceptor, value)
            elif accepts(acceptor, value) is True:
                yield Flaw("refuted, but the acceptor accepts it", producer, acceptor, value)
            elif accepts(producer, value) is None or accepts(acceptor, value) is None:
                tally.answers["refuted, oracle silent"] += 1
        case Undecided(reason):
            tally.reasons[reason] += 1
            referee = Referee(producer, acceptor, open_world)
            if any(map(referee.breaks, (*pool, *tried(producer, acceptor, random)))):
                tally.answers["undecided, though a witness is easily found"] += 1


def tried(producer: Any, acceptor: Any, random: Random) -> list[Any]:
    """Values on which a proof would fail if it did not hold."""
    return [
        *values_for(producer, random, VALUES),
        *values_for(acceptor, random, VALUES // 4),
        *random.sample(SCALARS, 15),
    ]


def flaws_of_schema(schema: Any, random: Random, tally: Tally) -> Iterator[Flaw]:
    """Where a schema is not proven against itself, spelled otherwise."""
    decidable = "unevaluated" not in json.dumps(schema) and not is_circular(schema)
    for what, other in respellings(schema, random):
        pairs = [(schema, other), (other, schema)]
        for producer, acceptor in pairs[: 1 if what == "itself" else 2]:
            answer = contained(producer, acceptor, budget())
            match answer:
                case Proven():
                    tally.answers["respelled, proven"] += 1
                case Refuted(value):
                    yield Flaw(f"{what}, it is refuted", producer, acceptor, value)
                case Undecided(reason):
                    tally.answers["respelled, undecided"] += 1
                    tally.reasons[f"{what}: {reason}"] += 1
                    if what == "itself" and decidable:
                        yield Flaw("undecided against itself", producer, acceptor, note=reason)


def drawn(seed: int, random: Random) -> tuple[Any, Any, list[Any]]:
    """The pair of a seed, and values to try on it: two of three are such as tools have."""
    return tight_pair_of(random) if seed % 3 == 0 else (*pair_of(random), [])


def flaws_of_seed(seed: int, tally: Tally) -> list[Flaw]:
    """The flaws that the pair of one seed shows, as small as they get."""
    random = Random(seed)
    producer, acceptor, pool = drawn(seed, random)
    open_world = random.random() < 0.15
    found = []
    for flaw in flaws_of_pair(
        producer, acceptor, random, open_world=open_world, tally=tally, pool=pool
    ):
        note = f"{flaw.note} (open world)" if open_world else flaw.note
        small = smallest(flaw, open_world)
        found.append(Flaw(small.claim, small.producer, small.acceptor, small.value, note))
    if seed % 4 == 0:
        found += flaws_of_schema(producer, random, tally)
    return found


# Making small what was found


def smallest(flaw: Flaw, open_world: bool) -> Flaw:
    """The same claim about a smaller pair, if one is found in a bounded number of tries."""

    def holds(producer: Any, acceptor: Any) -> Flaw | None:
        try:
            random = Random(0)
            found = list(
                flaws_of_pair(
                    producer,
                    acceptor,
                    random,
                    open_world=open_world,
                    tally=Tally(),
                    pool=[flaw.value],
                )
            )
        except Exception:
            return None
        found = [each for each in found if each.claim == flaw.claim]
        return found[0] if found else None

    best, tries = flaw, 400
    progress = True
    while progress and tries > 0:
        progress = False
        for producer, acceptor in _smaller_pairs(best.producer, best.acceptor):
            tries -= 1
            smaller = holds(producer, acceptor)
            if smaller is not None:
                best, progress = smaller, True
                break
            if tries <= 0:
                break
    return best


def _smaller_pairs(producer: Any, acceptor: Any) -> Iterator[tuple[Any, Any]]:
    """Both cut at the same place first, then one of them."""
    cuts = {json.dumps(path): path for schema in (producer, acceptor) for path in _paths(schema)}
    for path in sorted(cuts.values(), key=len):
        yield _without(producer, path), _without(acceptor, path)
    for path in sorted(cuts.values(), key=len):
        hoisted = _at(producer, path), _at(acceptor, path)
        if all(isinstance(each, dict) for each in hoisted) and path:
            yield hoisted
    for path in _paths(producer):
        yield _without(producer, path), acceptor
    for path in _paths(acceptor):
        yield producer, _without(acceptor, path)
    for one, other in ((producer, True), (acceptor, False)):
        for container, key in places(one):
            inner = container[key]
            if isinstance(inner, dict) and inner:
                changed = copy.deepcopy(one)
                _replace(changed, one, container, key, True)
                yield (changed, acceptor) if other else (producer, changed)


def _replace(changed: Any, one: Any, container: Any, key: Any, value: Any) -> None:
    for (original, its_key), (copied, _) in zip(places(one), list(places(changed)), strict=True):
        if original is container and its_key == key:
            copied[key] = value
            return


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        yield (*path, key)
        yield from _paths(inner, (*path, key))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _without(value: Any, path: tuple[Any, ...]) -> Any:
    made = copy.deepcopy(value)
    holder = _at(made, path[:-1])
    try:
        del holder[path[-1]]
    except (KeyError, IndexError, TypeError):
        return made
    return made


# The run


def run(seeds: range, until: float) -> Tally:
    tally = Tally()
    for seed in seeds:
        if time.time() > until:
            break
        tally.answers["pairs"] += 1
        try:
            found = flaws_of_seed(seed, tally)
        except Exception as error:
            producer, acceptor, _ = drawn(seed, Random(seed))
            found = [Flaw("it raises", producer, acceptor, note=repr(error)[:200])]
        tally.flaws += [(seed, flaw) for flaw in found]
    return tally


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=None, help="that of the first pair")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=900.0)
    options = parser.parse_args(arguments)
    first = secrets.randbelow(10**9) if options.seed is None else options.seed
    print(f"seed {first}: {options.pairs:,} pairs", flush=True)
    started = time.time()
    total = Tally()
    parts = [
        range(at, min(at + 250, first + options.pairs))
        for at in range(first, first + options.pairs, 250)
    ]
    with ProcessPoolExecutor(options.processes) as pool:
        until = started + options.seconds
        for tally in pool.map(run, parts, [until] * len(parts)):
            for seed, flaw in tally.flaws:
                print(f"\nseed {seed}: {flaw}", flush=True)
            total.add(tally)
    judged = total.answers.pop("pairs", 0)
    report(total, judged, options.pairs, time.time() - started)
    return 1 if total.flaws or not judged else 0


def report(total: Tally, judged: int, wanted: int, seconds: float) -> None:
    print(f"\n{judged:,} of {wanted:,} pairs in {seconds:.0f} s, {len(total.flaws)} flaws")
    for answer, count in total.answers.most_common():
        print(f"{count:8,}  {100 * count / max(judged, 1):5.1f} %  {answer}")
    steps = sorted(total.steps)
    if steps:
        print(f"steps: median {steps[len(steps) // 2]:,}, 99 % {steps[len(steps) * 99 // 100]:,}")
    print("undecided because:")
    for reason, count in total.reasons.most_common(25):
        print(f"{count:8,}  {reason}")


if __name__ == "__main__":
    sys.exit(main())
