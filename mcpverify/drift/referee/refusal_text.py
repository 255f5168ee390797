"""Which of a validator's errors is told, and how: one short sentence, for a person at night.

Errors are those of `jsonschema`, as `keywords` yields them. Of alternatives, the
one that fits best is told about: the one whose kind is named in the value, or of the
type of the value, and in which the least is wrong.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

from mcpverify.facts.json_text import Json, canonical_text, pointer

Error: TypeAlias = Any  # jsonschema.exceptions.ValidationError

_LONGEST_VALUE: Final = 60
_LONGEST_SENTENCE: Final = 160
_LONGEST_PLACE: Final = 100


def told(errors: Sequence[Error]) -> str:
    """The sentence about the most telling of `errors`, of which there is one at least."""
    error = _foremost(errors)
    steps: tuple[str | int, ...] = ()
    named = False
    while error.context:
        steps += tuple(error.path)
        if error.validator == "propertyNames":
            named = True
            error = _foremost(error.context)
            continue
        shared = _shared(error.context)
        if shared is not None:
            inner, text = shared
            return _sentence((*steps, *inner), text, named)
        error = _foremost(_best_branch(error.context))
    return _sentence((*steps, *error.path), _text(error), named)


def spelled(value: Json) -> str:
    """`value` as Python writes texts and JSON the rest, cut where it is long."""
    return _spelled(value, _LONGEST_VALUE)


def _foremost(errors: Iterable[Error]) -> Error:
    """The first of the shallowest errors that is not about alternatives, if there is one."""
    return min(errors, key=lambda each: (len(each.path), each.validator in ("anyOf", "oneOf")))


def _branches(context: Iterable[Error]) -> dict[Any, list[Error]]:
    branches: dict[Any, list[Error]] = {}
    for error in context:
        branches.setdefault(error.schema_path[0], []).append(error)
    return branches


def _best_branch(context: Sequence[Error]) -> list[Error]:
    return min(_branches(context).values(), key=_misfit)


def _misfit(errors: list[Error]) -> tuple[bool, bool, int, int]:
    """How far a branch is from what was meant: of another type or kind, by more errors."""
    kinds = {(*each.path, each.validator) for each in errors}
    return (
        any(_is_of_another_type(each) for each in errors),
        any(_is_of_another_kind(each) for each in errors),
        len(kinds),
        -max(len(each.path) for each in errors),
    )


def _is_of_another_type(error: Error) -> bool:
    return not error.path and (error.validator in ("type", None) or _is_value(error))


def _is_value(error: Error) -> bool:
    """Whether a constant of another type is asked for."""
    return error.validator == "const" and type(error.validator_value) is not type(error.instance)


def _is_of_another_kind(error: Error) -> bool:
    """Whether it is about a field that names the kind, as in {"kind": {"const": "circle"}}."""
    return len(error.path) == 1 and error.validator in ("const", "enum")


def _shared(context: Sequence[Error]) -> tuple[tuple[str | int, ...], str] | None:
    """What is wrong with all branches in one way: the type, the value, or the kind."""
    branches = list(_branches(context).values())
    if len(branches) < 2:
        return None
    for keywords, text in ((("type",), _not_of_type), (("const", "enum"), _not_one_of)):
        found = [_only(branch, keywords) for branch in branches]
        if all(found):
            return (), text(found[0], found)
    for error in branches[0]:
        if _is_of_another_kind(error):
            same = [
                next((e for e in branch if _is_of_another_kind(e) and e.path == error.path), None)
                for branch in branches
            ]
            if all(same):
                return tuple(error.path), _not_one_of(error, same)
    return None


def _only(branch: list[Error], keywords: tuple[str, ...]) -> Error | None:
    """The error that a branch is refused with at its root, be it for its value or its type."""
    return next((each for each in branch if not each.path and each.validator in keywords), None)


def _not_of_type(error: Error, errors: Iterable[Error]) -> str:
    types: dict[str, None] = {}
    for each in errors:
        wanted = each.validator_value
        types |= dict.fromkeys([wanted] if isinstance(wanted, str) else wanted)
    return f"{spelled(error.instance)} is not of type {_listed([repr(each) for each in types])}"


def _not_one_of(error: Error, errors: Iterable[Error]) -> str:
    values: dict[str, Json] = {}
    for each in errors:
        listed = each.validator_value if each.validator == "enum" else [each.validator_value]
        for value in listed:
            values.setdefault(canonical_text(value), value)
    return f"{spelled(error.instance)} is not one of {spelled(list(values.values()))}"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _sentence(steps: tuple[str | int, ...], text: str, named: bool) -> str:
    if named:
        text = f"the name {text}"
    place = pointer(*steps)
    if len(place) > _LONGEST_PLACE:
        place = f"{place[:30]}...{place[-(_LONGEST_PLACE - 33) :]}"
    return _cut(f"at {place}: {text}" if place else text, _LONGEST_PLACE + _LONGEST_SENTENCE)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 3] + "..."


def _text(error: Error) -> str:
    """What is wrong, without the place. Most keywords have a phrase, some their own message."""
    keyword, wanted, value = error.validator, error.validator_value, spelled(error.instance)
    match keyword:
        case None:
            return "no value is accepted here"
        case "type":
            return _not_of_type(error, [error])
        case "enum":
            return _not_one_of(error, [error])
        case "const":
            return f"{value} is not {spelled(wanted)}"
        case "not":
            return f"{value} is ruled out by {spelled({'not': wanted})}"
        case "anyOf" | "oneOf":
            return f"{value} {error.message or 'is not valid under any of the alternatives'}"
        case "contains" | "minContains" | "maxContains":
            return f"{value} {error.message}"
        case "uniqueItems":
            return f"{value} has items that are equal"
        case "items" | "additionalItems" | "unevaluatedItems":
            return f"{value} has more items than are allowed"
        case "pattern":
            return f"{value} does not match {_spelled(wanted, 100)}"
        case "multipleOf":
            return f"{value} is not a multiple of {spelled(wanted)}"
        case "minimum" | "exclusiveMinimum":
            exclusive = keyword != "minimum" or error.schema.get("exclusiveMinimum") is True
            phrase = "not greater than" if exclusive else "less than the minimum of"
            return f"{value} is {phrase} {spelled(wanted)}"
        case "maximum" | "exclusiveMaximum":
            exclusive = keyword != "maximum" or error.schema.get("exclusiveMaximum") is True
            phrase = "not less than" if exclusive else "greater than the maximum of"
            return f"{value} is {phrase} {spelled(wanted)}"
        case _ if keyword in _SIZES:
            comparison, things = _SIZES[keyword]
            noun = _ONE[things] if wanted == 1 else things
            return f"{value} {comparison} {spelled(wanted)} {noun}"
        case _:
            return _cut(str(error.message), _LONGEST_SENTENCE)


_SIZES: Final = {
    "minLength": ("is shorter than", "characters"),
    "maxLength": ("is longer than", "characters"),
    "minItems": ("has fewer than", "items"),
    "maxItems": ("has more than", "items"),
    "minProperties": ("has fewer than", "properties"),
    "maxProperties": ("has more than", "properties"),
}
_ONE: Final = {"characters": "character", "items": "item", "properties": "property"}


def _spelled(value: Json, room: int) -> str:
    if room <= 0:
        return "..."
    match value:
        case str():
            return repr(value if len(value) <= room else value[: max(room - 3, 1)] + "...")
        case dict():
            parts = (
                f"{_spelled(name, room - 2)}: {_spelled(inner, room - 2)}"
                for name, inner in value.items()
            )
            return "{" + _joined(parts, len(value), room) + "}"
        case list():
            parts = (_spelled(each, room - 2) for each in value)
            return "[" + _joined(parts, len(value), room) + "]"
        case _:
            text = canonical_text(value)
            return text if len(text) <= 40 else f"{text[:20]}...{text[-10:]}"


def _joined(parts: Iterable[str], count: int, room: int) -> str:
    """As many `parts` as there is room for, and how many more there are."""
    shown: list[str] = []
    for part in parts:
        room -= len(part) + 2
        if shown and room < 0:
            return f"{', '.join(shown)}, ... {count - len(shown)} more"
        shown.append(part)
    return ", ".join(shown)
