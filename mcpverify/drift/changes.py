"""The facts of drift: where a live contract differs from its snapshot, with both values.

Nothing is judged here, and nothing is guessed: a tool that was renamed is one that is gone
and one that is new. Definitions are compared in canonical form, so whatever moves no
digest is no change, and every change moves one.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from mcpverify.facts.change import Change, ChangeKind, Part
from mcpverify.facts.contract import Contract, Entry, across_eras
from mcpverify.facts.definition import markings
from mcpverify.facts.json_text import Json, canonical_text, pointer, utf16_order
from mcpverify.facts.revision import Era
from mcpverify.facts.snapshot import Snapshot

_Way: TypeAlias = "tuple[_Way, str | int] | None"
_ALIGNED_LEVELS: Final = 20


def changes(snapshot: Contract, live: Contract) -> Iterator[Change]:
    """Everything in which `live` differs from `snapshot`, in the order of subject and name.

    Resources are compared where both contracts include them.
    """
    yield from _changes_in_list(snapshot.tools, live.tools)
    yield from _changes_in_list(snapshot.prompts, live.prompts)
    yield from _changes_in_list(snapshot.templates, live.templates)
    if snapshot.resources is not None and live.resources is not None:
        yield from _changes_in_list(snapshot.resources, live.resources)


def changes_since(
    snapshot: Snapshot, live: Contract, era: Era
) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """What differs from a snapshot in a contract that was listed in `era`.

    Beside it the names of the fields that were left out, where the snapshot was taken in the
    other era: each era is held to what both can carry.
    """
    reviewed = snapshot.contract
    left_out: tuple[str, ...] = ()
    if snapshot.era is not era:
        stateless = era is Era.STATELESS
        across = across_eras(reviewed, live) if stateless else across_eras(live, reviewed)
        both = (across.handshake, across.stateless)
        reviewed, live = both if stateless else (both[1], both[0])
        left_out = across.left_out
    if reviewed.digests == live.digests:
        return (), left_out
    return tuple(changes(reviewed, live)), left_out


def _changes_in_list(snapshot: Sequence[Entry], live: Sequence[Entry]) -> Iterator[Change]:
    recorded = {entry.name: entry for entry in snapshot}
    current = {entry.name: entry for entry in live}
    for name in sorted(recorded.keys() | current.keys(), key=utf16_order):
        old, new = recorded.get(name), current.get(name)
        if old is None and new is not None:
            yield _whole(new, ChangeKind.ADDED)
        elif new is None and old is not None:
            yield _whole(old, ChangeKind.REMOVED)
        elif old is not None and new is not None and old.digests.digest != new.digests.digest:
            yield from _changes_in_entry(old, new)


def _whole(entry: Entry, kind: ChangeKind) -> Change:
    added = kind is ChangeKind.ADDED
    return Change(
        entry.subject,
        entry.name,
        kind,
        Part.CONTRACT,
        "",
        snapshot=None if added else entry.definition,
        live=entry.definition if added else None,
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two values at one place, still to be compared where both sides have one.

    `way` is a chain, and a pointer only once it is reported, so that long names and deep
    definitions cost what they are long. `lists` counts the lists around.
    """

    way: _Way
    kind: ChangeKind
    snapshot: Json = None
    live: Json = None
    text: bool = False
    lists: int = 0


def _changes_in_entry(snapshot: Entry, live: Entry) -> Iterator[Change]:
    recorded = markings(snapshot.subject, snapshot.definition)
    current = markings(live.subject, live.definition)
    texts = recorded.texts | current.texts
    sets = recorded.sets | current.sets
    pending = [_Pair(None, ChangeKind.CHANGED, snapshot.definition, live.definition)]
    while pending:
        pair = pending.pop()
        match pair.kind, pair.snapshot, pair.live:
            case ChangeKind.CHANGED, dict() as old, dict() as new:
                pending += reversed(list(_members(pair, old, new, texts.get(id(old), ()))))
            case ChangeKind.CHANGED, list() as old, list() as new if id(old) in sets:
                pending += reversed(list(_set_members(pair, old, new)))
            case ChangeKind.CHANGED, list() as old, list() as new:
                pending += reversed(list(_items(pair, old, new)))
            case ChangeKind.CHANGED, old, new if type(old) is type(new) and old == new:
                pass
            case _:
                yield _change(snapshot, pair)


def _change(entry: Entry, pair: _Pair) -> Change:
    steps: list[str | int] = []
    way = pair.way
    while way is not None:
        way, step = way
        steps.append(step)
    sides = {
        ChangeKind.ADDED: (pair.live,),
        ChangeKind.REMOVED: (pair.snapshot,),
        ChangeKind.CHANGED: (pair.snapshot, pair.live),
    }[pair.kind]
    text = pair.text and all(isinstance(side, str) for side in sides)
    return Change(
        entry.subject,
        entry.name,
        pair.kind,
        Part.PROMPT if text else Part.CONTRACT,
        pointer(*reversed(steps)),
        pair.snapshot,
        pair.live,
    )


def _members(
    pair: _Pair, old: dict[str, Json], new: dict[str, Json], texts: Sequence[str]
) -> Iterator[_Pair]:
    """The members of two objects, key by key."""
    for key in sorted(old.keys() | new.keys(), key=utf16_order):
        kind = ChangeKind.CHANGED
        if key not in old:
            kind = ChangeKind.ADDED
        elif key not in new:
            kind = ChangeKind.REMOVED
        yield _Pair((pair.way, key), kind, old.get(key), new.get(key), key in texts, pair.lists)


def _set_members(pair: _Pair, old: list[Json], new: list[Json]) -> Iterator[_Pair]:
    """What only one of two sets holds, at the place of the set: an index would mean nothing."""
    gone = Counter(map(canonical_text, old))
    come = Counter(map(canonical_text, new))
    gone, come = gone - come, come - gone
    for value in old:
        if gone[text := canonical_text(value)] > 0:
            gone[text] -= 1
            yield _Pair(pair.way, ChangeKind.REMOVED, snapshot=value)
    for value in new:
        if come[text := canonical_text(value)] > 0:
            come[text] -= 1
            yield _Pair(pair.way, ChangeKind.ADDED, live=value)


def _items(pair: _Pair, old: list[Json], new: list[Json]) -> Iterator[_Pair]:
    """The items of two lists by their index, past what both begin and end with.

    An item that was put in or taken out is then one change and not many. Added items
    have their index in the live list, removed ones theirs in the snapshot.
    """
    lists = pair.lists + 1
    head = tail = 0
    both = min(len(old), len(new))
    # Each level reads all that lies below it, which only so many levels may do.
    if len(old) != len(new) and lists <= _ALIGNED_LEVELS:
        recorded, current = [*map(canonical_text, old)], [*map(canonical_text, new)]
        while head < both and recorded[head] == current[head]:
            head += 1
        while tail < both - head and recorded[-1 - tail] == current[-1 - tail]:
            tail += 1
    for index in range(head, both - tail):
        way = (pair.way, index)
        yield _Pair(way, ChangeKind.CHANGED, old[index], new[index], lists=lists)
    for index in range(both - tail, len(old) - tail):
        yield _Pair((pair.way, index), ChangeKind.REMOVED, snapshot=old[index])
    for index in range(both - tail, len(new) - tail):
        yield _Pair((pair.way, index), ChangeKind.ADDED, live=new[index])
