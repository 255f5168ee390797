"""What the value of each keyword must be, dialect by dialect.

A JSON Schema is valid when every keyword of every subschema has a value of the right
shape: that is all the metaschemas say, in some hundred rules. They stand here as tables,
because the metaschemas are recursive, and a server decides how deep. The tests hold the
tables to the metaschemas.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mcpverify.facts.dialect import Dialect
from mcpverify.facts.json_text import Json, canonical_text
from mcpverify.facts.schema import Holds


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value must be, in words and as a test.

    `holds` names the schemas inside, which are to be judged on their own; `beside` is a
    keyword that must stand in the same schema.
    """

    expected: str
    fits: Callable[[Json], bool]
    holds: Holds | None = None
    beside: str = ""


Shapes = dict[str, Shape]

_TYPES: Final = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})


def _is_string(value: Json) -> bool:
    return isinstance(value, str)


def _is_boolean(value: Json) -> bool:
    return isinstance(value, bool)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_positive(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _is_count(value: Json) -> bool:
    if isinstance(value, float):
        return value >= 0 and value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_list(value: Json) -> bool:
    return isinstance(value, list)


def _is_filled_list(value: Json) -> bool:
    return isinstance(value, list) and bool(value)


def _is_object(value: Json) -> bool:
    return isinstance(value, dict)


def _is_schema(value: Json) -> bool:
    return isinstance(value, dict | bool)


def _is_schema_or_list(value: Json) -> bool:
    return isinstance(value, dict | bool) or _is_filled_list(value)


def _is_object_or_list(value: Json) -> bool:
    return isinstance(value, dict) or _is_filled_list(value)


def is_names(value: Json) -> bool:
    """Whether `value` is a list of strings, each once."""
    if not isinstance(value, list):
        return False
    return all(isinstance(name, str) for name in value) and len(set(value)) == len(value)


def _is_some_names(value: Json) -> bool:
    return is_names(value) and bool(value)


def _is_distinct_list(value: Json) -> bool:
    # Equal values have equal canonical texts, so that no item meets any other.
    if not isinstance(value, list) or not value:
        return False
    return len({canonical_text(item) for item in value}) == len(value)


def is_type(value: Json) -> bool:
    """Whether `value` is what `type` may say."""
    if isinstance(value, list):
        return _is_some_names(value) and _TYPES.issuperset(value)
    return isinstance(value, str) and value in _TYPES


def _is_named_names(value: Json) -> bool:
    return isinstance(value, dict) and all(is_names(names) for names in value.values())


def _is_vocabulary(value: Json) -> bool:
    return isinstance(value, dict) and all(isinstance(used, bool) for used in value.values())


def _spelled(pattern: str) -> Callable[[Json], bool]:
    matches = re.compile(pattern).fullmatch
    return lambda value: isinstance(value, str) and matches(value) is not None


_STRING = Shape("a string", _is_string)
_BOOLEAN = Shape("true or false", _is_boolean)
_NUMBER = Shape("a number", _is_number)
_POSITIVE = Shape("a number above 0", _is_positive)
_COUNT = Shape("an integer from 0 on", _is_count)
_LIST = Shape("a list", _is_list)
_TYPE = Shape("a type or a list of distinct types", is_type)
_NAMES = Shape("a list of distinct strings", is_names)
_NAMED_NAMES = Shape("an object whose values are lists of distinct strings", _is_named_names)
_SCHEMA = Shape("a schema: an object, true or false", _is_schema, Holds.SCHEMA)
_SCHEMAS = Shape("a list of at least one schema", _is_filled_list, Holds.SCHEMAS)
_NAMED_SCHEMAS = Shape("an object whose values are schemas", _is_object, Holds.NAMED_SCHEMAS)
_ITEMS = Shape("a schema or a list of schemas", _is_schema_or_list, Holds.SCHEMA)
_IDENTIFIER = Shape("a URI reference without a fragment", _spelled(r"[^#]*#?"))
_ANCHOR = Shape(
    "a letter or _, then letters, digits, - _ and .", _spelled(r"[A-Za-z_][-A-Za-z0-9._]*")
)

_EVER: Final[Shapes] = {
    "$schema": _STRING,
    "$ref": _STRING,
    "title": _STRING,
    "description": _STRING,
    "multipleOf": _POSITIVE,
    "maximum": _NUMBER,
    "minimum": _NUMBER,
    "maxLength": _COUNT,
    "minLength": _COUNT,
    "pattern": _STRING,
    "maxItems": _COUNT,
    "minItems": _COUNT,
    "uniqueItems": _BOOLEAN,
    "maxProperties": _COUNT,
    "minProperties": _COUNT,
    "definitions": _NAMED_SCHEMAS,
    "properties": _NAMED_SCHEMAS,
    "patternProperties": _NAMED_SCHEMAS,
    "dependencies": _NAMED_SCHEMAS,
    "type": _TYPE,
    "format": _STRING,
    "allOf": _SCHEMAS,
    "anyOf": _SCHEMAS,
    "oneOf": _SCHEMAS,
}

_OBJECT = Shape("a schema: an object", _is_object, Holds.SCHEMA)

_DRAFT_04: Final[Shapes] = _EVER | {
    "id": _STRING,
    "exclusiveMaximum": Shape("true or false", _is_boolean, beside="maximum"),
    "exclusiveMinimum": Shape("true or false", _is_boolean, beside="minimum"),
    "additionalItems": _SCHEMA,
    "additionalProperties": _SCHEMA,
    "items": Shape("a schema or a list of schemas", _is_object_or_list, Holds.SCHEMA),
    "required": Shape("a list of at least one string, each once", _is_some_names),
    "enum": Shape("a list of at least one value, each once", _is_distinct_list),
    "not": _OBJECT,
}

_DRAFT_06: Final[Shapes] = _EVER | {
    "$id": _STRING,
    "examples": _LIST,
    "exclusiveMaximum": _NUMBER,
    "exclusiveMinimum": _NUMBER,
    "additionalItems": _SCHEMA,
    "additionalProperties": _SCHEMA,
    "items": _ITEMS,
    "contains": _SCHEMA,
    "required": _NAMES,
    "propertyNames": _SCHEMA,
    "enum": _LIST,
    "not": _SCHEMA,
}

_DRAFT_07: Final[Shapes] = _DRAFT_06 | {
    "$comment": _STRING,
    "readOnly": _BOOLEAN,
    "contentMediaType": _STRING,
    "contentEncoding": _STRING,
    "if": _SCHEMA,
    "then": _SCHEMA,
    "else": _SCHEMA,
}

_D2019_09: Final[Shapes] = _DRAFT_07 | {
    "$id": _IDENTIFIER,
    "$anchor": Shape(
        "a letter, then letters, digits, - _ : and .", _spelled(r"[A-Za-z][-A-Za-z0-9.:_]*")
    ),
    "$recursiveRef": _STRING,
    "$recursiveAnchor": _BOOLEAN,
    "$vocabulary": Shape("an object whose values are true or false", _is_vocabulary),
    "$defs": _NAMED_SCHEMAS,
    "unevaluatedItems": _SCHEMA,
    "unevaluatedProperties": _SCHEMA,
    "dependentSchemas": _NAMED_SCHEMAS,
    "dependentRequired": _NAMED_NAMES,
    "maxContains": _COUNT,
    "minContains": _COUNT,
    "deprecated": _BOOLEAN,
    "writeOnly": _BOOLEAN,
    "contentSchema": _SCHEMA,
}

_D2020_12: Final[Shapes] = _D2019_09 | {
    "$anchor": _ANCHOR,
    "$dynamicAnchor": _ANCHOR,
    "$dynamicRef": _STRING,
    "$recursiveAnchor": _ANCHOR,
    "items": _SCHEMA,
    "prefixItems": _SCHEMAS,
}
del _D2020_12["additionalItems"]

SHAPES: Final[dict[Dialect, Shapes]] = {
    Dialect.DRAFT_04: _DRAFT_04,
    Dialect.DRAFT_06: _DRAFT_06,
    Dialect.DRAFT_07: _DRAFT_07,
    Dialect.D2019_09: _D2019_09,
    Dialect.D2020_12: _D2020_12,
}

REFERENCES: Final[dict[Dialect, frozenset[str]]] = {
    Dialect.DRAFT_04: frozenset({"$ref"}),
    Dialect.DRAFT_06: frozenset({"$ref"}),
    Dialect.DRAFT_07: frozenset({"$ref"}),
    Dialect.D2019_09: frozenset({"$ref", "$recursiveRef"}),
    Dialect.D2020_12: frozenset({"$ref", "$dynamicRef"}),
}
"""The keywords whose values are references."""
