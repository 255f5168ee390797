"""The search for a value that some schemas accept, others refuse, and a world produces.

Each step splits the case at hand: a choice of the producer into its branches, a refusal by
the acceptor into one case for each keyword, until what is left is a list of schemas to satisfy and
of single demands, which the file for each type settles. Where every case comes to nothing,
there is no such value. A schema within itself comes back to a question that is still open,
about a part of the value: then there is no smallest value either, so the open question may
be taken as answered by nothing (coinduction).
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations
from typing import Final

from mcpverify.drift.budget import Budget
from mcpverify.drift.containment import arrays, numbers, objects, strings
from mcpverify.drift.containment.case import Case, Searcher
from mcpverify.drift.containment.form import ALL_TYPES, ANYTHING, Form, equality_key, says_more
from mcpverify.drift.containment.form import NOTHING as NO_VALUE
from mcpverify.drift.containment.likeness import Likeness
from mcpverify.drift.containment.membership import (
    accepts,
    every,
    opposite,
    produced,
    type_of,
)
from mcpverify.drift.containment.outcome import (
    NOTHING,
    Absent,
    Found,
    LaterItemOutside,
    Nothing,
    Outcome,
    Present,
    PropertyOutside,
    Unknown,
)
from mcpverify.drift.containment.refusals import Alternative, Types, refusals
from mcpverify.drift.containment.tags import own_tags, tags, told_apart
from mcpverify.drift.containment.world import World
from mcpverify.facts.json_text import Json

_DEEPEST = 40  # values within values
_OBJECT: Types = frozenset({"object"})


class Search:
    """One question with all the questions that it leads to.

    A `lenient` search also finds values of which it cannot tell whether they fit: another
    judge has to look at them.
    """

    def __init__(self, budget: Budget, *, lenient: bool = False) -> None:
        self._lenient = lenient
        self.budget = budget
        self._likeness = Likeness(budget)
        self._known_tags: dict[tuple[Form, ...], dict[str, frozenset[str]]] = {}
        self._settled: dict[object, Outcome] = {}
        self._open: dict[object, int] = {}
        self._assumed = 0  # the lowest place in `_open` that an answer of now rests on

    def value(
        self, positives: tuple[Form, ...], negatives: tuple[Form, ...], world: World
    ) -> Outcome:
        """A value that all of `positives` accept, all of `negatives` refuse, `world` produces."""
        self.budget.spend()
        if not self._open:
            self._likeness.compare((*positives, *negatives))
        key = (
            frozenset(form.identity for form in positives),
            frozenset(form.identity for form in negatives),
            world.key,
        )
        known = self._settled.get(key)
        if known is not None:
            return known
        place = self._open.get(key)
        if place is not None:
            self._assumed = min(self._assumed, place)
            return NOTHING
        if len(self._open) > _DEEPEST:
            return Unknown("it lies too deep")
        mine = self._open[key] = len(self._open)
        outer, self._assumed = self._assumed, mine + 1
        try:
            outcome = self._question(positives, negatives, world)
        finally:
            del self._open[key]
            rests_on, self._assumed = self._assumed, min(outer, self._assumed)
        if rests_on >= mine or isinstance(outcome, Found):
            self._settled[key] = outcome
        return outcome

    def _question(
        self, positives: tuple[Form, ...], negatives: tuple[Form, ...], world: World
    ) -> Outcome:
        budget = self.budget

        def goal(value: Json) -> bool | None:
            return every(
                (
                    every(accepts(form, value, budget) for form in positives),
                    every(opposite(accepts(form, value, budget)) for form in negatives),
                    produced(world, value, budget),
                )
            )

        case = Case(world, goal, self._lenient)
        whole = self.narrowed(case, Alternative(positives=positives, negatives=negatives))
        return NOTHING if whole is None else self.settle(whole)

    def narrowed(self, case: Case, by: Alternative) -> Case | None:
        """`case` with what `by` adds to it; None where no value can be left."""
        types = case.types if by.types is None else case.types & by.types
        forms = dict.fromkeys(case.forms)
        negatives = [*case.negatives, *by.negatives]
        choices = list(case.choices)
        pending = list(reversed(by.positives))
        while pending:
            form = pending.pop()
            if form in forms:
                continue
            self.budget.spend()
            forms[form] = None
            types &= form.types
            if form.nothing or not types:
                return None
            pending += reversed(form.conjuncts)
            if form.negated is not None:
                negatives.append(form.negated)
            choices += _choices(form)
            for branches in (form.any_of, form.one_of):
                pending += branches if len(branches) == 1 else ()
        if not types:
            return None
        return replace(
            case,
            types=types,
            forms=tuple(forms),
            choices=tuple(choices),
            negatives=tuple(dict.fromkeys(negatives)),
            aside=(*case.aside, *by.aside),
            demands=(*case.demands, *by.demands),
        )

    def settle(self, case: Case) -> Outcome:
        """What the search of one case comes to."""
        self.budget.spend()
        if self._contradicts_itself(case):
            return NOTHING
        finite = min((each for form in case.forms for each in form.finite), key=len, default=None)
        if finite is not None:
            return self._among(finite, case)
        if case.choices:
            first, *rest = case.choices
            return self._either(replace(case, choices=tuple(rest)), first)
        if case.negatives:
            return self._refused(case)
        outcome = self._of_types(case)
        if case.aside and isinstance(outcome, Unknown):
            return self._refused(replace(case, negatives=case.aside, aside=()))
        return outcome

    def _contradicts_itself(self, case: Case) -> bool:
        negatives = (*case.negatives, *case.aside)
        if not negatives:
            return False
        forms = set(case.forms)
        if any(form in forms for form in negatives):
            return True
        refused = {self._likeness.of(form) for form in negatives} - {None}
        return bool(refused) and any(self._likeness.of(form) in refused for form in case.forms)

    def _among(self, values: tuple[Json, ...], case: Case) -> Outcome:
        """Finite sets are gone through, one value after the other."""
        unknown = False
        accepted = [
            frozenset.intersection(*form.keys)
            for form in case.negatives
            if form.keys and not says_more(form, {"finite", "keys"})
        ]
        self.budget.spend(len(values) // 8)
        for value in values:
            if type_of(value) not in case.types:
                continue
            if accepted and any(equality_key(value) in keys for keys in accepted):
                continue
            self.budget.spend()
            answer = case.fits(value)
            if answer:
                return Found(value)
            unknown = unknown or answer is None
        return Unknown("a listed value could not be judged") if unknown else NOTHING

    def _either(self, case: Case, alternatives: tuple[Alternative, ...]) -> Outcome:
        """The first value that one of `alternatives` allows; nothing if none does."""
        unknown: Outcome = NOTHING
        for each in self._pairs_told(case, alternatives):
            if self._vain(case, each):
                continue
            if each.unknown:
                unknown = Unknown(f"{each.unknown} is not modelled")
                if not self._lenient:
                    continue
            inner = self.narrowed(case, each)
            if inner is None:
                continue
            outcome = self.settle(inner)
            if isinstance(outcome, Found):
                return outcome
            if isinstance(outcome, Unknown):
                unknown = outcome
        return unknown

    def _pairs_told(
        self, case: Case, alternatives: tuple[Alternative, ...]
    ) -> Iterator[Alternative]:
        """The alternatives, with each pair that can be had in place of `two_of`."""
        for each in alternatives:
            if not each.two_of:
                yield each
                continue
            possible = [form for form in each.two_of if not self._is_refused(case, form)]
            for pair in combinations(possible, 2):
                yield replace(each, positives=pair, two_of=())

    def _vain(self, case: Case, alternative: Alternative) -> bool:
        """Whether the case already says of a part what the alternative wants refused of it."""
        self.budget.spend()
        for demand in alternative.demands:
            match demand:
                case PropertyOutside(name, refusing):
                    here = [form.properties.get(name) for form in case.forms]
                case LaterItemOutside(start, refusing):
                    here = [form.items for form in case.forms if len(form.prefix) <= start]
                case _:
                    continue
            wanted = self._likeness.of(refusing)
            if wanted is not None and any(
                each is not None and self._likeness.of(each) == wanted for each in here
            ):
                return True
        return False

    def _refused(self, case: Case) -> Outcome:
        """A value that all the negatives refuse, one of them after the other."""
        negatives = case.negatives
        if len(negatives) > 1:
            negatives = tuple(each for each in negatives if not self._is_refused(case, each))
            bare = replace(case, negatives=())
            for each in negatives if len(negatives) > 1 else ():
                # Often one of them suffices: then the others need not be split.
                outcome = self._either(bare, tuple(refusals(each, case.types)))
                if not isinstance(outcome, Unknown):
                    return outcome
        if not negatives:
            return self.settle(replace(case, negatives=()))
        first, *rest = sorted(negatives, key=_ways)
        return self._either(
            replace(case, negatives=tuple(rest)), tuple(refusals(first, case.types))
        )

    def _is_refused(self, case: Case, form: Form) -> bool:
        """Whether `form` surely refuses all that is left."""
        if case.types == _OBJECT and self._told_apart(case, form):
            return True
        bare = replace(
            case, negatives=(), aside=(), goal=lambda value: accepts(form, value, self.budget)
        )
        accepted = self.narrowed(bare, Alternative((form,)))
        return accepted is None or isinstance(self.settle(accepted), Nothing)

    def _told_apart(self, case: Case, form: Form) -> bool:
        """Whether a property that must be there has other values in the case than in `form`."""
        self.budget.spend()
        known = self._known_tags
        if case.forms not in known:
            self.budget.spend(len(case.forms))
            known[case.forms] = tags(case.forms)
        if (form,) not in known:
            known[(form,)] = own_tags(form)
        return told_apart(known[case.forms], known[(form,)])

    def _of_types(self, case: Case) -> Outcome:
        unknown: Outcome = NOTHING
        for kind, settled in _SETTLED.items():
            if kind not in case.types:
                continue
            of_kind = replace(case, types=frozenset({kind}))
            if isinstance(settled, tuple):
                outcome = self._among(settled, of_kind)
            else:
                outcome = settled(self, of_kind)
            if isinstance(outcome, Found):
                return outcome
            if isinstance(outcome, Unknown):
                unknown = outcome
        return unknown


def _choices(form: Form) -> list[tuple[Alternative, ...]]:
    """What is to be chosen among to satisfy `form`, beyond what it says outright."""
    found: list[tuple[Alternative, ...]] = []
    if len(form.any_of) > 1:
        found.append(tuple(Alternative((each,)) for each in form.any_of))
    if len(form.one_of) > 1:
        one_of = form.one_of
        found.append(
            tuple(
                Alternative((each,), aside=(*one_of[:index], *one_of[index + 1 :]))
                for index, each in enumerate(one_of)
            )
        )
    if form.condition is not None and form.condition[1:] != (ANYTHING, ANYTHING):
        if_, then, else_ = form.condition
        found.append((Alternative((if_, then)), Alternative((else_,), (if_,))))
    for name, each in form.dependent_schemas.items():
        absent = Alternative(demands=(Absent(name),), types=_OBJECT)
        present = Alternative((each,), demands=(Present(name),), types=_OBJECT)
        found.append((absent, present, Alternative(types=ALL_TYPES - _OBJECT)))
    return found


def _ways(form: Form) -> int:
    """About how many cases a refusal by `form` splits into."""
    return sum(1 for _ in refusals(form, ALL_TYPES)) if form is not NO_VALUE else 0


# How each type is settled, or all the values that it has.
_SETTLED: Final[dict[str, tuple[Json, ...] | Callable[[Searcher, Case], Outcome]]] = {
    "string": strings.settled,
    "number": numbers.settled,
    "object": objects.settled,
    "array": arrays.settled,
    "boolean": (True, False),
    "null": (None,),
}
