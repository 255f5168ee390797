"""Single edits on real tools: all that a server author might do in one step, and what it means.

The tools are those of the corpus, each release of each server, equal ones once. Every rewrite
of every subschema is taken in both directions, so that each rule comes with its mirror, and on
both sides. The verdict is known from the step alone: `rewriting` says how the two schemas
relate, `_truth` what that means to callers and readers.
"""

import json
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from mcpverify.drift.changes import changes
from mcpverify.drift.verdicts.judgement import judged
from mcpverify.facts.compatibility import Compatibility, EntryDrift, Side
from mcpverify.facts.contract import contract_of
from tests.drift.rewriting import rewrites
from tests.drift.rewriting.rewrite import (
    APART,
    NARROWED,
    SAME,
    WIDENED,
    Rewrite,
    Schema,
    Surroundings,
    bare,
    lost_names,
    placed,
    split,
    types_of,
)

CORPUS: Final = Path(__file__).resolve().parent.parent / "data" / "drift"
FIELDS: Final = {Side.INPUT: "inputSchema", Side.OUTPUT: "outputSchema"}


@dataclass(frozen=True, slots=True)
class Edit:
    """One step of a server's author, and its verdict.

    `side` is None where no schema was edited. `plain`: whether all values of the producer's
    schema are accepted by the acceptor's if both are taken by the letter.
    """

    id: str
    kind: str
    family: str
    side: Side | None
    snapshot: tuple[Schema, ...]
    live: tuple[Schema, ...]
    truth: Compatibility
    plain: bool | None = None

    @property
    def pair(self) -> tuple[Schema, Schema]:
        """The producer's schema and the acceptor's."""
        assert self.side is not None
        field = FIELDS[self.side]
        old, new = self.snapshot[0][field], self.live[0][field]
        return (old, new) if self.side is Side.INPUT else (new, old)

    @property
    def contained(self) -> bool:
        """Whether all that is produced is accepted, in the closed world."""
        return self.truth is not Compatibility.BREAKING


@dataclass(frozen=True, slots=True)
class Released:
    """One tool as the first release that had it sent it."""

    origin: str
    tool: Schema


@cache
def released_tools() -> tuple[Released, ...]:
    """The tools of the corpus, without repetitions."""
    found: dict[str, Released] = {}
    for file in sorted(CORPUS.glob("*/*.json")):
        for tool in json.loads(file.read_bytes())["tools"]:
            tool.pop("_meta", None)
            origin = f"{file.parent.name} {file.stem} {tool['name']}"
            found.setdefault(json.dumps(tool, sort_keys=True), Released(origin, tool))
    return tuple(found.values())


def single_edits() -> Iterator[Edit]:
    """All of them, always in the same order."""
    edited: set[str] = set()
    for each in released_tools():
        yield from _edits_of_the_tool(each)
        for side, field in FIELDS.items():
            if field in each.tool:
                yield from _edits_of_a_schema(each, side, each.tool[field], edited)


def sample(edits: Iterable[Edit], of_each: int) -> list[Edit]:
    """Up to so many of each kind of edit on each side, the same every time.

    A digest of their ids decides which, so that an edit that is added or dropped changes little.
    """
    taken: dict[tuple[str, Side | None], list[Edit]] = {}
    for edit in sorted(edits, key=lambda edit: sha256(edit.id.encode()).digest()):
        alike = taken.setdefault((edit.kind, edit.side), [])
        if len(alike) < of_each:
            alike.append(edit)
    return [edit for alike in taken.values() for edit in alike]


def drift_of(edit: Edit) -> tuple[EntryDrift, ...]:
    """What mcpverify makes of it."""
    snapshot, live = contract_of(edit.snapshot), contract_of(edit.live)
    return judged(snapshot, live, changes(snapshot, live))


# The tool itself


