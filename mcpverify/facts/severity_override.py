"""A team's own word on how grave a check is."""

from dataclasses import dataclass

from mcpverify.facts.finding import Severity


@dataclass(frozen=True, slots=True)
class SeverityOverride:
    """A failure of `check` is as grave as `severity` says, for `reason`, which is reported."""

    check: str
    severity: Severity
    reason: str
