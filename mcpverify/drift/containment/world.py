"""What is produced at all: the closed world in which schemas of callers and servers are read.

A caller sends, and a server returns, declared properties only, at every depth: those named
in `properties` or `required`, those that `patternProperties` matches, and any where
`additionalProperties` is given and lets them be. What stands in allOf, anyOf, oneOf, if,
then, else, dependentSchemas and behind references declares together. A schema that names
nothing, or a choice that includes one, is free-form; one with empty `properties` says that
there are none, and so do the arguments of a tool that names none. A branch of a choice that
lists other values of a property than the object has declares nothing for it. Numbers beyond
2^53 - 1 are not produced unless they are listed, or a bound lies beyond it.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import lcm
from typing import Final

from mcpverify.drift.budget import Budget
from mcpverify.drift.containment.form import ANYTHING, Form, equality_key
from mcpverify.drift.containment.tags import own_tags, told_apart
from mcpverify.drift.patterns.language import Unsupported, matches, pattern_language
from mcpverify.facts.json_text import Json

SAFE: Final = 2**53 - 1
_SAFE: Final = Fraction(SAFE)


class World:
    """What can be produced at one place, by the schemas that apply there.

    `literal`: objects are read literally, so that any property is produced. `arguments`:
    this is what a tool takes. `listing`: further schemas that list values. `open`: keys
    that are neither in `names` nor matched by `patterns` are produced, too. Items of an
    array from `uniform` on are alike. Numbers lie between `lowest` and `highest`, where
    these are not None.
    """

    __slots__ = (
        "_branches",
        "_budget",
        "_children",
        "_forms",
        "_listing",
        "_narrowed",
        "_roots",
        "highest",
        "key",
        "literal",
        "lowest",
        "names",
        "open",
        "patterns",
        "uniform",
    )

    def __init__(
        self,
        forms: Iterable[Form],
        budget: Budget,
        *,
        literal: bool = False,
        arguments: bool = False,
        listing: Iterable[Form] = (),
        without: frozenset[Form] = frozenset(),
    ) -> None:
        roots = tuple(dict.fromkeys(forms)) or (ANYTHING,)
        self._roots = roots
        self._budget = budget
        self._forms = _in_place(roots, budget, without)
        self._branches = {
            branch: found
            for form in self._forms
            for branch in _choices(form)
            if branch not in without and (found := own_tags(branch))
        }
        listing = tuple(listing)
        self._listing = (*self._forms, *_in_place(listing, budget, frozenset()))
        self._children: dict[str | int, World] = {}
        self._narrowed: dict[frozenset[Form], World] = {}
        self.literal = literal
        self.key = tuple(frozenset(form.identity for form in each) for each in (roots, listing))
        self.names = frozenset(
            name for form in self._forms for name in (*form.properties, *form.required)
        )
        self.patterns = tuple(
            dict.fromkeys(pattern for form in self._forms for pattern, _ in form.pattern_properties)
        )
        self.open = literal or any(map(_is_open, self._forms))
        if not self.open and not arguments:
            declared = any(_names_something(form, set()) for form in roots)
            self.open = not declared and (
                not any(_declares(form) for form in self._forms)
                or any(_has_free_choice(form, set()) for form in self._forms)
            )
        self.uniform = max(len(form.prefix) for form in self._forms)
        self.lowest, self.highest = _limits(self._forms)

    def declares(self, name: str) -> bool | None:
        """Whether an object may hold `name`; None where a pattern cannot be read."""
        if self.open or name in self.names:
            return True
        answers = [_matches(pattern, name, self._budget) for pattern in self.patterns]
        return True if True in answers else None if None in answers else False

    def of_objects_with(self, known: Mapping[str, frozenset[str]]) -> "World":
        """This world for objects with such tags: without the branches that are told apart."""
        others = frozenset(
            branch for branch, found in self._branches.items() if told_apart(known, found)
        )
        if not others or self.literal:
            return self
        narrowed = self._narrowed.get(others)
        if narrowed is None:
            narrowed = World(self._roots, self._budget, without=others)
            self._narrowed[others] = narrowed
        return narrowed

    def of(self, value: dict[str, Json]) -> "World":
        """This world for one object."""
        names = {name for found in self._branches.values() for name in found if name in value}
        if not names:
            return self
        return self.of_objects_with({n: frozenset((equality_key(value[n]),)) for n in names})

    def lists(self, value: object) -> bool:
        """Whether an enum or a const of a schema here holds a number like this one."""
        return any(
            value == each
            for form in self._listing
            for values in form.finite
            for each in values
            if isinstance(each, int | float) and not isinstance(each, bool)
        )

    def child(self, name: str) -> "World":
        """The world of the property `name`."""
        found = self._children.get(name)
        if found is None:
            inner: list[Form] = []
            for form in self._forms:
                held = [form.properties[name]] if name in form.properties else []
                held += (
                    each
                    for pattern, each in form.pattern_properties
                    if _matches(pattern, name, self._budget)
                )
                if not held and form.additional is not None:
                    held = [form.additional]
                inner += held
            found = self._children[name] = World(inner, self._budget, literal=self.literal)
        return found

    def item(self, index: int) -> "World":
        """The world of the item at `index` of an array."""
        found = self._children.get(index)
        if found is None:
            inner: list[Form] = []
            for form in self._forms:
                item = form.item(index)
                inner += [item] if item is not None else []
            contained = [each.contains.form for each in self._forms if each.contains is not None]
            inner += contained if inner else []
            found = self._children[index] = World(
                inner, self._budget, literal=self.literal, listing=contained
            )
        return found


def _limits(forms: tuple[Form, ...]) -> tuple[Fraction | None, Fraction | None]:
    """Between which numbers those lie that are produced; None where there is no limit."""
    lows = [form.range.low for form in forms if form.range.low is not None]
    highs = [form.range.high for form in forms if form.range.high is not None]
    steps = [step.numerator for form in forms for step in form.multiples]
    ruled_out = [form.negated.range for form in forms if form.negated is not None]
    if _common_multiple(steps) > SAFE or any(
        (each.high is not None and each.high >= SAFE)
        or (each.low is not None and each.low <= -SAFE)
        for each in ruled_out
    ):
        return None, None
    lowest = None if min(highs, default=0) <= -SAFE else min((-_SAFE, *lows))
    highest = None if max(lows, default=0) >= SAFE else max((_SAFE, *highs))
    return lowest, highest


def _common_multiple(numbers: Iterable[int]) -> int:
    """The least one, or one that is beyond what is produced."""
    found = 1
    for number in numbers:
        found = lcm(found, number)
        if found > SAFE:
            break
    return found


def _matches(pattern: str, name: str, budget: Budget) -> bool | None:
    try:
        return matches(pattern_language(pattern), name, budget)
    except Unsupported:
        return None


def _choices(form: Form) -> tuple[Form, ...]:
    return (*form.any_of, *form.one_of)


def _together(form: Form) -> tuple[Form, ...]:
    """What applies in place beside `form`, choices aside."""
    condition = () if form.condition is None else tuple(form.condition)
    return (*form.conjuncts, *condition, *form.dependent_schemas.values())


def _in_place(
    roots: tuple[Form, ...], budget: Budget, without: frozenset[Form]
) -> tuple[Form, ...]:
    found: dict[Form, None] = {}
    pending = list(reversed(roots))
    while pending:
        form = pending.pop()
        if form not in found:
            budget.spend()
            found[form] = None
            pending += reversed(_together(form))
            pending += (each for each in reversed(_choices(form)) if each not in without)
    return tuple(found)


def _is_open(form: Form) -> bool:
    return form.opens_unevaluated or (form.additional is not None and not form.additional.nothing)


def _declares(form: Form) -> bool:
    return form.declares or bool(form.required or form.pattern_properties)


def _names_something(form: Form, seen: set[Form]) -> bool:
    """Whether `form` names properties outside its choices."""
    if form in seen:
        return False
    seen.add(form)
    return _declares(form) or any(_names_something(each, seen) for each in _together(form))


def _has_free_choice(form: Form, seen: set[Form]) -> bool:
    """Whether one of the choices of `form` is a free-form object."""
    if form in seen:
        return False
    seen.add(form)
    return any(
        "object" in each.types
        and not each.nothing
        and not each.finite
        and not _names_something(each, set())
        and (not _choices(each) or _has_free_choice(each, seen))
        and _may_be_object(each)
        for each in _choices(form)
    )


def _may_be_object(form: Form) -> bool:
    """Whether what applies beside `form` leaves objects; references of nothing else are rare."""
    seen: set[Form] = set()
    pending = [form]
    while pending:
        each = pending.pop()
        if each in seen:
            continue
        seen.add(each)
        if "object" not in each.types or each.finite or each.nothing:
            return False
        pending += each.conjuncts
    return True
