"""Which schemas say the same, word for word, once annotations are gone and references followed.

A schema that holds itself has no end to be compared at. Such schemas are put into classes:
at first by what they say themselves, then again and again by the classes of what they hold, until
no class splits any more. What is left in one class is alike at any depth.
"""

from collections.abc import Iterable, Iterator

from mcpverify.drift.budget import Budget
from mcpverify.drift.containment.form import Form, says_more

_DEEPEST = 60


class _HoldsItself(Exception):
    """A schema was met within itself, or too deep."""


class Likeness:
    """Gives forms that say the same the same number, and others another.

    None where what a form says depends on where it stands.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._numbers: dict[tuple[object, ...], int] = {}
        self._known: dict[Form, int | None] = {}
        self._within: set[Form] = set()

    def compare(self, forms: Iterable[Form]) -> None:
        """Prepares for all that `forms` hold: they are then numbered together."""
        forms = tuple(forms)
        try:
            for form in forms:
                self._of(form, 0)
        except _HoldsItself:
            self._within.clear()
            self._known.clear()
            self._classify(forms)

    def of(self, form: Form) -> int | None:
        try:
            return self._of(form, 0)
        except _HoldsItself:
            self._within.clear()
            self._known[form] = None
            return None

    def _of(self, form: Form, depth: int) -> int | None:
        if form in self._known:
            return self._known[form]
        if form in self._within or depth > _DEEPEST:
            raise _HoldsItself
        if not _is_told(form):
            self._known[form] = None
            return None
        self._within.add(form)
        only = _only(form)
        if only is not None:
            found = self._of(only, depth + 1)
        else:
            inner = [(role, self._of(each, depth + 1)) for role, each in _held(form)]
            found = (
                self._number((_own(form), *inner)) if all(n is not None for _, n in inner) else None
            )
        self._within.discard(form)
        self._budget.spend(1 + len(form.properties) // 4 + sum(map(len, form.finite)) // 4)
        self._known[form] = found
        return found

    def _number(self, parts: tuple[object, ...]) -> int:
        return self._numbers.setdefault(parts, len(self._numbers))

    def _classify(self, roots: tuple[Form, ...]) -> None:
        """Numbers for all forms that the roots hold."""
        forms = _all_held(roots)
        classes: dict[Form, object] = {form: _is_told(form) and _own(form) for form in forms}
        count = len(set(classes.values()))
        while True:
            self._budget.spend(len(forms))
            numbers: dict[object, int] = {}
            refined: dict[Form, object] = {}
            for form in forms:
                only = _only(form)
                held = (
                    tuple((role, classes[each]) for role, each in _held(form))
                    if only is None
                    else ("only", classes[only])
                )
                key = (classes[form] if only is None else "", held)
                refined[form] = numbers.setdefault(key, len(numbers))
            classes = refined
            if len(numbers) == count:
                break
            count = len(numbers)
        untold = _reaching([form for form in forms if not _is_told(form)], forms)
        for form, number in classes.items():
            self._known[form] = None if form in untold else self._number(("class", number))


def _is_told(form: Form) -> bool:
    """Whether all that a form says can be compared by itself."""
    return all(text for _, text in form.opaque)


def _only(form: Form) -> Form | None:
    """The one schema that a form stands for, if it says nothing beside it."""
    only = form.conjuncts
    if len(only) == 1 and only[0] is not form and not says_more(form, {"all_of", "reference"}):
        return only[0]
    return None


def _own(form: Form) -> tuple[object, ...]:
    """What a form says itself, apart from the schemas that it holds."""
    return (
        form.nothing,
        form.types,
        form.integral,
        frozenset(form.keys),
        form.range,
        form.multiples,
        (form.min_length, form.max_length, form.patterns),
        (form.min_items, form.max_items, form.unique),
        (form.min_properties, form.max_properties, frozenset(form.required)),
        tuple(sorted((n, tuple(sorted(each))) for n, each in form.dependent_required.items())),
        form.contains and (form.contains.least, form.contains.most),
        form.opaque,
    )


def _held(form: Form) -> Iterator[tuple[str, Form]]:
    """The schemas that a form holds, and as what, in an order that means nothing."""
    for role, single in (
        ("items", form.items),
        ("contains", None if form.contains is None else form.contains.form),
        ("additional", form.additional),
        ("names", form.names),
        ("not", form.negated),
    ):
        if single is not None:
            yield role, single
    yield from (("prefix", each) for each in form.prefix)
    for role, named in (
        ("property", form.properties.items()),
        ("pattern", form.pattern_properties),
        ("dependent", form.dependent_schemas.items()),
    ):
        yield from ((f"{role} {name}", each) for name, each in sorted(named, key=_name))
    for role, listed in (("all", form.conjuncts), ("any", form.any_of), ("one", form.one_of)):
        yield from ((role, each) for each in listed)
    yield from (("if", each) for each in form.condition or ())


def _name(named: tuple[str, Form]) -> str:
    return named[0]


def _all_held(roots: Iterable[Form]) -> dict[Form, None]:
    found: dict[Form, None] = {}
    pending = list(roots)
    while pending:
        form = pending.pop()
        if form not in found:
            found[form] = None
            pending += (each for _, each in _held(form))
    return found


def _reaching(targets: Iterable[Form], forms: Iterable[Form]) -> set[Form]:
    """Those of `forms` that hold one of `targets`, at any depth."""
    holders: dict[Form, list[Form]] = {}
    for form in forms:
        for _, each in _held(form):
            holders.setdefault(each, []).append(form)
    found: set[Form] = set()
    pending = list(targets)
    while pending:
        form = pending.pop()
        if form not in found:
            found.add(form)
            pending += holders.get(form, ())
    return found
