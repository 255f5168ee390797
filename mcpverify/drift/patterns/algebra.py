"""The constructors of languages: each gives the simplest expression that it can see.

Derivatives are finitely many only if expressions that differ in spelling alone are one
node, and a proof is short only if what is contained in something else disappears. So unions and
intersections are sets, counts of the same thing are added up and merged, and lengths decide where
they can. Every rule is an equation of languages; none depends on the order of its operands.
"""

from collections.abc import Iterable
from functools import reduce

from mcpverify.drift.patterns import character_set
from mcpverify.drift.patterns.character_set import Bounds
from mcpverify.drift.patterns.expression import (
    ALL,
    ANY,
    EMPTY,
    EPSILON,
    UNBOUNDED,
    Both,
    Chain,
    Either,
    Language,
    Letter,
    Repeat,
    Without,
    made,
)


def letter(members: Bounds) -> Language:
    found = made.get(members)
    if found is None:
        found = made[members] = Letter(members)
    return found


def chain(head: Language, tail: Language) -> Language:
    """The strings of `head` followed by one of `tail`."""
    if head is EMPTY or tail is EMPTY:
        return EMPTY
    if head is EPSILON:
        return tail
    if tail is EPSILON:
        return head
    key = (head, tail)
    found = made.get(key)
    if found is None:
        found = made[key] = _chain(head, tail)
    return found


def _chain(head: Language, tail: Language) -> Language:
    if isinstance(head, Chain):
        heads = []
        while isinstance(head, Chain):
            heads.append(head.head)
            head = head.tail
        return reduce(lambda rest, each: chain(each, rest), reversed(heads), chain(head, tail))
    if (tail is ALL and head.nullable) or (head is ALL and tail.nullable):
        return ALL
    item, least, most = _counted(head)
    if tail is ALL and least < most:
        return chain(repeat(item, least, least), ALL)
    first, rest = (tail.head, tail.tail) if isinstance(tail, Chain) else (tail, EPSILON)
    if item is first:
        return chain(repeat(item, least + 1, most + 1), rest)
    if isinstance(first, Repeat) and item is first.item:
        return chain(repeat(item, least + first.least, most + first.most), rest)
    return Chain(head, tail)


def _counted(language: Language) -> tuple[Language, int, int]:
    if isinstance(language, Repeat):
        return language.item, language.least, language.most
    return language, 1, 1


def repeat(item: Language, least: int, most: int) -> Language:
    """From `least` to `most` strings of `item`; without end where `most` is `UNBOUNDED`."""
    least, most = min(least, UNBOUNDED), min(most, UNBOUNDED)
    if most == 0 or item is EPSILON:
        return EPSILON
    if item is EMPTY:
        return EMPTY if least else EPSILON
    if item.nullable:
        least = 0
    if least == most == 1:
        return item
    key = (item, least, most)
    found = made.get(key)
    if found is None:
        found = made[key] = _repeat(item, least, most)
    return found


def _repeat(item: Language, least: int, most: int) -> Language:
    if isinstance(item, Either):
        simpler = [part for part in item.parts if part is not EPSILON]
        if least == 0 and most == UNBOUNDED:
            simpler = [_once(part) for part in simpler]
        if tuple(simpler) != item.parts:
            return repeat(either(simpler), least, most)
    if isinstance(item, Repeat):
        # Twos and threes of three to five are six to fifteen: where the counts leave no gap.
        without_gaps = item.least <= 1 if least == 0 else least == most
        if without_gaps or (least and (least + 1) * item.least <= least * item.most + 1):
            return repeat(item.item, least * item.least, most * item.most)
    return Repeat(item, least, most)


def _once(part: Language) -> Language:
    if isinstance(part, Repeat) and part.least <= 1 and part.most > 0:
        return part.item
    return part


def without(language: Language) -> Language:
    """All strings but those of `language`."""
    if language.negation is None:
        found = _without(language)
        language.negation = found
        if found.negation is None:
            found.negation = language
    return language.negation


def _without(language: Language) -> Language:
    if isinstance(language, Either):
        return both(map(without, language.parts))
    if isinstance(language, Both):
        return either(map(without, language.parts))
    item, least, most = _counted(language)
    if item is ANY:
        above = repeat(ANY, most + 1, UNBOUNDED) if most < UNBOUNDED else EMPTY
        return either((repeat(ANY, 0, least - 1) if least else EMPTY, above))
    return Without(language)


def either(languages: Iterable[Language]) -> Language:
    """The strings of any of them."""
    parts: dict[Language, None] = {}
    for language in languages:
        if isinstance(language, Either):
            parts.update(dict.fromkeys(language.parts))
        elif language is not EMPTY:
            parts[language] = None
    if len(parts) < 2:
        return next(iter(parts), EMPTY)
    key = (Either, frozenset(parts))
    found = made.get(key)
    if found is None:
        found = made[key] = _either(parts)
    return found


