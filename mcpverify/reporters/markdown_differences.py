"""What differs between two contracts, in Markdown: what breaks with its calls, texts word by word,
and what breaks nothing folded away."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from mcpverify.facts.call_text import call_text, witness_text
from mcpverify.facts.change import Aspect, ChangeKind
from mcpverify.facts.compatibility import JudgedChange, Side
from mcpverify.reporters.drifted import Drifted, Sides, Told, alarms, counted, place
from mcpverify.reporters.inert import inert
from mcpverify.reporters.inert_markdown import block, cell, code, folded, prose
from mcpverify.reporters.layout import hung, wrapped
from mcpverify.reporters.schema_diff import definition_diff, definition_lines
from mcpverify.reporters.word_diff import word_diff

MAX_NAME: Final = 100  # characters
MAX_CALL: Final = 100  # what a comment shows without scrolling
MAX_SENTENCE: Final = 300
_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Room:
    """How much of each kind is shown; of what is left out, the number is."""

    rows: int = 30  # of the table
    shown: int = 15  # entries whose calls are
    told: int = 6  # changes of one entry
    places: int = 4  # that share what shows them
    texts: int = 5  # word diffs that stand open
    texts_folded: int = 25
    quiet: int = 80  # changes that break nothing
    definitions: int = 8
    lines: int = 40  # of one definition


ROOM: Final = Room()
VERBOSE: Final = Room(200, 100, 40, 40, 20, 60, 400, 40, 100)


@dataclass(frozen=True, slots=True)
class Differences:
    """The entries that differ, worst first, as one comment tells them."""

    entries: list[Drifted]
    sides: Sides
    room: Room = ROOM

    def open(self) -> Iterator[str]:
        """The table, each break with its call, and the texts that changed."""
        if not self.entries:
            return
        yield self._table()
        alarming = self._alarming()
        for entry in alarming[: self.room.shown]:
            yield self._entry(entry)
        if left := alarming[self.room.shown :]:
            yield f"*… and {len(left):,} more ({counted(left)}); all is in `--format json`.*"
        yield from self._texts()

    def asides(self) -> Iterator[str]:
        """What breaks nothing, and how the definitions differ line by line, folded away."""
        quiet = [(entry, told) for entry in self.entries for told in entry.told]
        rest = [(entry, left) for entry, told in quiet for left in _without_texts(told)]
        if rest:
            lines = [self._quiet(entry, told) for entry, told in rest[: self.room.quiet]]
            if len(rest) > self.room.quiet:
                lines.append(f"- … and {len(rest) - self.room.quiet:,} more")
            count = sum(len(told.changes) for _, told in rest)
            words = "change breaks" if count == 1 else "changes break"
            yield folded(f"{count:,} other {words} nothing", "\n".join(lines))
        yield from self._definitions()

    def _alarming(self) -> list[Drifted]:
        return [each for each in self.entries if alarms(each.compatibility)]

    def _table(self) -> str:
        rows = ["| name | verdict | where |", "|---|---|---|"]
        for entry in self.entries[: self.room.rows]:
            strong = "**" if alarms(entry.compatibility) else ""
            verdict = f"{strong}{entry.compatibility}{strong}"
            told = entry.told[0].changes if entry.told else ()
            where = cell(place(told[0].change), 100) if told else ""
            count = sum(len(each.changes) for each in entry.told)
            more = f" and {count - 1:,} more" if count > 1 else ""
            rows.append(f"| {cell(entry.name, MAX_NAME)} | {verdict} | {where}{more} |")
        if left := self.entries[self.room.rows :]:
            rows.append(f"| … | and {len(left):,} more | {counted(left)} |")
        return "\n".join(rows)

    def _entry(self, entry: Drifted) -> str:
        """What breaks in one entry, or may: where, and the call in a block."""
        alarming = [each for each in entry.told if alarms(each.compatibility)]
        pieces = [f"#### {code(entry.name, MAX_NAME)}"]
        for told in alarming[: self.room.told]:
            pieces.append(self._told(told))
        if left := sum(len(told.changes) for told in alarming[self.room.told :]):
            pieces.append(f"… and {left:,} more change{'' if left == 1 else 's'}.")
        if entry.note:
            pieces.append(prose(entry.note, MAX_SENTENCE))
        if entry.cut:
            pieces.append(f"Cut short: {prose(entry.cut, MAX_SENTENCE)}")
        return "\n\n".join(filter(None, pieces))

    def _places(self, told: Told) -> str:
        shown = [code(place(each.change)) for each in told.changes[: self.room.places]]
        left = len(told.changes) - len(shown)
        more = f" and {left:,} more place{'' if left == 1 else 's'}" if left > 0 else ""
        return f"**{told.compatibility}** {', '.join(shown)}{more}"

    def _told(self, told: Told) -> str:
        """The call and its refusal; else why it breaks, or could not be decided."""
        witness = told.witness
        places, reason = self._places(told), prose(told.reason, MAX_SENTENCE)
        if witness is None:
            return f"{places}: {reason}" if reason else places
        before, after = self.sides.labels(witness.side)
        column = max(len(before), len(after)) + 2
        if witness.side is Side.OUTPUT:
            value = witness_text(witness, MAX_CALL)
        else:
            value = call_text(inert(told.changes[0].change.name, MAX_NAME), witness, MAX_CALL)
        refusal = wrapped(inert(witness.refusal, MAX_SENTENCE), MAX_CALL)
        shown = block(
            (*hung(before, [inert(value, 2 * MAX_CALL)], column), *hung(after, refusal, column))
        )
        return "\n\n".join(filter(None, (places, shown, reason)))

    def _texts(self) -> Iterator[str]:
        """What a model reads that it did not read before: an injected sentence is seen here."""
        found = [
            (entry, each)
            for entry in self.entries
            for told in entry.told
            for each in map(_text_of, told.changes)
            if each is not None
        ]
        if not found:
            return
        texts = (f"{code(entry.name, MAX_NAME)} {text.block()}" for entry, text in found)
        yield "#### Texts that a model reads"
        for _ in range(min(len(found), self.room.texts)):
            yield next(texts)
        folding = min(len(found) - self.room.texts, self.room.texts_folded)
        if folding > 0:
            more = [next(texts) for _ in range(folding)]
            if left := len(found) - self.room.texts - folding:
                more.append(f"… and {left:,} more; all is in `--format json`.")
            count = len(found) - self.room.texts
            yield folded(f"{count:,} more text{'' if count == 1 else 's'}", "\n\n".join(more))

    def _quiet(self, entry: Drifted, told: Told) -> str:
        """Changes that alarm nobody, on one line."""
        reason = prose(told.reason, MAX_SENTENCE)
        return f"- {code(entry.name, MAX_NAME)} {self._places(told)}{': ' * bool(reason)}{reason}"

    def _definitions(self) -> Iterator[str]:
        differing = [each for each in self._alarming() if each.old and each.new]
        both = [*differing, *filter(_is_new, self.entries)]
        for number, entry in enumerate(both[: self.room.definitions], 1):
            lines = self._definition(entry)
            what = f"the {'new ' * _is_new(entry)}{entry.subject}"
            if not lines:
                continue
            if _IDENTIFIER.fullmatch(entry.name):
                yield folded(f"Definition of {what} <code>{entry.name}</code>", lines)
            else:
                named = f"{code(entry.name, MAX_NAME)}\n\n{lines}"
                yield folded(f"Definition of {what}, {number:,} of {len(both):,}", named)
        left = len(both) - self.room.definitions
        if left > 0:
            words = "definition is" if left == 1 else "definitions are"
            yield f"*{left:,} more {words} in `--format json`.*"

    def _definition(self, entry: Drifted) -> str:
        if _is_new(entry):
            lines, language = [*definition_lines(entry.new or {}, self.room.lines)], "json"
        else:
            lines = [*definition_diff(entry.old, entry.new, self.sides, self.room.lines)]
            language = "diff"
        return block(lines, language) if lines else ""


@dataclass(frozen=True, slots=True)
class _Text:
    where: str
    old: str
    new: str

    def block(self) -> str:
        return f"{code(self.where)}\n\n{block(word_diff(self.old, self.new), 'diff')}"


def _text_of(judged: JudgedChange) -> _Text | None:
    """A title or description that came, went or changed; or that of something new."""
    change = judged.change
    old, new = change.snapshot, change.live
    if change.aspect is Aspect.WHOLE and change.kind is ChangeKind.ADDED:
        description = new.get("description") if isinstance(new, dict) else None
        if isinstance(description, str) and description:
            return _Text("new", "", description)
        return None
    if not _is_text(judged):
        return None
    both = (each if isinstance(each, str) else "" for each in (old, new))
    return _Text(place(change, 0), *both)


def _is_text(judged: JudgedChange) -> bool:
    """Whether it is a title or a description on both sides, or on the only one that has it."""
    change = judged.change
    sides = (change.snapshot, change.live)
    return (
        change.aspect is Aspect.TEXT
        and not alarms(judged.compatibility)
        and all(each is None or isinstance(each, str) for each in sides)
        and any(sides)
    )


def _is_new(entry: Drifted) -> bool:
    return entry.old is None and entry.new is not None and not alarms(entry.compatibility)


def _without_texts(told: Told) -> Iterator[Told]:
    """What of changes that alarm nobody is not shown as a text, if anything."""
    rest = tuple(each for each in told.changes if not _is_text(each))
    if rest and not alarms(told.compatibility):
        yield replace(told, changes=rest)
