"""A report as a comment on a pull request: the verdict, what breaks, and the rest folded away.

What a server says stands in code and nowhere else; the whole stays below what forges take
for one comment.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from mcpverify.facts.comparison import Comparison, Source
from mcpverify.facts.drain import DrainReport, Shutdown
from mcpverify.facts.finding import Detail, Finding, Outcome
from mcpverify.facts.report import Report, TargetReport
from mcpverify.facts.verdict import Verdict
from mcpverify.reporters.drain_counts import spread_text
from mcpverify.reporters.drain_facts import facts_of
from mcpverify.reporters.drain_lines import settings_of
from mcpverify.reporters.drifted import (
    COMPARED,
    OLD_AND_NEW,
    SNAPSHOT_AND_LIVE,
    Drifted,
    alarms,
    drifted,
    untold,
)
from mcpverify.reporters.fleet import (
    counted,
    green_names,
    recorded,
    red_first,
    unseen_names,
    warned_names,
)
from mcpverify.reporters.frame import word_of
from mcpverify.reporters.inert import inert
from mcpverify.reporters.inert_markdown import block, code, folded, prose
from mcpverify.reporters.markdown_differences import (
    MAX_SENTENCE,
    ROOM,
    VERBOSE,
    Differences,
    Room,
)
from mcpverify.reporters.presentation import WIDE, Presentation
from mcpverify.reporters.request_lines import request_lines
from mcpverify.reporters.timeline_picture import picture_lines

MAX_CHARACTERS: Final = 60_000  # GitHub takes 65,536 for one comment
MAX_TARGETS: Final = 50
MAX_RED: Final = 100  # that get a line each
MAX_NAMES: Final = 200
MAX_DETAILS: Final = 8  # of one finding
MAX_NOTES: Final = 20
MAX_STEPS: Final = 10
_RESERVE: Final = 200  # for the sentence about what was left out

_TROUBLE: Final = {
    Outcome.FAILED: "failed",
    Outcome.NOT_OBSERVED: "not observed",
    Outcome.WARNED: "warning",
}


def render(report: Report | Comparison | DrainReport, how: Presentation) -> str:
    """The Markdown text of `report`. --quiet leaves out what is folded, -v shows more of it."""
    match report:
        case Comparison():
            blocks = _comparison(report, how)
        case DrainReport():
            blocks = _drain(report, how)
        case Report():
            blocks = _report(report, how)
    return _bounded(blocks)


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


def _report(report: Report, how: Presentation) -> Iterator[str]:
    if report.is_of_one:
        yield from _target(report.targets[0], how, alone=True)
        return
    yield f"## {word_of(report.verdict)}: {counted(report)} (exit {how.exit_code})"
    red = red_first(report)
    if overview := "\n".join(_overview(report, red)):
        yield overview
    if how.verbosity >= 0:
        yield from _green(report, MAX_NAMES if how.verbosity == 0 else len(report.targets))
    told = red if how.verbosity <= 0 else [*red, *(e for e in report.targets if e not in red)]
    for target in told[:MAX_TARGETS]:
        yield from _target(target, how, alone=False)
    if len(told) > MAX_TARGETS:
        yield f"*{len(told) - MAX_TARGETS:,} more targets are in `--format json`.*"
    yield from (prose(text, MAX_SENTENCE) for text in report.notes)


def _overview(report: Report, red: list[TargetReport]) -> Iterator[str]:
    """What is missing, and each target that is not green, a line each."""
    for text in report.missing:
        yield f"- **missing** {prose(text, MAX_SENTENCE)}"
    for text in report.warnings:
        yield f"- **warning** {prose(text, MAX_SENTENCE)}"
    for target in red[:MAX_RED]:
        word = "failed" if target.verdict is Verdict.FAILED else "no verdict"
        yield f"- **{word}** {code(target.target)}: {prose(target.headline, MAX_SENTENCE)}"
    if len(red) > MAX_RED:
        yield f"- … and {len(red) - MAX_RED:,} more that did not pass"


def _green(report: Report, most: int) -> Iterator[str]:
    for target, text in recorded(report):
        yield f"- {code(target.target)}: {prose(text, MAX_SENTENCE)}"
    for checks, names in warned_names(report).items():
        about = " ".join(map(code, checks))
        yield f"{len(names):,} passed, with warnings of {about}: {_names(names, most)}"
    names = green_names(report)
    if names:
        passed = f"{len(names):,} target{'' if len(names) == 1 else 's'} passed"
        yield folded(passed, _names(names, most))
    for words, names in unseen_names(report).items():
        yield f"{prose(words, MAX_SENTENCE)}: {_names(names, most)}"


def _names(names: list[str], most: int) -> str:
    more = f" … and {len(names) - most:,} more" if len(names) > most else ""
    return " ".join(code(each) for each in names[:most]) + more


def _target(target: TargetReport, how: Presentation, *, alone: bool) -> Iterator[str]:
    code_of_run = f" (exit {how.exit_code})" if alone else ""
    yield f"### {word_of(target.verdict)}: {code(target.target)}{code_of_run}"
    yield prose(target.headline)
    troubles = [each for each in target.findings if each.outcome in _TROUBLE]
    compared = any(each.check == COMPARED for each in troubles)
    entries = drifted(target.tools, target.others) if compared else []
    yield from _troubles(troubles, entries)
    differences = Differences(entries, SNAPSHOT_AND_LIVE, _room(how))
    yield from differences.open()
    yield from _next(target.next_steps)
    if how.verbosity < 0:
        return
    yield from differences.asides()
    passed = [each.check for each in target.findings if each.outcome is Outcome.PASSED]
    count = f"{len(passed):,} check{'' if len(passed) == 1 else 's'} passed; the server and the run"
    yield folded(count if passed else "The server and the run", _run(target, passed))


def _troubles(troubles: list[Finding], entries: list[Drifted]) -> Iterator[str]:
    if troubles:
        yield "\n".join(line for group in _alike(troubles) for line in _finding(group, entries))


def _room(how: Presentation) -> Room:
    return VERBOSE if how.verbosity > 0 else ROOM


def _alike(findings: list[Finding]) -> list[list[Finding]]:
    """Findings in groups that say the same, worst first: one cause stops many checks."""
    groups: dict[object, list[Finding]] = {}
    for each in sorted(findings, key=lambda each: list(_TROUBLE).index(each.outcome)):
        said = each.check if each.details else (each.outcome, each.message)
        groups.setdefault(said, []).append(each)
    return list(groups.values())


def _finding(group: list[Finding], entries: list[Drifted]) -> Iterator[str]:
    """One line, and its details below, without those of the `entries`, which stand elsewhere."""
    finding = group[0]
    checks = " ".join(code(each.check) for each in group)
    yield f"- **{_TROUBLE[finding.outcome]}** {checks}: {prose(finding.message, MAX_SENTENCE)}"
    details = untold(finding, entries)
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
        ("commit", target.snapshot_commit),
        ("again", target.again),
    )
    return block(f"{label:<10}  {inert(text, 600)}" for label, text in facts if text)


# -- a comparison


def _comparison(comparison: Comparison, how: Presentation) -> Iterator[str]:
    old, new = code(comparison.old.name), code(comparison.new.name)
    word = word_of(comparison.verdict)
    worst = comparison.compatibility
    if comparison.verdict is Verdict.PASSED and worst is not None and alarms(worst):
        word += f", though {worst}"  # --fail-on let it through; the reader may not
    yield f"### {word}: {old} against {new} (exit {how.exit_code})"
    yield prose(comparison.headline)
    entries = drifted(comparison.tools, comparison.others)
    differences = Differences(entries, OLD_AND_NEW, _room(how))
    yield from differences.open()
    if comparison.notes:
        notes = [f"- {prose(note, MAX_SENTENCE)}" for note in comparison.notes[:MAX_NOTES]]
        if len(comparison.notes) > MAX_NOTES:
            notes.append(f"- … and {len(comparison.notes) - MAX_NOTES:,} more")
        yield "\n".join(notes)
    yield from _next(comparison.next_steps)
    if how.verbosity < 0:
        return
    yield from differences.asides()
    facts = [
        ("old", _source(comparison.old)),
        ("new", _source(comparison.new)),
        ("world", "open" if comparison.open_world else ""),
        ("again", comparison.again),
    ]
    shown = block(f"{label:<5}  {inert(text, 600)}" for label, text in facts if text)
    yield folded("What was compared", shown)


def _source(source: Source) -> str:
    known = [source.name, str(source.kind), source.detail]
    if source.digests is None:
        known.append(f"not fully seen: {source.problem}")
    else:
        tools = "1 tool" if source.tools == 1 else f"{source.tools:,} tools"
        known += [tools, source.digests.digest]
    return "  ".join(filter(None, known))


# -- the trial of a shutdown


def _drain(report: DrainReport, how: Presentation) -> Iterator[str]:
    trial = report.trial
    word = word_of(report.verdict)
    if trial.shutdown is Shutdown.DEGRADED and report.verdict is Verdict.PASSED:
        word += f", though {trial.shutdown}"
    yield f"### {word}: {code(report.target)} (exit {how.exit_code})"
    yield prose(report.headline)
    if len(report.trials) > 1:
        yield prose(spread_text(report))
    troubles = [each for each in trial.findings if each.outcome in _TROUBLE]
    unseen = [each for each in troubles if each.outcome is Outcome.NOT_OBSERVED]
    if report.verdict is not Verdict.INCONCLUSIVE:
        troubles = [each for each in troubles if each not in unseen]
    yield from _troubles(troubles, [])
    if how.verbosity >= 0:
        picture = list(picture_lines(trial.timeline, Presentation(how.exit_code, WIDE)))
        if picture:
            yield block(picture)
    for remedy in report.remedies:
        yield f"**Mend it:** {prose(remedy.cause, MAX_SENTENCE)}"
        yield block(inert(step, 600) for step in remedy.steps)
    yield from _next(report.next_steps)
    if how.verbosity < 0:
        return
    if report.recommended is not None:
        yield folded("What the platform should be set to", block(settings_of(report.recommended)))
    passed = [each.check for each in trial.findings if each.outcome is Outcome.PASSED]
    facts = [
        ("passed", " ".join(passed)),
        ("unseen", "; ".join(f"{each.check}: {each.message}" for each in unseen)),
        *((label, "; ".join(items)) for label, items in facts_of(trial.timeline)),
        ("again", report.again),
    ]
    shown = block(f"{label:<9}  {inert(text, 600)}" for label, text in facts if text)
    count = f"{len(passed):,} point{'' if len(passed) == 1 else 's'} passed; the server and the run"
    yield folded(count if passed else "The server and the run", shown)
    if how.verbosity > 0 and trial.timeline.requests:
        lines = request_lines(trial.timeline, WIDE)
        yield folded(f"All {len(trial.timeline.requests):,} requests", block(lines))


def _next(steps: tuple[str, ...]) -> Iterator[str]:
    for step in steps[:MAX_STEPS]:
        if step.startswith("mcpverify "):
            yield block([inert(step, 2_000)], "sh")
        else:
            yield prose(step)
    if len(steps) > MAX_STEPS:
        yield f"… and {len(steps) - MAX_STEPS:,} more steps."
