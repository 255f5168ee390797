"""The explanation of a check: the docstring of its file, and what its `CHECK` declares."""

from collections.abc import Iterator
from typing import Final

from mcpverify.checks import all_checks
from mcpverify.cli.explanations.demonstrations import demonstrations
from mcpverify.cli.explanations.topic import Kind, Topic
from mcpverify.facts.check import Check
from mcpverify.facts.finding import Severity

_SEVERITIES: Final = {
    Severity.ERROR: "error: where it fails, the gate fails (exit code 1); where it could not be "
    "asked, there is no verdict (exit code 3)",
    Severity.WARNING: "warning: it fails no gate, except with --strict",
}
_OPT_IN: Final = "only where a flag asks for it"


def check_topics() -> Iterator[Topic]:
    """A topic for each check, in the order of reports."""
    for file in all_checks():
        check = file.check
        yield Topic(
            Kind.CHECK,
            check.id,
            "a check",
            "Checks, in the order of a report",
            check.title,
            full_text(file.text, check),
            tuple(_notes(check)),
        )


def full_text(docstring: str, check: Check) -> str:
    """What the file of a check says, and how to mend it where only its `CHECK` tells that."""
    text, hint = docstring.strip(), check.hint
    if hint and "\n\nTo mend it:" not in text:
        text += f"\n\nTo mend it: {hint[0].lower()}{hint[1:]}"
    return text


def _notes(check: Check) -> Iterator[tuple[str, str]]:
    yield "severity", _SEVERITIES[check.severity]
    if check.opt_in:
        yield "asked", _OPT_IN
    if check.rule:
        yield "rule", check.rule
    yield from demonstrations(lambda shown: shown.check == check.id)
