"""Example edits and what they mean: the tables of compatibility in README.md and docs/drift.md.

No verdict stands here. Each edit is made to a tool, once to its inputSchema and once to
its outputSchema, and the judgement that `check` and `diff` use says what it means.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mcpverify.drift.changes import changes
from mcpverify.drift.verdicts.judgement import judged
from mcpverify.facts.compatibility import Compatibility, EntryDrift, Side, worst
from mcpverify.facts.contract import Contract, contract_of
from mcpverify.facts.evidence import FailOn

_FIELDS: Final = {Side.INPUT: "inputSchema", Side.OUTPUT: "outputSchema"}


@dataclass(frozen=True, slots=True)
class SchemaEdit:
    """What a server author does to a schema, with an example; `brief` ones are in README, too."""

    title: str
    old: dict[str, Any]
    new: dict[str, Any]
    brief: bool = False


@dataclass(frozen=True, slots=True)
class EntryEdit:
    """What a server author does to a tool or prompt as a whole: what is listed before and after."""

    title: str
    old: Sequence[dict[str, Any]]
    new: Sequence[dict[str, Any]]
    brief: bool = False
    prompts: bool = False


def _record(*required: str, **properties: Any) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    return schema | {"required": list(required)} if required else schema


def _closed(*required: str, **properties: Any) -> dict[str, Any]:
    return _record(*required, **properties) | {"additionalProperties": False}


def _property(title: str, old: Any, new: Any, *, brief: bool = False) -> SchemaEdit:
    return SchemaEdit(title, _record(x=old), _record(x=new), brief)


def _string(**keywords: Any) -> dict[str, Any]:
    return {"type": "string", **keywords}


def _integer(**keywords: Any) -> dict[str, Any]:
    return {"type": "integer", **keywords}


def _array(**keywords: Any) -> dict[str, Any]:
    return {"type": "array", **keywords}


_TEXT, _WHOLE = _string(), _integer()
_MAYBE = {"anyOf": [_TEXT, {"type": "null"}]}
_CHOICE, _WIDER = _string(enum=["fast", "full"]), _string(enum=["fast", "full", "fuzzy"])
_EITHER = {"anyOf": [_TEXT, _WHOLE]}
_NESTED, _NESTED_WIDER = (
    {
        "type": "object",
        "properties": {"x": {"type": "array", "items": {"$ref": "#/$defs/Mode"}}},
        "$defs": {"Mode": each},
    }
    for each in (_CHOICE, _WIDER)
)

SCHEMA_EDITS: Final = (
    SchemaEdit("optional property added", _record(x=_TEXT), _record(x=_TEXT, y=_TEXT), brief=True),
    SchemaEdit(
        "optional property added, closed object", _closed(x=_TEXT), _closed(x=_TEXT, y=_TEXT)
    ),
    SchemaEdit(
        "required property added", _record(x=_TEXT), _record("y", x=_TEXT, y=_TEXT), brief=True
    ),
    SchemaEdit(
        "required property added, with a default",
        _record(x=_TEXT),
        _record("y", x=_TEXT, y=_string(default="a")),
    ),
    SchemaEdit("property made required", _record(x=_TEXT), _record("x", x=_TEXT), brief=True),
    SchemaEdit(
        "required property made optional", _record("x", x=_TEXT), _record(x=_TEXT), brief=True
    ),
    SchemaEdit(
        "optional property removed, open object",
        _record(x=_TEXT, y=_TEXT),
        _record(x=_TEXT),
        brief=True,
    ),
    SchemaEdit(
        "optional property removed, closed object",
        _closed(x=_TEXT, y=_TEXT),
        _closed(x=_TEXT),
        brief=True,
    ),
    SchemaEdit(
        "required property removed, open object",
        _record("y", x=_TEXT, y=_TEXT),
        _record(x=_TEXT),
        brief=True,
    ),
    SchemaEdit(
        "optional property renamed",
        _record(x=_string(maxLength=9)),
        _record(y=_string(maxLength=9)),
    ),
    SchemaEdit(
        "required property renamed",
        _record("x", x=_string(maxLength=9)),
        _record("y", y=_string(maxLength=9)),
    ),
    SchemaEdit(
        "`additionalProperties: false` added", _record(x=_TEXT), _closed(x=_TEXT), brief=True
    ),
    SchemaEdit("`additionalProperties: false` dropped", _closed(x=_TEXT), _record(x=_TEXT)),
    SchemaEdit(
        "`additionalProperties: true` made `false`",
        _record(x=_TEXT) | {"additionalProperties": True},
        _closed(x=_TEXT),
    ),
    _property("enum narrowed", _WIDER, _CHOICE, brief=True),
    _property("enum widened", _CHOICE, _WIDER, brief=True),
    SchemaEdit("enum narrowed behind a `$ref`, in an array", _NESTED_WIDER, _NESTED),
    _property("enum came", _TEXT, _CHOICE),
    _property("`integer` to `number`", _WHOLE, {"type": "number"}, brief=True),
    _property("`number` to `integer`", {"type": "number"}, _WHOLE, brief=True),
    _property("`integer` to `string`", _WHOLE, _TEXT),
    _property("null allowed", _TEXT, _MAYBE, brief=True),
    _property("null no longer allowed", _MAYBE, _TEXT),
    _property("null spelled another way", _MAYBE, {"type": ["string", "null"]}),
    _property("maximum lowered", _integer(maximum=100), _integer(maximum=50), brief=True),
    _property("maximum raised", _integer(maximum=50), _integer(maximum=100)),
    _property(
        "`maximum: 9` to `exclusiveMaximum: 10`, integer",
        _integer(maximum=9),
        _integer(exclusiveMaximum=10),
    ),
    _property("minLength came", _TEXT, _string(minLength=1)),
    _property(
        "pattern narrowed", _string(pattern="^[a-z0-9]+$"), _string(pattern="^[a-z]+$"), brief=True
    ),
    _property("pattern widened", _string(pattern="^[a-f]{7}$"), _string(pattern="^[a-f]{7,40}$")),
    _property(
        "pattern written another way", _string(pattern="^[0-9]+$"), _string(pattern="^\\d\\d*$")
    ),
    _property(
        "pattern with a back-reference changed",
        _string(pattern="^(.)-\\1$"),
        _string(pattern="^([a-z])-\\1$"),
        brief=True,
    ),
    _property("union branch added", _TEXT, _EITHER),
    _property("union branch removed", _EITHER, _TEXT),
    _property("items narrowed", _array(items=_EITHER), _array(items=_TEXT)),
    _property("maxItems came", _array(items=_TEXT), _array(items=_TEXT, maxItems=1)),
    _property("default changed", _string(default="a"), _string(default="b"), brief=True),
    _property("format came", _TEXT, _string(format="date")),
    _property(
        "description of a property changed", _string(description="a"), _string(description="b")
    ),
)


def _tool(name: str = "search", **fields: Any) -> dict[str, Any]:
    return {"name": name, "inputSchema": _record("query", query=_TEXT), **fields}


def _prompt(*arguments: dict[str, Any]) -> dict[str, Any]:
    return {"name": "review", "arguments": list(arguments)}


_OTHER: Final = {"name": "status", "inputSchema": {"type": "object"}}

ENTRY_EDITS: Final = (
    EntryEdit("tool added", [_tool()], [_tool(), _OTHER], brief=True),
    EntryEdit("tool removed", [_tool(), _OTHER], [_tool()], brief=True),
    EntryEdit("tool renamed", [_tool()], [_tool("find")], brief=True),
    EntryEdit(
        "description of a tool changed",
        [_tool(description="a")],
        [_tool(description="b")],
        brief=True,
    ),
    EntryEdit("outputSchema came", [_tool()], [_tool(outputSchema=_record(x=_TEXT))]),
    EntryEdit("outputSchema gone", [_tool(outputSchema=_record(x=_TEXT))], [_tool()], brief=True),
    EntryEdit(
        "`readOnlyHint` true to false",
        [_tool(annotations={"readOnlyHint": True})],
        [_tool(annotations={"readOnlyHint": False})],
    ),
    EntryEdit(
        "`readOnlyHint` false to true",
        [_tool(annotations={"readOnlyHint": False})],
        [_tool(annotations={"readOnlyHint": True})],
        brief=True,
    ),
    EntryEdit(
        "`destructiveHint: false` dropped",
        [_tool(annotations={"destructiveHint": False})],
        [_tool(annotations={})],
    ),
    EntryEdit(
        "`taskSupport` optional to required",
        [_tool(execution={"taskSupport": "optional"})],
        [_tool(execution={"taskSupport": "required"})],
    ),
    EntryEdit(
        "`taskSupport` forbidden to optional",
        [_tool(execution={"taskSupport": "forbidden"})],
        [_tool(execution={"taskSupport": "optional"})],
    ),
    EntryEdit(
        "`x-mcp-header` added to an argument",
        [_tool()],
        [_tool(inputSchema=_record("query", query=_string(**{"x-mcp-header": "Query"})))],
    ),
    EntryEdit("icons changed", [_tool()], [_tool(icons=[{"src": "https://example.com/a.png"}])]),
    EntryEdit(
        "optional argument of a prompt added",
        [_prompt()],
        [_prompt({"name": "tone"})],
        prompts=True,
    ),
    EntryEdit(
        "argument of a prompt made required",
        [_prompt({"name": "tone"})],
        [_prompt({"name": "tone", "required": True})],
        prompts=True,
    ),
)


def schema_table(*, brief: bool) -> str:
    """One row for each edit: what it means in an inputSchema, and in an outputSchema."""
    rows = [
        f"| {edit.title} | {_cell(edit, Side.INPUT, brief)} | {_cell(edit, Side.OUTPUT, brief)} |"
        for edit in SCHEMA_EDITS
        if edit.brief or not brief
    ]
    return "\n".join(("| change | as input | as output |", "|---|---|---|", *rows))


def entry_table(*, brief: bool) -> str:
    """One row for each edit of a whole tool or prompt."""
    rows = []
    for edit in ENTRY_EDITS:
        if edit.brief or not brief:
            both = [_listed(edit, each) for each in (edit.old, edit.new)]
            drift = _drift(*both)
            told = "" if brief else f" {_reasons(drift)} |"
            rows.append(f"| {edit.title} | {_verdict(drift)} |{told}")
    head = ("| change | verdict |", "|---|---|")
    if not brief:
        head = ("| change | verdict | what the report says |", "|---|---|---|")
    return "\n".join((*head, *rows))


def fail_on_table() -> str:
    """Which difference `--fail-on` lets through, by the worst that differs."""
    samples = {
        "breaking": _of_property(_WIDER, _CHOICE),
        "undecided": _of_property(_string(pattern="^(.)-\\1$"), _string(pattern="^([a-z])-\\1$")),
        "behavioral, in schemas or flags": _of_property(_string(default="a"), _string(default="b")),
        "compatible": _of_property(_CHOICE, _WIDER),
        "behavioral, in texts alone": _of_property(
            _string(description="a"), _string(description="b")
        ),
    }
    modes = (FailOn.ANY, FailOn.CONTRACT, FailOn.BREAKING, FailOn.NONE)
    rows = []
    for title, drift in samples.items():
        if not title.startswith(_verdict(drift)):
            raise RuntimeError(f"{title}: judged {_verdict(drift)}")
        told = ("fails" if any(map(mode.objects_to, drift)) else "passes" for mode in modes)
        rows.append(f"| {title} | {' | '.join(told)} |")
    head = " | ".join(f"`{mode}`" for mode in modes)
    return "\n".join((f"| what differs | {head} |", f"|---|{'---|' * len(modes)}", *rows))


def _of_property(old: Any, new: Any) -> tuple[EntryDrift, ...]:
    return _drift(_holding(Side.INPUT, _record(x=old)), _holding(Side.INPUT, _record(x=new)))


def _cell(edit: SchemaEdit, side: Side, brief: bool) -> str:
    """The verdict of an edit, by itself or with the value that breaks, and in the open world."""
    both = _holding(side, edit.old), _holding(side, edit.new)
    drift, literal = _drift(*both), _drift(*both, open_world=True)
    told = _verdict(drift)
    if not brief:
        told += _example(drift)
        if _verdict(literal) != _verdict(drift):
            told += f"; `--open-world`: {_verdict(literal)}{_example(literal)}"
    return told


def _holding(side: Side, schema: dict[str, Any]) -> Contract:
    return contract_of(
        [{"name": "search", "inputSchema": {"type": "object"}, _FIELDS[side]: schema}]
    )


def _listed(edit: EntryEdit, entries: Sequence[dict[str, Any]]) -> Contract:
    return contract_of([], entries) if edit.prompts else contract_of(entries)


def _drift(old: Contract, new: Contract, *, open_world: bool = False) -> tuple[EntryDrift, ...]:
    return judged(old, new, changes(old, new), open_world=open_world)


def _verdict(drift: Iterable[EntryDrift]) -> Compatibility:
    return worst(entry.compatibility for entry in drift)


def _example(drift: Iterable[EntryDrift]) -> str:
    """The value of the first witness, "" where there is none."""
    witnesses = [each.witness for entry in drift for each in entry.changes if each.witness]
    if not witnesses:
        return ""
    return f" `{json.dumps(witnesses[0].value, ensure_ascii=False)}`"


def _reasons(drift: Iterable[EntryDrift]) -> str:
    (entry, *others) = drift
    assert all(each.compatibility.rank < entry.compatibility.rank for each in others)
    return entry.changes[0].reason