def _edits_of_the_tool(each: Released) -> Iterator[Edit]:
    tool = each.tool

    def edit(name: str, live: Schema | None, truth: Compatibility, snapshot: Any = tool) -> Edit:
        kind, _, _ = name.partition(" of ")
        return Edit(
            f"{each.origin}: {name}",
            kind,
            "tool",
            None,
            () if snapshot is None else (snapshot,),
            () if live is None else (live,),
            truth,
        )

    def both_ways(kind: str, live: Schema, truth: Compatibility) -> Iterator[Edit]:
        yield edit(kind, live, truth)
        yield edit(f"undo: {kind}", tool, truth, live)

    behavioral, breaking = Compatibility.BEHAVIORAL, Compatibility.BREAKING
    compatible = Compatibility.COMPATIBLE
    yield edit("nothing", tool, Compatibility.IDENTICAL)
    yield edit("fields in another order", dict(reversed(tool.items())), Compatibility.IDENTICAL)
    yield edit("tool removed", None, breaking)
    yield edit("tool added", tool, compatible, None)
    yield edit("tool renamed", {**tool, "name": f"{tool['name']}_v2"}, breaking)
    yield from both_ways("other description", {**tool, "description": "Other words."}, behavioral)
    yield from both_ways("other title", {**tool, "title": "Another title"}, behavioral)
    yield from both_ways("icons", {**tool, "icons": [{"src": "https://a.example/i"}]}, behavioral)
    yield from both_ways("an unknown field", {**tool, "audience": "all"}, behavioral)
    hints = tool.get("annotations", {})
    for hint in ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"):
        for value in (True, False):
            if hints.get(hint) is not value:
                flipped = {**tool, "annotations": {**hints, hint: value}}
                yield from both_ways(f"{hint} {str(value).lower()}", flipped, behavioral)
    if hints:
        without = {key: value for key, value in tool.items() if key != "annotations"}
        yield from both_ways("no annotations", without, behavioral)
    yield from _tasks(tool, edit)
    output = {"type": "object", "properties": {"done": {"type": "boolean"}}, "required": ["done"]}
    if "outputSchema" in tool:
        without = {key: value for key, value in tool.items() if key != "outputSchema"}
        yield edit("no outputSchema", without, breaking)
        yield edit("undo: no outputSchema", tool, compatible, without)
    else:
        yield edit("an outputSchema", {**tool, "outputSchema": output}, compatible)
        yield edit("undo: an outputSchema", tool, breaking, {**tool, "outputSchema": output})
    for name, written in tool["inputSchema"].get("properties", {}).items():
        if written.get("type") in ("string", "integer", "boolean"):
            marked = {**written, "x-mcp-header": f"X-{name.replace('_', '-')}"}
            schema = placed(tool["inputSchema"], ("properties", name), marked)
            header = {**tool, "inputSchema": schema}
            yield edit(f"header of {name}", header, breaking)
            yield edit(f"undo: header of {name}", tool, compatible, header)


def _tasks(tool: Schema, edit: Any) -> Iterator[Edit]:
    """A tool without `execution` forbids tasks."""
    strictness = {"forbidden": {"forbidden"}, "optional": {"forbidden", "required"}}
    allowed = {**strictness, "required": {"required"}}
    for old in allowed:
        for new in allowed:
            if old != new:
                fits = {"forbidden", "required"} - allowed[new]
                lost = (allowed[old] - allowed[new]) & fits
                truth = Compatibility.BREAKING if lost else Compatibility.COMPATIBLE
                snapshot, live = (
                    {**tool, "execution": {"taskSupport": support}} for support in (old, new)
                )
                yield edit(f"tasks {old} to {new}", live, truth, snapshot)


# The schemas


def _edits_of_a_schema(
    each: Released, side: Side, root: Schema, edited: set[str]
) -> Iterator[Edit]:
    """Those of every place that no earlier release of the tool had just so, text aside."""
    field = FIELDS[side]
    old_draft = "draft-07" in root.get("$schema", "")
    seen = set()
    for path, schema, beside in _places(root):
        place = f"{each.tool['name']} {field} {path} {json.dumps(bare(schema))}"
        if place in edited:
            continue
        edited.add(place)
        where = Surroundings(not path, beside, old_draft)
        found = [
            rewrite
            for rewrite in rewrites(schema, where)
            if _is_taken(rewrite, schema, f"{each.origin} {field} {path} {rewrite.name}")
        ]
        in_root = [_in_root(root, path, rewrite) for rewrite in found]
        in_root += _references(root, path, schema, beside, old_draft)
        for rewrite in (*in_root, *(rewrite.undone() for rewrite in in_root)):
            at = "/".join((field, *map(str, path)))
            identity = f"{each.origin} {at}: {rewrite.name}"
            if identity in seen:
                continue
            seen.add(identity)
            relation, plain = rewrite.closed, rewrite.plain
            way = 0 if side is Side.INPUT else 1
            yield Edit(
                identity,
                _kind_of(rewrite, schema.get("properties", ())),
                rewrite.family,
                side,
                ({**each.tool, field: rewrite.before},),
                ({**each.tool, field: rewrite.after},),
                _truth(rewrite, relation[way], side),
                plain[way],
            )


