"""The trial of a shutdown for people: what it means, the picture, the points, and what to set."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from mcpverify.facts.drain import DrainReport, Recommended, Remedy, Trial
from mcpverify.facts.finding import Outcome
from mcpverify.facts.timeline import RequestOutcome, Timeline
from mcpverify.facts.verdict import Verdict
from mcpverify.reporters.drain_counts import spread_text
from mcpverify.reporters.drain_facts import facts_of
from mcpverify.reporters.findings import finding_lines
from mcpverify.reporters.frame import (
    LABELS,
    MAX_TEXT,
    headline_lines,
    next_lines,
    paint_of,
    time_of_day,
    verdict_lines,
    word_of,
)
from mcpverify.reporters.inert import inert
from mcpverify.reporters.layout import clipped, duration, hung, joined, painted, width_of, wrapped
from mcpverify.reporters.presentation import Presentation
from mcpverify.reporters.request_lines import request_lines
from mcpverify.reporters.timeline_picture import picture_lines

MAX_FACT: Final = 200  # characters
MAX_STEPS: Final = 40  # lines of one remedy
MAX_LOG: Final = 20  # last lines of stderr


def drain_lines(report: DrainReport, how: Presentation) -> Iterator[str]:
    """The lines of a report on `report`; with --quiet only what is wrong."""
    trial = report.trial
    quiet = how.verbosity < 0
    facts = [
        *([] if quiet else [time_of_day(report.started), duration(report.seconds)]),
        f"exit {how.exit_code}",
    ]
    yield from verdict_lines(report.verdict, [inert(report.target, MAX_TEXT)], facts, how)
    warned = any(each.outcome is Outcome.WARNED for each in trial.findings)
    if not quiet or report.verdict is not Verdict.PASSED or warned:
        yield from headline_lines(report.headline, how)
    if len(report.trials) > 1 and not quiet:
        yield from wrapped(spread_text(report), how.width)
    picture = [] if quiet else list(picture_lines(trial.timeline, how))
    # A point that this trial could not ask for leaves the rest as good as it is.
    gating = report.verdict is Verdict.INCONCLUSIVE
    steps = report.next_steps
    # What a remedy explains needs no hint beside it; with --quiet there is no remedy.
    mended = {point for each in report.remedies for point in each.points if not quiet}
    findings = [replace(e, hint="") if e.check in mended else e for e in trial.findings]
    points = list(finding_lines(findings, how, next_steps=steps, gating=gating))
    for block in (picture, points):
        if block:
            yield ""
            yield from block
    if quiet:
        return
    yield from remedy_lines(report.remedies, how.width)
    yield ""
    for label, items in facts_of(trial.timeline):
        lines = joined((inert(each, MAX_FACT) for each in items), how.width - LABELS)
        yield from hung(label, lines, LABELS)
    yield from _log(trial, how)
    yield from settings_lines(report.recommended, how.width)
    yield from next_lines(steps, report.again, how.width)
    if how.verbosity > 0 and trial.timeline.requests:
        yield ""
        yield from request_lines(trial.timeline, how.width)
    if report.verdict is not Verdict.PASSED:
        yield ""
        yield from _verdict_again(report, how)


def _verdict_again(report: DrainReport, how: Presentation) -> Iterator[str]:
    """On one line, for the first ones have left a small terminal by now."""
    word = word_of(report.verdict)
    lead = inert(report.headline, MAX_TEXT)
    # Together with the word, or a line that the server could fill would begin with it.
    shown = clipped(f"{word}  {lead}", how.width)
    yield painted(word, paint_of(report.verdict), how.color) + shown[len(word) :]


def remedy_lines(remedies: tuple[Remedy, ...], width: int) -> Iterator[str]:
    """Known causes, and below each what mends it, after an empty line."""
    if remedies:
        yield ""
    for remedy in remedies:
        lines = wrapped(inert(remedy.cause, MAX_TEXT), width - LABELS)
        for step in remedy.steps[:MAX_STEPS]:
            lines += _step(step, width - LABELS - 2)
        yield from hung("mend", lines, LABELS)


def _step(step: str, width: int) -> Iterator[str]:
    """A sentence, or a line of code: what fits is left as it is, with its indentation."""
    shown = inert(step, MAX_TEXT)
    lines = [shown.rstrip()] if width_of(shown) <= width else wrapped(shown, width)
    yield from (f"  {line}" for line in lines)


def settings_lines(recommended: Recommended | None, width: int) -> Iterator[str]:
    """What the platform should be set to, and where the numbers come from."""
    if recommended is not None:
        lines = [
            line for each in settings_of(recommended) for line in wrapped(each, width - LABELS)
        ]
        yield from hung("settings", lines, LABELS)


def settings_of(recommended: Recommended) -> Iterator[str]:
    """The settings, each with its number where something that was measured supports one."""
    if recommended.p99 is None:
        p99, source = "not known", recommended.source or "--call TOOL measures it, --p99 gives it"
    else:
        p99, source = duration(recommended.p99), recommended.source
    yield f"grace period >= {_or(recommended.grace)}preStop or lame duck + drain limit + 5 s"
    yield f"drain limit >= {_or(recommended.drain_limit)}P99 of tool calls + 5 s"
    yield "lame duck >= readiness period x failure threshold"
    yield f"P99 of tool calls: {p99}{f' ({inert(source, MAX_TEXT)})' if source else ''}"


def _or(seconds: float | None) -> str:
    return "" if seconds is None else f"{duration(seconds)} = "


def _log(trial: Trial, how: Presentation) -> Iterator[str]:
    """The last words of the server: with -v, and where it gave no good account of itself."""
    log = trial.timeline.end.stderr
    if log and (how.verbosity > 0 or _needs_its_log(trial.timeline)):
        lines = [
            line
            for each in log[-MAX_LOG:]
            for line in wrapped(inert(each, MAX_TEXT), how.width - LABELS)
        ]
        yield from hung("stderr", lines, LABELS)


def _needs_its_log(timeline: Timeline) -> bool:
    first = timeline.aftermath.first_handshake
    return (
        bool(timeline.problem)
        or timeline.end.killed
        or (first is not None and first.outcome is not RequestOutcome.OK)
    )
