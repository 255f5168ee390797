"""A picture of a trial: a row for each connection or probe, time from the signal on to the right.

It is plain ASCII and says the same without color. Up to a few seconds the axis is linear; a
longer trial is drawn by the square root of time, or the first second, in which most is decided,
would be a single character.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from math import sqrt
from typing import Final

from mcpverify.facts.timeline import Purpose, Request, RequestOutcome, Timeline
from mcpverify.reporters.inert import inert
from mcpverify.reporters.layout import Paint, clipped, joined, padded, painted, width_of
from mcpverify.reporters.presentation import Presentation
from mcpverify.reporters.timeline_rows import Row, rows_of

_BEFORE: Final = 3  # cells before the signal, of a tenth of a second each
_BEFORE_CELL: Final = 0.1
_LINEAR: Final = 6.0  # seconds
_SHORTEST: Final = 0.02
_KILL: Final = "SIGKILL"
_MAX_PAUSE: Final = 0.6  # seconds between two requests of which one follows the other
_MAX_LABEL: Final = 26  # columns
_MAX_NOTE: Final = 20
_MAX_MARK: Final = 24
_STEPS: Final = tuple(
    number * 10.0**power for power in range(-3, 6) for number in (1, 2, 5)
)  # seconds between the numbers of the axis
_PROBES: Final = (Purpose.NEW_SESSION, Purpose.READINESS, Purpose.LIVENESS, Purpose.STREAM)

# From what covers all others in a cell to what is covered.
_MEANINGS: Final = {
    "x": "cut or lost",
    "!": "error",
    "5": "HTTP 503",
    ".": "refused",
    "+": "answered",
    "o": "ok",
    "=": "in flight",
}
_LEGEND: Final = "=+x5!.o"
_COVERS: Final = "".join(_MEANINGS)
_PAINTS: Final = {
    "x": Paint.BAD,
    "!": Paint.BAD,
    "5": Paint.WARNING,
    "+": Paint.GOOD,
    "o": Paint.GOOD,
}


def picture_lines(timeline: Timeline, how: Presentation) -> Iterator[str]:
    """The picture, and the legend of what occurs in it; nothing where nothing was asked."""
    rows = rows_of(timeline)
    if not rows:
        return
    labels = min(max(width_of(each.label) for each in rows), _MAX_LABEL, how.width // 3)
    notes = min(max(width_of(each.note) for each in rows), _MAX_NOTE, how.width // 4)
    edge = labels + 1 + _BEFORE  # the column of the signal
    # One column each for the signal and for the end, and one before the notes.
    axis = _Axis(_span(timeline, rows), max(how.width - edge - 2 - (notes + 1 if notes else 0), 8))
    marks = _marks(timeline, axis)
    yield from _mark_lines(marks, edge, how.width)
    yield _axis_line(marks, axis, edge)
    marked = False
    drawn = [_cells(row.requests, axis) for row in rows]
    for row, (before, after) in zip(rows, drawn, strict=True):
        label = padded(clipped(row.label, labels), labels)
        shown = _guided(after, marks, axis)
        marked = marked or ":" in shown
        note = f" {clipped(row.note, notes)}" if row.note else ""
        cells = f"{_painted(before, how.color)}|{_painted(shown, how.color)}"
        yield f"{label} {cells}{note}".rstrip()
    used = {cell for each in drawn for cells in each for cell in cells}
    legend = [f"{each} {_MEANINGS[each]}" for each in _LEGEND if each in used]
    if marked:
        legend.append(": moment named above")
    if not axis.linear:
        legend.append("(seconds grow narrower to the right)")
    yield from (f"{'':{labels + 1}}{line}" for line in joined(legend, how.width - labels - 1))


@dataclass(frozen=True, slots=True)
class _Axis:
    """Seconds from the signal on `cells` columns; one more stands for the end itself."""

    span: float
    cells: int

    @property
    def linear(self) -> bool:
        return self.span <= _LINEAR

    def cell(self, at: float) -> int:
        share = min(max(at / self.span, 0.0), 1.0)
        return min(int((share if self.linear else sqrt(share)) * self.cells), self.cells - 1)

    def shows(self, seconds: float) -> bool:
        """Whether so long a time takes up more than one cell."""
        return seconds * self.cells > self.span

    def numbers(self) -> Iterator[tuple[int, str]]:
        """Cells and the seconds that are written there, from the second one on."""
        if self.linear:
            fewest = self.cells / 7.0
            step = next(each for each in _STEPS if each / self.span * self.cells >= min(fewest, 9))
            digits = max(len(f"{step:g}".partition(".")[2]), 0)
            for number in range(1, int(self.span / step) + 1):
                yield self.cell(number * step), f"{number * step:.{digits}f}"
            return
        for seconds in _STEPS:
            if 1.0 <= seconds <= self.span:
                yield self.cell(seconds), f"{seconds:g}"


def _span(timeline: Timeline, rows: Iterable[Row]) -> float:
    """Until the end, or as long as there was something in flight."""
    last = [timeline.end.ended or 0.0, *(each.at for each in timeline.signals)]
    held = timeline.in_flight
    if timeline.end.ended is None:
        held = tuple(request for row in rows for request in row.requests)
    return max(_SHORTEST, *last, *(each.ended for each in held))


# -- what stands above the rows


def _marks(timeline: Timeline, axis: _Axis) -> list[tuple[int, str]]:
    """Columns, counted from the one of the signal, and what happened there."""
    marks: list[tuple[int, str]] = []
    end = timeline.end
    for number, signal in enumerate(timeline.signals):
        if number and end.killed and signal.name == _KILL:
            continue  # the end says so
        again = " again" if number and signal.name == timeline.signals[0].name else ""
        column = axis.cell(signal.at) + 1 if number else 0
        marks.append((column, f"{inert(signal.name)}{again}"))
    if end.ended is not None:
        if end.killed:
            told = "killed"
        else:
            told = "ended" if end.exit_code is None else f"exit {end.exit_code}"
        at_edge = end.ended >= axis.span * 0.999
        marks.append((axis.cells + 1 if at_edge else axis.cell(end.ended) + 1, told))
    return marks


def _mark_lines(marks: list[tuple[int, str]], edge: int, width: int) -> Iterator[str]:
    lines: list[list[tuple[int, str]]] = []
    for column, told in marks:
        told = clipped(told, _MAX_MARK)
        start = min(edge + column, width - width_of(told))
        for line in lines:
            last, text = line[-1]
            if last + width_of(text) + 2 <= start:
                line.append((start, told))
                break
        else:
            lines.append([(start, told)])
    for line in reversed(lines):
        shown = ""
        for start, told in line:
            shown = padded(shown, start) + told
        yield shown


def _axis_line(marks: list[tuple[int, str]], axis: _Axis, edge: int) -> str:
    """The seconds, each where its number begins; marks without a number are bars."""
    shown = list(padded(padded("seconds", edge) + "0", edge + axis.cells + 2))
    for column, _ in marks[1:]:
        shown[edge + column] = "|"
    for cell, text in axis.numbers():
        start = edge + 1 + cell
        room = shown[start - 2 : start + len(text) + 1]
        if start + len(text) <= len(shown) and not "".join(room).strip():
            shown[start : start + len(text)] = text
    return "".join(shown).rstrip()


# -- the cells


def _cells(requests: Iterable[Request], axis: _Axis) -> tuple[str, str]:
    """The cells before the signal, and those from it on."""
    before, after = [" "] * _BEFORE, [" "] * axis.cells
    previous: Request | None = None
    for each in requests:
        final = cell_of(each)
        if previous is not None and 0 < each.began - previous.ended <= _MAX_PAUSE:
            # What a poll finds holds until the next one.
            first = axis.cell(previous.ended) + 1 if previous.ended > 0 else 0
            for cell in range(first, axis.cell(each.began)):
                _put(after, cell, cell_of(previous))
        previous = each
        if each.began < 0:
            start = _early(each.began)
            end = _BEFORE if each.ended > 0 else _early(each.ended)
            for cell in range(start, end):
                _put(before, cell, "=")
            if each.ended <= 0 and each.ended > -_BEFORE * _BEFORE_CELL:
                _put(before, min(end, _BEFORE - 1), final)
        if each.ended > 0:
            last = axis.cell(each.ended)
            waited = "=" if each.hit or axis.shows(each.ended - each.began) else final
            for cell in range(axis.cell(each.began), last):
                _put(after, cell, waited)
            _put(after, last, final)
    return "".join(before), "".join(after)


def _early(at: float) -> int:
    return min(max(int(_BEFORE + at / _BEFORE_CELL), 0), _BEFORE)


def _put(cells: list[str], at: int, cell: str) -> None:
    if cells[at] == " " or _COVERS.index(cell) < _COVERS.index(cells[at]):
        cells[at] = cell


def cell_of(request: Request) -> str:
    """The character for how `request` ended."""
    match request.outcome:
        case RequestOutcome.OK:
            return "o" if request.purpose in _PROBES else "+"
        case RequestOutcome.HTTP_503:
            return "5"
        case RequestOutcome.REFUSED:
            return "."
        case outcome:
            return "x" if outcome.is_silent else "!"


def _guided(cells: str, marks: list[tuple[int, str]], axis: _Axis) -> str:
    """Marks go on as dotted lines through what is empty; the end is a line of its own."""
    shown = list(cells + " ")
    for column, _ in marks:
        if column > axis.cells:
            shown[-1] = "|"
        elif column > 0 and shown[column - 1] == " ":
            shown[column - 1] = ":"
    return "".join(shown)


def _painted(cells: str, color: bool) -> str:
    if not color:
        return cells
    runs = ((cell, "".join(run)) for cell, run in groupby(cells))
    return "".join(painted(run, _PAINTS.get(cell), color) for cell, run in runs)
