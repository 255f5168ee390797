"""Annotations of GitHub Actions: the verdict first, then what is worst, ten at most.

The runner shows ten of a step. The first can stand alone: what the verdict means, the call
that breaks, and what to do next; each other one is about one thing more.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from mcpverify.facts.call_text import call_text, witness_text
from mcpverify.facts.comparison import Comparison
from mcpverify.facts.compatibility import Compatibility, Side
from mcpverify.facts.drain import DrainReport
from mcpverify.facts.finding import Detail, Finding, Outcome, Severity
from mcpverify.facts.report import Report, TargetReport
from mcpverify.facts.verdict import Verdict
from mcpverify.reporters.drain_counts import spread_text
from mcpverify.reporters.drifted import (
    COMPARED,
    OLD_AND_NEW,
    SNAPSHOT_AND_LIVE,
    Drifted,
    Sides,
    Told,
    alarms,
    drifted,
    place,
    untold,
)
from mcpverify.reporters.fleet import counted, red_first
from mcpverify.reporters.frame import word_of
from mcpverify.reporters.inert import inert
from mcpverify.reporters.inert_commands import Level, annotation
from mcpverify.reporters.layout import clipped
from mcpverify.reporters.presentation import Presentation

MAX_ANNOTATIONS: Final = 10
MAX_RED: Final = 20  # targets
MAX_TOLD: Final = 3  # changes of one entry
MAX_PLACES: Final = 3  # that share what shows them
MAX_DETAILS: Final = 3  # of one finding
MAX_STEPS: Final = 4
MAX_REMEDY: Final = 12  # lines of one remedy
MAX_NAMES: Final = 20
MAX_WHO: Final = 80  # characters of a target's name
MAX_NAME: Final = 60
MAX_CALL: Final = 160
MAX_TEXT: Final = 300


@dataclass(frozen=True, slots=True)
class Annotation:
    """`lines` are read once, and only if this is one of those that are shown."""

    level: Level
    title: str
    lines: Iterable[str]


def render(report: Report | Comparison | DrainReport, how: Presentation) -> str:
    """The commands, one line each. Nothing of `how` counts: the runner tells the exit code."""
    match report:
        case Comparison():
            found = list(_comparison(report))
        case DrainReport():
            found = list(_drain(report))
        case Report():
            found = list(_report(report))
    return "".join(f"{line}\n" for line in _shown(found))


def _shown(found: list[Annotation]) -> Iterator[str]:
    """The first of `found`, and the worst of the others."""
    levels = list(Level)
    rest = sorted(found[1:], key=lambda each: levels.index(each.level))
    left = len(found) - MAX_ANNOTATIONS
    if left > 0:
        rest, out = rest[: MAX_ANNOTATIONS - 2], rest[MAX_ANNOTATIONS - 2 :]
        where = ("See the report of this step, its summary, or --format json.",)
        rest.append(Annotation(out[0].level, f"{len(out):,} more", where))
    for each in (*found[:1], *rest):
        yield annotation(each.level, each.title, each.lines)


def _who(name: str) -> str:
    return clipped(inert(name, MAX_TEXT), MAX_WHO)


def _name(name: str) -> str:
    return clipped(inert(name, MAX_TEXT), MAX_NAME)


# -- the gate


def _report(report: Report) -> Iterator[Annotation]:
    if report.is_of_one:
        yield from _target(report.targets[0])
        return
    title = f"{word_of(report.verdict)} {counted(report)}"
    red = red_first(report)
    level = _level(report.verdict)
    if level is Level.NOTICE and report.warnings:
        level = Level.WARNING
    yield Annotation(level, title, _overview(report, red))
    # One of each first: the first target alone could take all the room that there is.
    told = [list(_target(target)) for target in red[:MAX_ANNOTATIONS]]
    yield from (first for first, *_ in told)
    yield from (each for _, *others in told for each in others)


def _overview(report: Report, red: list[TargetReport]) -> Iterator[str]:
    yield from (f"missing: {text}" for text in report.missing)
    yield from (f"warning: {text}" for text in report.warnings)
    for target in red[:MAX_RED]:
        yield f"{_who(target.target)}: {inert(target.headline, MAX_CALL)}"
    if len(red) > MAX_RED:
        yield f"… and {len(red) - MAX_RED:,} more that did not pass"


def _level(verdict: Verdict) -> Level:
    return Level.NOTICE if verdict is Verdict.PASSED else Level.ERROR


def _target(target: TargetReport) -> Iterator[Annotation]:
    who = _who(target.target)
    lead = _lead(target.verdict, target.findings, target.headline)
    entries: list[Drifted] = []
    if any(each.check == COMPARED and _is_trouble(each) for each in target.findings):
        entries = drifted(target.tools, target.others)
    about = "" if lead is None else f": {_name(lead.check)}"
    yield Annotation(
        _level(target.verdict),
        f"{word_of(target.verdict)} {who}{about}",
        _verdict_lines(target, lead, entries),
    )
    for finding in filter(_is_trouble, target.findings):
        title = f"{who}: {_name(finding.check)}"
        failed = finding.outcome is Outcome.FAILED
        if finding is not lead:
            level = Level.ERROR if failed else Level.WARNING
            yield Annotation(level, title, _finding_lines(finding, target.next_steps, entries))
        if finding.check == COMPARED and failed:
            yield from _entries(title, entries[1:] if finding is lead else entries)


def _is_trouble(finding: Finding) -> bool:
    return finding.outcome in (Outcome.FAILED, Outcome.WARNED)


def _lead(verdict: Verdict, findings: tuple[Finding, ...], headline: str) -> Finding | None:
    """The finding that made the verdict, as far as the headline tells; None where it passed."""
    if verdict is Verdict.PASSED:
        return None
    outcome = Outcome.FAILED if verdict is Verdict.FAILED else Outcome.NOT_OBSERVED
    blamed = [each for each in findings if each.outcome is outcome]
    blamed.sort(key=lambda each: each.severity is not Severity.ERROR)
    repeated = (each for each in blamed if each.message and each.message in headline)
    return next(repeated, next(iter(blamed), None))


def _verdict_lines(
    target: TargetReport, lead: Finding | None, entries: list[Drifted]
) -> Iterator[str]:
    yield target.headline
    if lead is None:
        if target.verdict is not Verdict.PASSED:
            yield from _step_lines(target.next_steps)  # it could not be asked: all that is known
        return
    yield from _lead_lines(lead, target.headline, entries)
    if lead.check == COMPARED and entries:
        yield from _entry_lines(entries[0], SNAPSHOT_AND_LIVE, named=True)
    yield from _unseen_lines(lead, target.findings)
    yield from _step_lines(target.next_steps)


def _lead_lines(lead: Finding, headline: str, entries: list[Drifted]) -> Iterator[str]:
    reason = lead.message.partition(": ")[2] or lead.message
    if reason not in headline:
        yield lead.message
    yield from _detail_lines(untold(lead, entries))


def _unseen_lines(lead: Finding, findings: tuple[Finding, ...]) -> Iterator[str]:
    unseen = sum(each.outcome is Outcome.NOT_OBSERVED for each in findings)
    unseen -= lead.outcome is Outcome.NOT_OBSERVED
    if unseen:
        yield f"not observed: {unseen:,} more check{'' if unseen == 1 else 's'}"


def _step_lines(steps: tuple[str, ...]) -> Iterator[str]:
    for step in steps[:MAX_STEPS]:
        yield f"next: {step}"


def _finding_lines(
    finding: Finding, next_steps: tuple[str, ...], entries: list[Drifted]
) -> Iterator[str]:
    yield finding.message
    yield from _detail_lines(untold(finding, entries))
    if finding.check == COMPARED and finding.outcome is Outcome.WARNED:
        yield from _quiet_lines(entries)
    if finding.hint and finding.hint not in next_steps:
        yield f"next: {finding.hint}"


def _detail_lines(details: tuple[Detail, ...]) -> Iterator[str]:
    for detail in details[:MAX_DETAILS]:
        words = [_name(each) for each in (detail.subject, detail.pointer) if each]
        yield f"{' '.join(words)}: {detail.text}" if words else detail.text
        for label, value in (("snapshot", detail.snapshot), ("live", detail.live)):
            if value is not None:
                yield f"{label}: {inert(value, MAX_CALL)}"
    if len(details) > MAX_DETAILS:
        yield f"… and {len(details) - MAX_DETAILS:,} more"


# -- a comparison


def _comparison(comparison: Comparison) -> Iterator[Annotation]:
    old, new = _who(comparison.old.name), _who(comparison.new.name)
    entries = drifted(comparison.tools, comparison.others)
    failed = comparison.verdict is Verdict.FAILED
    yield Annotation(
        _level(comparison.verdict),
        f"{word_of(comparison.verdict)} {old} -> {new}",
        _comparison_lines(comparison, entries),
    )
    level = Level.ERROR if failed else Level.WARNING
    yield from _entries(new, entries[1:] if failed else entries, OLD_AND_NEW, level)


def _comparison_lines(comparison: Comparison, entries: list[Drifted]) -> Iterator[str]:
    yield comparison.headline
    if comparison.verdict is Verdict.FAILED and entries:
        yield from _entry_lines(entries[0], OLD_AND_NEW, named=True)
    yield from _step_lines(comparison.next_steps)


# -- the trial of a shutdown


def _drain(report: DrainReport) -> Iterator[Annotation]:
    who = _who(report.target)
    findings = report.trial.findings
    lead = _lead(report.verdict, findings, report.headline)
    about = "" if lead is None else f": {_name(lead.check)}"
    yield Annotation(
        _level(report.verdict),
        f"{word_of(report.verdict)} {who}{about}",
        _drain_lines(report, lead),
    )
    for finding in filter(_is_trouble, findings):
        if finding is not lead:
            level = Level.ERROR if finding.outcome is Outcome.FAILED else Level.WARNING
            lines = _finding_lines(finding, report.next_steps, [])
            yield Annotation(level, f"{who}: {_name(finding.check)}", lines)


def _drain_lines(report: DrainReport, lead: Finding | None) -> Iterator[str]:
    yield report.headline
    if len(report.trials) > 1:
        yield spread_text(report)
    if lead is not None:
        yield from _lead_lines(lead, report.headline, [])
        yield from _unseen_lines(lead, report.trial.findings)
    for remedy in report.remedies:
        yield f"cause: {remedy.cause}"
        yield from remedy.steps[:MAX_REMEDY]
    yield from _step_lines(report.next_steps)


# -- what differs


def _entries(
    who: str,
    entries: list[Drifted],
    sides: Sides = SNAPSHOT_AND_LIVE,
    level: Level = Level.ERROR,
) -> Iterator[Annotation]:
    """One for each entry that breaks callers or may, and one for all others that differ."""
    for entry in entries:
        if alarms(entry.compatibility):
            title = f"{who}: {_name(entry.name)} is {entry.compatibility}"
            yield Annotation(level, title, _entry_lines(entry, sides))
    quiet = [each for each in entries if not alarms(each.compatibility)]
    if any(each.compatibility is Compatibility.BEHAVIORAL for each in quiet):
        title = f"{who}: {len(quiet):,} more {'differs' if len(quiet) == 1 else 'differ'}"
        yield Annotation(Level.WARNING, title, _quiet_lines(quiet))


def _quiet_lines(entries: list[Drifted]) -> Iterator[str]:
    for verdict in reversed(Compatibility):
        names = [each.name for each in entries if each.compatibility is verdict]
        if names:
            yield f"{verdict}: {_names(names)}"


def _names(names: Iterable[str]) -> str:
    shown = [_name(each) for each in names]
    more = f" … and {len(shown) - MAX_NAMES:,} more" if len(shown) > MAX_NAMES else ""
    return " ".join(shown[:MAX_NAMES]) + more


def _entry_lines(entry: Drifted, sides: Sides, named: bool = False) -> Iterator[str]:
    """What breaks in one entry, or changed: where, and the call that shows it."""
    told = [each for each in entry.told if alarms(each.compatibility)] or list(entry.told)
    for each in told[:MAX_TOLD]:
        who = f"{_name(entry.name)} is {each.compatibility}: " if named else ""
        yield f"{who}{_places(each)}"
        yield from _shown_by(each, sides)
    if len(told) > MAX_TOLD:
        left = sum(len(each.changes) for each in told[MAX_TOLD:])
        yield f"… and {left:,} more change{'' if left == 1 else 's'}"
    if entry.note:
        yield entry.note


def _places(told: Told) -> str:
    places = [inert(place(each.change), MAX_CALL) for each in told.changes[:MAX_PLACES]]
    left = len(told.changes) - len(places)
    more = f" and {left:,} more place{'' if left == 1 else 's'}" if left > 0 else ""
    return f"{', '.join(places)}{more}"


def _shown_by(told: Told, sides: Sides) -> Iterator[str]:
    witness = told.witness
    if witness is not None:
        before, after = sides.labels(witness.side)
        if witness.side is Side.OUTPUT:
            value = witness_text(witness, MAX_CALL)
        else:
            value = call_text(_name(told.changes[0].change.name), witness, MAX_CALL)
        yield f"{before}: {inert(value, 2 * MAX_CALL)}"
        yield f"{after}: {inert(witness.refusal, MAX_TEXT)}"
    if told.reason:
        yield inert(told.reason, MAX_TEXT)
