"""Two definitions line by line, as `diff -u` shows them, at a bounded cost."""

import json
from collections.abc import Iterator
from difflib import unified_diff
from typing import Final

from mcpverify.facts.json_text import Json
from mcpverify.reporters.drifted import Sides
from mcpverify.reporters.inert import inert

MAX_LINES: Final = 60  # that are shown
MAX_COMPARED: Final = 1_000  # lines of one side: comparing costs their square
_DEEPEST: Final = 100
_LINE: Final = 200  # characters


def definition_diff(
    old: dict[str, Json] | None, new: dict[str, Json] | None, sides: Sides, most: int = MAX_LINES
) -> Iterator[str]:
    """The lines of a unified diff, inert, the first character of each being its sign."""
    if old is None or new is None or max(_depth(old), _depth(new)) > _DEEPEST:
        return
    before, after = _lines(old), _lines(new)
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    # Three lines of context stay; what is equal before them costs nothing.
    start = max(head - 3, 0)
    if max(len(before), len(after)) - start > MAX_COMPARED:
        yield f" too long to compare line by line: {len(before):,} and {len(after):,} lines"
        return
    lines = list(unified_diff(before[start:], after[start:], sides.old, sides.new, lineterm=""))
    for number, line in enumerate(lines[:most]):
        if line.startswith("@@"):
            # Lines of sorted JSON have no numbers that mean anything.
            if number > 2:
                yield " …"
        else:
            yield inert(line, _LINE)
    if len(lines) > most:
        yield f" … and {len(lines) - most:,} more lines"


def definition_lines(definition: dict[str, Json], most: int = MAX_LINES) -> Iterator[str]:
    """The lines of one definition, inert."""
    if _depth(definition) > _DEEPEST:
        return
    lines = _lines(definition)
    yield from (inert(line, _LINE) for line in lines[:most])
    if len(lines) > most:
        yield f"… and {len(lines) - most:,} more lines"


def _lines(definition: dict[str, Json]) -> list[str]:
    return json.dumps(definition, ensure_ascii=False, indent=2, sort_keys=True).split("\n")


def _depth(value: Json) -> int:
    deepest = 0
    pending: list[tuple[Json, int]] = [(value, 0)]
    while pending:
        each, level = pending.pop()
        deepest = max(deepest, level)
        if level > _DEEPEST:
            break
        if isinstance(each, dict | list):
            inner = each.values() if isinstance(each, dict) else each
            pending += ((item, level + 1) for item in inner)
    return deepest
