"""Which declared names silently vanished: an open object takes any name, so nothing is refused.

Both schemas are walked side by side, place by place in the values that they are about, through
references and combinators. A pair of places that was met before is not walked again, so
that schemas which refer to themselves end. A name is declared by `properties` or `required`;
any that it allows by `patternProperties`, or by `additionalProperties` where that is given.
"""

from collections import deque
from collections.abc import Iterable
from typing import Final, TypeAlias

from mcpverify.drift.budget import Budget, Exhausted
from mcpverify.drift.verdicts.hybrid import at, steps_of
from mcpverify.drift.verdicts.names import is_free, maps, maps_lost, names
from mcpverify.drift.verdicts.places import Document, Steps, below, positions
from mcpverify.facts.change import Aspect, Change, ChangeKind
from mcpverify.facts.json_text import Json
from mcpverify.facts.schema import subschemas

Vanished: TypeAlias = dict[int, set[Steps]]
"""What declares them, by the `id` of the schema of the snapshot in which it stands: the steps
from there, such as `properties`, `a` or `patternProperties`, `^x-` or `additionalProperties`."""

_GONE: Final = (ChangeKind.REMOVED, ChangeKind.RENAMED)
_MAY_HIDE_NAMES: Final = (
    Aspect.REFERENCE,
    Aspect.COMBINATOR,
    Aspect.SCHEMA,
    Aspect.ITEMS,
    Aspect.ADDITIONAL,
)
# `prefixItems` takes the place of `items`; a reference, in older dialects, of all beside it.
_HIDE_WHEN_ADDED: Final = (Aspect.ITEMS, Aspect.REFERENCE)


def silently_lost(
    snapshot: Json, live: Json, changes: Iterable[Change], *, arguments: bool
) -> set[int]:
    """The changes, by `id`, by which a name that the snapshot declares is declared no more.

    `arguments`: the schemas are of what a tool takes, which is nothing where they name nothing.
    """
    suspects = [
        change
        for change in changes
        if (change.kind is not ChangeKind.ADDED or change.aspect in _HIDE_WHEN_ADDED)
        and (change.aspect is Aspect.PROPERTY or change.aspect in _MAY_HIDE_NAMES)
    ]
    if not suspects:
        return set()
    gone = vanished(snapshot, live, arguments=arguments)
    found: set[int] = set()
    for change in suspects:
        steps = steps_of(change)
        is_name = change.aspect is Aspect.PROPERTY and change.kind in _GONE
        silent = (is_name or change.aspect is Aspect.ADDITIONAL) and _declared_at(
            snapshot, steps, gone
        )
        if not silent and not is_name:
            values = change.snapshot
            silent = any(
                id(place.schema) in gone
                for value in (values if isinstance(values, list) else [values])
                for place in subschemas(value)
            )
        if silent:
            found.add(id(change))
    others = [change for change in suspects if change.aspect is not Aspect.PROPERTY]
    if gone and not found and others:
        found.add(id(others[0]))
    return found


def _declared_at(snapshot: Json, steps: Steps, gone: Vanished) -> bool:
    """Whether something that vanished is declared by what `steps` lead to, or right within it."""
    return any(
        each[:last] == steps[len(steps) - last :]
        for last in (1, 2)
        for each in gone.get(id(at(snapshot, steps[: len(steps) - last]).value), ())
    )


def vanished(snapshot: Json, live: Json, *, arguments: bool) -> Vanished:
    """What `snapshot` declares somewhere and `live` does not declare there.

    As far as a bound goes; what lies beyond counts as unchanged. `snapshot` must stay alive.
    """
    found: Vanished = {}
    before, after = Document(snapshot), Document(live)
    pending = deque([(before.closure([snapshot]), after.closure([live]), not arguments)])
    met: set[tuple[frozenset[int], frozenset[int]]] = set()
    budget = Budget()
    while pending:
        old, new, may_be_free = pending.popleft()
        key = (frozenset(map(id, old)), frozenset(map(id, new)))
        if not old or key in met:
            continue
        met.add(key)
        kept = {name for schema in new for name in names(schema)}
        length = positions(*old, *new)
        try:
            budget.spend(sum(length + len(each) for each in (*old, *new)))
            others = set() if may_be_free and is_free(new) else maps_lost(old, new, kept, budget)
        except Exhausted:
            break
        for schema in old:
            gone: set[Steps] = {("properties", name) for name in names(schema) if name not in kept}
            gone |= {steps for steps in maps(schema) if steps in others}
            if gone:
                found.setdefault(id(schema), set()).update(gone)
        inside = below(new, length)
        for step, schemas in below(old, length).items():
            gone_whole = step[0] == "property" and step[1] not in kept
            fewer = step[0] == "item" and step[1] != "0" and False in inside.get(step, ())
            if gone_whole or fewer:
                continue
            pending.append((before.closure(schemas), after.closure(inside.get(step, [])), True))
    return found
