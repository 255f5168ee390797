"""Which schemas the rivals say that they can read, in their own documents.

json-schema-diff lists its keywords in KEYWORDS.md. jsonsubschema reads JSON Schema draft-04, and
lists the keywords it knows in `_constants.py`. Annotations are read by nobody and harm nobody.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

import jsonschema

_ANNOTATIONS: Final = frozenset(
    {
        "title",
        "description",
        "default",
        "examples",
        "deprecated",
        "format",
        "contentEncoding",
        "$schema",
        "$comment",
        "$defs",
        "definitions",
    }
)
_BOTH: Final = frozenset(
    {
        "type",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "minLength",
        "maxLength",
        "items",
        "minItems",
        "maxItems",
        "properties",
        "required",
        "additionalProperties",
        "minProperties",
        "maxProperties",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "$ref",
    }
)
_DRAFT_04: Final = _BOTH | {
    "enum",
    "multipleOf",
    "pattern",
    "uniqueItems",
    "patternProperties",
    "dependencies",
    "additionalItems",
}


def read_by_json_schema_diff(schema: Any) -> bool:
    """Its table: no enum, const, pattern, multipleOf, and items only as one schema; draft-07."""
    if "draft-07" not in schema.get("$schema", "draft-07") or _is_circular(schema):
        return False
    return all(
        each.keys() <= _BOTH | _ANNOTATIONS | _unknown(each)
        and isinstance(each.get("items", {}), dict | bool)
        for each in _subschemas(schema)
    )


def read_by_jsonsubschema(schema: Any) -> bool:
    """Draft-04, without references that lead back to themselves."""
    if _is_circular(schema) or not jsonschema.Draft4Validator(
        jsonschema.Draft4Validator.META_SCHEMA
    ).is_valid(schema):
        return False
    return all(
        each.keys() <= _DRAFT_04 | _ANNOTATIONS | _unknown(each) for each in _subschemas(schema)
    )


Reads = Callable[[Any], bool]


def _unknown(schema: dict[str, Any]) -> set[str]:
    return {key for key in schema if key.startswith("x-")}


def _is_circular(schema: Any) -> bool:
    return any(each.get("$ref") == "#" for each in _subschemas(schema))


def _subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(schema, dict):
        return
    yield schema
    for keyword, value in schema.items():
        if keyword in ("properties", "patternProperties", "$defs", "definitions"):
            for inner in value.values():
                yield from _subschemas(inner)
        elif keyword in ("items", "additionalProperties", "not", "contains", "if", "then"):
            for inner in value if isinstance(value, list) else [value]:
                yield from _subschemas(inner)
        elif keyword in ("allOf", "anyOf", "oneOf", "prefixItems"):
            for inner in value:
                yield from _subschemas(inner)
