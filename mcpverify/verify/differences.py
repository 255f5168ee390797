"""What the differences of two contracts come to: a verdict, one line for it, and what to do."""

from collections.abc import Iterable

from mcpverify.facts.change import Subject
from mcpverify.facts.comparison import Comparison
from mcpverify.facts.compatibility import Compatibility, EntryDrift
from mcpverify.facts.evidence import FailOn
from mcpverify.facts.verdict import Verdict

_MEANINGS = {
    Compatibility.COMPATIBLE: "COMPATIBLE: {} change{s}; all that was valid stays valid",
    Compatibility.BEHAVIORAL: "BEHAVIORAL: {} change{s} behavior; all that was valid stays valid",
    Compatibility.UNDECIDED: "UNDECIDED: {} may break callers: neither proof nor witness was found",
    Compatibility.BREAKING: "BREAKING: {} break{s} callers",
}


def verdict_on(drifts: Iterable[EntryDrift], fail_on: FailOn) -> Verdict:
    """Failed if anything differs that `fail_on` does not tolerate."""
    fails = any(fail_on.objects_to(each) for each in drifts)
    return Verdict.FAILED if fails else Verdict.PASSED


def headline(comparison: Comparison) -> str:
    """The outcome in one line: the worst that differs, and in how many tools."""
    total = sum(not each.renamed_to for each in comparison.tools)
    worst = comparison.compatibility
    if worst is None or worst is Compatibility.IDENTICAL:
        return f"IDENTICAL: no difference in {_count(total, 'tool')}"
    concerned = comparison.counts.get(worst, 0)
    words = []
    if concerned:
        words.append(f"{concerned:,} of {_count(total, 'tool')}")
    for subject in (Subject.PROMPT, Subject.TEMPLATE, Subject.RESOURCE):
        found = [each for each in comparison.others if each.subject is subject]
        count = sum(each.compatibility is worst for each in found)
        concerned += count
        if count:
            words.append(_count(count, subject.value))
    told = " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
    line = _MEANINGS[worst].format(told, s="s" if concerned == 1 else "")
    if comparison.verdict is Verdict.PASSED:
        line += f"; --fail-on {comparison.fail_on} tolerates it"
    return line


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def next_steps(comparison: Comparison, accepting: str) -> tuple[str, ...]:
    """What to do about a difference that is not tolerated; `accepting` the command, or ""."""
    if comparison.verdict is not Verdict.FAILED:
        return ()
    steps = []
    if comparison.compatibility in (Compatibility.BREAKING, Compatibility.UNDECIDED):
        steps.append("Restore what callers rely on, or offer the new shape under a new name.")
    else:
        steps.append("Review the difference: nothing breaks, and --fail-on breaking tolerates it.")
    if accepting:
        steps += ["If it was meant, accept it and commit the file:", accepting]
    return tuple(steps)
