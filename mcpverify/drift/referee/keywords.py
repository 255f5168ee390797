"""The keywords that are ours. Most errors have no message: `drift.refusal_text` words them."""

from typing import Any, Final

from jsonschema.exceptions import ValidationError

from mcpverify.drift.referee.meaning import is_count
from mcpverify.drift.referee.session import (
    Errors,
    Keyword,
    Validator,
    accepts,
    finds,
    session_of,
    target_of,
)
from mcpverify.drift.referee.silence import OracleSilent
from mcpverify.drift.referee.unevaluated import additional, evaluated_items, evaluated_names
from mcpverify.drift.referee.values import identity, is_multiple, is_number, same


def perhaps_exclusive(keyword: Keyword, beside: str) -> Keyword:
    """A bound of draft 4, which a boolean beside it makes exclusive."""

    def compare(validator: Validator, bound: Any, instance: Any, schema: Any) -> Errors:
        if not isinstance(schema.get(beside, False), bool):
            raise OracleSilent(f"{beside} has a value that means nothing")
        return keyword(validator, bound, instance, schema)

    return compare


def _enum(validator: Validator, values: Any, instance: Any, schema: Any) -> Errors:
    budget = session_of(validator).budget
    if not any(same(each, instance, budget) for each in values):
        yield ValidationError("")


def _const(validator: Validator, value: Any, instance: Any, schema: Any) -> Errors:
    if not same(value, instance, session_of(validator).budget):
        yield ValidationError("")


def _multiple_of(validator: Validator, divisor: Any, instance: Any, schema: Any) -> Errors:
    if is_number(instance) and not is_multiple(instance, divisor):
        yield ValidationError("")


def _pattern(validator: Validator, pattern: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, str) and not finds(validator, pattern, instance):
        yield ValidationError("")


def _unique_items(validator: Validator, wanted: Any, instance: Any, schema: Any) -> Errors:
    if wanted and isinstance(instance, list):
        budget = session_of(validator).budget
        seen: set[object] = set()
        for each in instance:
            budget.spend()
            seen.add(identity(each, budget))
        if len(seen) < len(instance):
            yield ValidationError("")


def _property_names(validator: Validator, names: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, dict):
        for name in instance:
            errors = list(validator.descend(name, names))
            if errors:
                yield ValidationError("", context=errors)


def _pattern_properties(validator: Validator, patterns: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, dict):
        for pattern, inner in patterns.items():
            for name, value in instance.items():
                if finds(validator, pattern, name):
                    yield from validator.descend(value, inner, path=name, schema_path=pattern)


def _additional_properties(validator: Validator, inner: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, dict):
        extras = additional(validator, instance, schema)
        yield from _each_of(extras, validator, inner, instance)


def _unevaluated_properties(validator: Validator, inner: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, dict):
        evaluated = evaluated_names(validator, instance, schema, "unevaluatedProperties")
        extras = [name for name in instance if name not in evaluated]
        yield from _each_of(extras, validator, inner, instance)


def _each_of(names: list[str], validator: Validator, inner: Any, instance: Any) -> Errors:
    """What is wrong with the properties of these names; with all at once, where none may be."""
    if inner is False:
        if names:
            yield ValidationError(_unexpected(names))
        return
    for name in names:
        yield from validator.descend(instance[name], inner, path=name)


def _unevaluated_items(validator: Validator, inner: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, list):
        evaluated = evaluated_items(validator, instance, schema, "unevaluatedItems")
        extras = [index for index in range(len(instance)) if index not in evaluated]
        if inner is False:
            if extras:
                yield ValidationError("")
            return
        for index in extras:
            yield from validator.descend(instance[index], inner, path=index)


def _unexpected(names: list[str]) -> str:
    shown = [repr(name if len(name) <= 60 else name[:57] + "...") for name in names[:4]]
    if len(names) > 4:
        shown[3:] = [f"{len(names) - 3} more"]
    told = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
    return f"{told} {'is' if len(names) == 1 else 'are'} not expected"


def _one_of(validator: Validator, branches: Any, instance: Any, schema: Any) -> Errors:
    refused: list[ValidationError] = []
    accepting = 0
    for index, branch in enumerate(branches):
        errors = list(validator.descend(instance, branch, schema_path=index))
        refused += errors
        accepting += not errors
    if accepting > 1:
        yield ValidationError(f"is valid under {accepting} alternatives, not under exactly one")
    elif not accepting:
        yield ValidationError("", context=refused)


def _not(validator: Validator, ruled_out: Any, instance: Any, schema: Any) -> Errors:
    if accepts(validator, instance, ruled_out):
        yield ValidationError("")


def _if(validator: Validator, condition: Any, instance: Any, schema: Any) -> Errors:
    holds = "then" if accepts(validator, instance, condition) else "else"
    if holds in schema:
        yield from validator.descend(instance, schema[holds], schema_path=holds)


def contains_any(validator: Validator, inner: Any, instance: Any, schema: Any) -> Errors:
    """The keyword `contains` of drafts 6 and 7, which counts nothing."""
    if isinstance(instance, list) and not any(accepts(validator, it, inner) for it in instance):
        yield ValidationError("has no item that contains asks for")


def _contains(validator: Validator, inner: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, list):
        return
    least, most = schema.get("minContains", 1), schema.get("maxContains", len(instance))
    if not is_count(least) or not is_count(most):
        raise OracleSilent("minContains or maxContains has a value that means nothing")
    found = sum(accepts(validator, each, inner) for each in instance)
    held = f"has {found or 'no'} item{'s' * (found > 1)} that contains asks for"
    if found < least:
        yield ValidationError(held if least == 1 else f"{held}, fewer than {least}")
    elif found > most:
        yield ValidationError(f"{held}, more than {most}")


def within_the_document(keyword: Keyword) -> Keyword:
    """A reference that is followed inside the document, by our own rules."""

    def follow(validator: Validator, reference: Any, instance: Any, schema: Any) -> Errors:
        target = target_of(validator, reference)
        if target is None:
            return keyword(validator, reference, instance, schema)
        errors: Errors = validator.descend(instance, target)
        return errors

    return follow


def identified(validator: Validator, identifier: Any, instance: Any, schema: Any) -> Errors:
    """An identifier, which refuses nothing but costs."""
    session_of(validator).weigh_identifiers()
    return ()


OURS: Final[dict[str, Keyword]] = {
    "additionalProperties": _additional_properties,
    "const": _const,
    "contains": _contains,
    "enum": _enum,
    "if": _if,
    "multipleOf": _multiple_of,
    "not": _not,
    "oneOf": _one_of,
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "propertyNames": _property_names,
    "unevaluatedItems": _unevaluated_items,
    "unevaluatedProperties": _unevaluated_properties,
    "uniqueItems": _unique_items,
}
