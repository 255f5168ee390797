"""Plain jsonschema as a referee that shares nothing with drift.

It knows neither ECMA-262 nor decimals: numbers are handed to it as decimals, and whoever
has patterns asks somebody else.
"""

from decimal import Decimal
from typing import Any

import jsonschema
from referencing import Registry

from mcpverify.facts.json_text import Json


def accepts(schema: Json, value: Json) -> bool:
    """Whether `schema`, in the dialect that it declares, takes `value`."""
    declared = _exact(schema)
    cls = jsonschema.validators.validator_for(declared, jsonschema.Draft202012Validator)
    validator: Any = cls(declared, registry=Registry())
    return bool(validator.is_valid(_exact(value)))


def has_patterns(value: Json) -> bool:
    """Whether a regular expression may stand in this schema."""
    if isinstance(value, dict):
        return bool({"pattern", "patternProperties"} & value.keys()) or any(
            has_patterns(each) for each in value.values()
        )
    return isinstance(value, list) and any(has_patterns(each) for each in value)


def _exact(value: Any) -> Any:
    if isinstance(value, float):
        return int(value) if value.is_integer() else Decimal(repr(value))
    if isinstance(value, dict):
        return {key: _exact(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_exact(each) for each in value]
    return value
