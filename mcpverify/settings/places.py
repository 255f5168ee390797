"""On which line of a TOML file a key stands.

tomllib does not tell. But what it makes of the first lines of a file does: the statement of a
key ends with the first of them that parse, and hold the key. It is looked for where something is
wrong, and only then.
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, TypeAlias, TypeVar

Item = TypeVar("Item")

Key: TypeAlias = tuple[str | int, ...]
"""The way to a value: names of keys, and indices into arrays."""


def lines_of(text: str, keys: Sequence[Key]) -> list[int]:
    """The line, from 1, on which the statement of each key begins; of a part of it, if it is not
    there itself. `text` is valid TOML. A key may be spelled with `_` for `-`.
    """
    whole = tomllib.loads(text)
    known = [_known_part(whole, key) for key in keys]
    found: dict[Key, int] = {(): 1}
    pending = [key for key in dict.fromkeys(known) if key]
    for before, chunk, table in _chunks(text, whole):
        held = [key for key in pending if _known_part(table, key) == key]
        if held:
            beginnings = _Beginnings(chunk)
            lines: dict[Key, int] = {}
            _search(beginnings, held, 1, beginnings.count, lines)
            found |= {key: before + line for key, line in lines.items()}
            pending = [key for key in pending if key not in lines]
    return [found[key] for key in known]


def _chunks(text: str, whole: Any) -> Sequence[tuple[int, str, Any]]:
    """A long file by its targets: the lines before each part, the part, and its table.

    Wherever that is not safe, it is one part: each must be TOML by itself, and all of a target.
    """
    lines = text.split("\n")
    depth = 4 if "tool" in whole else 2  # of targets.NAME
    cuts: dict[Key, int] = {}
    last: Key = ()
    for key, number in header_lines(text):
        name = key[:depth]
        if name != last:
            if name in cuts:
                return [(0, text, whole)]
            cuts[name] = number - 1
            last = name
    bounds = [0, *cuts.values(), len(lines)]
    parts = ["\n".join(lines[low:high]) for low, high in pairwise(bounds)]
    try:
        return [(low, each, tomllib.loads(each)) for low, each in zip(bounds, parts, strict=False)]
    except ValueError:  # what looked like a header stood inside of a text
        return [(0, text, whole)]


def same_key(node: Any, step: str | int) -> str | int | None:
    """The step as `node` spells it, None where it has no such."""
    if isinstance(node, list):
        return step if isinstance(step, int) and step < len(node) else None
    if not isinstance(node, dict) or not isinstance(step, str):
        return None
    if step in node:
        return step
    return next((each for each in node if each.replace("_", "-") == step), None)


def in_order(text: str, items: Iterable[Item], key_of: Callable[[Item], Key]) -> list[Item]:
    """The items in the order in which their keys first come up in the TOML `text`."""
    whole = tomllib.loads(text)
    return sorted(items, key=lambda item: _position(whole, key_of(item)))


def _position(node: Any, key: Key) -> list[int]:
    """How many neighbors come before each step of the way."""
    position = []
    for step in key:
        spelled = same_key(node, step)
        if spelled is None:
            break
        position.append(spelled if isinstance(spelled, int) else list(node).index(spelled))
        node = node[spelled]
    return position


class _Beginnings:
    """What the first lines of a text are as TOML."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self.count = len(self._lines)

    def table(self, count: int) -> Any:
        """The table of so many lines, None where they are no TOML yet."""
        try:
            return tomllib.loads("\n".join(self._lines[:count]))
        except ValueError:
            return None

    def whole_from(self, count: int) -> int:
        """The least number of lines from `count` on that parse."""
        return next(each for each in range(count, self.count + 1) if self.table(each) is not None)

    def statement(self, last: int) -> int:
        """The line where the statement begins that ends with line `last`."""
        before = next(each for each in range(last - 1, -1, -1) if self.table(each) is not None)
        return before + 1


def _search(
    beginnings: _Beginnings, keys: list[Key], low: int, high: int, found: dict[Key, int]
) -> None:
    """All keys end in lines `low` to `high`: halves them, with one look for all keys."""
    if not keys:
        return
    middle = (low + high) // 2
    end = beginnings.whole_from(middle)
    if low == high:
        for key in keys:
            found[key] = beginnings.statement(end)
        return
    table = beginnings.table(end)
    early = [key for key in keys if _known_part(table, key) == key]
    _search(beginnings, early, low, middle, found)
    _search(beginnings, [key for key in keys if key not in early], middle + 1, high, found)


def _known_part(table: Any, key: Key) -> Key:
    """As much of the way as the table goes, in the spelling of the caller."""
    known: list[str | int] = []
    for step in key:
        spelled = same_key(table, step)
        if spelled is None:
            break
        table = table[spelled]
        known.append(step)
    return tuple(known)


def header_lines(text: str) -> Iterator[tuple[Key, int]]:
    """The tables that have a header line of their own, and that line: fast, and for hints only.

    A line inside of a long text may look like one.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("["):
            try:
                table: Any = tomllib.loads(line)
            except ValueError:
                continue
            key: list[str | int] = []
            while isinstance(table, dict) and len(table) == 1:
                ((name, table),) = table.items()
                key.append(name)
            yield tuple(key), number
