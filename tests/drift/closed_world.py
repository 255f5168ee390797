"""Whether a value is produced at all under a schema: the closed world, written down once more.

A caller sends, and a server returns, declared properties only, at every depth. This reads the
schema statically and shares nothing with drift. Where the rule can be read two ways (a free-form
schema among the alternatives, alternatives that list other values of a property, items that
`contains` looks at, what an enum lists, a bound at or just beyond 2^53) the answer is None, and
neither reading is held against anyone.
"""

from __future__ import annotations

import re
from typing import Any

SAFE = 2**53 - 1


def is_produced(schema: Any, value: Any, *, open_world: bool = False) -> bool | None:
    """Whether `value` is in the world of `schema`; None where that is a matter of reading."""
    return _World(schema, open_world).has([schema], value)


class _World:
    def __init__(self, root: Any, open_world: bool) -> None:
        self.root = root
        self.open_world = open_world
        self.legacy = isinstance(root, dict) and "draft-07" in root.get("$schema", "")

    def has(self, schemas: list[Any], value: Any) -> bool | None:
        here = self.in_place(schemas)
        answer = self.has_under(schemas, here, value)
        if isinstance(value, dict) and not self.open_world:
            narrow = self.in_place(schemas, value)
            if len(narrow) < len(here) and self.has_under(schemas, narrow, value) != answer:
                return None
        return answer

    def has_under(self, schemas: list[Any], here: list[dict[str, Any]], value: Any) -> bool | None:
        if any(value == each for schema in here for each in _listed(schema)):
            return None if isinstance(value, dict | list) else True
        if isinstance(value, bool) or value is None or isinstance(value, str):
            return True
        if isinstance(value, int | float):
            if -SAFE <= value <= SAFE:
                return True
            if any(_begins_beyond(schema) for schema in here):
                return True
            return None if any(_reaches_beyond(schema) for schema in here) else False
        if isinstance(value, list):
            return _all(self.has_item(here, index, each) for index, each in enumerate(value))
        return _all(self.has_member(schemas, here, name, each) for name, each in value.items())

    def has_member(
        self, schemas: list[Any], here: list[dict[str, Any]], name: str, value: Any
    ) -> bool | None:
        declared = self.open_world or self.declares(schemas, here, name)
        if declared is False:
            return False
        inner: list[Any] = []
        for schema in here:
            found = [each for key, each in schema.get("properties", {}).items() if key == name]
            found += [
                each
                for pattern, each in schema.get("patternProperties", {}).items()
                if re.search(pattern, name)
            ]
            if not found:
                found = [
                    schema[keyword]
                    for keyword in ("additionalProperties", "unevaluatedProperties")
                    if keyword in schema
                ][:1]
            inner += found
        held = self.has(inner or [True], value)
        if not self.open_world and len(inner) > 1 and held is not None:
            # Apart, they may be free-form where together they are not.
            held = held if all(self.has([each], value) == held for each in inner) else None
        return _all((declared, held))

    def has_item(self, here: list[dict[str, Any]], index: int, value: Any) -> bool | None:
        inner: list[Any] = []
        beside: list[Any] = []
        for schema in here:
            prefix, rest = schema.get("prefixItems", []), schema.get("items")
            if isinstance(rest, list):
                prefix, rest = rest, schema.get("additionalItems")
            found = prefix[index] if index < len(prefix) else rest
            inner += [] if found is None else [found]
            beside += [
                schema[keyword] for keyword in ("contains", "unevaluatedItems") if keyword in schema
            ]
        answers = {self.has(inner or [True], value)}
        answers |= {self.has([each], value) for each in inner if len(inner) > 1}
        if beside:
            answers |= {self.has([*inner, *beside], value), self.has(beside, value)}
        return answers.pop() if len(answers) == 1 else None

    def declares(self, schemas: list[Any], here: list[dict[str, Any]], name: str) -> bool | None:
        for schema in here:
            if name in schema.get("properties", {}) or name in schema.get("required", ()):
                return True
            if any(re.search(each, name) for each in schema.get("patternProperties", {})):
                return True
            for keyword in ("additionalProperties", "unevaluatedProperties"):
                if schema.get(keyword, False) is not False:
                    return None if schema[keyword] == {"not": {}} else True
        if not any(_names(schema) for schema in here):
            return True
        if len(schemas) > 1 or any("anyOf" in each or "oneOf" in each for each in here):
            # Some alternative may be free-form.
            for each in [*schemas, *(b for s in here for k in _CHOICES for b in s.get(k, ()))]:
                if not any(_names(inner) for inner in self.in_place([each])):
                    return None
        return False

    def in_place(
        self, schemas: list[Any], value: dict[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """All that applies, or may apply, where `schemas` do. A bare `if` declares, too.

        Where a `value` is given, alternatives that list other values of a property are left out.
        """
        found: dict[int, dict[str, Any]] = {}
        seen: set[int] = set()
        pending = [*schemas]
        while pending:
            schema = pending.pop()
            if not isinstance(schema, dict) or id(schema) in seen:
                continue
            seen.add(id(schema))
            if "$ref" in schema:
                pending.append(self.target(schema["$ref"]))
                if self.legacy:
                    continue
            found[id(schema)] = schema
            pending += schema.get("allOf", [])
            for keyword in _CHOICES:
                pending += [
                    each for each in schema.get(keyword, []) if not self.is_other(each, value)
                ]
            if "if" in schema:
                pending += [schema[each] for each in ("if", "then", "else") if each in schema]
            for keyword in ("dependentSchemas", "dependencies"):
                if (keyword == "dependencies") == self.legacy:
                    pending += schema.get(keyword, {}).values()
        return [*found.values()]

    def is_other(self, branch: Any, value: dict[str, Any] | None) -> bool:
        """Whether `branch` is about objects that have another value of some property."""
        parts, seen = [branch], 0
        while seen < len(parts) and seen < 50:
            part = parts[seen]
            seen += 1
            if isinstance(part, dict):
                parts += part.get("allOf", [])
                parts += [self.target(part["$ref"])] if "$ref" in part else []
        return value is not None and any(
            isinstance(inner, dict)
            and ("const" in inner or "enum" in inner)
            and name in value
            and value[name] not in _listed(inner)
            for part in parts
            if isinstance(part, dict)
            for name, inner in part.get("properties", {}).items()
        )

    def target(self, reference: str) -> Any:
        value = self.root
        for token in reference.removeprefix("#").split("/")[1:]:
            value = value[token.replace("~1", "/").replace("~0", "~")]
        return value


_CHOICES = ("anyOf", "oneOf")


def _names(schema: dict[str, Any]) -> bool:
    return "properties" in schema or any(
        schema.get(each) for each in ("required", "patternProperties")
    )


def _listed(schema: dict[str, Any]) -> list[Any]:
    return [*schema.get("enum", []), *([schema["const"]] if "const" in schema else [])]


def _reaches_beyond(schema: dict[str, Any]) -> bool:
    bounds = [schema.get(each) for each in _BOUNDS]
    return any(each is not None and abs(each) >= SAFE for each in bounds)


_BOUNDS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")


def _begins_beyond(schema: dict[str, Any]) -> bool:
    low, high = schema.get("minimum", 0), schema.get("maximum", 0)
    above, below = schema.get("exclusiveMinimum", 0), schema.get("exclusiveMaximum", 0)
    return bool(low > SAFE or high < -SAFE or above >= SAFE or below <= -SAFE)


def _all(answers: Any) -> bool | None:
    seen = [*answers]
    return False if False in seen else None if None in seen else True
