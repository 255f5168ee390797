"""Schemas between two others: some changes made, the others not yet.

Changes come from the snapshot to the live server; a hybrid goes from producer to acceptor,
which for outputs is the other way. A group is what can only be made at once: everything
below a list that is no set (the index of a branch means nothing in between), or a renamed
property together with what changed in `required` about its two names.
"""

import marshal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from mcpverify.facts.change import Aspect, Change, ChangeKind
from mcpverify.facts.json_text import INDEX, Json, canonical_text, pointer_steps

_DEFINITIONS: Final = ("$defs", "definitions")
_LOOSENING_WHEN_GONE: Final = (
    Aspect.BOUND,
    Aspect.PATTERN,
    Aspect.REQUIREMENT,
    Aspect.ITEMS,
    Aspect.ADDITIONAL,
    Aspect.COMBINATOR,
)
_LOOSENING_WHEN_NEW: Final = (Aspect.ENUM, Aspect.TYPE)


@dataclass(frozen=True, slots=True)
class Group:
    """Changes that are made at once; `indexes` are theirs among all changes of the schema.

    `steps` lead to the list that is replaced as a whole, or to the place of the one change.
    """

    steps: tuple[str, ...]
    whole: bool
    changes: tuple[Change, ...]
    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """The two schemas, and which way the changes go between them.

    `reverse` where the producer is the live side.
    """

    producer: Json
    acceptor: Json
    reverse: bool

    def hybrid(self, groups: Iterable[Group]) -> Json:
        """The producer's schema with the changes of `groups` made to it."""
        schema: Json = marshal.loads(marshal.dumps(self.producer, 2))
        for group in groups:
            if group.whole:
                _put(schema, group.steps, at(self.acceptor, group.steps).value)
            else:
                for change in group.changes:
                    self._make(schema, change)
        return schema

    def _make(self, schema: Json, change: Change) -> None:
        steps = steps_of(change)
        kind, old, new = change.kind, change.snapshot, change.live
        new_name = change.renamed_to
        if self.reverse:
            kind, old, new = _MIRRORED[kind], new, old
            if change.kind is ChangeKind.RENAMED:
                steps, new_name = (*steps[:-1], change.renamed_to), steps[-1]
        match kind:
            case ChangeKind.RENAMED:
                _drop(schema, steps)
                _put(schema, (*steps[:-1], new_name), new)
            case ChangeKind.CHANGED:
                _put(schema, steps, new)
            case ChangeKind.ADDED if at(self.acceptor, steps).value == new:
                _put(schema, steps, new)
            case ChangeKind.ADDED:
                _join(schema, steps, new)
            case ChangeKind.REMOVED:
                if at(self.producer, steps).value == old:
                    _drop(schema, steps)
                else:
                    _leave(schema, steps, old)
                self._prune(schema, steps)

    def _prune(self, schema: Json, steps: tuple[str, ...]) -> None:
        """Takes out what is empty now and was told part by part, though it went as a whole."""
        for depth in (len(steps), len(steps) - 1):
            if at(schema, steps[:depth]).value in ([], {}):
                if at(self.acceptor, steps[:depth]).found:
                    return
                _drop(schema, steps[:depth])


_MIRRORED: Final = {
    ChangeKind.ADDED: ChangeKind.REMOVED,
    ChangeKind.REMOVED: ChangeKind.ADDED,
    ChangeKind.CHANGED: ChangeKind.CHANGED,
    ChangeKind.RENAMED: ChangeKind.RENAMED,
}


def groups_of(ground: Ground, changes: Sequence[Change]) -> list[Group]:
    """All changes of one schema in groups; the harmless come first.

    Definitions come before what refers to them, and go last. What loosens comes before
    what tightens, so that a value is refused by as few groups as possible.
    """
    renames = _requirements_of_renames(changes)
    collected: dict[tuple[str, ...], _Collected] = {}
    for index, change in enumerate(changes):
        steps = steps_of(change)
        lists = _way_to_list(ground.acceptor if ground.reverse else ground.producer, steps)
        key: tuple[str, ...]
        if lists is not None:
            key, steps = ("list", *lists), lists
        elif (steps, _name(change)) in renames:
            key = ("rename", *renames[steps, _name(change)])
        elif change.kind is ChangeKind.RENAMED:
            key = ("rename", *steps)
        else:
            key = ("one", str(index))
        group = collected.setdefault(key, _Collected(steps, lists is not None))
        group.changes.append(change)
        group.indexes.append(index)
    groups = [
        Group(each.steps, each.whole, tuple(each.changes), tuple(each.indexes))
        for each in collected.values()
    ]
    return sorted(groups, key=lambda group: _rank(group, ground.reverse))


