"""What differs between two contracts, entry by entry, breaking first: the calls that break."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, assert_never

from mcpverify.facts.call_text import call_text, witness_text
from mcpverify.facts.change import ChangeKind, Subject
from mcpverify.facts.compatibility import Compatibility, Side, Witness
from mcpverify.reporters.details import MAX_NAME, MAX_TEXT, value_lines
from mcpverify.reporters.drifted import (
    Drifted,
    Sides,
    Told,
    counted,
    is_told_by_its_place,
    place,
    value_text,
)
from mcpverify.reporters.inert import inert
from mcpverify.reporters.layout import (
    Paint,
    clipped,
    hung,
    painted,
    width_of,
    wrapped,
)
from mcpverify.reporters.presentation import Presentation
from mcpverify.reporters.schema_diff import definition_diff

MAX_FULL: Final = 8  # entries with all that changed in them
MAX_BRIEF: Final = 14  # entries, with the worst that changed in them; others by name
MAX_TOLD: Final = 5  # changes of one entry
MAX_PLACES: Final = 4  # that share a verdict and what shows it
MAX_OF_MANY: Final = 2  # of one entry, where more entries differ than are told in full
MAX_VERBOSE: Final = 60  # of each of these, with -v
MAX_NAMES: Final = 24
MAX_REASON: Final = 300  # characters
_WIDEST: Final = 24  # columns of names
_VERDICTS: Final = max(map(len, Compatibility)) + 2


def difference_lines(entries: list[Drifted], sides: Sides, how: Presentation) -> Iterator[str]:
    """The entries that differ, worst first: which call breaks, or why none was found."""
    full, brief = (MAX_FULL, MAX_BRIEF) if how.verbosity <= 0 else (MAX_VERBOSE, MAX_VERBOSE)
    alarming = [each for each in entries if _alarms(each)]
    if len(entries) <= full + 1:
        full = brief = len(entries)
    brief = max(full, min(brief, len(alarming)))
    names = [inert(each.name, MAX_NAME) for each in entries[:brief]]
    column = min(max(map(width_of, names), default=0), _WIDEST) + 4
    for number, (entry, name) in enumerate(zip(entries, names, strict=False)):
        most = 1 if number >= full else _most_told(len(entries) > full, how)
        telling = _Telling(sides, how, column, how.verbosity > 0 or not alarming)
        yield from telling.entry(entry, name, most)
    for line in _others(entries[brief:]):
        yield from hung("  ", wrapped(line, how.width - 2), 2)


def _most_told(many: bool, how: Presentation) -> int:
    """How many changes of one entry are told."""
    if how.verbosity > 0:
        return MAX_VERBOSE
    return MAX_OF_MANY if many else MAX_TOLD


def _alarms(entry: Drifted) -> bool:
    return entry.compatibility in (Compatibility.BREAKING, Compatibility.UNDECIDED)


def _others(entries: list[Drifted]) -> Iterator[str]:
    """The entries beyond the limits, by name under their verdicts."""
    if not entries:
        return
    yield f"and {len(entries):,} more ({counted(entries)}); all are in --format json"
    for verdict in reversed(Compatibility):
        names = [inert(each.name, MAX_NAME) for each in entries if each.compatibility is verdict]
        if names:
            more = f" … and {len(names) - MAX_NAMES:,} more" if len(names) > MAX_NAMES else ""
            yield f"{verdict}: {' '.join(names[:MAX_NAMES])}{more}"


def paint_of(verdict: Compatibility) -> Paint:
    match verdict:
        case Compatibility.BREAKING:
            return Paint.BAD
        case Compatibility.UNDECIDED:
            return Paint.UNKNOWN
        case Compatibility.BEHAVIORAL:
            return Paint.WARNING
        case Compatibility.COMPATIBLE | Compatibility.IDENTICAL:
            return Paint.GOOD
        case _:
            assert_never(verdict)


@dataclass(frozen=True, slots=True)
class _Telling:
    """How the entries of one report are laid out.

    `column` is where verdicts begin. `values` False keeps values that alarm nobody out of the way.
    """

    sides: Sides
    how: Presentation
    column: int
    values: bool

    def entry(self, entry: Drifted, name: str, most: int) -> Iterator[str]:
        label = f"  {name}"
        if width_of(label) + 2 > self.column:
            yield painted(clipped(label, self.how.width), Paint.STRONG, self.how.color)
            label = ""
        shown = entry.told if len(entry.told) == most + 1 else entry.told[:most]
        for told in shown:
            yield from self._told(told, label)
            label = ""
        left = entry.told[len(shown) :]
        if left:
            yield f"    … and {_changes_left(left)}"
        if entry.cut:
            cut = wrapped(f"cut short: {inert(entry.cut, MAX_REASON)}", self.how.width - 4)
            yield from hung("", cut, 4)
        if self.how.verbosity > 0:
            yield from self._diff(entry)

    def _told(self, told: Told, label: str) -> Iterator[str]:
        most = MAX_PLACES if self.how.verbosity <= 0 else MAX_VERBOSE
        shown = told.changes if len(told.changes) == most + 1 else told.changes[:most]
        places = [inert(place(each.change), MAX_TEXT) for each in shown]
        if len(told.changes) > len(shown):
            places.append(f"… and {len(told.changes) - len(shown):,} more places")
        lines = [line for each in places for line in self._place_lines(each)]
        for number, line in enumerate(lines):
            verdict = told.compatibility if number == 0 else ""
            yield self._line(label if number == 0 else "", verdict, line)
        if told.witness is not None:
            yield from self._witness(told.witness, told)
        else:
            yield from self._reason(told)

    def _place_lines(self, text: str) -> list[str]:
        """A place, broken before the steps of its pointer where it must be."""
        room = self.how.width - self.column - _VERDICTS
        lines: list[str] = []
        for word in wrapped(text.replace("/", "\0/"), 10**9)[0].split("\0"):
            if lines and width_of(lines[-1] + word.rstrip()) <= room:
                lines[-1] += word
            else:
                lines.append(word)
        return [piece for line in lines for piece in wrapped(line, room)]

    def _line(self, label: str, verdict: Compatibility | str, text: str) -> str:
        color = self.how.color
        head = painted(label, Paint.STRONG, color) + " " * (self.column - width_of(label))
        if isinstance(verdict, Compatibility):
            gap = " " * (_VERDICTS - len(verdict))
            return f"{head}{painted(verdict, paint_of(verdict), color)}{gap}{text}".rstrip()
        return f"{head}{' ' * _VERDICTS}{text}".rstrip()

    def _witness(self, witness: Witness, told: Told) -> Iterator[str]:
        name = told.changes[0].change.name
        value, refusal = self.sides.labels(witness.side)
        column = 4 + max(len(value), len(refusal)) + 3
        room = self.how.width - column
        if witness.side is Side.OUTPUT:
            text = witness_text(witness, room)
        else:
            text = call_text(inert(name, MAX_NAME), witness, room)
        yield from hung(f"    {value}", [clipped(inert(text, 4 * room), room)], column)
        lines = wrapped(inert(witness.refusal, MAX_REASON), room)
        yield from hung(f"    {refusal}", lines, column)

    def _reason(self, told: Told) -> Iterator[str]:
        judged = told.changes[-1]
        alarming = told.compatibility in (Compatibility.BREAKING, Compatibility.UNDECIDED)
        if judged.reason and (alarming or judged.change.subject is Subject.TOOL):
            reason = wrapped(inert(judged.reason, MAX_REASON), self.how.width - 4)
            yield from hung("", reason, 4)
        change = judged.change
        if (
            (alarming or self.values)
            and change.kind is ChangeKind.CHANGED
            and not is_told_by_its_place(change)
        ):
            both = value_text(change.snapshot), value_text(change.live)
            yield from value_lines((self.sides.old, self.sides.new), both, self.how.width)

    def _diff(self, entry: Drifted) -> Iterator[str]:
        for line in definition_diff(entry.old, entry.new, self.sides):
            paint = {"-": Paint.BAD, "+": Paint.GOOD}.get(line[0])
            yield f"    {painted(clipped(line, self.how.width - 4), paint, self.how.color)}"


def _changes_left(left: tuple[Told, ...]) -> str:
    verdicts = [each.compatibility for told in left for each in told.changes]
    counts = ", ".join(
        f"{count:,} {verdict}"
        for verdict in reversed(Compatibility)
        if (count := verdicts.count(verdict))
    )
    return f"{len(verdicts):,} more changes ({counts})"
