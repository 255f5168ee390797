"""What a report on many targets comes to, for every format: how many, and who comes first."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from mcpverify.facts.finding import LEFT_OUT, LEFT_OUT_BY, Finding, Outcome
from mcpverify.facts.report import Report, TargetReport
from mcpverify.facts.situation import Situation
from mcpverify.facts.verdict import Verdict
from mcpverify.reporters.frame import WORST_FIRST

_WORDS: Final = (
    (Verdict.FAILED, "failed"),
    (Verdict.INCONCLUSIVE, "without verdict"),
    (Verdict.PASSED, "passed"),
)


def counted(report: Report) -> str:
    """`10 targets of shard 2/3: 1 failed, 9 passed`."""
    number = len(report.targets)
    who = f"{number:,} target{'' if number == 1 else 's'}"
    if report.shard is not None:
        who += f" of {report.shard.told}"
        if not report.shard.names:
            return f"{who}: there is nothing to do for it"
    verdicts = Counter(target.verdict for target in report.targets)
    counts = [f"{verdicts[each]:,} {words}" for each, words in _WORDS if verdicts[each]]
    return f"{who}: {', '.join(counts) or 'none was given'}"


def red_first(report: Report) -> list[TargetReport]:
    """The targets that did not pass, worst first, and of equals in the order of the report."""
    red = [target for target in report.targets if target.verdict is not Verdict.PASSED]
    return sorted(red, key=lambda target: WORST_FIRST.index(target.verdict))


def green_names(report: Report) -> list[str]:
    """The targets that passed with nothing to remark."""
    return [each.target for each in _green(report) if not warnings(each)]


def warned_names(report: Report) -> dict[tuple[str, ...], list[str]]:
    """The targets that passed with warnings, by the checks that warned: one cause has many."""
    names: dict[tuple[str, ...], list[str]] = {}
    for each in _green(report):
        if warned := warnings(each):
            names.setdefault(warned, []).append(each.target)
    return names


def warnings(target: TargetReport) -> tuple[str, ...]:
    return tuple(each.check for each in target.findings if each.outcome is Outcome.WARNED)


def unseen_names(report: Report) -> dict[str, list[str]]:
    """What the green of targets says nothing of, since somebody left it out, and these targets."""
    names: dict[str, list[str]] = {}
    for each in _green(report):
        for words in dict.fromkeys(filter(None, map(_unseen, each.findings))):
            names.setdefault(words, []).append(each.target)
    return names


def _unseen(finding: Finding) -> str:
    if finding.message.startswith(LEFT_OUT_BY):
        return f"{finding.check}: {finding.message}"
    if finding.check == "matches-snapshot":
        _, found, rest = finding.message.partition(f"; {LEFT_OUT}")
        return f"{LEFT_OUT}{rest}" if found else ""
    return ""


def recorded(report: Report) -> Iterator[tuple[TargetReport, str]]:
    """The targets of which a snapshot was written, or is as it was: which, and what changed."""
    for target in report.targets:
        if target.situation is Situation.RECORDED:
            changed = [each.message for each in target.findings if each.outcome is Outcome.WARNED]
            yield target, "; ".join([target.headline, *changed])


def _green(report: Report) -> list[TargetReport]:
    """Those that passed a check."""
    return [
        target
        for target in report.targets
        if target.verdict is Verdict.PASSED and target.situation is not Situation.RECORDED
    ]
