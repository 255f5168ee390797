"""A comparison of two contracts for people: what differs, then which two contracts they were."""

from collections.abc import Iterator

from mcpverify.facts.comparison import Comparison, Source, SourceKind
from mcpverify.facts.verdict import Verdict
from mcpverify.reporters.differences import difference_lines
from mcpverify.reporters.drifted import OLD_AND_NEW, drifted
from mcpverify.reporters.exchanges import exchange_lines
from mcpverify.reporters.frame import (
    LABELS,
    MAX_TEXT,
    headline_lines,
    next_lines,
    time_of_day,
    verdict_lines,
)
from mcpverify.reporters.inert import inert
from mcpverify.reporters.layout import duration, hung, joined, wrapped
from mcpverify.reporters.presentation import Presentation

_MAX_FACT = 100


def comparison_lines(comparison: Comparison, how: Presentation) -> Iterator[str]:
    """The lines of a report on `comparison`; with --quiet only what differs."""
    quiet = how.verbosity < 0
    who = [inert(comparison.old.name, MAX_TEXT), f"-> {inert(comparison.new.name, MAX_TEXT)}"]
    facts = [
        *([] if quiet else [time_of_day(comparison.started), duration(comparison.seconds)]),
        f"exit {how.exit_code}",
    ]
    yield from verdict_lines(comparison.verdict, who, facts, how)
    yield from headline_lines(comparison.headline, how)
    entries = drifted(comparison.tools, comparison.others)
    if entries and not (quiet and comparison.verdict is Verdict.PASSED):
        yield ""
        yield from difference_lines(entries, OLD_AND_NEW, how)
    if quiet:
        return
    yield ""
    yield from hung("old", joined(_source(comparison.old), how.width - LABELS), LABELS)
    yield from hung("new", joined(_source(comparison.new), how.width - LABELS), LABELS)
    for note in comparison.notes:
        yield from hung("note", wrapped(inert(note, MAX_TEXT), how.width - LABELS), LABELS)
    if comparison.open_world:
        yield from hung("world", ["open: callers may send undeclared properties, too"], LABELS)
    yield from next_lines(comparison.next_steps, comparison.again, how.width)
    if how.verbosity > 0:
        for recording in comparison.recordings:
            yield ""
            yield from exchange_lines(recording, how.width)


def _source(source: Source) -> Iterator[str]:
    yield inert(source.name, MAX_TEXT)
    if source.kind is not SourceKind.SERVER:
        yield source.kind
    if source.detail:
        yield inert(source.detail, _MAX_FACT)
    if source.digests is None:
        yield f"not fully seen: {inert(source.problem, MAX_TEXT)}"
    else:
        yield f"{source.tools:,} {'tool' if source.tools == 1 else 'tools'}"
        yield source.digests.digest[: len("sha256:") + 12]
