"""A report as a comment on a pull request: the verdict, what breaks, and the rest folded away.

What a server says stands in code and nowhere else; the whole stays below what forges take
for one comment.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from mcpverify.facts.call_text import call_text, witness_text
from mcpverify.facts.comparison import Comparison, Source
from mcpverify.facts.compatibility import Side
from mcpverify.facts.finding import Detail, Finding, Outcome
from mcpverify.facts.report import Report, TargetReport
from mcpverify.facts.verdict import Verdict
from mcpverify.reporters.drifted import (
    OLD_AND_NEW,
    SNAPSHOT_AND_LIVE,
    Drifted,
    Sides,
    Told,
    alarms,
    counted,
    drifted,
    place,
)
from mcpverify.reporters.frame import word_of
from mcpverify.reporters.inert import inert
from mcpverify.reporters.inert_markdown import block, cell, code, prose
from mcpverify.reporters.presentation import Presentation
from mcpverify.reporters.schema_diff import definition_diff

MAX_CHARACTERS: Final = 60_000  # GitHub takes 65,536 for one comment
MAX_TARGETS: Final = 50
MAX_ROWS: Final = 30  # of the table of what differs
MAX_SHOWN: Final = 15  # entries whose calls are shown
MAX_TOLD: Final = 6  # changes of one entry
MAX_PLACES: Final = 4  # that share what shows them
MAX_QUIET: Final = 80
MAX_DIFFS: Final = 8
MAX_DIFF_LINES: Final = 40
MAX_DETAILS: Final = 8  # of one finding
MAX_NAME: Final = 100
MAX_CALL: Final = 160  # characters
MAX_SENTENCE: Final = 300
_COMPARED: Final = "matches-snapshot"
_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_RESERVE: Final = 200  # for the sentence about what was left out

_TROUBLE: Final = {
    Outcome.FAILED: "failed",
    Outcome.NOT_OBSERVED: "not observed",
    Outcome.WARNED: "warning",
}


def render(report: Report | Comparison, how: Presentation) -> str:
    """The Markdown text of `report`. Of `how` only the exit code counts."""
    if isinstance(report, Comparison):
        return _bounded(_comparison(report, how.exit_code))
    return _bounded(_report(report, how.exit_code))


def _bounded(blocks: Iterable[str]) -> str:
    """As many of the blocks, from the first, as one comment may hold; none of them in part."""
    kept: list[str] = []
    used = left_out = 0
    for each in blocks:
        used += len(each) + 2
        if left_out or used > MAX_CHARACTERS - _RESERVE:
            left_out += 1
        else:
            kept.append(each)
    if left_out:
        kept.append(f"*{left_out:,} more sections are left out here; all is in `--format json`.*")
    return "\n\n".join(kept) + "\n"


# -- the gate


def _report(report: Report, exit_code: int) -> Iterator[str]:
    if len(report.targets) != 1:
        yield f"## {word_of(report.verdict)}: {len(report.targets):,} targets (exit {exit_code})"
    order = (Verdict.FAILED, Verdict.INCONCLUSIVE, Verdict.PASSED)
    ranked = sorted(report.targets, key=lambda each: order.index(each.verdict))
    for target in ranked[:MAX_TARGETS]:
        yield from _target(target, exit_code)
    if len(ranked) > MAX_TARGETS:
        yield f"*{len(ranked) - MAX_TARGETS:,} more targets are in `--format json`.*"


def _target(target: TargetReport, exit_code: int) -> Iterator[str]:
    yield f"### {word_of(target.verdict)}: {code(target.target)} (exit {exit_code})"
    yield prose(target.headline)
    troubles = [each for each in target.findings if each.outcome in _TROUBLE]
    troubles.sort(key=lambda each: list(_TROUBLE).index(each.outcome))
    entries: list[Drifted] = []
    if any(each.check == _COMPARED for each in troubles):
        entries = drifted(target.tools, target.others)
    if troubles:
        told = {entry.name for entry in entries}
        yield "\n".join(line for each in troubles for line in _finding(each, told))
    yield from _differences(entries, SNAPSHOT_AND_LIVE)
    yield from _next(target.next_steps)
    yield from _asides(entries, SNAPSHOT_AND_LIVE)
    passed = [each.check for each in target.findings if each.outcome is Outcome.PASSED]
    yield _folded(f"{len(passed)} checks passed; the server and the run", _run(target, passed))


def _finding(finding: Finding, told: set[str]) -> Iterator[str]:
    """One line, and its details below, without those of the entries that are `told` elsewhere."""
    yield (
        f"- **{_TROUBLE[finding.outcome]}** {code(finding.check)}: "
        f"{prose(finding.message, MAX_SENTENCE)}"
    )
    details = finding.details
    if finding.check == _COMPARED:
        details = tuple(each for each in details if each.subject not in told)
    for detail in details[:MAX_DETAILS]:
        yield f"  - {_detail(detail)}"
    if len(details) > MAX_DETAILS:
        yield f"  - … and {len(details) - MAX_DETAILS:,} more"


def _detail(detail: Detail) -> str:
    where = [code(each, 100) for each in (detail.subject, detail.pointer) if each]
    both = (("snapshot", detail.snapshot), ("live", detail.live))
    values = [f"{label} {code(text, 100)}" for label, text in both if text is not None]
    return " ".join([*where, prose(detail.text, MAX_SENTENCE), *values])


def _run(target: TargetReport, passed: list[str]) -> str:
    server = target.server
    known = " ".join(filter(None, (server.name, server.version)))
    facts = (
        ("passed", " ".join(passed)),
        ("server", known),
        ("revision", server.revision),
        ("url", server.url),
        ("address", server.address),
        ("request id", server.request_id),
        ("live", None if target.live is None else target.live.digest),
        ("expected", None if target.expected is None else target.expected.digest),
        ("snapshot", target.snapshot),
        ("again", target.again),
    )
    return block(f"{label:<10}  {inert(text, 600)}" for label, text in facts if text)


# -- a comparison


def _comparison(comparison: Comparison, exit_code: int) -> Iterator[str]:
    old, new = code(comparison.old.name), code(comparison.new.name)
    yield f"### {word_of(comparison.verdict)}: {old} against {new} (exit {exit_code})"
    yield prose(comparison.headline)
    entries = drifted(comparison.tools, comparison.others)
    yield from _differences(entries, OLD_AND_NEW)
    if comparison.notes:
        yield "\n".join(f"- {prose(note, MAX_SENTENCE)}" for note in comparison.notes[:20])
    yield from _next(comparison.next_steps)
    yield from _asides(entries, OLD_AND_NEW)
    facts = [
        ("old", _source(comparison.old)),
        ("new", _source(comparison.new)),
        ("world", "open" if comparison.open_world else ""),
        ("again", comparison.again),
    ]
    shown = block(f"{label:<5}  {inert(text, 600)}" for label, text in facts if text)
    yield _folded("What was compared", shown)


def _source(source: Source) -> str:
    known = [source.name, str(source.kind), source.detail]
    if source.digests is None:
        known.append(f"not fully seen: {source.problem}")
    else:
        known += [f"{source.tools:,} tools", source.digests.digest]
    return "  ".join(filter(None, known))


# -- what differs


def _differences(entries: list[Drifted], sides: Sides) -> Iterator[str]:
    if not entries:
        return
    yield _table(entries)
    alarming = [each for each in entries if alarms(each.compatibility)]
    for entry in alarming[:MAX_SHOWN]:
        yield _entry(entry, sides)
    if left := alarming[MAX_SHOWN:]:
        yield f"*… and {len(left):,} more ({counted(left)}); all is in `--format json`.*"


def _asides(entries: list[Drifted], sides: Sides) -> Iterator[str]:
    """What breaks nothing, and how the definitions differ line by line, folded away."""
    quiet = [(entry, told) for entry in entries for told in entry.told]
    quiet = [(entry, told) for entry, told in quiet if not alarms(told.compatibility)]
    if quiet:
        lines = [_quiet(entry, told) for entry, told in quiet[:MAX_QUIET]]
        if len(quiet) > MAX_QUIET:
            lines.append(f"- … and {len(quiet) - MAX_QUIET:,} more")
        count = sum(len(told.changes) for _, told in quiet)
        words = "change breaks" if count == 1 else "changes break"
        yield _folded(f"{count:,} other {words} nothing", "\n".join(lines))
    alarming = [each for each in entries if alarms(each.compatibility)]
    for number, entry in enumerate(alarming[:MAX_DIFFS], 1):
        lines = list(definition_diff(entry.old, entry.new, sides, MAX_DIFF_LINES))
        if lines:
            known = _IDENTIFIER.fullmatch(entry.name)
            who = (
                f"<code>{entry.name}</code>" if known else f"{entry.subject} {number} of the table"
            )
            heading = "" if known else f"{code(entry.name, MAX_NAME)}\n\n"
            yield _folded(f"Definition of {who}", f"{heading}{block(lines, 'diff')}")


def _table(entries: list[Drifted]) -> str:
    rows = ["| name | verdict | where |", "|---|---|---|"]
    for entry in entries[:MAX_ROWS]:
        strong = "**" if alarms(entry.compatibility) else ""
        verdict = f"{strong}{entry.compatibility}{strong}"
        told = entry.told[0].changes if entry.told else ()
        where = cell(place(told[0].change), 100) if told else ""
        count = sum(len(each.changes) for each in entry.told)
        more = f" and {count - 1:,} more" if count > 1 else ""
        rows.append(f"| {cell(entry.name, MAX_NAME)} | {verdict} | {where}{more} |")
    if len(entries) > MAX_ROWS:
        left = entries[MAX_ROWS:]
        rows.append(f"| … | and {len(left):,} more | {counted(left)} |")
    return "\n".join(rows)


def _entry(entry: Drifted, sides: Sides) -> str:
    """What breaks in one entry, or may: where, and the call in a block."""
    alarming = [each for each in entry.told if alarms(each.compatibility)]
    pieces = [f"#### {code(entry.name, MAX_NAME)}"]
    for told in alarming[:MAX_TOLD]:
        pieces += [_places(told), _shown(told, sides)]
    if len(alarming) > MAX_TOLD:
        left = sum(len(told.changes) for told in alarming[MAX_TOLD:])
        pieces.append(f"… and {left:,} more changes.")
    if entry.note:
        pieces.append(prose(entry.note))
    if entry.cut:
        pieces.append(f"Cut short: {prose(entry.cut, MAX_SENTENCE)}")
    return "\n\n".join(pieces)


def _places(told: Told) -> str:
    shown = [code(place(each.change)) for each in told.changes[:MAX_PLACES]]
    left = len(told.changes) - len(shown)
    more = f" and {left:,} more place{'' if left == 1 else 's'}" if left > 0 else ""
    return f"**{told.compatibility}** {', '.join(shown)}{more}"


def _shown(told: Told, sides: Sides) -> str:
    """The call and its refusal; else why it breaks, or could not be decided."""
    witness = told.witness
    reason = prose(told.reason, MAX_SENTENCE)
    if witness is None:
        return reason
    before, after = sides.labels(witness.side)
    column = max(len(before), len(after)) + 2
    if witness.side is Side.OUTPUT:
        value = witness_text(witness, MAX_CALL)
    else:
        value = call_text(inert(told.changes[0].change.name, MAX_NAME), witness, MAX_CALL)
    shown = block(
        (
            f"{before:<{column}}{inert(value, 2 * MAX_CALL)}",
            f"{after:<{column}}{inert(witness.refusal, MAX_SENTENCE)}",
        )
    )
    return f"{shown}\n\n{reason}" if reason else shown


def _quiet(entry: Drifted, told: Told) -> str:
    """Changes that alarm nobody, on one line."""
    reason = prose(told.reason, MAX_SENTENCE)
    return f"- {code(entry.name, MAX_NAME)} {_places(told)}: {reason}"


def _next(steps: tuple[str, ...]) -> Iterator[str]:
    for step in steps[:10]:
        if step.startswith("mcpverify "):
            yield block([inert(step, 2_000)], "sh")
        else:
            yield prose(step)


def _folded(summary: str, content: str) -> str:
    """`summary` holds our own words only: it stands in HTML, where code spans mean nothing."""
    return f"<details><summary>{summary}</summary>\n\n{content}\n\n</details>"
