"""The ways in which a schema can refuse a value: one for each keyword that it holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from mcpverify.drift.containment.form import ANYTHING, NOTHING, Form, form_of_values, says_more
from mcpverify.drift.containment.outcome import (
    Above,
    Absent,
    Below,
    ContainsFewer,
    ContainsMore,
    Demand,
    FewerItems,
    FewerProperties,
    ItemOutside,
    LaterItemOutside,
    Longer,
    MatchedOutside,
    MoreItems,
    MoreProperties,
    NameOutside,
    NoMatch,
    NoMultiple,
    NotIn,
    OtherOutside,
    Present,
    PropertyOutside,
    Repeats,
    Shorter,
)
from mcpverify.facts.json_text import Json

Types = frozenset[str]

_MOST_PARTED: Final = 8
_MOST_PARTS: Final = 50
_ONE: Final = Fraction(1)
_NUMBER: Final = frozenset({"number"})
_STRING: Final = frozenset({"string"})
_ARRAY: Final = frozenset({"array"})
_OBJECT: Final = frozenset({"object"})


@dataclass(frozen=True, slots=True)
class Alternative:
    """What else a value must be like, in one case of several.

    `types` None leaves them as they are. `unknown` names a keyword that is not modelled:
    whether this case can happen cannot be told.
    """

    positives: tuple[Form, ...] = ()
    negatives: tuple[Form, ...] = ()
    aside: tuple[Form, ...] = ()  # negatives of the producer's own, rarely of use
    demands: tuple[Demand, ...] = ()
    two_of: tuple[Form, ...] = ()  # accepted by more than one of them
    types: Types | None = None
    unknown: str = ""


def refusals(form: Form, types: Types) -> Iterator[Alternative]:
    """All cases in which `form` refuses a value of one of `types`; none where it never does."""
    return _refusals(form, types, (), set())


def _refusals(
    form: Form, types: Types, within: tuple[Form, ...], seen: set[Form]
) -> Iterator[Alternative]:
    """`within` are the forms that are being gone through, `seen` those that were."""
    if form.nothing:
        yield Alternative()
        return
    if form in within:
        yield Alternative(unknown="$ref")
    if form in seen:
        return
    seen.add(form)
    if types - form.types:
        yield Alternative(types=types - form.types)
    for values in form.finite:
        yield from _of_values(values, types & form.types)
    if "number" in types & form.types:
        yield from (Alternative(demands=(each,), types=_NUMBER) for each in _of_numbers(form))
    if "string" in types & form.types:
        yield from (Alternative(demands=(each,), types=_STRING) for each in _of_strings(form))
    if "array" in types & form.types:
        yield from (Alternative(demands=(each,), types=_ARRAY) for each in _of_arrays(form))
    if "object" in types & form.types:
        yield from _of_objects(form)
    for keyword, _ in form.opaque:
        yield Alternative(unknown=keyword)
    for each in form.conjuncts:
        yield from _refusals(each, types, (*within, form), seen)
    yield from _of_combinators(form)


def _of_values(values: tuple[Json, ...], types: Types) -> Iterator[Alternative]:
    """What is none of `values`. Of lists and objects it is told by their parts."""
    parted = [each for each in values if isinstance(each, list | dict)]
    if not parted or len(parted) > _MOST_PARTED or any(len(each) > _MOST_PARTS for each in parted):
        yield Alternative(demands=(NotIn(values),), types=types)
    elif len(values) == 1:
        yield from _of_parts(parted[0], types)
    else:
        whole = tuple(each for each in values if not isinstance(each, list | dict))
        each_of_them = tuple(form_of_values((each,)) for each in parted)
        yield Alternative(demands=(NotIn(whole),), negatives=each_of_them, types=types)


def _of_parts(value: list[Json] | dict[str, Json], types: Types) -> Iterator[Alternative]:
    kind = _ARRAY if isinstance(value, list) else _OBJECT
    if types - kind:
        yield Alternative(types=types - kind)
    if not types & kind:
        return
    demands: list[Demand]
    if isinstance(value, list):
        demands = [MoreItems(len(value)), *([FewerItems(len(value))] if value else [])]
        demands += (ItemOutside(index, form_of_values((each,))) for index, each in enumerate(value))
    else:
        demands = [OtherOutside(frozenset(value), (), NOTHING), *map(Absent, value)]
        demands += (PropertyOutside(name, form_of_values((each,))) for name, each in value.items())
    yield from (Alternative(demands=(each,), types=kind) for each in demands)


def _of_numbers(form: Form) -> Iterator[Demand]:
    low, low_open, high, high_open = form.range
    if high is not None:
        yield Above(high, high_open)
    if low is not None:
        yield Below(low, low_open)
    if form.integral:
        yield NoMultiple(_ONE)
    yield from map(NoMultiple, form.multiples)


def _of_strings(form: Form) -> Iterator[Demand]:
    yield from map(NoMatch, form.patterns)
    if form.max_length is not None:
        yield Longer(form.max_length)
    if form.min_length > 0:
        yield Shorter(form.min_length)


def _of_arrays(form: Form) -> Iterator[Demand]:
    for index, each in enumerate(form.prefix):
        if each is not ANYTHING:
            yield ItemOutside(index, each)
    if form.items is not None and form.items is not ANYTHING:
        yield LaterItemOutside(len(form.prefix), form.items)
    if form.max_items is not None:
        yield MoreItems(form.max_items)
    if form.min_items > 0:
        yield FewerItems(form.min_items)
    if form.unique:
        yield Repeats()
    if form.contains is None:
        return
    inner, least, most = form.contains
    anything = not says_more(inner)
    if least > 0:
        yield FewerItems(least) if anything else ContainsFewer(least, inner)
    if most is not None:
        yield MoreItems(most) if anything else ContainsMore(most, inner)


def _of_objects(form: Form) -> Iterator[Alternative]:
    for name, each in form.properties.items():
        if each is not ANYTHING:
            yield Alternative(demands=(PropertyOutside(name, each),), types=_OBJECT)
    for name in form.required:
        yield Alternative(demands=(Absent(name),), types=_OBJECT)
    for pattern, each in form.pattern_properties:
        if each is not ANYTHING:
            yield Alternative(demands=(MatchedOutside(pattern, each),), types=_OBJECT)
    if form.additional is not None and form.additional is not ANYTHING:
        patterns = tuple(pattern for pattern, _ in form.pattern_properties)
        other = OtherOutside(frozenset(form.properties), patterns, form.additional)
        yield Alternative(demands=(other,), types=_OBJECT)
    if form.names is not None and form.names is not ANYTHING:
        yield Alternative(demands=(NameOutside(form.names),), types=_OBJECT)
    if form.max_properties is not None:
        yield Alternative(demands=(MoreProperties(form.max_properties),), types=_OBJECT)
    if form.min_properties > 0:
        yield Alternative(demands=(FewerProperties(form.min_properties),), types=_OBJECT)
    for name, others in form.dependent_required.items():
        for needed in others:
            yield Alternative(demands=(Present(name), Absent(needed)), types=_OBJECT)
    for name, each in form.dependent_schemas.items():
        yield Alternative(demands=(Present(name),), negatives=(each,), types=_OBJECT)


def _of_combinators(form: Form) -> Iterator[Alternative]:
    if form.any_of:
        yield Alternative(negatives=form.any_of)
    if form.one_of:
        yield Alternative(negatives=form.one_of)
        yield Alternative(two_of=form.one_of)
    if form.negated is not None:
        yield Alternative(positives=(form.negated,))
    if form.condition is not None:
        if_, then, else_ = form.condition
        if then is not ANYTHING:
            yield Alternative(positives=(if_,), negatives=(then,))
        if else_ is not ANYTHING:
            yield Alternative(negatives=(if_, else_))
