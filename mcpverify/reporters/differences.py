"""What differs between the snapshot and the live server, tool by tool, for people to read."""

import json
from collections.abc import Iterable, Iterator

from mcpverify.facts.change import ChangeKind
from mcpverify.facts.compatibility import JudgedChange
from mcpverify.facts.finding import Detail
from mcpverify.facts.json_text import Json, canonical_text
from mcpverify.facts.report import ToolReport
from mcpverify.reporters.inert import inert
from mcpverify.reporters.layout import chopped, clipped, hung, joined, padded, width_of, wrapped

MAX_DETAILS = 12  # of one finding
MAX_TOOLS = 8  # with all that changed in them; others by name
MAX_CHANGES = 5  # of one tool
MAX_NAMES = 24
MAX_VALUE = 150  # characters
MAX_TEXT = 400
MAX_NAME = 64
_AROUND = 30  # characters that are shown on both sides of where two texts differ

_WORST_FIRST = {
    "missing": "missing: not on the live server",
    "changed": "changed",
    "added": "added: not in the snapshot",
    "text": "same contract, other text for the model",
}


def tool_lines(tools: Iterable[ToolReport], width: int) -> Iterator[str]:
    """The tools that differ, worst first: what was added, removed, changed, and where."""
    states = list(_WORST_FIRST)
    differing = [tool for tool in tools if tool.state in _WORST_FIRST]
    differing.sort(key=lambda tool: (states.index(tool.state), tool.name))
    shown, others = differing[:MAX_TOOLS], differing[MAX_TOOLS:]
    if len(others) == 1:
        shown, others = differing, []
    names = [inert(tool.name, MAX_NAME) for tool in shown]
    column = min(max(map(width_of, names), default=0), 24) + 4
    for tool, name in zip(shown, names, strict=True):
        lines = wrapped(_WORST_FIRST[tool.state], width - column)
        yield from _labelled(f"  {name}", lines, column)
        if tool.state in ("changed", "text"):
            yield from _change_lines(tool.changes, width)
    if others:
        yield from hung("  ", wrapped(_summary(others), width - 2), 2)


def detail_lines(details: tuple[Detail, ...], width: int) -> Iterator[str]:
    """The details of a finding: what each is about, where, and both values if two differ."""
    shown = details if len(details) == MAX_DETAILS + 1 else details[:MAX_DETAILS]
    subjects = [inert(detail.subject, MAX_NAME) for detail in shown]
    widest = max(map(width_of, subjects), default=0)
    column = min(widest, 24) + 4 if widest else 2
    for detail, subject in zip(shown, subjects, strict=True):
        texts = (inert(text, MAX_TEXT) for text in (detail.pointer, detail.text) if text)
        yield from _labelled(f"  {subject}", joined(texts, width - column), column)
        yield from _value_lines(detail.snapshot, detail.live, width)
    if len(details) > len(shown):
        yield f"  … and {len(details) - len(shown):,} more"


def _labelled(label: str, lines: list[str], column: int) -> Iterator[str]:
    if width_of(label) >= column and label.strip():
        yield clipped(label, MAX_NAME)
        label = ""
    yield from hung(label, lines, column)


def _summary(tools: list[ToolReport]) -> str:
    counts = ", ".join(
        f"{count:,} {state}"
        for state in _WORST_FIRST
        if (count := sum(tool.state == state for tool in tools))
    )
    names = " ".join(inert(tool.name, MAX_NAME) for tool in tools[:MAX_NAMES])
    left_out = f" … and {len(tools) - MAX_NAMES:,} more" if len(tools) > MAX_NAMES else ""
    return f"and {len(tools):,} more tools ({counts}): {names}{left_out}; all are in --format json"


def _change_lines(changes: tuple[JudgedChange, ...], width: int) -> Iterator[str]:
    shown = changes if len(changes) == MAX_CHANGES + 1 else changes[:MAX_CHANGES]
    for change in (each.change for each in shown):
        pointer = inert(change.pointer, MAX_TEXT) or "the whole definition"
        yield from hung(f"    {padded(change.kind, 9)}", chopped(pointer, width - 13), 13)
        snapshot = None if change.kind is ChangeKind.ADDED else _text_of(change.snapshot)
        live = None if change.kind is ChangeKind.REMOVED else _text_of(change.live)
        yield from _value_lines(snapshot, live, width)
    if len(changes) > len(shown):
        yield f"    … and {len(changes) - len(shown):,} more changes"


def _text_of(value: Json) -> str:
    # A string keeps its quotes, but not JSON's escapes: inert has its own for what needs one.
    if isinstance(value, str):
        return f'"{value}"'
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return canonical_text(value)


def _value_lines(snapshot: str | None, live: str | None, width: int) -> Iterator[str]:
    if snapshot is not None and live is not None:
        snapshot, live = excerpts(snapshot, live)
    for label, text in (("snapshot", snapshot), ("live", live)):
        if text is not None:
            lines = chopped(inert(text, MAX_VALUE), width - 16)
            yield from hung(f"      {label}", lines, 16)


def excerpts(snapshot: str, live: str) -> tuple[str, str]:
    """Both texts; where they are long, only what differs and some characters around it."""
    if max(len(snapshot), len(live)) <= MAX_VALUE:
        return snapshot, live
    start = _common(snapshot, live)
    end = _common(snapshot[start:][::-1], live[start:][::-1])
    return _excerpt(snapshot, start, end), _excerpt(live, start, end)


def _excerpt(text: str, start: int, end: int) -> str:
    """What of `text` is not in its first `start` and last `end` characters, and around it."""
    first, last = max(start - _AROUND, 0), max(end - _AROUND, 0)
    return f"{'…' * (first > 0)}{text[first : len(text) - last]}{'…' * (last > 0)}"


def _common(one: str, other: str) -> int:
    """The length of the common beginning, by halving: texts may be megabytes long."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
