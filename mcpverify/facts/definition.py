"""The canonical form of one definition: a tool, prompt, resource template or resource.

It is what the server sent, without its own `_meta` and the fields that the user ignores,
and with the values that JSON Schema defines as sets (`required`, `enum`, lists of `type`,
`dependentRequired`) sorted where they are keywords of a schema, and nowhere else. Some of
it is text: what a model or a person reads. `facts.contract` takes the digests.
"""

import marshal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from mcpverify.errors import UsageError
from mcpverify.facts.change import Subject
from mcpverify.facts.json_text import Json, canonical_text
from mcpverify.facts.schema import KEYWORDS, Holds, Place, subschemas

_SCHEMA_FIELDS: Final = ("inputSchema", "outputSchema")
_TEXT_FIELDS: Final[tuple[str, ...]] = ("title", "description")
_ANNOTATION_TEXT: Final[tuple[str, ...]] = ("title",)

_SETS: Final = tuple(keyword for keyword, holds in KEYWORDS.items() if holds is Holds.SET)
_NAMED_SETS: Final = ("dependentRequired", "dependencies")


@dataclass(frozen=True, slots=True)
class IgnoredField:
    """`TOOLGLOB:/pointer/*/x`, understood. The step `*` is any one key or index."""

    tools: str
    steps: tuple[str, ...]


def parse_ignored(text: str) -> IgnoredField:
    """The field that `text` names. Raises UsageError."""
    glob, slash, rest = text.partition(":/")
    steps = tuple(rest.split("/"))
    hint = "Write TOOLGLOB:/pointer, for example 'search:/inputSchema/properties/*/default'."
    if not glob or not slash or steps == ("",):
        raise UsageError(f"'{text}' names no field of a tool.", hint)
    if any("~" in step.replace("~0", "").replace("~1", "") for step in steps):
        raise UsageError(f"In '{text}', ~ may only stand in ~0 (a ~) or ~1 (a /).", hint)
    if steps in {("name",), ("*",)}:
        raise UsageError(f"'{text}' would ignore the name of the tool.", hint)
    return IgnoredField(glob, tuple(s.replace("~1", "/").replace("~0", "~") for s in steps))


@dataclass(frozen=True, slots=True)
class Definition:
    """One definition in canonical form, and the three texts its digests are taken over.

    `whole` is the canonical text of `value`; `contract` that of `value` without its text;
    `prompt` that of the text alone, in objects that repeat the way to it, with positions
    in a list as keys: `{"inputSchema": {"properties": {"city": {"title": "City"}}}}`.
    """

    value: dict[str, Json]
    whole: str
    contract: str
    prompt: str


def definition_of(
    subject: Subject, item: dict[str, Json], ignored: Sequence[IgnoredField] = ()
) -> Definition:
    """`item`, as the server sent it, in canonical form. It is left as it is."""
    # A copy that shares no list and no object, with the original or within itself, made
    # in C: copy.deepcopy would take longer than all the rest together, and recurses.
    value: dict[str, Json] = marshal.loads(marshal.dumps(item, 2))
    value.pop("_meta", None)
    root = Place(value, None, ())
    schemas = _schemas(subject, root)
    for place in schemas:
        for holder, key, values in _sets(place.schema):
            holder[key] = sorted_set(values)
    if ignored:
        _remove(value, ignored)
        schemas = _schemas(subject, root)
    whole = canonical_text(value)
    prompt: dict[str, Json] = {}
    grown = {root: prompt}
    taken = []
    for place, fields in _text_holders(subject, root, schemas):
        for field in fields:
            text = place.schema.get(field)
            if isinstance(text, str):
                _branch(place, grown)[field] = text
                taken.append((place.schema, field, text))
                del place.schema[field]
    contract = canonical_text(value)
    for holder, field, text in taken:
        holder[field] = text
    return Definition(value, whole, contract, canonical_text(prompt))


@dataclass(frozen=True, slots=True)
class Markings:
    """What special is where in a definition, by the `id` of its objects and lists.

    `texts`: the fields of an object that are text if they are strings. `sets`: the lists
    whose order means nothing. They hold as long as the definition lives.
    """

    texts: dict[int, tuple[str, ...]]
    sets: frozenset[int]


def markings(subject: Subject, value: dict[str, Json]) -> Markings:
    """Where the canonical form `value` has its texts and its sets."""
    root = Place(value, None, ())
    schemas = _schemas(subject, root)
    return Markings(
        {id(place.schema): fields for place, fields in _text_holders(subject, root, schemas)},
        frozenset(id(values) for place in schemas for _, _, values in _sets(place.schema)),
    )


