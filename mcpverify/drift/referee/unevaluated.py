"""What unevaluatedProperties and unevaluatedItems leave to be looked at."""

from collections.abc import Iterator
from typing import Any

from mcpverify.drift.referee.session import (
    REFERENCES,
    Validator,
    accepts,
    finds,
    session_of,
    target_of,
)
from mcpverify.drift.referee.silence import OracleSilent
from mcpverify.facts.dialect import Dialect


def additional(validator: Validator, instance: dict[str, Any], schema: Any) -> list[str]:
    """The names in `instance` that neither properties nor patternProperties of `schema` have."""
    declared, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    return [
        name
        for name in instance
        if name not in declared and not any(finds(validator, each, name) for each in patterns)
    ]


def evaluated_names(
    validator: Validator, instance: dict[str, Any], schema: Any, unless: str = ""
) -> set[str]:
    """The names in `instance` that `schema`, which accepts it, has looked at.

    `unless` is the keyword on whose behalf is asked.
    """
    session_of(validator).budget.spend()
    if isinstance(schema, bool):
        return set()
    if "unevaluatedProperties" in schema and unless != "unevaluatedProperties":
        return set(instance)
    found: set[str] = set()
    if "properties" in schema:
        found |= schema["properties"].keys() & instance.keys()
    for pattern in schema.get("patternProperties", ()):
        found |= {name for name in instance if finds(validator, pattern, name)}
    if "additionalProperties" in schema:
        found.update(additional(validator, instance, schema))
    for each in _applied(validator, instance, schema):
        found |= evaluated_names(validator, instance, each)
    return found


def evaluated_items(
    validator: Validator, instance: list[Any], schema: Any, unless: str = ""
) -> set[int]:
    """The indexes in `instance` that `schema`, which accepts it, has looked at."""
    session = session_of(validator)
    session.budget.spend()
    if isinstance(schema, bool):
        return set()
    everything = set(range(len(instance)))
    if "unevaluatedItems" in schema and unless != "unevaluatedItems":
        return everything
    found: set[int] = set()
    if session.dialect is Dialect.D2020_12:
        if "items" in schema:
            return everything
        found |= everything & set(range(len(schema.get("prefixItems", ()))))
        if "contains" in schema:
            inner = schema["contains"]
            found |= {i for i, each in enumerate(instance) if accepts(validator, each, inner)}
    elif "items" in schema:
        if "additionalItems" in schema or not isinstance(schema["items"], list):
            return everything
        found |= everything & set(range(len(schema["items"])))
    for each in _applied(validator, instance, schema):
        found |= evaluated_items(validator, instance, each)
    return found


def _applied(validator: Validator, instance: Any, schema: dict[str, Any]) -> Iterator[Any]:
    """The schemas that `schema` applies to the whole of `instance` and that accept it."""
    for each in _in_place(validator, instance, schema):
        if isinstance(each, dict) and "$id" in each:
            raise OracleSilent("what is unevaluated depends on a schema with an identifier")
        if accepts(validator, instance, each):
            yield each


def _in_place(validator: Validator, instance: Any, schema: dict[str, Any]) -> Iterator[Any]:
    for keyword in ("allOf", "anyOf", "oneOf"):
        yield from schema.get(keyword, ())
    if "if" in schema:
        holds = accepts(validator, instance, schema["if"])
        yield from (
            schema[each] for each in (("if", "then") if holds else ("else",)) if each in schema
        )
    if isinstance(instance, dict):
        for name, inner in schema.get("dependentSchemas", {}).items():
            if name in instance:
                yield inner
    for keyword in REFERENCES & validator.VALIDATORS.keys() & schema.keys():
        target = target_of(validator, schema[keyword])
        if target is None:
            raise OracleSilent("what is unevaluated depends on another document")
        yield target
