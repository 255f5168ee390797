"""Which schemas say the same, word for word, once annotations are gone and references followed."""

from mcpverify.drift.budget import Budget
from mcpverify.drift.containment.form import Form, says_more

_DEEPEST = 60


class Likeness:
    """Gives forms that say the same the same number, and others another.

    Forms that hold themselves have none, nor have those that lie too deep.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._numbers: dict[tuple[object, ...], int] = {}
        self._known: dict[Form, int | None] = {}

    def of(self, form: Form) -> int | None:
        return self._of(form, 0)

    def _of(self, form: Form, depth: int) -> int | None:
        if form in self._known:
            return self._known[form]
        # Until it is known it has none: that is how a form within itself comes to have none.
        self._known[form] = None
        if depth > _DEEPEST or not all(text for _, text in form.opaque):
            return None
        only = form.conjuncts
        if len(only) == 1 and not says_more(form, {"all_of", "reference"}):
            found = self._of(only[0], depth + 1)
        else:
            found = self._number(form, depth + 1)
        self._known[form] = found
        return found

    def _number(self, form: Form, depth: int) -> int | None:
        parts: list[object] = [
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
        ]
        self._budget.spend(1 + len(form.properties) // 4 + sum(map(len, form.finite)) // 4)
        for name, inner in self._inner(form):
            if inner is None:
                parts.append((name, None))
                continue
            number = self._of(inner, depth)
            if number is None:
                return None
            parts.append((name, number))
        return self._numbers.setdefault(tuple(parts), len(self._numbers))

    def _inner(self, form: Form) -> list[tuple[str, Form | None]]:
        found: list[tuple[str, Form | None]] = [
            ("items", form.items),
            ("contains", None if form.contains is None else form.contains.form),
            ("additional", form.additional),
            ("names", form.names),
            ("not", form.negated),
        ]
        found += (("prefix", each) for each in form.prefix)
        for kind, named in (
            ("property", form.properties.items()),
            ("pattern", form.pattern_properties),
            ("dependent", form.dependent_schemas.items()),
        ):
            found += ((f"{kind} {name}", each) for name, each in sorted(named, key=_name))
        for kind, listed in (("all", form.conjuncts), ("any", form.any_of), ("one", form.one_of)):
            found += ((kind, each) for each in listed)
        if form.condition is not None:
            found += (("if", each) for each in form.condition)
        return found


def _name(named: tuple[str, Form]) -> str:
    return named[0]
