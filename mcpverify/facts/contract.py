"""The contract of a server, and its three digests.

Each definition is brought into canonical form (`facts.definition`), and a SHA-256 taken
over three texts: `digest` over the definition, `contract` over the definition with its
text removed, `prompt` over the text alone. Text is every `title` and `description` that
is a string and stands in the item itself, in a schema of it or in an argument of a
prompt, and `annotations.title`. A definition is its contract and its text, so `digest`
moves exactly when one of the other two does.

The digests of the whole are taken likewise, over an object with the keys `prompts`,
`resourceTemplates`, `tools`, and `resources` where they are included. Their values are
lists in the order of the names; for `prompt` they are objects by name, without those
that have no text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import Final

from mcpverify.errors import UsageError
from mcpverify.facts.change import Subject
from mcpverify.facts.definition import Definition, definition_of, parse_ignored
from mcpverify.facts.json_text import Json, canonical_text, utf16_order
from mcpverify.facts.revision import Era

FIELDS_OF_ONE_ERA: Final[dict[Era, tuple[str, ...]]] = {
    Era.HANDSHAKE: ("execution",),
    Era.STATELESS: (),
}
"""The fields of a tool that the revisions of one era define and those of the other lack."""

_IDENTITY: Final = {
    Subject.TOOL: "name",
    Subject.PROMPT: "name",
    Subject.TEMPLATE: "uriTemplate",
    Subject.RESOURCE: "uri",
}


@dataclass(frozen=True, slots=True)
class Digests:
    """SHA-256 over canonical forms, each `sha256:` and 64 hex digits.

    `contract`: names, schemas, flags. `prompt`: titles and descriptions. `digest`: all.
    """

    digest: str
    contract: str
    prompt: str


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a contract is looked at.

    `tools`: globs of tool names, none meaning all. `ignored`: `TOOLGLOB:/pointer/*/x`
    fields that are left out of the canonical form.
    """

    tools: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    def tools_beyond(self, other: "Scope") -> bool:
        """Whether `other` may hold tools that this one leaves out, by the words of the globs."""
        return bool(self.tools) and not (other.tools and set(other.tools) <= set(self.tools))

    def ignored_beyond(self, other: "Scope") -> tuple[str, ...]:
        """The fields that this one leaves out and `other` does not."""
        return tuple(each for each in self.ignored if each not in other.ignored)


@dataclass(frozen=True, slots=True)
class Entry:
    """One tool, prompt, resource template or resource, in canonical form.

    `name` is what tells it from its like: the URI template of a template, the URI of a
    resource. Treat `definition` as frozen: it is shared.
    """

    subject: Subject
    name: str
    definition: dict[str, Json]
    digests: Digests


@dataclass(frozen=True, slots=True)
class Contract:
    """What the server advertises, each list sorted by name; `resources` None: left out."""

    tools: tuple[Entry, ...]
    prompts: tuple[Entry, ...]
    templates: tuple[Entry, ...]
    resources: tuple[Entry, ...] | None
    digests: Digests


def malformed_items(subject: Subject, items: Json) -> tuple[str, ...]:
    """What keeps a list, as the server sent it, from being a contract: a sentence each."""
    if not isinstance(items, list):
        return (f"The {subject}s are no array.",)
    identity = _IDENTITY[subject]
    problems: list[str] = []
    seen: dict[str, int] = {}
    for number, item in enumerate(items, 1):
        if not isinstance(item, dict):
            problems.append(f"The {subject} at place {number} is no object.")
            continue
        for field in dict.fromkeys(("name", identity)):
            match item.get(field):
                case None | "":
                    problems.append(f"The {subject} at place {number} has no {field}.")
                case str(value):
                    if field == identity:
                        seen[value] = seen.get(value, 0) + 1
                case _:
                    problems.append(f"The {field} of the {subject} at place {number} is no string.")
    problems += (
        f"{count} {subject}s have the same {identity}: {value}"
        for value, count in seen.items()
        if count > 1
    )
    return tuple(problems)


