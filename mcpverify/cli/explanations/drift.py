"""What the verdicts on a difference mean, on what grounds they are claimed, and what to do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mcpverify.cli.explanations.topic import Kind, Topic
from mcpverify.facts.compatibility import Compatibility


@dataclass(frozen=True, slots=True)
class DriftText:
    """`means` and `grounds` are cells of a table; `todo` is whole sentences."""

    title: str
    means: str
    grounds: str
    todo: str


DRIFT: Final[Mapping[Compatibility, DriftText]] = {
    Compatibility.BREAKING: DriftText(
        "Callers break",
        "a call that was valid is refused, or a result comes that readers were told not to expect",
        "a witness: a value that one schema takes and the other refuses. Both were asked, and the "
        "answer is that of `jsonschema`, not of the engine that found the value. Without one only "
        "where no value can show it, such as a tool that is gone",
        "The report shows the witness: try that call. Restore what callers rely on, or offer the "
        "new shape under a new name and keep the old tool for a while. If nobody relies on it, "
        "accept it with `mcpverify snapshot`, and let a person who knows the callers review that.",
    ),
    Compatibility.UNDECIDED: DriftText(
        "It is not known whether callers break",
        "neither a witness nor a proof was found",
        "a reason: a pattern that refers back, a `$ref` to elsewhere, a schema that is not valid, "
        "a budget that is spent. It is never rounded to compatible, and `--fail-on breaking` fails "
        "on it",
        "A person has to look: `-v` shows both definitions as a diff. The reason says what the "
        "engine could not read; a simpler pattern or a schema without outside references can be "
        "decided.",
    ),
    Compatibility.BEHAVIORAL: DriftText(
        "No call is lost, but something else is said",
        "nothing valid is lost, but a model reads, or a client trusts, something else",
        "texts, defaults, formats, examples, icons, annotations, unknown keywords; an argument "
        "that was declared, and is silently ignored from now on",
        "Read it as a model would. A description is an instruction, so a change of one is "
        "reviewed like code; `readOnlyHint` and `destructiveHint` decide whether a client asks "
        "before a call. If it was meant, accept it.",
    ),
    Compatibility.COMPATIBLE: DriftText(
        "All that was valid stays valid",
        "all that was valid stays valid",
        "a proof, by the schemas, that no value exists which breaks; or something was only added, "
        "such as a tool",
        "Accept it in the pull request that makes it. By default the gate fails on it all the "
        "same, since the server is not the reviewed one; `--fail-on breaking` lets it pass.",
    ),
    Compatibility.IDENTICAL: DriftText(
        "Nothing differs",
        "nothing differs",
        "equal digests",
        "Nothing.",
    ),
}


def drift_topics() -> Iterator[Topic]:
    """A topic for each verdict on a difference, worst first."""
    for verdict, of in DRIFT.items():
        text = (
            f"It means: {of.means}.\n\nIt is claimed only with {of.grounds}.\n\n"
            f"What to do: {of.todo[0].lower()}{of.todo[1:]}"
        )
        notes = (("more", "docs/drift.md and docs/reading-a-drift-report.md, in the repository"),)
        yield Topic(
            Kind.DRIFT,
            verdict.value,
            "a verdict on a difference",
            "Verdicts on a difference, worst first",
            of.title,
            text,
            notes,
        )
