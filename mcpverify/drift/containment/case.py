"""One case of the search: what a value must be like, as far as that is known by then."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mcpverify.drift.budget import Budget
from mcpverify.drift.containment.form import ALL_TYPES, Form
from mcpverify.drift.containment.membership import type_of
from mcpverify.drift.containment.outcome import Demand, Found, NotIn, Outcome, Unknown
from mcpverify.drift.containment.refusals import Alternative, Types
from mcpverify.drift.containment.world import World
from mcpverify.facts.json_text import Json


class Searcher(Protocol):
    """What the files for the types ask of the search: the parts of a value."""

    budget: Budget

    def value(
        self, positives: tuple[Form, ...], negatives: tuple[Form, ...], world: World
    ) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Case:
    """A value is sought that is like all this.

    `forms` accept it, with all that applies in place; of each of `choices` one branch is
    still to be taken; `negatives` and `aside` refuse it in ways still to be found; `demands`
    are the ways that were. `goal` says of a value whether it is one that was sought; where it
    cannot tell, the `lenient` take it.
    """

    world: World
    goal: Callable[[Json], bool | None]
    lenient: bool = False
    types: Types = ALL_TYPES
    forms: tuple[Form, ...] = ()
    choices: tuple[tuple[Alternative, ...], ...] = ()
    negatives: tuple[Form, ...] = ()
    aside: tuple[Form, ...] = ()
    demands: tuple[Demand, ...] = ()

    def fits(self, candidate: Json) -> bool | None:
        """Whether it is a value that was sought; the lenient take what cannot be told."""
        answer = self.goal(candidate)
        return True if answer is None and self.lenient else answer

    def settled(self, candidate: Json) -> Outcome:
        """What a value that seems to fit comes to, once it was checked."""
        return Found(candidate) if self.fits(candidate) else Unknown("no value could be built")

    def hints(self, kind: str) -> list[Json]:
        """Defaults and examples of one type: real values make the best witnesses."""
        return [each for form in self.forms for each in form.hints if type_of(each) == kind]

    def listed(self) -> tuple[Json, ...]:
        """The values that are ruled out one by one."""
        return tuple(
            value for each in self.demands if isinstance(each, NotIn) for value in each.values
        )
