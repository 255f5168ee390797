"""Arrays: how many items, which of them must be refused, and what may stand at each place."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from mcpverify.drift.containment.case import Case, Searcher
from mcpverify.drift.containment.form import Form, equality_key, form_of_values, says_more
from mcpverify.drift.containment.membership import accepts
from mcpverify.drift.containment.outcome import (
    NOTHING,
    ContainsFewer,
    ContainsMore,
    FewerItems,
    Found,
    ItemOutside,
    LaterItemOutside,
    MoreItems,
    Nothing,
    Outcome,
    Repeats,
    Unknown,
)
from mcpverify.facts.json_text import Json

_MOST_ITEMS: Final = 1_500  # of a witness
_LONGER: Final = 3


_Asked: TypeAlias = tuple[tuple[Form, ...], tuple[Form, ...]]  # to satisfy, and to miss


@dataclass(slots=True)
class _Array:
    """What is known of the array that is sought. Places from `uniform` on are alike."""

    search: Searcher
    case: Case
    least: int = 0
    most: int | None = None
    uniform: int = 0
    nowhere: list[Form] = field(default_factory=list)  # which no item may satisfy
    items: dict[int, Json] = field(default_factory=dict)
    asked: dict[int, _Asked] = field(default_factory=dict)  # what the items were put there for
    doubt: str = ""

    def item(self, index: int, positives: tuple[Form, ...] = (), *negatives: Form) -> Outcome:
        """An item for the place `index`."""
        here = [form.item(index) for form in self.case.forms]
        return self.search.value(
            (*(each for each in here if each is not None), *positives),
            (*negatives, *self.nowhere),
            self.case.world.item(index),
        )

    def reaches(self, index: int) -> bool | None:
        """Whether an array can have an item at `index`, as far as those before it go."""
        if self.most is not None and index >= self.most:
            return False
        answer: bool | None = True
        for before in range(min(index, self.uniform + 1)):
            outcome = self.item(before)
            if isinstance(outcome, Nothing):
                return False
            answer = None if isinstance(outcome, Unknown) else answer
        return answer

    def promises(self, count: int, form: Form) -> bool:
        """Whether at least `count` items surely satisfy `form`, for they must satisfy less."""
        return any(
            each.contains.least >= count and self._covers(form, each.contains.form)
            for each in self.case.forms
            if each.contains is not None
        )

    def limits(self, count: int, form: Form) -> bool:
        """Whether at most `count` items can satisfy `form`, for they satisfy more."""
        return any(
            each.contains.most is not None
            and each.contains.most <= count
            and self._covers(each.contains.form, form)
            for each in self.case.forms
            if each.contains is not None
        )

    def _covers(self, wide: Form, narrow: Form) -> bool:
        """Whether every item that satisfies `narrow` satisfies `wide`."""
        return all(
            isinstance(self.item(index, (narrow,), wide), Nothing)
            for index in range(self.uniform + 1)
        )

    def put(self, index: int, positives: tuple[Form, ...], negatives: tuple[Form, ...]) -> Outcome:
        """An item for the place, put there; one that is there already may serve both ends."""
        outcome = self.item(index, positives, *negatives)
        if not isinstance(outcome, Found):
            return outcome
        before = self.asked.get(index, ((), ()))
        asked = ((*before[0], *positives), (*before[1], *negatives))
        if index in self.items:
            outcome = self.item(index, asked[0], *asked[1])
            if not isinstance(outcome, Found):
                return Unknown("one item would have to serve two ends")
        self.asked[index] = asked
        self.items[index] = outcome.value
        return outcome

    def somewhere(self, start: int, positives: tuple[Form, ...], *negatives: Form) -> Outcome:
        """An item at `start` or behind it, put where it can stand first."""
        unknown: Outcome = NOTHING
        last = max(start, self.uniform) + len(self.items)
        for index in sorted(range(start, last + 1), key=self.items.__contains__):
            reached = self.reaches(index)
            if reached is False:
                continue
            outcome = self.put(index, positives, negatives)
            if isinstance(outcome, Found) and reached:
                return outcome
            if not isinstance(outcome, Nothing):
                unknown = Unknown("an item could not be decided")
        return unknown


def settled(search: Searcher, case: Case) -> Outcome:
    """An array for a case that is about arrays only."""
    array = _Array(search, case)
    array.least = max((form.min_items for form in case.forms), default=0)
    array.most = min(
        (form.max_items for form in case.forms if form.max_items is not None), default=None
    )
    for form in case.forms:
        if form.contains is not None and not says_more(form.contains.form):
            array.least = max(array.least, form.contains.least)
            most = form.contains.most
            if most is not None:
                array.most = most if array.most is None else min(array.most, most)
    array.uniform = max(case.world.uniform, *(len(form.prefix) for form in case.forms), 0)
    unique = any(form.unique for form in case.forms)
    for demand in case.demands:
        match demand:
            case MoreItems(count):
                array.least = max(array.least, count + 1)
            case FewerItems(count):
                array.most = count - 1 if array.most is None else min(array.most, count - 1)
            case ItemOutside(index, _):
                array.least = max(array.least, index + 1)
            case ContainsFewer(count, form):
                if array.promises(count, form):
                    return NOTHING
                if count > 1:
                    array.doubt = "how many items may match is hard to tell"
                else:
                    array.nowhere.append(form)
            case ContainsMore(count, form) if array.limits(count, form):
                return NOTHING
            case Repeats():
                if unique:
                    return NOTHING
                array.least = max(array.least, 2)
    if array.most is not None and array.least > array.most:
        return NOTHING
    if any(
        each.contains is not None
        and each.contains.most is not None
        and each.contains.least > each.contains.most
        for each in case.forms
    ):
        return NOTHING
    if isinstance(outcome := _with_demanded(array), Nothing | Unknown):
        return outcome
    demanded = dict(array.items)
    outcome = _filled(array, unique)
    if not isinstance(outcome, Unknown) or not array.case.listed():
        return outcome
    if array.most == 0 and any(each == [] for each in array.case.listed()):
        return NOTHING
    for _ in range(_LONGER):  # what is listed may be what was just built
        array.least = max(array.least, len(array.items)) + 1
        array.items = dict(demanded)
        longer = _filled(array, unique)
        if isinstance(longer, Found):
            return longer
    return outcome


def _with_demanded(array: _Array) -> Outcome:
    """Puts the items in place that the case asks for one by one; NOTHING where one cannot be."""
    unknown: Outcome = Found(None)
    for outcome in _demanded(array):
        if isinstance(outcome, Nothing):
            return outcome
        if isinstance(outcome, Unknown):
            unknown = outcome
    for index in range(min(array.least, array.uniform + 1)):
        if index not in array.items and isinstance(array.item(index), Nothing):
            return NOTHING
    return unknown


def _demanded(array: _Array) -> Iterator[Outcome]:
    for demand in array.case.demands:
        match demand:
            case ItemOutside(index, form):
                yield array.put(index, (), (form,))
            case LaterItemOutside(start, form):
                yield array.somewhere(start, (), form)
            case ContainsMore(count, form):
                yield from _containing(array, form, count + 1)
            case Repeats():
                yield _repeated(array)
    for form in array.case.forms:
        if form.contains is not None and form.contains.least > 0:
            yield from _containing(array, form.contains.form, form.contains.least)


def _containing(array: _Array, form: Form, count: int) -> Iterator[Outcome]:
    if array.most is not None and count > array.most:
        yield NOTHING
    if count > _MOST_ITEMS:
        yield Unknown("it would hold too many items")
        return
    budget = array.search.budget
    have = sum(accepts(form, each, budget) is True for each in array.items.values())
    for number in range(have, count):
        outcome = array.somewhere(0, (form,))
        if number and not isinstance(outcome, Found):
            # The first one tells whether there is any; places for more are found as they come.
            outcome = _behind(array, form)
        yield outcome


def _behind(array: _Array, form: Form) -> Outcome:
    """An item behind all that are in place, among those that are alike."""
    index = max(array.uniform, max(array.items, default=-1) + 1)
    if array.most is not None and index >= array.most:
        return Unknown("there is no room for all items")
    outcome = array.item(index, (form,))
    if isinstance(outcome, Found):
        array.items[index] = outcome.value
        return outcome
    return Unknown("not enough items were found")


def _repeated(array: _Array) -> Outcome:
    """Two equal items."""
    unknown: Outcome = NOTHING
    last = array.uniform + 1
    if last > 4:
        return Unknown("too many places for a repetition")
    for index in range(last):
        for other in range(index + 1, last + 1):
            reached = array.reaches(other)
            if reached is False:
                continue
            there = [form.item(other) for form in array.case.forms]
            outcome = array.item(index, tuple(each for each in there if each is not None))
            if isinstance(outcome, Found) and reached and not array.items:
                array.items |= {index: outcome.value, other: outcome.value}
                return outcome
            if not isinstance(outcome, Nothing):
                unknown = Unknown("a repetition could not be decided")
    return unknown


def _filled(array: _Array, unique: bool) -> Outcome:
    """The array, with what it still lacks at the places before and between."""
    size = max(array.least, max(array.items, default=-1) + 1)
    if size > _MOST_ITEMS:
        return Unknown("it would hold too many items")
    value: list[Json] = []
    alike = not array.items and not array.uniform
    seen = {equality_key(each): each for each in array.items.values()}
    for index in range(size):
        if index not in array.items:
            others = (form_of_values(tuple(seen.values())),) if unique and seen else ()
            outcome = array.item(index, (), *others)
            if isinstance(outcome, Nothing) and alike:
                return NOTHING if not array.doubt else Unknown(array.doubt)
            if not isinstance(outcome, Found):
                return Unknown("an item could not be found")
            array.items[index] = outcome.value
            seen[equality_key(outcome.value)] = outcome.value
        value.append(array.items[index])
    outcome = array.case.settled(value)
    return Unknown(array.doubt) if array.doubt and not isinstance(outcome, Found) else outcome
