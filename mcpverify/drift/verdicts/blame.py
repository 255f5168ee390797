"""On which change a value breaks: the one that, made to a hybrid, has it refused.

The changes are made in an order, those before which nothing is refused first. Where the
value is accepted before and refused after, a bisection finds a change that did it: the
schemas of a large tool are put together a few times, not once for each of its changes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mcpverify.drift.verdicts.hybrid import Ground, Group
from mcpverify.facts.json_text import Json

Refusal = Callable[[Json], str | None]
"""Why a schema refuses the value that is in question; None where it does not, or cannot tell."""


@dataclass(frozen=True, slots=True)
class Blamed:
    """A group that has the value refused, and why."""

    group: Group
    refusal: str


def blamed(ground: Ground, groups: Sequence[Group], refusal: Refusal) -> tuple[Blamed, ...]:
    """The groups that have a value refused which the producer's schema takes.

    At least one, wherever making all of `groups` has it refused. Raises what `refusal` raises.
    """
    made, suspects = list(groups), list[Group]()
    why = refusal(ground.hybrid(made))
    while why is not None:
        flip = _flip(ground, made, refusal)
        suspects.append(made.pop(flip))
        last, why = why, refusal(ground.hybrid(made))
    if len(suspects) == 1:
        return (Blamed(suspects[0], last),)
    return _convicted(ground, made, suspects, refusal) if suspects else ()


def _flip(ground: Ground, groups: Sequence[Group], refusal: Refusal) -> int:
    """The index of a group with which, after all before it, the value is refused."""
    accepted, refused = 0, len(groups)
    while refused - accepted > 1:
        middle = (accepted + refused) // 2
        if refusal(ground.hybrid(groups[:middle])) is None:
            accepted = middle
        else:
            refused = middle
    return refused - 1


def _convicted(
    ground: Ground, made: list[Group], suspects: list[Group], refusal: Refusal
) -> tuple[Blamed, ...]:
    """Those of several suspects that are not cleared by what else changed."""
    found: list[Blamed] = []
    waiting = suspects
    while waiting:
        found = []
        for group in waiting:
            why = refusal(ground.hybrid([*made, group]))
            if why is None:
                made.append(group)
            else:
                found.append(Blamed(group, why))
        if len(found) == len(waiting):
            break
        waiting = [each.group for each in found]
    return tuple(found)
