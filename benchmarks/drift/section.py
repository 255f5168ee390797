"""The part of the results that is about drift: who is right, and how fast."""

from collections.abc import Iterator, Mapping

from drift.comparing import OF_EACH, Drift
from drift.counting import Silence, Tally
from drift.rivals import PATIENCE

_TOLD = (Silence.UNDECIDED, Silence.RAISED, Silence.TIMED_OUT)


def section(drift: Drift, versions: Mapping[str, str]) -> list[str]:
    """Its lines of Markdown. `versions` are those of the tools, by name."""
    sampled = next(iter(drift.everything.values())).count
    agreed = next(iter(drift.agreed.values())).count
    return [
        "## Drift: single edits on real tools",
        "",
        f"All {drift.every.count:,} single edits that `tests/drift/single_edits.py` makes on the "
        f"{drift.tools} different tools of the corpus: at every depth, on inputs, on outputs and "
        "on the tool itself, each with its mirror. What an edit does is known from how it was "
        "made. Right means breaking or not breaking; "
        f"{drift.misnamed} of the right ones have another name than they should among identical, "
        "compatible and behavioral. The time is that of finding the changes of a pair and judging "
        "each of them, with proof, witness and referee, in a process that stays.",
        "",
        *_table({"mcpverify": drift.every}, versions),
        "",
        "### Beside libraries that compare JSON Schemas",
        "",
        f"The same question to all, on {sampled:,} of these edits, {drift.breaking:,} of which "
        f"break: up to {OF_EACH} of each kind on each side, chosen by a digest, those of the tool "
        "itself left out. Each library gets the two schemas just as they are and "
        "is asked whether every value of the producer (the snapshot's inputSchema, the live "
        "outputSchema) is one of the acceptor. json-schema-diff: `diffSchemas({sourceSchema: "
        "producer, destinationSchema: acceptor})`, yes where `removalsFound` is false. "
        "jsonsubschema: `isSubschema(producer, acceptor)`. Each runs in a process that stays, "
        f"warmed up, and started anew after a pair of more than {PATIENCE:g} s. Their time is that "
        "of the call alone; that of mcpverify is for the whole judgement, as above. Raised means "
        "that an exception came in place of an answer; a refusal of what a library does not read "
        "is one.",
        "",
        *_table(drift.everything, versions),
        *_missing(drift),
        "",
        "Here, the truth is that of callers and servers that send declared properties only. This "
        "is how mcpverify reads objects, and not what the libraries promise: they take JSON "
        "Schema by the letter, by which a new optional argument is a break, since "
        f"an old call may have held anything under its name. So once more, on the {agreed:,} "
        "edits on which the two readings agree:",
        "",
        *_table(drift.agreed, versions),
        "",
        "And on those of them of which a library itself says that it can read both schemas. For "
        "json-schema-diff that is its KEYWORDS.md: draft-07 without enum, const, pattern, "
        "multipleOf, uniqueItems and conditions (it passes over those in silence), and no "
        "circular references. For jsonsubschema it is what is valid in draft-04, the only draft it "
        "reads (numeric exclusiveMinimum came later), with the keywords that its source lists, and "
        "no circular references. mcpverify is shown on the same edits.",
        "",
        *_readable(drift, versions),
    ]


def _table(tallies: Mapping[str, Tally], versions: Mapping[str, str]) -> Iterator[str]:
    yield (
        "| | edits | right | false compatible | false breaking "
        f"| {' | '.join(_TOLD)} | median | 99th percentile |"
    )
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    for name, each in tallies.items():
        yield _row(name, each, versions)


def _row(name: str, each: Tally, versions: Mapping[str, str]) -> str:
    silences = " | ".join(f"{each.silent[why]:,}" for why in _TOLD)
    return (
        f"| {name} {versions[name]} | {each.count:,} "
        f"| {each.right:,} ({_percent(each.right, each.count)}) "
        f"| {each.false_compatible:,} | {each.false_breaking:,} | {silences} "
        f"| {_ms(each.median)} | {_ms(each.slow)} |"
    )


def _readable(drift: Drift, versions: Mapping[str, str]) -> Iterator[str]:
    for name, tallies in drift.readable.items():
        yield f"What {name} can read:"
        yield ""
        yield from _table(dict(reversed(tallies.items())), versions)
        yield ""


def _missing(drift: Drift) -> Iterator[str]:
    for why in drift.missing.values():
        yield ""
        yield f"Not in the table: {why}."


def _percent(part: int, whole: int) -> str:
    """Rounded down, so that only all of them are 100 %."""
    return f"{1000 * part // whole / 10:.1f} %"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms"
