"""What stands where in a definition: the map by which a difference gets its aspect.

A region is a kind of place, such as "a schema that is a property" or "data". Walking down two
definitions, `below` gives the region of each member, so that a property named `title`,
`required` or `$ref` is a property, and `title` inside a `default` is data.
"""

from dataclasses import dataclass, field
from typing import Final

from mcpverify.facts.change import Aspect, ChangeKind, Subject
from mcpverify.facts.schema import KEYWORDS, Holds

_TEXTS: Final = frozenset({"title", "description"})


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A kind of place, and what lies below it.

    `aspect`: of a change that touches the value as a whole. `texts`: the members that are
    text if they are strings. `is_set`: a list here has no order. `splits`: where the whole
    comes or goes, it is told as members that do. `named`: the members are schemas under names
    that authors choose, and change. `keyed`: the items of a list are known by their `name`.
    """

    aspect: Aspect
    members: dict[str, "Region"] = field(default_factory=dict)
    member: "Region | None" = None
    item: "Region | None" = None
    texts: frozenset[str] = frozenset()
    is_schema: bool = False
    is_set: bool = False
    splits: bool = False
    named: bool = False
    keyed: bool = False

    def below(self, key: str | int) -> "Region":
        """The region of a member, or of an item."""
        found = self.item if isinstance(key, int) else self.members.get(key, self.member)
        return DATA[self.aspect] if found is None else found

    def aspect_of(self, kind: ChangeKind) -> Aspect:
        """The aspect of a change of the whole value: to or from `true` or `false`, of a schema."""
        if kind is ChangeKind.CHANGED and self.is_schema and self.aspect in _NAMED:
            return Aspect.SCHEMA
        return self.aspect


DATA: Final = {aspect: Region(aspect) for aspect in Aspect}
"""Values in which nothing is special, by the aspect of all that changes in them."""

_NAMED: Final = (Aspect.PROPERTY, Aspect.REFERENCE, Aspect.OUTPUT_SCHEMA)

# Keywords that assert, point or annotate; what is not here, JSON Schema does not know, or
# leaves to those who read it.
_KEYWORDS: Final = {
    Aspect.PROPERTY: ("properties",),
    Aspect.REQUIREMENT: ("required", "dependentRequired"),
    Aspect.TYPE: ("type",),
    Aspect.ENUM: ("enum", "const"),
    Aspect.BOUND: (
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
        *("minContains", "maxContains", "minProperties", "maxProperties"),
    ),
    Aspect.PATTERN: ("pattern",),
    Aspect.ITEMS: ("items", "prefixItems", "contains", "additionalItems", "unevaluatedItems"),
    Aspect.ADDITIONAL: (
        *("additionalProperties", "patternProperties", "propertyNames"),
        "unevaluatedProperties",
    ),
    Aspect.COMBINATOR: (
        *("allOf", "anyOf", "oneOf", "not", "if", "then", "else"),
        *("dependentSchemas", "dependencies"),
    ),
    Aspect.REFERENCE: (
        *("$ref", "$defs", "definitions", "$id", "id", "$anchor"),
        *("$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor"),
    ),
    Aspect.SCHEMA: ("$schema", "$vocabulary"),
    Aspect.DEFAULT: ("default",),
    Aspect.FORMAT: ("format",),
    Aspect.EXAMPLES: ("examples",),
    Aspect.TEXT: ("title", "description"),
    Aspect.HEADER: ("x-mcp-header",),
    Aspect.KEYWORD: ("contentSchema",),
}
_SPLITTING: Final = ("properties", "required", "dependentRequired")


def _schema(aspect: Aspect, members: dict[str, Region]) -> Region:
    other = DATA[Aspect.KEYWORD]
    return Region(aspect, members, other, texts=_TEXTS, is_schema=True)


def _fill(members: dict[str, Region], *, asserting: bool) -> None:
    """The regions below the keywords of a schema; all are mere keywords where none asserts."""
    for its, keywords in _KEYWORDS.items():
        for keyword in keywords:
            aspect = its if asserting or its is Aspect.TEXT else Aspect.KEYWORD
            inner = _schema(aspect, members if keyword != "contentSchema" else _ANNOTATING)
            members[keyword] = _held(keyword, inner)


def _held(keyword: str, inner: Region) -> Region:
    """The region of a keyword's value, by what the keyword holds; `inner`: of a schema in it."""
    aspect, members = inner.aspect, inner.members
    splits = keyword in _SPLITTING
    match KEYWORDS.get(keyword):
        case Holds.SCHEMA if keyword == "items":
            return Region(aspect, members, inner.member, inner, _TEXTS, is_schema=True)
        case Holds.SCHEMA:
            return inner
        case Holds.SCHEMAS:
            return Region(aspect, item=inner)
        case Holds.NAMED_SCHEMAS if keyword == "dependencies":
            either = Region(
                aspect, members, inner.member, None, _TEXTS, is_schema=True, is_set=True
            )
            return Region(aspect, member=either)
        case Holds.NAMED_SCHEMAS:
            return Region(aspect, member=inner, splits=splits, named=keyword == "properties")
        case Holds.SET:
            return Region(aspect, is_set=True, splits=splits)
        case Holds.NAMED_SETS:
            return Region(aspect, member=Region(aspect, is_set=True, splits=splits), splits=splits)
        case None:
            return DATA[aspect]


_ASSERTING: Final[dict[str, Region]] = {}
_ANNOTATING: Final[dict[str, Region]] = {}
_fill(_ASSERTING, asserting=True)
_fill(_ANNOTATING, asserting=False)

_ARGUMENT: Final = Region(Aspect.ARGUMENT, dict.fromkeys(_TEXTS, DATA[Aspect.TEXT]), texts=_TEXTS)
_COMMON: Final = {
    "title": DATA[Aspect.TEXT],
    "description": DATA[Aspect.TEXT],
    "annotations": Region(
        Aspect.ANNOTATION,
        {"title": DATA[Aspect.TEXT]},
        texts=frozenset({"title"}),
        splits=True,
    ),
    "icons": DATA[Aspect.ICONS],
}
_FIELDS: Final = {
    Subject.TOOL: {
        "inputSchema": _schema(Aspect.SCHEMA, _ASSERTING),
        "outputSchema": _schema(Aspect.OUTPUT_SCHEMA, _ASSERTING),
        "execution": Region(Aspect.EXECUTION, splits=True),
    },
    Subject.PROMPT: {"arguments": Region(Aspect.ARGUMENT, item=_ARGUMENT, splits=True, keyed=True)},
}

ENTRIES: Final = {
    subject: Region(
        Aspect.WHOLE,
        _COMMON | _FIELDS.get(subject, {}),
        DATA[Aspect.FIELD],
        texts=_TEXTS,
    )
    for subject in Subject
}
"""The region of a whole definition."""