def sorted_set(values: list[Json]) -> list[Json]:
    """`values` in the one order: strings by code point, all else by canonical text."""
    if values and isinstance(values[0], str):
        try:
            return sorted(values)  # type: ignore[type-var]
        except TypeError:
            pass  # a string compares with strings only: something else is among them
    return sorted(
        values, key=lambda v: (v, "") if isinstance(v, str) else (canonical_text(v), "other")
    )


def _schemas(subject: Subject, root: Place) -> list[Place]:
    if subject is not Subject.TOOL:
        return []
    return [
        place
        for field in _SCHEMA_FIELDS
        for place in subschemas(root.schema.get(field), root, (field,))
    ]


def _sets(schema: dict[str, Json]) -> list[tuple[dict[str, Json], str, list[Json]]]:
    """The lists of one schema, its subschemas aside, whose order means nothing.

    Each comes with the object that holds it, and its key there.
    """
    found = []
    for keyword in _SETS:
        values = schema.get(keyword)
        if isinstance(values, list):
            found.append((schema, keyword, values))
    for keyword in _NAMED_SETS:
        named = schema.get(keyword)
        if isinstance(named, dict):
            for name, values in named.items():
                if isinstance(values, list):
                    found.append((named, name, values))
    return found


def _text_holders(
    subject: Subject, root: Place, schemas: list[Place]
) -> list[tuple[Place, tuple[str, ...]]]:
    """Every object that may hold text, and the fields in which it would."""
    holders = [(root, _TEXT_FIELDS)]
    annotations = root.schema.get("annotations")
    if isinstance(annotations, dict):
        holders.append((Place(annotations, root, ("annotations",)), _ANNOTATION_TEXT))
    arguments = root.schema.get("arguments")
    if subject is Subject.PROMPT and isinstance(arguments, list):
        for index, argument in enumerate(arguments):
            if isinstance(argument, dict):
                holders.append((Place(argument, root, ("arguments", index)), _TEXT_FIELDS))
    holders += [(place, _TEXT_FIELDS) for place in schemas]
    return holders


def _branch(place: Place, grown: dict[Place, dict[str, Json]]) -> dict[str, Json]:
    """The object that stands for `place` among the texts; the way to it is made once."""
    missing: list[Place] = []
    at = place
    while at not in grown and at.parent is not None:
        missing.append(at)
        at = at.parent
    branch = grown[at]
    for at in reversed(missing):
        for step in at.steps:
            inner = branch.setdefault(str(step), {})
            assert isinstance(inner, dict)
            branch = inner
        grown[at] = branch
    return branch


def _remove(value: dict[str, Json], ignored: Sequence[IgnoredField]) -> None:
    """Takes the ignored fields out of `value`. All pointers are into `value` as it came."""
    doomed: dict[tuple[int, str | int], Json] = {}
    for field in ignored:
        holders: list[Json] = [value]
        for step in field.steps[:-1]:
            holders = [_inner(holder, key) for holder in holders for key in _keys(holder, step)]
        for holder in holders:
            doomed |= {(id(holder), key): holder for key in _keys(holder, field.steps[-1])}
    # From the last item of a list to its first, so that the others keep their index.
    for (_, key), holder in sorted(doomed.items(), key=_last_index_first):
        match holder, key:
            case dict(), str():
                del holder[key]
            case list(), int():
                del holder[key]


def _last_index_first(doomed: tuple[tuple[int, str | int], Json]) -> int:
    (_, key), _ = doomed
    return -key if isinstance(key, int) else 0


def _keys(holder: Json, step: str) -> Iterable[str | int]:
    """The keys or indices of `holder` that one step of a pointer names."""
    if isinstance(holder, dict):
        return list(holder) if step == "*" else [step] if step in holder else []
    if isinstance(holder, list):
        if step == "*":
            return range(len(holder))
        if step.isascii() and step.isdecimal() and (step == "0" or step[0] != "0"):
            return [int(step)] if len(step) < 10 and int(step) < len(holder) else []
    return []


def _inner(holder: Json, key: str | int) -> Json:
    if isinstance(holder, dict) and isinstance(key, str):
        return holder[key]
    assert isinstance(holder, list)
    assert isinstance(key, int)
    return holder[key]
