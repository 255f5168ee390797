"""Where JSON Schema keeps schemas inside schemas, from draft 4 to 2020-12.

Keywords of all drafts are known at once: a keyword that a dialect lacks is ignored by
its validators, and reading it as a schema all the same loses nothing. What stands under
any other keyword, such as `default`, `const` or one of the server's own, is data.
"""

from collections.abc import Iterator
from enum import IntEnum
from typing import Final

from mcpverify.facts.json_text import Json, pointer

DEFAULT_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


class Holds(IntEnum):
    """What the value of a keyword is, where it has the shape that the keyword asks for."""

    SCHEMA = 1  # a schema; for `items` of the older drafts, or a list of them
    SCHEMAS = 2  # a list of schemas
    NAMED_SCHEMAS = 3  # an object whose values are schemas; in `dependencies`, or sets
    SET = 4  # a list whose order means nothing; for `type`, or a single word
    NAMED_SETS = 5  # an object whose values are such lists


KEYWORDS: Final[dict[str, Holds]] = {
    "additionalItems": Holds.SCHEMA,
    "additionalProperties": Holds.SCHEMA,
    "allOf": Holds.SCHEMAS,
    "anyOf": Holds.SCHEMAS,
    "contains": Holds.SCHEMA,
    "contentSchema": Holds.SCHEMA,
    "definitions": Holds.NAMED_SCHEMAS,
    "$defs": Holds.NAMED_SCHEMAS,
    "dependencies": Holds.NAMED_SCHEMAS,
    "dependentRequired": Holds.NAMED_SETS,
    "dependentSchemas": Holds.NAMED_SCHEMAS,
    "else": Holds.SCHEMA,
    "enum": Holds.SET,
    "if": Holds.SCHEMA,
    "items": Holds.SCHEMA,
    "not": Holds.SCHEMA,
    "oneOf": Holds.SCHEMAS,
    "patternProperties": Holds.NAMED_SCHEMAS,
    "prefixItems": Holds.SCHEMAS,
    "properties": Holds.NAMED_SCHEMAS,
    "propertyNames": Holds.SCHEMA,
    "required": Holds.SET,
    "then": Holds.SCHEMA,
    "type": Holds.SET,
    "unevaluatedItems": Holds.SCHEMA,
    "unevaluatedProperties": Holds.SCHEMA,
}


# Looked up once: the attribute of an enumeration is slow, and every schema asks for it.
_SCHEMA, _NAMED_SCHEMAS = Holds.SCHEMA, Holds.NAMED_SCHEMAS
_LISTS = {keyword for keyword, holds in KEYWORDS.items() if holds is Holds.SCHEMAS} | {"items"}


class Place:
    """A schema inside another, and how to get there.

    The way is a chain, so that deep schemas and long names cost no more than they are
    long: `pointer` is built when it is asked for. `steps` lead from `parent` to this
    schema; both are empty at the root.
    """

    __slots__ = ("parent", "schema", "steps")

    def __init__(
        self, schema: dict[str, Json], parent: "Place | None", steps: tuple[str | int, ...]
    ) -> None:
        self.schema = schema
        self.parent = parent
        self.steps = steps

    @property
    def pointer(self) -> str:
        """The JSON pointer that leads here from the root."""
        tokens: list[str] = []
        place: Place | None = self
        while place is not None:
            tokens.append(pointer(*place.steps))
            place = place.parent
        return "".join(reversed(tokens))


def subschemas(
    schema: Json, parent: Place | None = None, steps: tuple[str | int, ...] = ()
) -> Iterator[Place]:
    """`schema` and all schemas inside it, each after the one that holds it. Any depth.

    Only objects are yielded: `true` and `false` hold nothing, and anything else at the
    place of a schema is for its validator to refuse. `parent` and `steps` say where
    `schema` itself stands, if not at the root.
    """
    if not isinstance(schema, dict):
        return
    pending = [Place(schema, parent, steps)]
    while pending:
        place = pending.pop()
        yield place
        for keyword, value in place.schema.items():
            if isinstance(value, dict):
                holds = KEYWORDS.get(keyword)
                if holds is _SCHEMA:
                    pending.append(Place(value, place, (keyword,)))
                elif holds is _NAMED_SCHEMAS:
                    pending += [
                        Place(inner, place, (keyword, name))
                        for name, inner in value.items()
                        if isinstance(inner, dict)
                    ]
            elif isinstance(value, list) and keyword in _LISTS:
                pending += [
                    Place(inner, place, (keyword, index))
                    for index, inner in enumerate(value)
                    if isinstance(inner, dict)
                ]


def dialect(schema: Json) -> str:
    """The `$schema` that `schema` declares, as written, or that of 2020-12."""
    declared = schema.get("$schema") if isinstance(schema, dict) else None
    return declared if isinstance(declared, str) else DEFAULT_DIALECT
