"""The details under a finding, and two values one above the other, for people to read."""

from collections.abc import Iterator
from typing import Final

from mcpverify.facts.finding import Detail
from mcpverify.reporters.inert import inert
from mcpverify.reporters.layout import chopped, clipped, hung, joined, width_of

MAX_DETAILS: Final = 12  # of one finding
MAX_VALUE: Final = 150  # characters
MAX_TEXT: Final = 400
MAX_NAME: Final = 64
_AROUND: Final = 30  # characters that are shown on both sides of where two texts differ


def detail_lines(details: tuple[Detail, ...], width: int) -> Iterator[str]:
    """The details of a finding: what each is about, where, and both values if two differ."""
    shown = details if len(details) == MAX_DETAILS + 1 else details[:MAX_DETAILS]
    subjects = [inert(detail.subject, MAX_NAME) for detail in shown]
    widest = max(map(width_of, subjects), default=0)
    column = min(widest, 24) + 4 if widest else 2
    for detail, subject in zip(shown, subjects, strict=True):
        texts = (inert(text, MAX_TEXT) for text in (detail.pointer, detail.text) if text)
        yield from labelled(f"  {subject}", joined(texts, width - column), column)
        yield from value_lines(("snapshot", "live"), (detail.snapshot, detail.live), width)
    if len(details) > len(shown):
        yield f"  … and {len(details) - len(shown):,} more"


def labelled(label: str, lines: list[str], column: int) -> Iterator[str]:
    """`lines` in a column, beside `label` or, where that is too long, below it."""
    if width_of(label) >= column and label.strip():
        yield clipped(label, MAX_NAME)
        label = ""
    yield from hung(label, lines, column)


def value_lines(
    labels: tuple[str, str], values: tuple[str | None, str | None], width: int
) -> Iterator[str]:
    """One value or two; of two long ones what differs, and a little around it."""
    old, new = values
    if old is not None and new is not None:
        values = excerpts(old, new)
    column = max(map(len, labels)) + 8
    for label, text in zip(labels, values, strict=True):
        if text is not None:
            lines = chopped(inert(text, MAX_VALUE), width - column)
            yield from hung(f"      {label}", lines, column)


def excerpts(snapshot: str, live: str) -> tuple[str, str]:
    """Both texts; where they are long, only what differs and some characters around it."""
    if max(len(snapshot), len(live)) <= MAX_VALUE:
        return snapshot, live
    start = common_start(snapshot, live)
    end = common_start(snapshot[start:][::-1], live[start:][::-1])
    return _excerpt(snapshot, start, end), _excerpt(live, start, end)


def _excerpt(text: str, start: int, end: int) -> str:
    """What of `text` is not in its first `start` and last `end` characters, and around it."""
    first, last = max(start - _AROUND, 0), max(end - _AROUND, 0)
    return f"{'…' * (first > 0)}{text[first : len(text) - last]}{'…' * (last > 0)}"


def common_start(one: str, other: str) -> int:
    """The length of the common beginning, by halving: texts may be megabytes long."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
