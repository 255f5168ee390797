"""One fact about two contracts, before anyone judges it."""

from dataclasses import dataclass
from enum import StrEnum

from mcpverify.facts.json_text import Json


class Subject(StrEnum):
    TOOL = "tool"
    PROMPT = "prompt"
    TEMPLATE = "resource template"
    RESOURCE = "resource"


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"


class Aspect(StrEnum):
    """What of a definition a change touches."""

    WHOLE = "whole"  # the tool, prompt, ... itself was added, removed or renamed
    PROPERTY = "property"
    REQUIREMENT = "requirement"  # required, dependentRequired
    TYPE = "type"
    ENUM = "enum"  # enum, const
    BOUND = "bound"  # minimum, maxLength, multipleOf, minItems, maxProperties, uniqueItems, ...
    PATTERN = "pattern"
    ITEMS = "items"  # items, prefixItems, contains
    ADDITIONAL = "additional-properties"  # additionalProperties, patternProperties, propertyNames
    COMBINATOR = "combinator"  # allOf, anyOf, oneOf, not, if, then, else, dependentSchemas
    REFERENCE = "reference"  # $ref, $defs, $id, $anchor
    SCHEMA = "schema"  # inputSchema itself, $schema, or a subschema that became true or false
    OUTPUT_SCHEMA = "output-schema"  # came or went as a whole
    DEFAULT = "default"
    FORMAT = "format"
    EXAMPLES = "examples"
    TEXT = "text"  # title, description
    KEYWORD = "keyword"  # one that JSON Schema leaves to annotations, or does not know
    HEADER = "header"  # x-mcp-header
    ANNOTATION = "annotation"
    EXECUTION = "execution"
    ICONS = "icons"
    ARGUMENT = "argument"  # of a prompt
    FIELD = "field"  # any other field of a definition


class Part(StrEnum):
    """Which digest a change moves: names, schemas and flags, or the text a model reads."""

    CONTRACT = "contract"
    PROMPT = "prompt"


@dataclass(frozen=True, slots=True)
class Change:
    """What differs at one place, the snapshot against the live server.

    `pointer` is a JSON pointer into the canonical definition, "" for the whole of
    it. The value of the side that has nothing there is None: `kind` tells a missing
    value from a null. Something RENAMED has its old name in `pointer` (or `name`, for a
    tool) and its new one in `renamed_to`.
    """

    subject: Subject
    name: str
    kind: ChangeKind
    part: Part
    pointer: str
    snapshot: Json
    live: Json
    aspect: Aspect = Aspect.FIELD
    renamed_to: str = ""
