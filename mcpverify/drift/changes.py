"""The facts of drift: where a live contract differs from its snapshot, with both values.

Nothing is judged here. Definitions are compared in canonical form, so whatever moves no
digest is no change, and every change moves one. A tool, a property or an argument of a prompt
that is gone and whose equal came under another name is renamed (`drift.renames`).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from mcpverify.drift.aspects import DATA, ENTRIES, Region
from mcpverify.drift.renames import renamed_arguments, renamed_properties, renamed_tools
from mcpverify.facts.change import Aspect, Change, ChangeKind, Part, Subject
from mcpverify.facts.contract import Contract, Entry, across_eras
from mcpverify.facts.json_text import Json, canonical_text, pointer, utf16_order
from mcpverify.facts.revision import Era

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


@dataclass(frozen=True, slots=True)
class Comparable:
    """Two contracts as far as both eras can carry them; `left_out` names the other fields."""

    snapshot: Contract
    live: Contract
    left_out: tuple[str, ...]


def comparable(
    snapshot: Contract, live: Contract, recorded: Era | None, seen: Era | None
) -> Comparable:
    """Two contracts, listed in the eras `recorded` and `seen`: each held to what both can carry.

    An era is None where nobody knows it; then no allowance is made.
    """
    if recorded is None or seen is None or recorded is seen:
        return Comparable(snapshot, live, ())
    if seen is Era.STATELESS:
        across = across_eras(snapshot, live)
        return Comparable(across.handshake, across.stateless, across.left_out)
    across = across_eras(live, snapshot)
    return Comparable(across.stateless, across.handshake, across.left_out)


def _changes_in_list(snapshot: Sequence[Entry], live: Sequence[Entry]) -> Iterator[Change]:
    recorded = {entry.name: entry for entry in snapshot}
    current = {entry.name: entry for entry in live}
    new_names = _new_names(recorded, current)
    for name in sorted(recorded.keys() | current.keys(), key=utf16_order):
        old, new = recorded.get(name), current.get(name)
        if old is None and new is not None:
            yield _whole(new, ChangeKind.ADDED, None, new.definition)
        elif new is None and old is not None:
            renamed_to = new_names.get(name, "")
            if renamed_to:
                definition = current[renamed_to].definition
                yield _whole(old, ChangeKind.RENAMED, old.definition, definition, renamed_to)
            else:
                yield _whole(old, ChangeKind.REMOVED, old.definition, None)
        elif old is not None and new is not None and old.digests.digest != new.digests.digest:
            yield from _changes_in_entry(old, new)


def _new_names(recorded: dict[str, Entry], current: dict[str, Entry]) -> dict[str, str]:
    gone = [entry for name, entry in recorded.items() if name not in current]
    come = [entry for name, entry in current.items() if name not in recorded]
    if not gone or not come or gone[0].subject is not Subject.TOOL:
        return {}
    return renamed_tools(gone, come)


def _whole(
    entry: Entry, kind: ChangeKind, snapshot: Json, live: Json, renamed_to: str = ""
) -> Change:
    return Change(
        *(entry.subject, entry.name, kind, Part.CONTRACT, "", snapshot, live),
        *(Aspect.WHOLE, renamed_to),
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two values at one place, still to be compared where both sides have one.

    `way` is a chain, and a pointer only once it is reported, so that long names and deep
    definitions cost what they are long. `lists` counts the lists around. `ordered`: it is
    the order of the items that differs, and they are told already.
    """

    way: _Way
    kind: ChangeKind
    region: Region
    snapshot: Json = None
    live: Json = None
    text: bool = False
    lists: int = 0
    renamed_to: str = ""
    ordered: bool = False


def _changes_in_entry(snapshot: Entry, live: Entry) -> Iterator[Change]:
    region = ENTRIES[snapshot.subject]
    whole = _Pair(None, ChangeKind.CHANGED, region, snapshot.definition, live.definition)
    pending = [whole]
    while pending:
        pair = pending.pop()
        match pair.kind, pair.snapshot, pair.live:
            case ChangeKind.CHANGED, dict() as old, dict() as new:
                pending += reversed(list(_members(pair, old, new)))
            case ChangeKind.CHANGED, list() as old, list() as new if pair.region.is_set:
                pending += reversed(list(_set_members(pair, old, new)))
            case ChangeKind.CHANGED, list() as old, list() as new if not pair.ordered:
                pending += reversed(list(_items_or_arguments(pair, old, new)))
            case ChangeKind.CHANGED, old, new if type(old) is type(new) and old == new:
                pass
            case _:
                parts = list(_parts(pair)) if pair.region.splits else []
                if parts:
                    pending += reversed(parts)
                else:
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
    }.get(pair.kind, (pair.snapshot, pair.live))
    text = pair.text and all(isinstance(side, str) for side in sides)
    return Change(
        entry.subject,
        entry.name,
        pair.kind,
        Part.PROMPT if text else Part.CONTRACT,
        pointer(*reversed(steps)),
        pair.snapshot,
        pair.live,
        pair.region.aspect_of(pair.kind),
        pair.renamed_to,
    )


