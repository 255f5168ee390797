"""Which names schemas declare for one object, listed or by what lets unlisted ones be."""

from collections.abc import Iterator, Mapping
from typing import Final

from mcpverify.drift.budget import Budget
from mcpverify.drift.patterns.language import (
    Language,
    Unsupported,
    any_string,
    both,
    either,
    literal,
    pattern_language,
    sample,
    without,
)
from mcpverify.drift.verdicts.places import OTHERS, Schemas, Steps
from mcpverify.facts.json_text import Json

_NONE: Final[tuple[Json, ...]] = (False, {"not": {}})


def names(schema: dict[str, Json]) -> Iterator[str]:
    """The names that are listed, in `properties` or in `required`."""
    properties, required = schema.get("properties"), schema.get("required")
    if isinstance(properties, dict):
        yield from (name for name, inner in properties.items() if inner is not False)
    if isinstance(required, list):
        yield from (name for name in required if isinstance(name, str))


def is_free(schemas: Schemas) -> bool:
    """Whether they name nothing, so that any name is meant."""
    return not any("properties" in each or each.get("required") or maps(each) for each in schemas)


def maps(schema: Mapping[str, Json]) -> dict[Steps, str | None]:
    """What lets names be that are not listed, with their pattern; None where all may be."""
    found: dict[Steps, str | None] = {}
    patterns = schema.get("patternProperties")
    if isinstance(patterns, dict):
        for pattern, inner in patterns.items():
            if inner not in _NONE:
                found["patternProperties", pattern] = pattern
    found |= {(each,): None for each in OTHERS if each in schema and schema[each] not in _NONE}
    return found


def maps_lost(old: Schemas, new: Schemas, kept: set[str], budget: Budget) -> set[Steps]:
    """Those of `old` that let a name be which `new` does not declare. Raises Exhausted."""
    before = {steps: pattern for schema in old for steps, pattern in maps(schema).items()}
    after = {steps: pattern for schema in new for steps, pattern in maps(schema).items()}
    if not before or None in after.values():
        return set()
    try:
        declared = either(
            *(pattern_language(pattern) for pattern in after.values() if pattern is not None),
            *map(literal, kept),
            without(both(*map(_of_property_names, old))),
        )
    except Unsupported:
        return before.keys() - after.keys()
    lost: set[Steps] = set()
    for steps, pattern in before.items():
        if steps in after:
            continue
        try:
            allowed = any_string() if pattern is None else pattern_language(pattern)
            if sample(both(allowed, without(declared)), budget) is None:
                continue
        except Unsupported:
            pass
        lost.add(steps)
    return lost


def _of_property_names(schema: dict[str, Json]) -> Language:
    """The names that `propertyNames` allows, as far as they are listed or have a pattern."""
    rule = schema.get("propertyNames")
    language = any_string()
    if isinstance(rule, dict):
        listed = rule.get("enum")
        if isinstance(listed, list):
            language = either(*(literal(each) for each in listed if isinstance(each, str)))
        if isinstance(rule.get("pattern"), str):
            language = both(language, pattern_language(str(rule["pattern"])))
    return language
