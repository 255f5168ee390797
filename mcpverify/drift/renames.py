"""What was renamed: it is gone under one name, and its equal came under another.

Equal means the same schemas, their texts aside. A rename is told only where it is beyond
doubt: of several candidates the one with the same description, and where a schema says next
to nothing, only one whose description stayed, or nearly so.
"""

import marshal
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from mcpverify.facts.contract import Entry
from mcpverify.facts.json_text import Json, canonical_text
from mcpverify.facts.schema import subschemas

_SIMILAR: Final = 0.8  # of all words that two descriptions use, the share that both use
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Look:
    """By what something is known again: its shape, and what is written about it.

    `telling` is False where so many things have this shape that it proves nothing.
    """

    shape: str
    text: str
    telling: bool = True


def renamed_tools(gone: Iterable[Entry], come: Iterable[Entry]) -> dict[str, str]:
    """The new names of the tools that are `gone`, where their equals have `come`."""
    return renamed(
        {tool.name: _tool(tool.definition) for tool in gone},
        {tool.name: _tool(tool.definition) for tool in come},
    )


def renamed_properties(gone: Mapping[str, Json], come: Mapping[str, Json]) -> dict[str, str]:
    """The new names of properties; both sides are schemas by name."""
    return renamed(
        {name: Look(_shape(schema), _text(schema)) for name, schema in gone.items()},
        {name: Look(_shape(schema), _text(schema)) for name, schema in come.items()},
    )


def renamed_arguments(
    gone: Mapping[str, dict[str, Json]], come: Mapping[str, dict[str, Json]]
) -> dict[str, str]:
    """The new names of the arguments of a prompt."""
    return renamed(
        {name: _argument(argument) for name, argument in gone.items()},
        {name: _argument(argument) for name, argument in come.items()},
    )


def renamed(gone: Mapping[str, Look], come: Mapping[str, Look]) -> dict[str, str]:
    """The new names of what is `gone`, as far as there is no doubt."""
    old, new = _by_shape(gone), _by_shape(come)
    found: dict[str, str] = {}
    for shape, names in old.items():
        others = new.get(shape, [])
        if len(names) == len(others) == 1:
            one, other = gone[names[0]], come[others[0]]
            if one.telling or _alike(one.text, other.text):
                found[names[0]] = others[0]
        elif others:
            found |= _by_text(names, others, gone, come)
    return found


def _by_shape(looks: Mapping[str, Look]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for name, look in looks.items():
        names.setdefault(look.shape, []).append(name)
    return names


def _by_text(
    names: list[str], others: list[str], gone: Mapping[str, Look], come: Mapping[str, Look]
) -> dict[str, str]:
    """Of many with one shape, the pairs whose text is the same, and nobody else's."""
    old: dict[str, list[str]] = {}
    new: dict[str, list[str]] = {}
    for name in names:
        old.setdefault(gone[name].text, []).append(name)
    for name in others:
        new.setdefault(come[name].text, []).append(name)
    return {
        alone[0]: new[text][0]
        for text, alone in old.items()
        if text and len(alone) == 1 and len(new.get(text, ())) == 1
    }


def _alike(one: str, other: str) -> bool:
    if one == other:
        return bool(one)
    words, others = set(_WORD.findall(one.lower())), set(_WORD.findall(other.lower()))
    return len(words & others) > _SIMILAR * len(words | others)


def _tool(definition: dict[str, Json]) -> Look:
    schemas = [definition.get("inputSchema"), definition.get("outputSchema")]
    properties = schemas[0].get("properties") if isinstance(schemas[0], dict) else None
    return Look(_shape(schemas), _text(definition), telling=bool(properties))


def _argument(argument: dict[str, Json]) -> Look:
    texts = ("name", "title", "description")
    shape = {key: value for key, value in argument.items() if key not in texts}
    return Look(canonical_text(shape), _text(argument), telling=False)


def _text(holder: Json) -> str:
    text = holder.get("description") if isinstance(holder, dict) else None
    return text if isinstance(text, str) else ""


def _shape(value: Json) -> str:
    """The canonical text of a schema, or of a list of them, without its titles and descriptions."""
    copy: Json = marshal.loads(marshal.dumps(value, 2))
    for schema in copy if isinstance(copy, list) else [copy]:
        for place in subschemas(schema):
            for key in ("title", "description"):
                if isinstance(place.schema.get(key), str):
                    del place.schema[key]
    return canonical_text(copy)
