"""What a check says: one finding, under the same id whether it passes or fails."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LEFT_OUT: Final = "left out: "
"""Before what a comparison did not look at, in a message."""

LEFT_OUT_BY: Final = "it is left out by "
"""How the message begins of a check that did not run, though something was wanted of it."""


class Outcome(StrEnum):
    """`not-observed` is never green: it says that the question could not be asked."""

    PASSED = "passed"
    WARNED = "warned"
    FAILED = "failed"
    NOT_APPLICABLE = "not-applicable"
    NOT_OBSERVED = "not-observed"


class Severity(StrEnum):
    """What a check's failure means: a broken "must" is an error, a "should" a warning."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Detail:
    """One line under a finding.

    `subject` is what it is about (a tool's name, a step), `pointer` a JSON pointer
    into it, `snapshot` and `live` the two values that differ, as JSON text.
    Every string may hold what the server sent: reporters make it inert.
    """

    text: str
    subject: str = ""
    pointer: str = ""
    snapshot: str | None = None
    live: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one check's question.

    `message` is one sentence; `hint` says what to do next; `rule` links the text
    that asks for it.
    """

    check: str
    outcome: Outcome
    severity: Severity
    message: str
    details: tuple[Detail, ...] = ()
    hint: str = ""
    rule: str = ""
