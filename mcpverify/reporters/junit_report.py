"""A report as test results: a suite for each target, a case for each check; of a comparison, one
suite with a case for each tool.

Of the trials of a shutdown, each is a suite. GitLab shows the text of a failure and not its message
attribute, Jenkins both, and neither shows the output of a case that passed: so a text says all, and
what a person would read in a terminal, warnings included, is the output of the suite. The order of
elements is that of Ant, which is the strictest of the schemas there are
(https://github.com/windyroad/JUnit-Schema).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, assert_never

from mcpverify.facts.change import Subject
from mcpverify.facts.comparison import Comparison, Source
from mcpverify.facts.compatibility import Compatibility, EntryDrift
from mcpverify.facts.drain import DrainReport
from mcpverify.facts.finding import Finding, Outcome, Severity
from mcpverify.facts.report import Report, TargetReport
from mcpverify.facts.verdict import Verdict
from mcpverify.reporters.details import detail_lines
from mcpverify.reporters.differences import difference_lines
from mcpverify.reporters.drifted import (
    COMPARED,
    OLD_AND_NEW,
    SNAPSHOT_AND_LIVE,
    Drifted,
    drifted,
    untold,
)
from mcpverify.reporters.fleet import counted
from mcpverify.reporters.inert import inert
from mcpverify.reporters.inert_xml import tag, text
from mcpverify.reporters.presentation import WIDE, Presentation
from mcpverify.reporters.terminal_report import render as terminal_text
from mcpverify.reporters.timeline_picture import picture_lines

MAX_NAME: Final = 200  # characters
MAX_TEXT: Final = 600
_VERDICT: Final = "verdict"  # the case that says so where no check does


class Element(StrEnum):
    """What a case holds where it did not pass."""

    FAILURE = "failure"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Case:
    """`lines` are inert already. `kind` is the word for what went wrong."""

    name: str
    element: Element | None = None
    kind: str = ""
    message: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suite:
    name: str
    verdict: Verdict
    headline: str
    cases: tuple[Case, ...]
    properties: tuple[tuple[str, str], ...]
    output: str
    started: float  # seconds since the epoch
    seconds: float


def render(report: Report | Comparison | DrainReport, how: Presentation) -> str:
    """The XML text, which is ASCII. Of `how` only the exit code counts."""
    how = Presentation(how.exit_code, WIDE)
    match report:
        case Comparison():
            suites = [_comparison(report, how)]
        case DrainReport():
            suites = [_trial(report, number, how) for number in range(len(report.trials))]
        case Report():
            suites = [_target(target, how) for target in report.targets]
            if report.missing or not suites:
                suites.append(_beside(report))
    names = _distinct(suite.name for suite in suites)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"]
    for number, (suite, name) in enumerate(zip(suites, names, strict=True)):
        lines += _suite_lines(suite, name, number)
    return "\n".join([*lines, "</testsuites>", ""])


# -- the gate


def _beside(report: Report) -> Suite:
    """What is of no target: those that are missing, or that there is none."""
    cases = [
        Case(f"missing {number}", Element.ERROR, "missing", inert(text, MAX_TEXT), (inert(text),))
        for number, text in enumerate(report.missing, start=1)
    ]
    verdict = Verdict.INCONCLUSIVE if report.missing else report.verdict
    return Suite("mcpverify", verdict, counted(report), tuple(cases), (), "", 0.0, 0.0)


def _target(target: TargetReport, how: Presentation) -> Suite:
    known = " ".join(filter(None, (target.server.name, target.server.version)))
    facts = (
        ("verdict", target.verdict),
        ("situation", target.situation),
        ("headline", target.headline),
        ("server", known),
        ("revision", target.server.revision),
        ("url", target.server.url),
        ("address", target.server.address),
        ("request-id", target.server.request_id),
        ("snapshot", target.snapshot),
        ("digest", None if target.live is None else target.live.digest),
        ("expected-digest", None if target.expected is None else target.expected.digest),
        ("again", target.again),
    )
    return Suite(
        name=target.target,
        verdict=target.verdict,
        headline=target.headline,
        cases=tuple(_check(finding, how, target) for finding in target.findings),
        properties=tuple((name, value) for name, value in facts if value),
        output=terminal_text(Report((target,)), how),
        started=target.started,
        seconds=target.seconds,
    )


def _check(
    finding: Finding,
    how: Presentation,
    target: TargetReport | None = None,
    *,
    gating: bool = True,
) -> Case:
    told = f"{finding.outcome.replace('-', ' ')}: {finding.message}"
    match finding.outcome:
        case Outcome.PASSED | Outcome.WARNED:
            return Case(finding.check)
        case Outcome.FAILED:
            element, told = Element.FAILURE, finding.message
        case Outcome.NOT_OBSERVED if gating and finding.severity is Severity.ERROR:
            element = Element.ERROR
        case Outcome.NOT_OBSERVED | Outcome.NOT_APPLICABLE:
            element = Element.SKIPPED
        case _:
            assert_never(finding.outcome)
    entries: list[Drifted] = []
    if target is not None and finding.check == COMPARED:
        entries = drifted(target.tools, target.others)
    lines = tuple(_finding_lines(finding, told, entries, how))
    return Case(finding.check, element, finding.outcome, told, lines)


def _finding_lines(
    finding: Finding, told: str, entries: list[Drifted], how: Presentation
) -> Iterator[str]:
    """What a person needs of one finding: all of it, since a reader may show nothing else."""
    yield inert(told, MAX_TEXT)
    yield from detail_lines(untold(finding, entries), how.width)
    yield from difference_lines(entries, SNAPSHOT_AND_LIVE, how)
    if finding.hint:
        yield f"-> {inert(finding.hint, MAX_TEXT)}"
    if finding.rule and finding.outcome is Outcome.FAILED:
        yield inert(finding.rule, MAX_TEXT)


# -- a comparison


def _comparison(comparison: Comparison, how: Presentation) -> Suite:
    entries = drifted(comparison.tools, comparison.others)
    cases = [_entry(entry, comparison, how) for entry in entries]
    differing = {entry.name for entry in entries if entry.subject is Subject.TOOL}
    cases += [Case(tool.name) for tool in comparison.tools if tool.name not in differing]
    facts = (
        ("verdict", comparison.verdict),
        ("compatibility", comparison.compatibility),
        ("headline", comparison.headline),
        ("fail-on", comparison.fail_on),
        ("old", _source(comparison.old)),
        ("new", _source(comparison.new)),
        ("again", comparison.again),
    )
    return Suite(
        name=f"{inert(comparison.old.name, MAX_NAME)} -> {inert(comparison.new.name, MAX_NAME)}",
        verdict=comparison.verdict,
        headline=comparison.headline,
        cases=tuple(cases),
        properties=tuple((name, value) for name, value in facts if value),
        output=terminal_text(comparison, how),
        started=comparison.started,
        seconds=comparison.seconds,
    )


def _source(source: Source) -> str:
    digest = "" if source.digests is None else source.digests.digest
    return "  ".join(filter(None, (source.name, source.detail, digest, source.problem)))


def _entry(entry: Drifted, comparison: Comparison, how: Presentation) -> Case:
    changes = tuple(change for told in entry.told for change in told.changes)
    name = entry.name if entry.subject is Subject.TOOL else f"{entry.subject} {entry.name}"
    if not comparison.fail_on.objects_to(EntryDrift(entry.subject, entry.name, changes)):
        return Case(name)
    told = _MEANINGS[entry.compatibility]
    lines = (told, *difference_lines([entry], OLD_AND_NEW, how))
    return Case(name, Element.FAILURE, entry.compatibility, told, lines)


_MEANINGS: Final = {
    Compatibility.BREAKING: "it breaks callers",
    Compatibility.UNDECIDED: "it may break callers: neither proof nor witness was found",
    Compatibility.BEHAVIORAL: "it changes behavior; all that was valid stays valid",
    Compatibility.COMPATIBLE: "it changes; all that was valid stays valid",
    Compatibility.IDENTICAL: "it differs",
}


# -- the trial of a shutdown


def _trial(report: DrainReport, number: int, how: Presentation) -> Suite:
    """A trial; the one that counts says what the whole run means."""
    trial = report.trials[number]
    counts = number == report.worst
    timeline = trial.timeline
    server = timeline.server
    code = timeline.end.exit_code
    facts = (
        ("verdict", trial.verdict),
        ("shutdown", trial.shutdown),
        ("headline", report.headline if counts else None),
        ("server", " ".join(filter(None, (server.name, server.version)))),
        ("revision", server.revision),
        ("exit-code", None if code is None else str(code)),
        ("again", report.again),
    )
    return Suite(
        name=report.target,
        verdict=trial.verdict,
        headline=report.headline if counts else f"the shutdown was {trial.shutdown}",
        cases=tuple(
            _check(finding, how, gating=trial.verdict is Verdict.INCONCLUSIVE)
            for finding in trial.findings
        ),
        properties=tuple((name, value) for name, value in facts if value),
        output=terminal_text(report, how) if counts else "\n".join(picture_lines(timeline, how)),
        started=timeline.started,
        seconds=timeline.seconds,
    )


# -- the document


def _suite_lines(suite: Suite, name: str, number: int) -> Iterator[str]:
    cases = (*_verdict_case(suite), *suite.cases)
    counts = Counter(case.element for case in cases)
    yield tag(
        "testsuite",
        {
            "name": name,
            "package": "mcpverify",
            "id": number,
            "hostname": "localhost",
            "timestamp": datetime.fromtimestamp(suite.started, UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "time": f"{suite.seconds:.3f}",
            "tests": len(cases),
            "failures": counts[Element.FAILURE],
            "errors": counts[Element.ERROR],
            "skipped": counts[Element.SKIPPED],
        },
    )
    yield "<properties>"
    for key, value in suite.properties:
        yield tag("property", {"name": key, "value": value}, "/")
    yield "</properties>"
    for case, title in zip(cases, _distinct(each.name for each in cases), strict=True):
        yield from _case_lines(case, title, name)
    yield f"<system-out>{text(suite.output.splitlines())}</system-out>"
    yield "<system-err></system-err>"
    yield "</testsuite>"


def _verdict_case(suite: Suite) -> Iterator[Case]:
    """A case for a verdict that no other case shows: what is not passed is never all green."""
    elements = {case.element for case in suite.cases}
    headline = inert(suite.headline, MAX_TEXT)
    if suite.verdict is Verdict.FAILED and Element.FAILURE not in elements:
        yield Case(_VERDICT, Element.FAILURE, suite.verdict, headline, (headline,))
    if suite.verdict is Verdict.INCONCLUSIVE and Element.ERROR not in elements:
        yield Case(_VERDICT, Element.ERROR, suite.verdict, headline, (headline,))


def _case_lines(case: Case, title: str, suite: str) -> Iterator[str]:
    # What takes time is the run, not the judgement: the suite tells it.
    attributes = {"name": title, "classname": suite, "time": "0.000"}
    if case.element is None:
        yield tag("testcase", attributes, "/")
        return
    yield tag("testcase", attributes)
    known: dict[str, str | int] = {"message": case.message}
    if case.element is not Element.SKIPPED:
        known["type"] = case.kind
    yield f"{tag(case.element, known)}{text(case.lines)}</{case.element}>"
    yield "</testcase>"


def _distinct(names: Iterable[str]) -> list[str]:
    """Names that can be told apart: GitLab drops the second of two cases with one name."""
    given: Counter[str] = Counter()
    taken: set[str] = set()
    distinct = []
    for name in names:
        shown = " ".join(inert(name, MAX_NAME).split()) or "(no name)"
        unique = shown
        while unique in taken:
            given[shown] += 1
            unique = f"{shown} ({given[shown] + 1})"
        taken.add(unique)
        distinct.append(unique)
    return distinct
