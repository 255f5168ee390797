"""Whether a form accepts a value, and whether a world produces it: yes, no, or None for unknown.

Exact wherever the answer is yes or no. It serves the search, which asks for the parts of
values; what is told to people is confirmed by another judge (`drift.referee`).
"""

from collections.abc import Iterable

from mcpverify.drift.budget import Budget
from mcpverify.drift.containment.form import Condition, Form, equality_key, exact
from mcpverify.drift.containment.world import World
from mcpverify.drift.patterns.language import Unsupported, matches, pattern_language
from mcpverify.facts.json_text import Json

DEEPEST = 120  # schemas within schemas, on the way through one value


def type_of(value: Json) -> str:
    """The type of JSON; integers are numbers."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"


def finds(pattern: str, text: str, budget: Budget) -> bool | None:
    """Whether the expression finds a match in `text`; None if it is not understood."""
    try:
        return matches(pattern_language(pattern), text, budget)
    except Unsupported:
        return None


def every(answers: Iterable[bool | None]) -> bool | None:
    """No as soon as one is no; yes if all are yes."""
    unknown = False
    for answer in answers:
        if answer is False:
            return False
        unknown = unknown or answer is None
    return None if unknown else True


def some(answers: Iterable[bool | None]) -> bool | None:
    """Yes as soon as one is yes; no if all are no."""
    unknown = False
    for answer in answers:
        if answer:
            return True
        unknown = unknown or answer is None
    return None if unknown else False


def opposite(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def accepts(form: Form, value: Json, budget: Budget, depth: int = 0) -> bool | None:
    """Whether `value` is valid under `form`. Raises Exhausted."""
    budget.spend()
    if form.nothing:
        return False
    if depth > DEEPEST:
        return None
    kind = type_of(value)
    if kind not in form.types:
        return False
    if form.keys:
        key = equality_key(value)
        if any(key not in keys for keys in form.keys):
            return False
    own: bool | None = True
    match value:
        case bool() | None:
            pass
        case int() | float():
            own = _accepts_number(form, value)
        case str():
            own = _accepts_string(form, value, budget)
        case list():
            own = _accepts_array(form, value, budget, depth + 1)
        case dict():
            own = _accepts_object(form, value, budget, depth + 1)
    if own is False:
        return False
    return every((own, None if form.opaque else True, _combined(form, value, budget, depth + 1)))


def _combined(form: Form, value: Json, budget: Budget, depth: int) -> bool | None:
    def here(each: Form) -> bool | None:
        return accepts(each, value, budget, depth)

    answers: list[bool | None] = []
    if form.conjuncts:
        answers.append(every(map(here, form.conjuncts)))
    if form.any_of:
        answers.append(some(map(here, form.any_of)))
    if form.one_of:
        answers.append(_exactly_one([here(each) for each in form.one_of]))
    if form.negated is not None:
        answers.append(opposite(here(form.negated)))
    if form.condition is not None:
        answers.append(_conditional(form.condition, here(form.condition.if_), here))
    return every(answers)


def _exactly_one(answers: list[bool | None]) -> bool | None:
    sure = answers.count(True)
    if sure > 1:
        return False
    return None if None in answers else sure == 1


def _conditional(condition: Condition, holds: bool | None, here) -> bool | None:  # type: ignore[no-untyped-def]
    if holds is None:
        both = (here(condition.then), here(condition.else_))
        return both[0] if both[0] == both[1] else None
    answer: bool | None = here(condition.then if holds else condition.else_)
    return answer


def _accepts_number(form: Form, value: int | float) -> bool:
    number = exact(value)
    low, low_open, high, high_open = form.range
    if low is not None and (number < low or (low_open and number == low)):
        return False
    if high is not None and (number > high or (high_open and number == high)):
        return False
    if form.integral and number.denominator != 1:
        return False
    return all((number / step).denominator == 1 for step in form.multiples)


def _accepts_string(form: Form, value: str, budget: Budget) -> bool | None:
    if len(value) < form.min_length:
        return False
    if form.max_length is not None and len(value) > form.max_length:
        return False
    return every(finds(pattern, value, budget) for pattern in form.patterns)


def _accepts_array(form: Form, value: list[Json], budget: Budget, depth: int) -> bool | None:
    if len(value) < form.min_items:
        return False
    if form.max_items is not None and len(value) > form.max_items:
        return False
    if form.unique and len({equality_key(each) for each in value}) < len(value):
        return False
    answers: list[bool | None] = []
    for index, item in enumerate(value):
        schema = form.item(index)
        if schema is not None:
            answers.append(accepts(schema, item, budget, depth))
            if answers[-1] is False:
                return False
    if form.contains is not None:
        schema, least, most = form.contains
        found = [accepts(schema, item, budget, depth) for item in value]
        sure, possible = found.count(True), len(found) - found.count(False)
        if possible < least or (most is not None and sure > most):
            return False
        if sure < least or (most is not None and possible > most):
            answers.append(None)
    return every(answers)


def _accepts_object(form: Form, value: dict[str, Json], budget: Budget, depth: int) -> bool | None:
    if any(name not in value for name in form.required):
        return False
    if len(value) < form.min_properties:
        return False
    if form.max_properties is not None and len(value) > form.max_properties:
        return False
    for name, others in form.dependent_required.items():
        if name in value and any(other not in value for other in others):
            return False
    answers: list[bool | None] = []
    for name, inner in value.items():
        answers.append(_accepts_property(form, name, inner, budget, depth))
        if form.names is not None:
            answers.append(accepts(form.names, name, budget, depth))
        if answers[-1] is False:
            return False
    for name, schema in form.dependent_schemas.items():
        if name in value:
            answers.append(accepts(schema, value, budget, depth))
    return every(answers)


def _accepts_property(
    form: Form, name: str, value: Json, budget: Budget, depth: int
) -> bool | None:
    answers: list[bool | None] = []
    evaluated: bool | None = False
    if name in form.properties:
        evaluated = True
        answers.append(accepts(form.properties[name], value, budget, depth))
    for pattern, schema in form.pattern_properties:
        found = finds(pattern, name, budget)
        if found is not False:
            evaluated = True if found or evaluated else None
            answer = accepts(schema, value, budget, depth)
            answers.append(answer if found or answer else None)
    if form.additional is not None and not evaluated:
        answer = accepts(form.additional, value, budget, depth)
        answers.append(answer if evaluated is False or answer else None)
    return every(answers)


def produced(world: World, value: Json, budget: Budget) -> bool | None:
    """Whether `value` holds nothing that the world does not produce."""
    budget.spend()
    match value:
        case bool() | None | str():
            return True
        case int() | float():
            low, high = world.lowest, world.highest
            inside = (low is None or value >= low) and (high is None or value <= high)
            return inside or world.lists(value)
        case list():
            return every(
                produced(world.item(index), item, budget) for index, item in enumerate(value)
            )
        case dict():
            world = world.of(value)
            return every(
                every((world.declares(name), produced(world.child(name), inner, budget)))
                for name, inner in value.items()
            )