def contract_of(
    tools: Sequence[Json],
    prompts: Sequence[Json] = (),
    templates: Sequence[Json] = (),
    resources: Sequence[Json] | None = None,
    scope: Scope = Scope(),
) -> Contract:
    """The contract that these lists make, none of which `malformed_items` objects to.

    The lists are as the server sent them, all pages, and are left as they are. `scope`
    restricts tools only. Raises UsageError where a glob or an ignored field is nonsense.
    """
    forms = {
        "prompts": _forms(Subject.PROMPT, prompts),
        "resourceTemplates": _forms(Subject.TEMPLATE, templates),
        "tools": _forms(Subject.TOOL, tools, scope),
    }
    if resources is not None:
        forms["resources"] = _forms(Subject.RESOURCE, resources)
    entries = {key: tuple(entry for entry, _ in each) for key, each in forms.items()}
    return Contract(
        tools=entries["tools"],
        prompts=entries["prompts"],
        templates=entries["resourceTemplates"],
        resources=entries.get("resources"),
        digests=Digests(
            digest=_digest(_lists(forms, lambda definition: definition.whole)),
            contract=_digest(_lists(forms, lambda definition: definition.contract)),
            prompt=_digest(_texts(forms)),
        ),
    )


@dataclass(frozen=True, slots=True)
class AcrossEras:
    """Two contracts of one server without the fields that only one era can carry.

    `left_out` names the fields that one side had, the other had not, and that explain
    it: none where the two need no allowance.
    """

    handshake: Contract
    stateless: Contract
    left_out: tuple[str, ...]


def across_eras(handshake: Contract, stateless: Contract) -> AcrossEras:
    """What is left to compare of two contracts that were listed in different eras.

    A field is left out of a tool where the era that defines it shows it and the other
    lacks it. A value that both show, and that differs, stays.
    """
    left_out: set[str] = set()
    handshake_tools = _carried(handshake, stateless, Era.HANDSHAKE, left_out)
    stateless_tools = _carried(stateless, handshake, Era.STATELESS, left_out)
    if not left_out:
        return AcrossEras(handshake, stateless, ())
    return AcrossEras(
        _with_tools(handshake, handshake_tools),
        _with_tools(stateless, stateless_tools),
        tuple(sorted(left_out)),
    )


def _carried(contract: Contract, other: Contract, era: Era, left_out: set[str]) -> list[Json]:
    """The tools of `contract`, seen in `era`, without what `other` could not show."""
    others = {tool.name: tool.definition for tool in other.tools}
    tools: list[Json] = []
    for tool in contract.tools:
        shown = others.get(tool.name, tool.definition)
        gone = [
            field
            for field in FIELDS_OF_ONE_ERA[era]
            if field in tool.definition and field not in shown
        ]
        left_out.update(gone)
        tools.append({key: value for key, value in tool.definition.items() if key not in gone})
    return tools


def _with_tools(contract: Contract, tools: list[Json]) -> Contract:
    resources = contract.resources
    return contract_of(
        tools,
        [entry.definition for entry in contract.prompts],
        [entry.definition for entry in contract.templates],
        None if resources is None else [entry.definition for entry in resources],
    )


_Forms = list[tuple[Entry, Definition]]


def _forms(subject: Subject, items: Sequence[Json], scope: Scope = Scope()) -> _Forms:
    """The entries of one list, in the order of their names."""
    if "" in scope.tools:
        raise UsageError("A glob of tool names is empty.", "Name tools, or * for all of them.")
    ignored = [parse_ignored(text) for text in scope.ignored]
    identity = _IDENTITY[subject]
    named: list[tuple[str, dict[str, Json]]] = []
    for item in items:
        assert isinstance(item, dict)
        name = item[identity]
        assert isinstance(name, str)
        if not scope.tools or any(fnmatchcase(name, glob) for glob in scope.tools):
            named.append((name, item))
    named.sort(key=lambda pair: utf16_order(pair[0]))
    forms = []
    for name, item in named:
        fields = [field for field in ignored if fnmatchcase(name, field.tools)]
        definition = definition_of(subject, item, fields)
        digests = Digests(
            digest=_digest(definition.whole),
            contract=_digest(definition.contract),
            prompt=_digest(definition.prompt),
        )
        forms.append((Entry(subject, name, definition.value, digests), definition))
    return forms


def _lists(forms: dict[str, _Forms], text: Callable[[Definition], str]) -> str:
    lists = (
        f'"{key}":[{",".join(text(definition) for _, definition in forms[key])}]'
        for key in sorted(forms)
    )
    return f"{{{','.join(lists)}}}"


def _texts(forms: dict[str, _Forms]) -> str:
    objects = []
    for key in sorted(forms):
        members = (
            f"{canonical_text(entry.name)}:{definition.prompt}"
            for entry, definition in forms[key]
            if definition.prompt != "{}"
        )
        objects.append(f'"{key}":{{{",".join(members)}}}')
    return f"{{{','.join(objects)}}}"


def _digest(text: str) -> str:
    return "sha256:" + sha256(text.encode()).hexdigest()