def _either(parts: dict[Language, None]) -> Language:
    if ALL in parts or any(part.negation in parts for part in parts):
        return ALL
    simpler = _merged(parts)
    if EPSILON in simpler and any(part.nullable for part in simpler if part is not EPSILON):
        del simpler[EPSILON]
    for part in list(simpler):
        if isinstance(part, Chain) and part.head.nullable:
            simpler.pop(part.tail, None)
    for part in [part for part in simpler if isinstance(part, Both)]:
        if any(inner in simpler for inner in part.parts):
            del simpler[part]
        elif any(inner.negation in simpler for inner in part.parts):
            del simpler[part]
            simpler[both(inner for inner in part.parts if inner.negation not in simpler)] = None
        elif part.knotted and any(
            set(other.parts) < set(part.parts) for other in simpler if isinstance(other, Both)
        ):
            del simpler[part]
    for run in [part for part in simpler if _counted(part)[0] is ANY]:
        for part in list(simpler):
            _, least, most = _counted(run)
            if part is not run and least <= part.shortest and part.longest <= most:
                del simpler[part]
    if len(simpler) != len(parts) or any(part not in parts for part in simpler):
        return either(simpler)
    return Either(tuple(parts))


def _merged(parts: dict[Language, None]) -> dict[Language, None]:
    """The parts, those that differ in a first character or count alone made one."""
    merged: dict[Language, None] = {}
    letters: dict[Language, list[Bounds]] = {}
    counts: dict[tuple[Language, Language], list[tuple[int, int]]] = {}
    for part in parts:
        head, tail = (part.head, part.tail) if isinstance(part, Chain) else (part, EPSILON)
        if isinstance(head, Letter):
            letters.setdefault(tail, []).append(head.members)
        elif isinstance(head, Repeat):
            counts.setdefault((head.item, tail), []).append((head.least, head.most))
        else:
            merged[part] = None
    for tail, sets in letters.items():
        counts.setdefault((letter(character_set.union(sets)), tail), []).append((1, 1))
    for (item, tail), runs in counts.items():
        rest = EPSILON if tail is EPSILON else tail
        least = min(least for least, _ in runs)
        if tail is ALL:
            merged[chain(repeat(item, least, least), ALL)] = None
            continue
        if least == 1 and rest in parts:
            runs.append((0, 0))
            merged.pop(rest, None)
        for least, most in _joined(runs):
            merged[chain(repeat(item, least, most), tail)] = None
    return merged


def _joined(runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for least, most in sorted(runs):
        if joined and least <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(most, joined[-1][1]))
        else:
            joined.append((least, most))
    return joined


def both(languages: Iterable[Language]) -> Language:
    """The strings that are in each of them."""
    parts: dict[Language, None] = {}
    for language in languages:
        if language is EMPTY:
            return EMPTY
        if isinstance(language, Both):
            parts.update(dict.fromkeys(language.parts))
        elif language is not ALL:
            parts[language] = None
    if len(parts) < 2:
        return next(iter(parts), ALL)
    key = (Both, frozenset(parts))
    found = made.get(key)
    if found is None:
        found = made[key] = _both(parts)
    return found


def _both(parts: dict[Language, None]) -> Language:
    shortest = max(part.shortest for part in parts)
    longest = min(part.longest for part in parts)
    if shortest > longest or any(part.negation in parts for part in parts):
        return EMPTY
    if longest == 0:
        return EPSILON if all(part.nullable for part in parts) else EMPTY
    simpler = _met(parts)
    for part in [part for part in simpler if isinstance(part, Either)]:
        if any(inner in simpler for inner in part.parts):
            del simpler[part]
        elif any(inner.negation in simpler for inner in part.parts):
            del simpler[part]
            simpler[either(inner for inner in part.parts if inner.negation not in simpler)] = None
    if len(simpler) != len(parts) or any(part not in parts for part in simpler):
        return both(simpler)
    return _distributed(tuple(parts))


def _met(parts: dict[Language, None]) -> dict[Language, None]:
    """The parts, those that repeat characters met in one, and lengths left out that others keep."""
    met: dict[Language, None] = {}
    members, least, most = character_set.ANYTHING, 0, UNBOUNDED
    for part in parts:
        item, low, high = _counted(part)
        if isinstance(item, Letter):
            members = character_set.intersection(members, item.members)
            least, most = max(least, low), min(most, high)
        else:
            met[part] = None
    for part in [part for part in met if isinstance(part, Without)]:
        item, low, high = _counted(part.item)
        if isinstance(item, Letter) and _within(members, item.members):
            # What is left of the counts: two runs, which are one where the other is empty.
            del met[part]
            run = letter(members)
            below = repeat(run, least, min(most, low - 1)) if least < low else EMPTY
            above = repeat(run, max(least, high + 1), most) if high < most else EMPTY
            return {**met, either((below, above)): None}
    kept_within = any(least <= part.shortest and part.longest <= most for part in met)
    if members != character_set.ANYTHING or not kept_within:
        met[repeat(letter(members), least, most) if least <= most else EMPTY] = None
    return met


def _within(one: Bounds, other: Bounds) -> bool:
    return character_set.intersection(one, other) == one


def _distributed(parts: tuple[Language, ...]) -> Language:
    """A union of intersections where knots are inside: else unfolding them would not end."""
    if any(part.knotted for part in parts):
        for part in parts:
            if isinstance(part, Either) and len(part.parts) <= 16:
                rest = [other for other in parts if other is not part]
                return either(both((inner, *rest)) for inner in part.parts)
    return Both(parts)