def _is_taken(rewrite: Rewrite, released: Schema, identity: str) -> bool:
    """Whether an edit is among those: of the tables that fit anywhere, only a part is.

    One in two patterns for texts without any, and one in eight of the steps that neither
    begin nor end at what was released.
    """
    chance = sha256(identity.encode()).digest()[0]
    if released not in (rewrite.before, rewrite.after):
        return chance % 8 == 0
    return rewrite.family != "pattern" or "pattern" in released or chance % 2 == 0


def _truth(rewrite: Rewrite, holds: bool, side: Side) -> Compatibility:
    if not holds:
        return Compatibility.BREAKING
    if rewrite.respells:
        return Compatibility.IDENTICAL
    arguments = side is Side.INPUT
    if rewrite.annotates or lost_names(rewrite.before, rewrite.after, arguments=arguments):
        return Compatibility.BEHAVIORAL
    return Compatibility.COMPATIBLE


def _kind_of(rewrite: Rewrite, names: Container[str]) -> str:
    """What the edit is like, whatever the names of properties, the patterns and the numbers are."""
    if rewrite.family == "pattern" or rewrite.name.startswith(("{", "undo: {")):
        return f"{rewrite.family} {_DIRECTIONS[rewrite.closed]}"
    return " ".join("NAME" if word in names else word for word in rewrite.name.split(" "))


_DIRECTIONS: Final = {
    SAME: "respelled",
    NARROWED: "narrowed",
    WIDENED: "widened",
    APART: "replaced",
}


def _in_root(root: Schema, path: tuple[str | int, ...], rewrite: Rewrite) -> Rewrite:
    return replace(
        rewrite,
        before=placed(root, path, rewrite.before),
        after=placed(root, path, rewrite.after),
    )


def _places(
    schema: Schema, path: tuple[str | int, ...] = (), beside: frozenset[str] = frozenset()
) -> Iterator[tuple[tuple[str | int, ...], Schema, frozenset[str]]]:
    """Every subschema whose values reach the root, with the types that stand beside it.

    Branches of an anyOf that share types with others are left out, and what is in them.
    """
    yield path, schema, beside
    for keyword in ("properties", "$defs", "definitions"):
        for name, inner in schema.get(keyword, {}).items():
            if isinstance(inner, dict):
                yield from _places(inner, (*path, keyword, name))
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from _places(schema[keyword], (*path, keyword))
    branches = schema.get("anyOf", [])
    held = [types_of(branch) for branch in branches]
    for index, branch in enumerate(branches):
        others = [each for place, each in enumerate(held) if place != index]
        own = held[index]
        if own is None or None in others:
            continue
        union = frozenset().union(*(each for each in others if each is not None))
        if not own & union:
            yield from _places(branch, (*path, "anyOf", index), union)


def _references(
    root: Schema,
    path: tuple[str | int, ...],
    schema: Schema,
    beside: frozenset[str],
    old_draft: bool,
) -> Iterator[Rewrite]:
    """A subschema put behind a reference, and a reference put in place of a subschema."""
    if not path or "format" in schema:
        return
    definitions = "definitions" if old_draft else "$defs"

    def step(name: str, before: Schema, after: Schema) -> Rewrite:
        return Rewrite(name, "$ref", before, after, SAME, SAME)

    words, rest = split(schema)
    if "$ref" in rest:
        # Without text: what the reference led to would be read at a new place.
        name = rest["$ref"].rsplit("/", 1)[1]
        silent = {**root, definitions: {name: bare(root[definitions][name])}}
        inlined = {**words, **silent[definitions][name]}
        yield step("reference inlined", silent, placed(silent, path, inlined))
        named = {**silent, definitions: {f"{name}Model": silent[definitions][name]}}
        moved = json.loads(json.dumps(named).replace(f'/{name}"', f'/{name}Model"'))
        yield step("definition renamed", silent, moved)
        return
    if beside or not rest or definitions in path:
        return
    names = root.get(definitions, {})
    plain = {**words, **rest}
    reference = {"$ref": f"#/{definitions}/Extracted"}
    # Before 2019-09, whatever stands beside a reference is ignored.
    referring = {**words, "allOf": [reference]} if old_draft else {**words, **reference}
    extracted = {**placed(root, path, referring), definitions: {**names, "Extracted": rest}}
    yield step("behind a reference", placed(root, path, plain), extracted)
    yield step(
        "a definition that nothing uses",
        root,
        {**root, definitions: {**names, "Unused": {"type": "string"}}},
    )
