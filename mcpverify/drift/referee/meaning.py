"""What a keyword's value must be, to mean something.

Less strict than the metaschemas (`drift.validity`): a name that `required` holds twice is
against the rules, but no riddle.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from mcpverify.drift.referee.values import is_number

_TYPES: Final = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})


def is_count(value: Any) -> bool:
    """Whether it can count something."""
    return is_number(value) and (isinstance(value, int) or value.is_integer())


def _is_positive(value: Any) -> bool:
    return is_number(value) and value > 0


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_schema(value: Any) -> bool:
    return isinstance(value, dict | bool)


def _are_schemas(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict | bool) for each in value)


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _are_types(value: Any) -> bool:
    if isinstance(value, str):
        return value in _TYPES
    return _are_names(value) and bool(value) and _TYPES.issuperset(value)


def _hold_schemas(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(each, dict | bool) for each in value.values())


def _hold_names(value: Any) -> bool:
    return isinstance(value, dict) and all(_are_names(each) for each in value.values())


def _fits() -> Mapping[str, Callable[[Any], bool]]:
    table: dict[str, Callable[[Any], bool]] = {"type": _are_types, "multipleOf": _is_positive}
    for fits, names in (
        (is_count, "minLength maxLength minItems maxItems minProperties maxProperties"),
        (is_number, "minimum maximum exclusiveMinimum exclusiveMaximum"),
        (_is_boolean, "uniqueItems"),
        (_is_text, "pattern $ref $dynamicRef $recursiveRef $id id"),
        (_is_list, "enum"),
        (_are_names, "required"),
        (_are_schemas, "allOf anyOf oneOf prefixItems"),
        (_hold_schemas, "properties patternProperties dependentSchemas"),
        (_hold_names, "dependentRequired"),
        (_is_object, "dependencies"),
        (_is_schema, "additionalProperties additionalItems propertyNames contains not if"),
        (_is_schema, "unevaluatedProperties unevaluatedItems"),
    ):
        table |= dict.fromkeys(names.split(), fits)
    return table


FITS: Final = _fits()
"""By keyword: whether a value of it means something."""
