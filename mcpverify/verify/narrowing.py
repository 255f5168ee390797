"""A snapshot that holds less than the one before: what it leaves out no gate will see."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mcpverify.facts.comparison import Comparison
from mcpverify.verify.sources import Side


def no_longer_held(old: Side, new: Side) -> tuple[str, ...]:
    """What the snapshot `new` leaves out by its scope and the snapshot `old` does not, in words."""
    return tuple(_words(old, new)) if old.is_snapshot and new.is_snapshot else ()


def _words(old: Side, new: Side) -> Iterator[str]:
    if new.scope.tools_beyond(old.scope):
        yield f"tools beyond {', '.join(new.scope.tools)}"
    yield from new.scope.ignored_beyond(old.scope)
    held = [None if each.contract is None else each.contract.resources for each in (old, new)]
    if held[0] is not None and held[1] is None:
        yield "resources"


def narrowed(comparison: Comparison, lost: Iterable[str]) -> Comparison:
    """`comparison` with that said first."""
    left_out = " and ".join(lost)
    return replace(
        comparison,
        headline=f"NARROWED: {comparison.new.name} leaves out {left_out}; "
        f"of the rest: {comparison.headline}",
        next_steps=(
            "What a snapshot leaves out no gate sees: approve that, or record the whole again.",
            *comparison.next_steps,
        ),
    )
