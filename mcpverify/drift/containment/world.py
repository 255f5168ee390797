"""What is produced at all: the closed world in which schemas of callers and servers are read.

A caller sends, and a server returns, declared properties only, at every depth: those named
in `properties` or `required`, those that `patternProperties` matches, and any where
`additionalProperties` is given and lets them be. What stands in allOf, anyOf, oneOf, if,
then, else, dependentSchemas and behind references declares together. A schema that names
nothing, or a choice that includes one, is free-form; one with empty `properties` says that
there are none, and so do the arguments of a tool that names none. Numbers beyond 2^53 - 1
are not produced unless they are listed, or nothing smaller is asked for.
"""

from collections.abc import Iterable
from typing import Final

from mcpverify.drift.budget import Budget
from mcpverify.drift.containment.form import ANYTHING, Form
from mcpverify.drift.patterns.language import Unsupported, matches, pattern_language

SAFE: Final = 2**53 - 1


class World:
    """What can be produced at one place, by the schemas that apply there.

    `literal`: objects are read literally, so that any property is produced. `arguments`:
    this is what a tool takes. `listing`: further schemas that list values. `open`: keys
    that are neither in `names` nor matched by `patterns` are produced, too. Items of an
    array from `uniform` on are alike.
    """

    __slots__ = (
        "_budget",
        "_children",
        "_forms",
        "_listing",
        "any_number",
        "key",
        "literal",
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
    ) -> None:
        roots = tuple(dict.fromkeys(forms)) or (ANYTHING,)
        self._budget = budget
        self._forms = _in_place(roots, budget)
        listing = tuple(listing)
        self._listing = (*self._forms, *_in_place(listing, budget))
        self._children: dict[str | int, World] = {}
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
        self.any_number = any(
            (form.range.low is not None and form.range.low > SAFE)
            or (form.range.high is not None and form.range.high < -SAFE)
            for form in self._forms
        )

    def declares(self, name: str) -> bool | None:
        """Whether an object may hold `name`; None where a pattern cannot be read."""
        if self.open or name in self.names:
            return True
        answers = [_matches(pattern, name, self._budget) for pattern in self.patterns]
        return True if True in answers else None if None in answers else False

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


def _in_place(roots: tuple[Form, ...], budget: Budget) -> tuple[Form, ...]:
    found: dict[Form, None] = {}
    pending = list(reversed(roots))
    while pending:
        form = pending.pop()
        if form not in found:
            budget.spend()
            found[form] = None
            pending += reversed((*_together(form), *_choices(form)))
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
