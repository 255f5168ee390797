"""Objects: which properties must be there, which must not, and which must be refused."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Final, TypeAlias

from mcpverify.drift.containment.case import Case, Searcher
from mcpverify.drift.containment.form import (
    Form,
    form_of_pattern,
    form_of_strings,
    form_of_values,
)
from mcpverify.drift.containment.membership import accepts, every, finds
from mcpverify.drift.containment.outcome import (
    NOTHING,
    Absent,
    FewerProperties,
    Found,
    MatchedOutside,
    MoreProperties,
    NameOutside,
    Nothing,
    OtherOutside,
    Outcome,
    Present,
    PropertyOutside,
    Unknown,
)
from mcpverify.drift.containment.tags import tags
from mcpverify.drift.containment.world import World
from mcpverify.facts.json_text import Json

_MOST_PATTERNS: Final = 4
_MOST_PROPERTIES: Final = 300  # of a witness
_LARGER: Final = 3
_STRINGS: Final = form_of_strings()
_DEPENDENT: Final = "what must stand beside a property was not found"
_FRESH: Final = ("other", "another", "more")

_Existing: TypeAlias = OtherOutside | MatchedOutside | NameOutside


@dataclass(slots=True)
class _Object:
    """What is known of the object that is sought."""

    search: Searcher
    case: Case
    least: int = 0
    most: int | None = None
    required: dict[str, tuple[Form, ...]] = field(default_factory=dict)  # and what refuses them
    absent: set[str] = field(default_factory=set)
    values: dict[str, Json] = field(default_factory=dict)

    @property
    def known(self) -> dict[str, None]:
        """The names that schemas here mention, in their order."""
        names = dict.fromkeys(name for form in self.case.forms for name in form.properties)
        names |= dict.fromkeys(self.required)
        for form in self.case.forms:
            for name, others in form.dependent_required.items():
                names |= dict.fromkeys((name, *others))
        return names | dict.fromkeys(sorted(self.case.world.names))

    def may_be_named(self, name: str) -> bool | None:
        """Whether the object may hold a property of this name."""
        if name in self.absent:
            return False
        budget = self.search.budget
        return every(
            (
                self.case.world.declares(name),
                *(
                    accepts(form.names, name, budget)
                    for form in self.case.forms
                    if form.names is not None
                ),
            )
        )

    def has_room_for(self, name: str) -> bool:
        """Whether the property can stand beside those that are required."""
        if name in self.required or self.most is None:
            return True
        return len(self.required) < self.most

    def property(self, name: str, *negatives: Form) -> Outcome:
        """A value for the property `name`, refused by `negatives` as well."""
        allowed = self.may_be_named(name)
        if allowed is False:
            return NOTHING
        positives: list[Form] = []
        for form in self.case.forms:
            positives += self._schemas(form, name)
        refusing = (*self.required.get(name, ()), *negatives)
        world = self.case.world.child(name)
        outcome = self.search.value(tuple(dict.fromkeys(positives)), refusing, world)
        if allowed is None and isinstance(outcome, Found):
            return Unknown("a name could not be decided")
        return outcome

    def _schemas(self, form: Form, name: str) -> list[Form]:
        """What `form` asks of the property, as far as that is sure."""
        found = [form.properties[name]] if name in form.properties else []
        sure = True
        for pattern, each in form.pattern_properties:
            answer = finds(pattern, name, self.search.budget)
            found += [each] if answer else []
            sure = sure and answer is not None
        if not found and sure and form.additional is not None:
            found = [form.additional]
        return found


def settled(search: Searcher, case: Case) -> Outcome:
    """An object for a case that is about objects only."""
    case = replace(case, world=case.world.of_objects_with(tags(case.forms)))
    sought = _Object(search, case)
    existing = _demands(sought)
    if (sought.most is not None and sought.least > sought.most) or not _close(sought):
        return NOTHING
    if sought.most is not None and len(sought.required) > sought.most:
        return NOTHING
    unknown: Unknown | None = None
    # Those first that must be refused: most often nothing can be.
    for name in sorted(sought.required, key=lambda name: not sought.required[name]):
        outcome = sought.property(name)
        match outcome:
            case Nothing():
                return outcome
            case Unknown():
                unknown = outcome
            case Found(value):
                sought.values[name] = value
    for each in existing:
        outcome = _existing(sought, each)
        match outcome:
            case Nothing():
                return outcome
            case Unknown():
                unknown = outcome
    demanded = dict(sought.values)
    outcome = _padded(sought)
    for _ in range(_LARGER if isinstance(outcome, Unknown) and case.listed() else 0):
        # What is listed may be what was just built.
        sought.least = max(sought.least, len(sought.values)) + 1
        sought.values = dict(demanded)
        larger = _padded(sought)
        if isinstance(larger, Found):
            outcome = larger
            break
    return unknown if unknown is not None and not isinstance(outcome, Nothing) else outcome


def _demands(sought: _Object) -> list[_Existing]:
    """Reads the case; what asks for some property, whichever it be, is returned."""
    forms = sought.case.forms
    sought.least = max((form.min_properties for form in forms), default=0)
    sought.most = min(
        (form.max_properties for form in forms if form.max_properties is not None), default=None
    )
    sought.required = {name: () for form in forms for name in form.required}
    existing: list[_Existing] = []
    for demand in sought.case.demands:
        match demand:
            case Present(name):
                sought.required.setdefault(name, ())
            case Absent(name):
                sought.absent.add(name)
            case PropertyOutside(name, form):
                sought.required[name] = (*sought.required.get(name, ()), form)
            case MoreProperties(count):
                sought.least = max(sought.least, count + 1)
            case FewerProperties(count):
                fewer = count - 1
                sought.most = fewer if sought.most is None else min(sought.most, fewer)
            case OtherOutside() | MatchedOutside() | NameOutside():
                existing.append(demand)
    return existing


def _close(sought: _Object) -> bool:
    """Adds what must stand beside what is required; False where it must not stand at all."""
    pending = list(sought.required)
    while pending:
        name = pending.pop()
        if name in sought.absent:
            return False
        for form in sought.case.forms:
            for other in form.dependent_required.get(name, ()):
                if other not in sought.required:
                    sought.required[other] = ()
                    pending.append(other)
    return True


# -- some property, whichever it be


def _existing(sought: _Object, demand: _Existing) -> Outcome:
    """Puts a property in place that the demand asks for."""
    unknown: Outcome = NOTHING
    for name, outcome in _candidates(sought, demand):
        match outcome:
            case Found(value):
                if name in sought.values and name not in sought.required:
                    return Unknown("one property would have to serve two ends")
                sought.values[name] = value
                return outcome if _with_dependents(sought, name) else Unknown(_DEPENDENT)
            case Unknown():
                unknown = outcome
    return unknown


def _with_dependents(sought: _Object, name: str) -> bool:
    """Puts in place what must stand beside the property `name`, where that can be had."""
    pending = [name]
    while pending:
        name = pending.pop()
        for form in sought.case.forms:
            for other in form.dependent_required.get(name, ()):
                if other not in sought.values:
                    outcome = sought.property(other)
                    if not isinstance(outcome, Found):
                        return False
                    sought.values[other] = outcome.value
                    pending.append(other)
    return True


def _candidates(sought: _Object, demand: _Existing) -> Iterator[tuple[str, Outcome]]:
    for name in sought.known:
        sought.search.budget.spend()
        fits = _fits(sought, demand, name)
        if fits is not False and sought.has_room_for(name):
            outcome = sought.property(name, *_refusing(demand))
            surely = fits or isinstance(outcome, Nothing)
            yield name, outcome if surely else Unknown("a name could not be decided")
    if sought.has_room_for(""):
        yield from _fresh(sought, demand)


def _refusing(demand: _Existing) -> tuple[Form, ...]:
    return () if isinstance(demand, NameOutside) else (demand.form,)


def _fits(sought: _Object, demand: _Existing, name: str) -> bool | None:
    """Whether a property of this name is one that the demand is about."""
    budget = sought.search.budget
    match demand:
        case OtherOutside(names, patterns):
            if name in names:
                return False
            found = [finds(pattern, name, budget) for pattern in patterns]
            return False if True in found else None if None in found else True
        case MatchedOutside(pattern):
            return finds(pattern, name, budget)
        case NameOutside(form):
            accepted = accepts(form, name, budget)
            return None if accepted is None else not accepted


def _fresh(sought: _Object, demand: _Existing | None) -> Iterator[tuple[str, Outcome]]:
    """Properties of names that no schema mentions, by the patterns that they match."""
    world = sought.case.world
    mentioned = {pattern for form in sought.case.forms for pattern, _ in form.pattern_properties}
    mentioned |= set(world.patterns)
    if not world.open and not world.patterns:
        return
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    excluded = set(sought.known) | sought.absent
    if demand is None:
        excluded |= set(sought.values)
    refusing: tuple[Form, ...] = ()
    match demand:
        case OtherOutside(names, patterns):
            unwanted = patterns
            excluded |= names
        case MatchedOutside(pattern):
            wanted = (pattern,)
        case NameOutside(form):
            refusing = (form,)
    free = sorted(mentioned - set(wanted) - set(unwanted))
    if len(free) > _MOST_PATTERNS:
        yield "", Unknown("too many patterns of property names")
        return
    for size in range(len(free) + 1):
        for chosen in combinations(free, size):
            matched = (*wanted, *chosen)
            missed = (*unwanted, *(each for each in free if each not in chosen))
            if not world.open and not set(matched) & set(world.patterns):
                continue
            name = _fresh_name(sought, matched, missed, sorted(excluded), refusing)
            match name:
                case Found(str() as text):
                    negatives = () if demand is None else _refusing(demand)
                    yield text, sought.property(text, *negatives)
                case Unknown():
                    yield "", name


def _fresh_name(
    sought: _Object,
    matched: Sequence[str],
    missed: Sequence[str],
    excluded: Sequence[str],
    refusing: tuple[Form, ...],
) -> Outcome:
    """A name that some patterns match and others do not."""
    asked = tuple(form.names for form in sought.case.forms if form.names is not None)
    if not matched and not missed and not asked and not refusing:
        return Found(next(_new_names(excluded)))
    return sought.search.value(
        (*asked, *map(form_of_pattern, matched), _STRINGS),
        (*refusing, *map(form_of_pattern, missed), form_of_values(tuple(excluded))),
        World((_STRINGS,), sought.search.budget),
    )


def _new_names(excluded: Sequence[str]) -> Iterator[str]:
    taken = set(excluded)
    yield from (name for name in _FRESH if name not in taken)
    yield from (name for n in range(len(taken) + 2) if (name := f"other{n}") not in taken)


# -- how many there are


def _padded(sought: _Object) -> Outcome:
    """The object, with optional properties added until it holds enough of them."""
    if sought.least > _MOST_PROPERTIES:
        return Unknown("it would hold too many properties")
    exhausted = True
    for name in sought.known:
        if len(sought.values) >= sought.least:
            break
        if name not in sought.values:
            outcome = sought.property(name)
            if isinstance(outcome, Found):
                sought.values[name] = outcome.value
            exhausted = exhausted and not isinstance(outcome, Unknown)
    while len(sought.values) < sought.least:
        before = len(sought.values)
        for name, outcome in _fresh(sought, None):
            exhausted = False
            if isinstance(outcome, Found):
                sought.values[name] = outcome.value
                break
        if len(sought.values) == before:
            return NOTHING if exhausted else Unknown("not enough properties were found")
    order = {name: place for place, name in enumerate(sought.known)}
    names = sorted(sought.values, key=lambda name: order.get(name, len(order)))
    return sought.case.settled({name: sought.values[name] for name in names})