def _parts(pair: _Pair) -> Iterator[_Pair]:
    """What came or went with a whole that is told member by member; nothing if it is told whole."""
    old, new = pair.snapshot, pair.live
    texts = pair.region.texts
    match pair.kind:
        case ChangeKind.ADDED if isinstance(new, dict) and new.keys() - texts:
            yield from _members(pair, {}, new)
        case ChangeKind.REMOVED if isinstance(old, dict) and old.keys() - texts:
            yield from _members(pair, old, {})
        case ChangeKind.ADDED if isinstance(new, list) and pair.region.keyed:
            yield from _arguments(pair, {}, _by_name(new) or {})
        case ChangeKind.REMOVED if isinstance(old, list) and pair.region.keyed:
            yield from _arguments(pair, _by_name(old) or {}, {})
        case ChangeKind.ADDED if isinstance(new, list) and pair.region.is_set:
            yield from _set_members(pair, [], new)
        case ChangeKind.REMOVED if isinstance(old, list) and pair.region.is_set:
            yield from _set_members(pair, old, [])


def _members(pair: _Pair, old: dict[str, Json], new: dict[str, Json]) -> Iterator[_Pair]:
    """The members of two objects, key by key."""
    region = pair.region
    new_names = _new_properties(old, new) if region.named else {}
    told = set(new_names.values())
    for key in sorted(old.keys() | new.keys(), key=utf16_order):
        way, below = (pair.way, key), region.below(key)
        if key in new_names:
            to = new_names[key]
            kind = ChangeKind.RENAMED
            yield _Pair(way, kind, below, old[key], new[to], renamed_to=to)
            continue
        kind = ChangeKind.CHANGED
        if key not in old:
            if key in told:
                continue
            kind = ChangeKind.ADDED
        elif key not in new:
            kind = ChangeKind.REMOVED
        text = key in region.texts
        yield _Pair(way, kind, below, old.get(key), new.get(key), text, pair.lists)


def _new_properties(old: dict[str, Json], new: dict[str, Json]) -> dict[str, str]:
    gone = {name: schema for name, schema in old.items() if name not in new}
    come = {name: schema for name, schema in new.items() if name not in old}
    return renamed_properties(gone, come) if gone and come else {}


def _set_members(pair: _Pair, old: list[Json], new: list[Json]) -> Iterator[_Pair]:
    """What only one of two sets holds, at the place of the set: an index would mean nothing."""
    gone = Counter(map(canonical_text, old))
    come = Counter(map(canonical_text, new))
    gone, come = gone - come, come - gone
    member = DATA[pair.region.aspect]
    for value in old:
        if gone[text := canonical_text(value)] > 0:
            gone[text] -= 1
            yield _Pair(pair.way, ChangeKind.REMOVED, member, snapshot=value)
    for value in new:
        if come[text := canonical_text(value)] > 0:
            come[text] -= 1
            yield _Pair(pair.way, ChangeKind.ADDED, member, live=value)


def _items_or_arguments(pair: _Pair, old: list[Json], new: list[Json]) -> Iterator[_Pair]:
    if pair.region.keyed:
        recorded, current = _by_name(old), _by_name(new)
        if recorded is not None and current is not None:
            return _arguments(pair, recorded, current)
    return _items(pair, old, new)


_Arguments: TypeAlias = dict[str, tuple[int, dict[str, Json]]]


def _by_name(items: list[Json]) -> _Arguments | None:
    """The arguments of a prompt with their indexes, None where names do not tell them apart."""
    named: _Arguments = {}
    for index, item in enumerate(items):
        name = item.get("name") if isinstance(item, dict) else None
        if not isinstance(item, dict) or not isinstance(name, str) or name in named:
            return None
        named[name] = (index, item)
    return named


def _arguments(pair: _Pair, old: _Arguments, new: _Arguments) -> Iterator[_Pair]:
    """The arguments of two prompts by their names; those of both have their index in the snapshot.

    Where the order of those differs, that is a change of its own.
    """
    gone = {name: argument for name, (_, argument) in old.items() if name not in new}
    come = {name: argument for name, (_, argument) in new.items() if name not in old}
    new_names = renamed_arguments(gone, come) if gone and come else {}
    item = pair.region.below(0)
    lists = pair.lists + 1
    for name, (index, argument) in old.items():
        way = (pair.way, index)
        if name in new_names:
            to = new_names[name]
            kind = ChangeKind.RENAMED
            yield _Pair(way, kind, item, argument, new[to][1], renamed_to=to)
        elif name in gone:
            yield _Pair(way, ChangeKind.REMOVED, item, snapshot=argument)
        else:
            yield _Pair(way, ChangeKind.CHANGED, item, argument, new[name][1], lists=lists)
    told = set(new_names.values())
    for name, argument in come.items():
        if name not in told:
            yield _Pair((pair.way, new[name][0]), ChangeKind.ADDED, item, live=argument)
    if [name for name in old if name in new] != [name for name in new if name in old]:
        yield replace(pair, ordered=True)


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
    item = pair.region.below(0)
    for index in range(head, both - tail):
        way = (pair.way, index)
        yield _Pair(way, ChangeKind.CHANGED, item, old[index], new[index], lists=lists)
    for index in range(both - tail, len(old) - tail):
        yield _Pair((pair.way, index), ChangeKind.REMOVED, item, snapshot=old[index])
    for index in range(both - tail, len(new) - tail):
        yield _Pair((pair.way, index), ChangeKind.ADDED, item, live=new[index])
