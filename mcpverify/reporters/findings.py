"""Findings for people, of a target or of a trial: worst first, then what passed, on few lines."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import assert_never

from mcpverify.facts.finding import Finding, Outcome, Severity
from mcpverify.reporters.details import detail_lines
from mcpverify.reporters.differences import difference_lines
from mcpverify.reporters.drifted import COMPARED, SNAPSHOT_AND_LIVE, Drifted, untold
from mcpverify.reporters.inert import inert
from mcpverify.reporters.layout import Paint, hung, painted, width_of, wrapped
from mcpverify.reporters.presentation import Presentation

MAX_TEXT = 600  # characters of one message; what a server says may be megabytes
_TELLING = 8  # characters of a message that another one is unlikely to hold by chance
_NARROWEST, _PREFERRED = 21, 28  # columns before the messages


def finding_lines(
    findings: Collection[Finding],
    how: Presentation,
    *,
    entries: list[Drifted] | None = None,
    next_steps: tuple[str, ...] = (),
    gating: bool = True,
) -> Iterator[str]:
    """Trouble worst first, then the ids that passed and those that do not apply.

    --quiet leaves out all but failures and what was not observed.
    `entries` are what differs, told under the finding that is about it; `next_steps` are told
    elsewhere, and no hint repeats them. `gating` says that what was not observed, and had to be,
    keeps the verdict from green.
    """
    troubles = _in_groups(each for each in findings if _rank(each, gating) is not None)
    troubles.sort(key=lambda group: _rank(group.findings[0], gating) or 0)
    if how.verbosity < 0:
        troubles = [group for group in troubles if _rank(group.findings[0], gating) in (0, 1)]
    column = max((width_of(group.label) for group in troubles), default=0) + 4
    column = min(max(column, _NARROWEST), _PREFERRED, how.width // 2)
    for group in troubles:
        yield from _trouble(group, entries or [], next_steps, column, how)
    if how.verbosity >= 0:
        yield from _passed(_of(findings, Outcome.PASSED), column, how)
        yield from _beside(_of(findings, Outcome.NOT_APPLICABLE), column, how)


def _of(findings: Iterable[Finding], outcome: Outcome) -> list[Finding]:
    return [each for each in findings if each.outcome is outcome]


def _rank(finding: Finding, gating: bool = True) -> int | None:
    """The place of a finding among those that need attention, worst first; None for the rest."""
    match finding.outcome:
        case Outcome.FAILED:
            return 0
        case Outcome.NOT_OBSERVED:
            return 1 if gating and finding.severity is Severity.ERROR else 3
        case Outcome.WARNED:
            return 2
        case Outcome.PASSED | Outcome.NOT_APPLICABLE:
            return None
        case _:
            assert_never(finding.outcome)


def _mark(outcome: Outcome) -> tuple[str, Paint | None]:
    match outcome:
        case Outcome.FAILED:
            return "x", Paint.BAD
        case Outcome.NOT_OBSERVED:
            return "?", Paint.UNKNOWN
        case Outcome.WARNED:
            return "!", Paint.WARNING
        case Outcome.PASSED:
            return "ok", Paint.GOOD
        case Outcome.NOT_APPLICABLE:
            return "-", None
        case _:
            assert_never(outcome)


@dataclass(frozen=True, slots=True)
class _Group:
    """Findings that are told as one: `cause` is the finding that explains them, if any does."""

    findings: tuple[Finding, ...]
    cause: Finding | None = None

    @property
    def label(self) -> str:
        one = len(self.findings) == 1
        return inert(self.findings[0].check) if one else f"{len(self.findings)} checks"

    @property
    def lines(self) -> tuple[str, ...]:
        """What is said of them: a reason, and the ids where there are several."""
        first = self.findings[0]
        reason = inert(first.message, MAX_TEXT)
        ids = " ".join(inert(each.check) for each in self.findings)
        if first.outcome is not Outcome.NOT_OBSERVED:
            return (reason,)
        if len(self.findings) == 1:
            return (f"not observed: {reason}",)
        if self.cause is not None:
            return (f"not observed, because of {inert(self.cause.check)}: {ids}",)
        return (f"not observed: {reason}", ids)


def _in_groups(findings: Iterable[Finding]) -> list[_Group]:
    """The findings worst first; what was not observed for one and the same reason as one."""
    ranked = sorted(findings, key=lambda each: _rank(each) or 0)
    groups: dict[object, _Group] = {}
    for finding in ranked:
        key: object = finding.check
        cause = None
        if finding.outcome is Outcome.NOT_OBSERVED:
            cause = next((each for each in ranked if _explains(each, finding)), None)
            if cause is not ranked[0] and cause is not None and cause.message == finding.message:
                cause = None  # of equals only the worst one is a cause
            key = cause or (finding.message, finding.details)
        known = groups.get(key, _Group((), cause))
        groups[key] = replace(known, findings=(*known.findings, finding))
    return list(groups.values())


def _explains(cause: Finding, finding: Finding) -> bool:
    """Whether `finding` says no more than that something went wrong which `cause` tells.

    It does by repeating the other's words, after words of its own that end in a colon.
    """
    if cause is finding or finding.details:
        return False
    if cause.outcome not in (Outcome.FAILED, Outcome.NOT_OBSERVED):
        return False
    reason = finding.message.partition(": ")[2] or finding.message
    return len(reason) >= _TELLING and reason in cause.message


def _trouble(
    group: _Group,
    entries: list[Drifted],
    next_steps: tuple[str, ...],
    column: int,
    how: Presentation,
) -> Iterator[str]:
    finding = group.findings[0]
    yield from _marked(finding.outcome, group.label, group.lines, column, how)
    if len(group.findings) > 1:
        return
    entries = entries if finding.check == COMPARED else []
    # Which release it is comes before what differs in it.
    yield from detail_lines(untold(finding, entries), how.width)
    yield from difference_lines(entries, SNAPSHOT_AND_LIVE, how)
    if finding.hint and (how.verbosity < 0 or finding.hint not in next_steps):
        yield from hung("  ->", wrapped(inert(finding.hint, MAX_TEXT), how.width - 5), 5)
    if finding.rule and how.verbosity > 0:
        yield f"     {inert(finding.rule)}"


def _marked(
    outcome: Outcome, label: str, texts: Iterable[str], column: int, how: Presentation
) -> Iterator[str]:
    mark, paint = _mark(outcome)
    label = inert(label)
    plain = f"{mark} {label}"
    strong = Paint.STRONG if paint in (Paint.BAD, Paint.UNKNOWN) else None
    head = f"{painted(mark, paint, how.color)} {painted(label, strong, how.color)}"
    lines = [line for text in texts for line in wrapped(text, how.width - column)]
    if width_of(plain) + 2 > column:
        yield head
        yield from hung("", lines, column)
        return
    first, *others = hung(plain, lines, column)
    yield head + first[len(plain) :]
    yield from others


def _passed(findings: list[Finding], column: int, how: Presentation) -> Iterator[str]:
    if not findings:
        return
    ids = " ".join(inert(each.check) for each in findings)
    yield from _marked(Outcome.PASSED, str(len(findings)), [ids], column, how)
    if how.verbosity > 0:
        for each in findings:
            lines = wrapped(f"{each.check}: {inert(each.message, MAX_TEXT)}", how.width - 5)
            yield from hung("", lines, 5)
            yield from detail_lines(each.details, how.width)


def _beside(findings: list[Finding], column: int, how: Presentation) -> Iterator[str]:
    if not findings:
        return
    if len(findings) == 1 or how.verbosity > 0:
        for each in findings:
            text = f"not applicable: {inert(each.message, MAX_TEXT)}"
            yield from _marked(Outcome.NOT_APPLICABLE, each.check, [text], column, how)
        return
    ids = f"not applicable: {' '.join(inert(each.check) for each in findings)}"
    yield from _marked(Outcome.NOT_APPLICABLE, f" {len(findings)}", [ids], column, how)
