"""Many targets for people: which of them are wrong, and how, on the first screen.

A line for each that is not green, or two where they are few, worst first; then the others by name,
and counted where there are too many for that.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from mcpverify.facts.report import Report, TargetReport
from mcpverify.facts.verdict import Verdict
from mcpverify.reporters.fleet import (
    counted,
    green_names,
    recorded,
    red_first,
    unseen_names,
    warned_names,
    warnings,
)
from mcpverify.reporters.frame import paint_of, verdict_lines
from mcpverify.reporters.inert import inert
from mcpverify.reporters.layout import Paint, clipped, hung, padded, painted, width_of, wrapped
from mcpverify.reporters.presentation import Presentation

MAX_RED: Final = 60  # that get a line each
FEW_RED: Final = 10  # so few may take two lines each
MAX_TOLD: Final = 20  # that are told in full below
MAX_NAMES: Final = 24  # of those that passed
MAX_NAME: Final = 60  # characters
MAX_HEADLINE: Final = 300
_WIDEST: Final = 24  # columns of names
_MARKS: Final = {Verdict.FAILED: "x", Verdict.INCONCLUSIVE: "?"}
_MARKED: Final = 3  # columns of the marks


def overview_lines(report: Report, how: Presentation) -> Iterator[str]:
    """The verdict and how many, then what is missing or odd, and each target that is not green."""
    facts = [f"exit {how.exit_code}"]
    yield from verdict_lines(report.verdict, [counted(report)], facts, how)
    for text in report.missing:
        yield from _marked("?", Paint.UNKNOWN, wrapped(inert(text, 600), how.width - _MARKED), how)
    for text in report.warnings:
        yield from _marked("!", Paint.WARNING, wrapped(inert(text, 600), how.width - _MARKED), how)
    red = red_first(report)
    shown = red if how.verbosity > 0 or len(red) == MAX_RED + 1 else red[:MAX_RED]
    names = [_name(each.target) for each in shown]
    column = min(max(map(width_of, names), default=0), _WIDEST) + 2
    lines = 2 if len(red) <= FEW_RED else 1
    for target, name in zip(shown, names, strict=True):
        yield from _red_lines(target, clipped(name, _WIDEST), column, lines, how)
    left = len(red) - len(shown)
    if left:
        yield f"   … and {left:,} more that did not pass, all in --format json"
    if how.verbosity >= 0:
        yield from _recorded_lines(report, how)
        yield from _green_lines(report, how)
        yield from note_lines(report, how)


def note_lines(report: Report, how: Presentation) -> Iterator[str]:
    """What is told of the reports that this one was put together from."""
    for text in report.notes:
        yield from hung("", wrapped(inert(text, 600), how.width - _MARKED), _MARKED)


def told_in_full(report: Report, how: Presentation) -> tuple[Sequence[TargetReport], str]:
    """The targets with a section of their own, and what is said of the others, "" of none."""
    red = red_first(report)
    if how.verbosity > 0:
        green = [each for each in report.targets if each.verdict is Verdict.PASSED]
        return [*red, *green], ""
    if len(red) <= MAX_TOLD + 1:
        return red, ""
    left = len(red) - MAX_TOLD
    return red[:MAX_TOLD], f"… and {left:,} more in full with -v, or in --format json"


def _red_lines(
    target: TargetReport, name: str, column: int, lines: int, how: Presentation
) -> Iterator[str]:
    """So many lines at most, whatever a server says: the first screen is for all targets."""
    room = max(how.width - _MARKED - column, 10)
    told = wrapped(inert(target.headline, MAX_HEADLINE), room)
    if len(told) > lines:
        told[lines - 1 :] = [clipped(" ".join(told[lines - 1 :]), room)]
    first, *others = hung(padded(_MARKS[target.verdict], _MARKED) + name, told, _MARKED + column)
    mark = painted(first[:1], paint_of(target.verdict), how.color)
    strong = painted(name, Paint.STRONG, how.color)
    yield f"{mark}{first[1:_MARKED]}{strong}{first[_MARKED + len(name) :]}"
    yield from others


def _recorded_lines(report: Report, how: Presentation) -> Iterator[str]:
    """Which files were written: what changes in one is seen by whoever commits it."""
    for target, text in recorded(report):
        mark, paint = ("!", Paint.WARNING) if warnings(target) else ("ok", Paint.GOOD)
        lines = wrapped(f"{_name(target.target)}: {inert(text, MAX_HEADLINE)}", how.width - _MARKED)
        yield from _marked(mark, paint, lines, how)


def _green_lines(report: Report, how: Presentation) -> Iterator[str]:
    for checks, names in warned_names(report).items():
        text = f"{len(names):,} passed, with warnings of {' '.join(map(inert, checks))}: "
        yield from _marked("!", Paint.WARNING, _named(text, names, how), how)
    green = green_names(report)
    if green:
        text = f"{len(green):,} passed: "
        yield from _marked("ok", Paint.GOOD, _named(text, green, how), how)
    for words, names in unseen_names(report).items():
        text = f"{inert(words, MAX_HEADLINE)}: "
        yield from hung("", _named(text, names, how), _MARKED)


def _named(text: str, names: list[str], how: Presentation) -> list[str]:
    """As many names as fit on few lines, or all with -v."""
    most = len(names) if how.verbosity > 0 or len(names) == MAX_NAMES + 1 else MAX_NAMES
    shown = " ".join(_name(each) for each in names[:most])
    more = f" … and {len(names) - most:,} more" if len(names) > most else ""
    return wrapped(f"{text}{shown}{more}", how.width - _MARKED)


def _marked(mark: str, paint: Paint, lines: list[str], how: Presentation) -> Iterator[str]:
    first, *others = hung(mark, lines, _MARKED)
    yield painted(mark, paint, how.color) + first[len(mark) :]
    yield from others


def _name(target: str) -> str:
    return clipped(inert(target, MAX_NAME), MAX_NAME)