@dataclass(slots=True)
class _Collected:
    steps: tuple[str, ...]
    whole: bool
    changes: list[Change] = field(default_factory=list)
    indexes: list[int] = field(default_factory=list)


def steps_of(change: Change) -> tuple[str, ...]:
    """The way to a change from the root of its schema: without the field that holds it."""
    return pointer_steps(change.pointer)[1:]


def _name(change: Change) -> Json:
    value = change.live if change.kind is ChangeKind.ADDED else change.snapshot
    return value if isinstance(value, str) else None


def _requirements_of_renames(
    changes: Sequence[Change],
) -> dict[tuple[tuple[str, ...], Json], tuple[str, ...]]:
    """Where a renamed property stands in `required`, under both names, and the way to it."""
    found: dict[tuple[tuple[str, ...], Json], tuple[str, ...]] = {}
    for change in changes:
        if change.kind is ChangeKind.RENAMED:
            steps = steps_of(change)
            required = (*steps[:-2], "required")
            found[required, steps[-1]] = steps
            found[required, change.renamed_to] = steps
    return found


def _way_to_list(schema: Json, steps: tuple[str, ...]) -> tuple[str, ...] | None:
    """The steps to the first list that `steps` lead through, not to; None where to none."""
    at = schema
    for depth, step in enumerate(steps):
        if isinstance(at, list):
            return steps[:depth]
        if not isinstance(at, dict) or step not in at:
            return None
        at = at[step]
    return None


def _rank(group: Group, reverse: bool) -> int:
    change = group.changes[0]
    kind = _MIRRORED[change.kind] if reverse else change.kind
    if len(group.steps) >= 2 and group.steps[-2] in _DEFINITIONS:
        if kind is ChangeKind.ADDED:
            return 0
        if kind is ChangeKind.REMOVED:
            return 9
    if group.steps and group.steps[-1] in _DEFINITIONS:
        return 0 if kind is ChangeKind.ADDED else 9
    if kind is ChangeKind.REMOVED and change.aspect in _LOOSENING_WHEN_GONE:
        return 1
    if kind is ChangeKind.ADDED and change.aspect in _LOOSENING_WHEN_NEW:
        return 1
    return 3 if change.aspect is Aspect.REQUIREMENT else 2


@dataclass(frozen=True, slots=True)
class Value:
    """A value, null or not, or that there is none."""

    found: bool
    value: Json = None


def at(schema: Json, steps: Iterable[str]) -> Value:
    """What the steps of a JSON pointer lead to."""
    value = schema
    for step in steps:
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and INDEX.fullmatch(step) and int(step) < len(value):
            value = value[int(step)]
        else:
            return Value(False)
    return Value(True, value)


def _holder(schema: Json, steps: tuple[str, ...]) -> dict[str, Json]:
    """The object that holds what `steps` lead to; made, where there is none."""
    at = schema
    for step in steps[:-1]:
        assert isinstance(at, dict)
        at = at.setdefault(step, {})
    assert isinstance(at, dict)
    return at


def _put(schema: Json, steps: tuple[str, ...], value: Json) -> None:
    # A value of its own: what is put in may be changed by the next group.
    _holder(schema, steps)[steps[-1]] = marshal.loads(marshal.dumps(value, 2))


def _drop(schema: Json, steps: tuple[str, ...]) -> None:
    _holder(schema, steps).pop(steps[-1], None)


def _join(schema: Json, steps: tuple[str, ...], member: Json) -> None:
    members = _holder(schema, steps).setdefault(steps[-1], [])
    assert isinstance(members, list)
    members.append(member)


def _leave(schema: Json, steps: tuple[str, ...], member: Json) -> None:
    members = _holder(schema, steps).get(steps[-1])
    if isinstance(members, list):
        text = canonical_text(member)
        at = next((i for i, each in enumerate(members) if canonical_text(each) == text), None)
        if at is not None:
            del members[at]


def removed_member(ground: Ground, group: Group) -> Value | None:
    """What a set loses by `group`, on the way to the acceptor; None if that is not all it does."""
    change = group.changes[0]
    gone = ChangeKind.ADDED if ground.reverse else ChangeKind.REMOVED
    if group.whole or len(group.changes) > 1 or change.kind is not gone:
        return None
    value = change.live if ground.reverse else change.snapshot
    members = at(ground.producer, group.steps).value
    if change.aspect is not Aspect.ENUM or not isinstance(members, list) or value == members:
        return None
    return Value(True, value)


def replaced(value: Json, old: Json, new: Json) -> Json:
    """`value` with `new` wherever `old` stands in it."""
    if type(value) is type(old) and value == old:
        return new
    if isinstance(value, dict):
        return {key: replaced(each, old, new) for key, each in value.items()}
    if isinstance(value, list):
        return [replaced(each, old, new) for each in value]
    return value
