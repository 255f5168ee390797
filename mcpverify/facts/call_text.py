"""A witness as people write it: the call `search({"mode": "fuzzy"})` on one short line.

What is too long is elided inside, so that the call stays a call; the place that the
refusal blames, and what it names in quotes, goes last.
"""

import json
import re
from dataclasses import dataclass
from typing import Final, TypeAlias

from mcpverify.facts.compatibility import Side, Witness
from mcpverify.facts.json_text import Json, canonical_text, pointer_steps

_Way: TypeAlias = tuple[str, ...]
_PLACE: Final = re.compile(r"at (/.*?): ")
_NAMED: Final = re.compile(r"'([^']{1,80})'")
_KEY: Final = 40  # characters of a key that are shown
_DEEPEST: Final = 40  # levels
_READ: Final = 2_000  # characters of a refusal


def call_text(name: str, witness: Witness, limit: int | None = None) -> str:
    """`name({...})`, or `name(…) -> {...}` for what comes out of a tool.

    About `limit` characters at most; a long name alone is left as it is.
    """
    if witness.side is Side.OUTPUT:
        head, tail = f"{name}(…) -> ", ""
    else:
        head, tail = f"{name}(", ")"
    room = None if limit is None else max(limit - len(head) - len(tail), 1)
    return f"{head}{witness_text(witness, room)}{tail}"


def witness_text(witness: Witness, limit: int | None = None) -> str:
    """The value of `witness` as JSON on one line, elided to about `limit` characters."""
    whole = _whole(witness.value)
    if limit is None or len(whole) <= limit:
        return whole
    way = _blamed(witness)
    named = frozenset(_NAMED.findall(witness.refusal[:_READ])[:8])
    text = whole
    for strings, members, depth in _ROOMS:
        text = _Elision(strings, members, depth, max(limit // 2, strings), named).text(
            witness.value, way
        )
        if len(text) <= limit:
            break
    return text


# What is left of strings, of objects and lists, and of what is nested, roomiest first.
_ROOMS: Final = (
    *((80, 24, 8), (40, 12, 8), (24, 8, 6), (12, 6, 5), (8, 4, 4)),
    *((8, 2, 3), (4, 1, 2), (4, 0, 1)),
)


@dataclass(frozen=True, slots=True)
class _Elision:
    """How much of a value is shown where nobody is blamed: characters, members, levels.

    A string that is blamed itself may take `blamed` characters; `named` are keys to keep.
    """

    strings: int
    members: int
    depth: int
    blamed: int
    named: frozenset[str]

    def text(self, value: Json, way: _Way | None, level: int = 0) -> str:
        """`value`, in which `way` leads to what is blamed; None where that is elsewhere."""
        match value:
            case str():
                room = self.blamed if way == () else self.strings
                return json.dumps(_shortened(value, room), ensure_ascii=False)
            case dict() if value:
                return self._object(value, way, level)
            case list() if value:
                return self._list(value, way, level)
            case _:
                return _shortened(_whole(value), max(self.blamed if way == () else 0, 24))

    def _object(self, value: dict[str, Json], way: _Way | None, level: int) -> str:
        if level >= self.depth and way is None:
            return "{…}"
        kept = [key for key in value if key in self.named or (way and key == way[0])]
        kept += [key for key in value if key not in kept][: max(self.members - len(kept), 0)]
        shown = []
        for key, each in value.items():
            if key in kept:
                inner = way[1:] if way and key == way[0] else None
                label = json.dumps(_shortened(key, _KEY), ensure_ascii=False)
                shown.append(f"{label}: {self.text(each, inner, level + 1)}")
        return f"{{{', '.join([*shown, *['…'] * (len(value) > len(shown))])}}}"

    def _list(self, value: list[Json], way: _Way | None, level: int) -> str:
        if level >= self.depth and way is None:
            return "[…]"
        shown = []
        blamed = int(way[0]) if way and way[0].isdecimal() else -1
        last = -1
        for index in (*range(min(self.members, len(value))), blamed):
            if last < index < len(value):
                if index > last + 1:
                    shown.append("…")
                inner = way[1:] if way and index == blamed else None
                shown.append(self.text(value[index], inner, level + 1))
                last = index
        return f"[{', '.join([*shown, *['…'] * (last + 1 < len(value))])}]"


def _blamed(witness: Witness) -> _Way | None:
    """The way to what the refusal blames: `at /options/mode: ...`, as far as it leads."""
    found = _PLACE.match(witness.refusal[:_READ])
    if found is None:
        return None
    tokens = pointer_steps(found[1])
    way: list[str] = []
    value = witness.value
    for token in tokens[:_DEEPEST]:
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
            value = value[int(token)]
        else:
            break
        way.append(token)
    return tuple(way)


def _shortened(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: max(room - 1, 1)]}…"


def _whole(value: Json) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return canonical_text(value)
