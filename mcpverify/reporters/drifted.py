"""What differs, as all reporters for people tell it: entry by entry, worst first, one wording.

Nothing here is inert yet, and nothing is cut: a reporter does both as its format needs it.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, assert_never

from mcpverify.facts.change import Aspect, Change, ChangeKind, Subject
from mcpverify.facts.compatibility import (
    Compatibility,
    EntryDrift,
    JudgedChange,
    Side,
    Witness,
)
from mcpverify.facts.finding import Detail, Finding
from mcpverify.facts.json_text import Json, canonical_text
from mcpverify.facts.report import ToolReport

_SHORT: Final = 40  # characters of two values that are told beside their place


@dataclass(frozen=True, slots=True)
class Sides:
    """What the two sides are called: a snapshot and a live server, or old and new."""

    old: str
    new: str

    def labels(self, side: Side) -> tuple[str, str]:
        """What stands before the value of a witness, and before its refusal."""
        if side is Side.INPUT:
            return f"{self.old} takes", f"{self.new} refuses"
        return f"{self.new} returns", f"{self.old} rules out"


COMPARED: Final = "matches-snapshot"  # the check whose finding is about what differs
SNAPSHOT_AND_LIVE: Final = Sides("snapshot", "live")
OLD_AND_NEW: Final = Sides("old", "new")


@dataclass(frozen=True, slots=True)
class Told:
    """Changes of one entry that are told at once: they share their verdict and what shows it."""

    changes: tuple[JudgedChange, ...]

    @property
    def compatibility(self) -> Compatibility:
        return self.changes[0].compatibility

    @property
    def witness(self) -> Witness | None:
        return self.changes[0].witness

    @property
    def reason(self) -> str:
        """Why the verdict is what it is; of what a witness shows only what it does not show."""
        reason = self.changes[0].reason
        if self.witness is not None:
            return next((_aside(each.reason) for each in self.changes if _aside(each.reason)), "")
        return reason.removeprefix("it is new: ")


def _aside(reason: str) -> str:
    return reason.partition("; ")[2]


@dataclass(frozen=True, slots=True)
class Drifted:
    """A tool, prompt, resource template or resource that differs.

    `old` and `new` are its definitions where they are known, None on a side without it. `note` is
    what is known of it beside its changes.
    """

    subject: Subject
    name: str
    compatibility: Compatibility
    told: tuple[Told, ...]
    cut: str = ""
    old: dict[str, Json] | None = None
    new: dict[str, Json] | None = None
    note: str = ""


def untold(finding: Finding, entries: Iterable[Drifted]) -> tuple[Detail, ...]:
    """The details of `finding` that no entry tells."""
    if finding.check != COMPARED:
        return finding.details
    told = {entry.name for entry in entries}
    return tuple(each for each in finding.details if each.subject not in told)


def drifted(tools: Iterable[ToolReport], others: Iterable[EntryDrift] = ()) -> list[Drifted]:
    """All that differ, worst first: what is gone, then what else breaks, and so on by name."""
    tools = list(tools)
    come = [_schema_text(tool.live) for tool in tools if tool.state == "added"]
    entries = [
        Drifted(
            Subject.TOOL,
            tool.name,
            tool.compatibility,
            _told(tool.changes),
            tool.cut,
            tool.snapshot,
            tool.live,
            _lonely(tool, come),
        )
        for tool in tools
        if tool.compatibility not in (None, Compatibility.IDENTICAL)
    ]
    entries += [
        Drifted(each.subject, each.name, each.compatibility, _told(each.changes), each.cut)
        for each in others
    ]
    subjects = list(Subject)
    entries.sort(
        key=lambda each: (
            -each.compatibility.rank,
            not _is_gone(each),
            subjects.index(each.subject),
            each.name,
        )
    )
    return entries


def _lonely(tool: ToolReport, come: list[str]) -> str:
    """Of a tool that is gone: that none of the new ones could stand in for it."""
    if tool.state != "missing" or tool.renamed_to or tool.snapshot is None:
        return ""
    return "" if _schema_text(tool.snapshot) in come else "no new tool has its schema"


def _schema_text(definition: dict[str, Json] | None) -> str:
    return canonical_text((definition or {}).get("inputSchema"))


def _is_gone(entry: Drifted) -> bool:
    gone = (ChangeKind.REMOVED, ChangeKind.RENAMED)
    return any(
        judged.change.pointer == "" and judged.change.kind in gone
        for told in entry.told
        for judged in told.changes
    )


def alarms(verdict: Compatibility) -> bool:
    """Whether callers break, or may."""
    return verdict in (Compatibility.BREAKING, Compatibility.UNDECIDED)


def verdicts_of(told: Iterable[Told]) -> str:
    """`2 breaking, 1 behavioral`: how many changes have which verdict, worst first."""
    return _counts([each.compatibility for one in told for each in one.changes])


def counted(entries: Iterable[Drifted]) -> str:
    """`2 breaking, 1 behavioral`: how many entries have which verdict, worst first."""
    return _counts([each.compatibility for each in entries])


def _counts(verdicts: list[Compatibility]) -> str:
    return ", ".join(
        f"{count:,} {verdict}"
        for verdict in reversed(Compatibility)
        if (count := verdicts.count(verdict))
    )


def place(change: Change, room: int | None = None) -> str:
    """Where in a definition a change is, and the values where they are short.

    What takes more than `room` characters goes without them.
    """
    subject = "" if change.subject is Subject.TOOL else f"{change.subject} "
    if change.pointer == "" or change.aspect is Aspect.WHOLE:
        return f"{subject}{_whole(change)}"
    field, _, rest = change.pointer[1:].partition("/")
    where = f"{subject}{field}{f' /{rest}' if rest else ''}"
    match change.kind:
        case ChangeKind.RENAMED:
            return f"{where} renamed to {change.renamed_to}"
        case ChangeKind.ADDED:
            full, bare = f"{where}{_short(change.live)} added", f"{where} added"
        case ChangeKind.REMOVED:
            full, bare = f"{where}{_short(change.snapshot)} removed", f"{where} removed"
        case ChangeKind.CHANGED:
            full = bare = where
            if is_told_by_its_place(change):
                full += f": {value_text(change.snapshot)} -> {value_text(change.live)}"
        case _:
            assert_never(change.kind)
    return full if room is None or len(full) <= room else bare


def is_told_by_its_place(change: Change) -> bool:
    """Whether `place` says all that there is to say of both values."""
    return change.kind is not ChangeKind.CHANGED or (
        len(value_text(change.snapshot)) + len(value_text(change.live)) <= _SHORT
    )


def value_text(value: Json) -> str:
    """A value for people. A string keeps its quotes, but not the escapes of JSON."""
    if isinstance(value, str):
        return f'"{value}"'
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return canonical_text(value)


def _whole(change: Change) -> str:
    match change.kind:
        case ChangeKind.ADDED:
            return "new"
        case ChangeKind.REMOVED:
            return "gone"
        case ChangeKind.RENAMED:
            return f"gone, renamed to {change.renamed_to}"
        case ChangeKind.CHANGED:
            return "changed"


def _short(value: Json) -> str:
    if isinstance(value, dict | list) and value:
        return ""
    text = value_text(value)
    return f": {text}" if len(text) <= _SHORT else ""


def _told(changes: Iterable[JudgedChange]) -> tuple[Told, ...]:
    """Neighbors with one witness, or with one reason and no witness, are told at once."""
    grouped: list[list[JudgedChange]] = []
    for change in changes:
        if grouped and _are_one(grouped[-1][-1], change):
            grouped[-1].append(change)
        else:
            grouped.append([change])
    return tuple(Told(tuple(each)) for each in grouped)


def _are_one(last: JudgedChange, change: JudgedChange) -> bool:
    return (
        last.witness == change.witness
        and last.compatibility is change.compatibility
        and (change.witness is not None or last.reason == change.reason)
        and is_told_by_its_place(change.change)
    )
