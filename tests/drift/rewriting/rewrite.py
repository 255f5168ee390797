"""One step at one subschema, how the two relate, and what a schema is made of."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

Schema = dict[str, Any]

SAFE: Final = 2**53 - 1
TEXTS: Final = ("title", "description")
ANNOTATIONS: Final = (*TEXTS, "default", "examples", "deprecated", "format")


class Relation(NamedTuple):
    """Whether `after` accepts what `before` produces, and the other way round."""

    forward: bool
    backward: bool


SAME: Final = Relation(True, True)
NARROWED: Final = Relation(False, True)
WIDENED: Final = Relation(True, False)
APART: Final = Relation(False, False)


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One step from `before` to `after`.

    `closed` and `plain` are the two worlds. `annotates`: something differs that no value
    meets. `respells`: the canonical form is the same. `family` is the keyword it is about.
    """

    name: str
    family: str
    before: Schema
    after: Schema
    closed: Relation
    plain: Relation
    annotates: bool = False
    respells: bool = False

    def undone(self) -> "Rewrite":
        return replace(
            self,
            name=f"undo: {self.name}",
            before=self.after,
            after=self.before,
            closed=Relation(*reversed(self.closed)),
            plain=Relation(*reversed(self.plain)),
        )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a subschema stands: at the root of a schema, or beside other branches of an anyOf.

    `beside` are the types that those branches accept. `old_draft`: before 2019-09.
    """

    root: bool = False
    beside: frozenset[str] = frozenset()
    old_draft: bool = False


def bare(schema: Any) -> Any:
    """`schema` without annotations at any depth: what moves must not move text with it."""
    if isinstance(schema, list):
        return [bare(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {}
    for key, value in schema.items():
        if key in ("properties", "$defs", "definitions"):
            kept[key] = {name: bare(each) for name, each in value.items()}
        elif key not in ANNOTATIONS:
            kept[key] = value if key in ("enum", "const", "required") else bare(value)
    return kept


def split(schema: Schema) -> tuple[Schema, Schema]:
    """The annotations of `schema` alone, and all the rest without any at any depth."""
    return {key: schema[key] for key in ANNOTATIONS if key in schema}, bare(schema)


ANY: Final = "(any name)"

Way = tuple[str, ...]


def lost_names(before: Schema, after: Schema, *, arguments: bool) -> set[Way]:
    """What `before` declares and `after` does not, each with the way that leads to it in a value.

    Where nothing is declared any name is meant, but for `arguments`: there are none then.
    """
    places = _places(after)
    declared = {name for way, schemas in places.items() for name in _declared(way, schemas)}
    free = {
        way
        for way, schemas in places.items()
        if not any("properties" in each for each in schemas) and not _declared(way, schemas)
    } - ({()} if arguments else set())
    return {
        name
        for way, schemas in _places(before).items()
        for name in _declared(way, schemas) - declared
        if not name[-1].startswith(ANY) or (way not in free and (*way, ANY) not in declared)
    }


def _declared(way: Way, schemas: list[Schema]) -> set[Way]:
    found: set[str] = set()
    for schema in schemas:
        found.update(schema.get("required", ()))
        found.update(schema.get("properties", ()))
        found.update(f"{ANY} like {each}" for each in schema.get("patternProperties", ()))
        if schema.get("additionalProperties", False) is not False:
            found.add(ANY)
    return {(*way, name) for name in found}


def _places(root: Schema) -> dict[Way, list[Schema]]:
    """The schemas that may apply at each place of a value, by the way to it."""
    found: dict[Way, list[Schema]] = {}
    pending: list[tuple[Any, Way]] = [(root, ())]
    while pending:
        schema, way = pending.pop()
        if not isinstance(schema, dict) or len(way) > 6:
            continue
        found.setdefault(way, []).append(schema)
        pending += [(each, (*way, name)) for name, each in schema.get("properties", {}).items()]
        for keyword in ("items", "additionalProperties"):
            inner = schema.get(keyword)
            several = inner if isinstance(inner, list) else [inner]
            pending += [(each, (*way, "*")) for each in several]
        pending += [(each, (*way, "*")) for each in schema.get("prefixItems", ())]
        for keyword in ("anyOf", "oneOf", "allOf"):
            pending += [(each, way) for each in schema.get(keyword, ())]
        pending += [(schema.get(keyword), way) for keyword in ("if", "then")]
        if "$ref" in schema:
            target: Any = root
            for key in schema["$ref"].split("/")[1:]:
                target = target[key]
            pending.append((target, way))
    return found


def types_of(schema: Any) -> frozenset[str] | None:
    """The types that `schema` accepts, None where it is not plain to see."""
    if not isinstance(schema, dict):
        return None
    match schema.get("type"):
        case str() as single:
            return frozenset({single})
        case list() as several:
            return frozenset(several)
    branches = [types_of(each) for each in schema.get("anyOf", ())]
    if not branches or None in branches:
        return None
    return frozenset().union(*(each for each in branches if each is not None))


def extended(schema: Schema, **keywords: Any) -> Schema:
    return {**schema, **keywords}


def without(schema: Schema, *keywords: str) -> Schema:
    return {key: value for key, value in schema.items() if key not in keywords}


def step(
    name: str,
    before: Schema,
    after: Schema,
    closed: Relation,
    plain: Relation | None = None,
    family: str = "",
    **flags: bool,
) -> Rewrite:
    return Rewrite(name, family, before, after, closed, closed if plain is None else plain, **flags)


def types_apart(one: str, others: Iterable[str]) -> bool:
    """No value is of the type `one` and of one of the `others`."""
    kin = {"integer", "number"}
    return not any(one == each or (one in kin and each in kin) for each in others)


def placed(schema: Any, path: tuple[str | int, ...], new: Any) -> Any:
    """A copy of `schema` with `new` at `path`."""
    if not path:
        return new
    copied = schema.copy()
    copied[path[0]] = placed(schema[path[0]], path[1:], new)
    return copied
