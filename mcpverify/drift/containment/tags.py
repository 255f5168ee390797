"""What tells objects apart: properties that must be there and whose values are listed."""

from collections.abc import Iterable, Mapping

from mcpverify.drift.containment.form import Form


def tags(forms: Iterable[Form]) -> dict[str, frozenset[str]]:
    """The equality keys that such properties of an object under all of `forms` can have."""
    forms = tuple(forms)
    found: dict[str, frozenset[str]] = {}
    for name in {name for form in forms for name in form.required}:
        for form in forms:
            held = form.properties.get(name)
            for keys in () if held is None else held.keys:
                found[name] = found.get(name, keys) & keys
    return found


def own_tags(form: Form) -> dict[str, frozenset[str]]:
    """The tags of one schema, with what it refers to."""
    return tags((form, *form.conjuncts))


def told_apart(one: Mapping[str, frozenset[str]], other: Mapping[str, frozenset[str]]) -> bool:
    """Whether no object can have both tags."""
    return any(name in one and keys.isdisjoint(one[name]) for name, keys in other.items())
