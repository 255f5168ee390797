"""The lines around every report for people: the verdict above, and what to do next below."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final, assert_never

from mcpverify.facts.verdict import Verdict
from mcpverify.reporters.inert import inert
from mcpverify.reporters.layout import (
    Paint,
    hung,
    joined,
    painted,
    pasteable,
    width_of,
    wrapped,
)
from mcpverify.reporters.presentation import Presentation

LABELS: Final = 10  # columns of the labels of facts
MAX_TEXT: Final = 600  # characters of one sentence
WORST_FIRST: Final = (Verdict.FAILED, Verdict.INCONCLUSIVE, Verdict.PASSED)


def word_of(verdict: Verdict) -> str:
    return _word(verdict)[0]


def paint_of(verdict: Verdict) -> Paint:
    return _word(verdict)[1]


def time_of_day(started: float) -> str:
    """In UTC, of seconds since the epoch."""
    return datetime.fromtimestamp(started, UTC).strftime("%H:%M:%SZ")


def headline_lines(headline: str, how: Presentation) -> Iterator[str]:
    """Lines that a server's words could fill never begin where a verdict begins."""
    first, *others = wrapped(inert(headline, MAX_TEXT), how.width - 2)
    lines = (first, *(f"  {line}" for line in others))
    return (painted(line, Paint.STRONG, how.color) for line in lines)


def verdict_lines(
    verdict: Verdict, who: list[str], facts: list[str], how: Presentation
) -> Iterator[str]:
    """The word of the verdict and `who` on the left, `facts` at the right edge."""
    word, paint = _word(verdict)
    indent = len(word) + 2
    lines = joined(who, how.width - indent)
    right = "  ".join(facts)
    gap = how.width - indent - width_of(lines[-1]) - width_of(right)
    if gap >= 2:
        lines[-1] += " " * gap + right
    else:
        lines.append(right)
    first, *others = hung(word, lines, indent)
    yield painted(word, paint, how.color) + first[len(word) :]
    yield from others


def _word(verdict: Verdict) -> tuple[str, Paint]:
    match verdict:
        case Verdict.PASSED:
            return "PASS", Paint.GOOD
        case Verdict.FAILED:
            return "FAIL", Paint.BAD
        case Verdict.INCONCLUSIVE:
            return "NO VERDICT", Paint.UNKNOWN
        case _:
            assert_never(verdict)


def next_lines(next_steps: tuple[str, ...], again: str, width: int) -> Iterator[str]:
    """What to do, and the command that repeats the run, after an empty line."""
    steps = [line for step in next_steps for line in _step(step, width - LABELS)]
    if steps or again:
        yield ""
    if steps:
        yield from hung("next", steps, LABELS)
    if again:
        yield from hung("again", pasteable(inert(again), width - LABELS), LABELS)


def _step(step: str, width: int) -> Iterable[str]:
    if step.startswith("mcpverify "):
        return pasteable(inert(step), width)
    return wrapped(inert(step, MAX_TEXT), width)
