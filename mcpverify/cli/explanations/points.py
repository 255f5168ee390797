"""The explanation of a point of a good shutdown: the docstring of its file, as for a check."""

from collections.abc import Iterator
from typing import Final

from mcpverify.cli.explanations.checks import full_text
from mcpverify.cli.explanations.demonstrations import demonstrated_ends
from mcpverify.cli.explanations.topic import Kind, Topic
from mcpverify.facts.check import Check
from mcpverify.facts.finding import Severity
from mcpverify.rollout.points import all_points

_SEVERITIES: Final = {
    Severity.ERROR: "error: where it fails, drain fails (exit code 1)",
    Severity.WARNING: "warning: the shutdown is degraded at most, and drain fails with --strict",
}


def point_topics() -> Iterator[Topic]:
    """A topic for each point, in the order of reports."""
    for file in all_points():
        check = file.check
        yield Topic(
            Kind.POINT,
            check.id,
            "a point of a good shutdown",
            "Points of a good shutdown, in the order of a report of drain",
            check.title,
            full_text(file.text, check),
            tuple(_notes(check)),
        )


def _notes(check: Check) -> Iterator[tuple[str, str]]:
    yield "severity", _SEVERITIES[check.severity]
    if check.rule:
        yield "rule", check.rule
    yield from demonstrated_ends(lambda ended: ended.point == check.id)
