"""What differs between two contracts, entry by entry, breaking first: the calls that break."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, assert_never

from mcpverify.facts.call_text import call_text, witness_text
from mcpverify.facts.change import ChangeKind
from mcpverify.facts.compatibility import Compatibility, Side, Witness
from mcpverify.facts.json_text import Json
from mcpverify.reporters.details import MAX_NAME, MAX_TEXT, MAX_VALUE, excerpts, value_lines
from mcpverify.reporters.drifted import (
    Drifted,
    Sides,
    Told,
    alarms,
    is_told_by_its_place,
    place,
    value_text,
    verdicts_of,
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
MAX_WORD_LINES: Final = 16  # of two texts that are compared word by word
MAX_REASON: Final = 300  # characters
_WIDEST: Final = 24  # columns of names
_VERDICTS: Final = max(map(len, Compatibility)) + 2


def difference_lines(entries: list[Drifted], sides: Sides, how: Presentation) -> Iterator[str]:
    """The entries that differ, worst first: which call breaks, or why none was found."""
    full, brief = (MAX_FULL, MAX_BRIEF) if how.verbosity <= 0 else (MAX_VERBOSE, MAX_VERBOSE)
    alarming = [each for each in entries if alarms(each.compatibility)]
    if len(entries) <= full + 1:
        full = brief = len(entries)
    brief = max(full, min(brief, len(alarming)))
    names = [inert(each.name, MAX_NAME) for each in entries[:brief]]
    column = min(max(map(width_of, names), default=0), _WIDEST) + 4
    telling = _Telling(sides, how, column, how.verbosity > 0 or not alarming)
    for number, (entry, name) in enumerate(zip(entries, names, strict=False)):
        most = 1 if number >= full else _most_told(len(entries) > full, how)
        yield from telling.entry(entry, name, most)
    for line in _others(entries[brief:]):
        yield from hung("  ", wrapped(line, how.width - 2), 2)


def _most_told(many: bool, how: Presentation) -> int:
    """How many changes of one entry are told."""
    if how.verbosity > 0:
        return MAX_VERBOSE
    return MAX_OF_MANY if many else MAX_TOLD


def _others(entries: list[Drifted]) -> Iterator[str]:
    """The entries beyond the limits, by name under their verdicts."""
    for verdict in reversed(Compatibility):
        names = [inert(each.name, MAX_NAME) for each in entries if each.compatibility is verdict]
        if names:
            left = len(names) - MAX_NAMES
            more = f" … and {left:,} more, all in --format json" if left > 0 else ""
            yield f"and {len(names):,} more {verdict}: {' '.join(names[:MAX_NAMES])}{more}"


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
        if not self.values and not alarms(entry.compatibility):
            most = 1
        beside = self._beside(entry)
        if beside:
            yield self._line(label, entry.compatibility, beside)
            yield from self._shown(entry.told[0], 4, beside)
        else:
            yield self._line(label, entry.compatibility, _amount(entry))
            shown = entry.told if len(entry.told) == most + 1 else entry.told[:most]
            for told in shown:
                yield from self._told(told)
            left = entry.told[len(shown) :]
            if left:
                yield f"    … and more: {verdicts_of(left)}"
        for text in (entry.note, entry.cut and f"cut short: {entry.cut}"):
            if text:
                yield from hung("", wrapped(inert(text, MAX_REASON), self.how.width - 4), 4)
        if self.how.verbosity > 0:
            yield from self._diff(entry)

    def _beside(self, entry: Drifted) -> str:
        """What stands beside the verdict, where one place is all there is to tell; else ""."""
        if len(entry.told) != 1 or len(entry.told[0].changes) != 1:
            return ""
        room = self.how.width - self.column - _VERDICTS
        told = entry.told[0]
        # The values may be left out where a call shows them.
        most = room if told.witness is not None else None
        text = inert(place(told.changes[0].change, most), MAX_TEXT)
        full = f"{text}: {inert(told.reason, MAX_REASON)}"
        if told.witness is None and told.changes[0].change.pointer == "" and width_of(full) <= room:
            return full
        return text if width_of(text) <= room else ""

    def _told(self, told: Told) -> Iterator[str]:
        limit = MAX_PLACES if self.how.verbosity <= 0 else MAX_VERBOSE
        shown = told.changes if len(told.changes) == limit + 1 else told.changes[:limit]
        room = self.how.width - 4 - _VERDICTS
        most = room if told.witness is not None else None
        places = [inert(place(each.change, most), MAX_TEXT) for each in shown]
        if len(told.changes) > len(shown):
            places.append(f"… and {len(told.changes) - len(shown):,} more places")
        first, *others = [line for each in places for line in _place_lines(each, room)]
        verdict = painted(told.compatibility, paint_of(told.compatibility), self.how.color)
        yield f"    {verdict}{' ' * (_VERDICTS - len(told.compatibility))}{first}"
        yield from hung("", others, 4 + _VERDICTS)
        yield from self._shown(told, 6)

    def _line(self, label: str, verdict: Compatibility, text: str) -> str:
        color = self.how.color
        head = (painted(label, Paint.STRONG, color) if label else "").rstrip()
        gap = " " * (self.column - width_of(label))
        told = painted(verdict, paint_of(verdict), color)
        return f"{head}{gap}{told}{' ' * (_VERDICTS - len(verdict))}{text}".rstrip()

    def _shown(self, told: Told, indent: int, said: str = "") -> Iterator[str]:
        """The witness, the reason as far as it is not `said`, and values that are too long."""
        if told.witness is not None:
            yield from self._witness(told.witness, told, indent)
        if told.reason and not said.endswith(f": {inert(told.reason, MAX_REASON)}"):
            reason = wrapped(inert(told.reason, MAX_REASON), self.how.width - indent)
            yield from hung("", reason, indent)
        change = told.changes[-1].change
        if (
            told.witness is None
            and (self.values or alarms(told.compatibility))
            and change.kind is ChangeKind.CHANGED
            and not is_told_by_its_place(change)
        ):
            yield from self._values(change.snapshot, change.live)

    def _values(self, old: Json, new: Json) -> Iterator[str]:
        """One above the other; of texts that differ in more than one short place, the words."""
        both = value_text(old), value_text(new)
        texts = isinstance(old, str) and isinstance(new, str)
        if not texts or max(map(len, excerpts(*both))) <= MAX_VALUE:
            yield from value_lines((self.sides.old, self.sides.new), both, self.how.width)
            return
        from mcpverify.reporters.word_diff import word_diff

        most = MAX_WORD_LINES if self.how.verbosity <= 0 else MAX_VERBOSE
        for line in word_diff(str(old), str(new), self.how.width - 6, most):
            paint = {"-": Paint.BAD, "+": Paint.GOOD}.get(line[0])
            yield f"      {painted(line, paint, self.how.color)}"

    def _witness(self, witness: Witness, told: Told, indent: int) -> Iterator[str]:
        name = told.changes[0].change.name
        value, refusal = self.sides.labels(witness.side)
        column = indent + max(len(value), len(refusal)) + 3
        room = self.how.width - column
        if witness.side is Side.OUTPUT:
            text = witness_text(witness, room)
        else:
            text = call_text(inert(name, MAX_NAME), witness, room)
        yield from hung(" " * indent + value, [clipped(inert(text, 4 * room), room)], column)
        lines = wrapped(inert(witness.refusal, MAX_REASON), room)
        yield from hung(" " * indent + refusal, lines, column)

    def _diff(self, entry: Drifted) -> Iterator[str]:
        for line in definition_diff(entry.old, entry.new, self.sides):
            paint = {"-": Paint.BAD, "+": Paint.GOOD}.get(line[0])
            yield f"    {painted(clipped(line, self.how.width - 4), paint, self.how.color)}"


def _amount(entry: Drifted) -> str:
    count = sum(len(told.changes) for told in entry.told)
    if count == 1:
        return ""
    alike = {told.compatibility for told in entry.told} == {entry.compatibility}
    return f"{count:,} changes" if alike else verdicts_of(entry.told)


def _place_lines(text: str, room: int) -> list[str]:
    """A place, broken before the steps of its pointer where it must be."""
    lines: list[str] = []
    for step in text.replace("/", "\0/").split("\0"):
        if lines and width_of(lines[-1] + step.rstrip()) <= room:
            lines[-1] += step
        else:
            lines.append(step)
    return [piece for line in lines for piece in wrapped(line, room)]
