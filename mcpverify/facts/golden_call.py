"""Golden calls: tools that the user names, with what has to come back."""

from dataclasses import dataclass, field
from enum import StrEnum

from mcpverify.facts.json_text import Json


class RetryReason(StrEnum):
    """What a call may be repeated for, where the user says so. Nothing else is ever retried."""

    TIMEOUT = "timeout"
    CONNECTION = "connection"  # refused, reset, or lost inside the answer
    RATE_LIMITED = "rate-limited"  # 429
    UNAVAILABLE = "unavailable"  # 502, 503, 504
    SLOW = "slow"  # answered, but not within its budget


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must hold of a result: `{"content", "structuredContent", "isError", ...}`.

    `path` is a JSONPath (RFC 9535) into it, None for the texts of its content, joined by line
    ends. Of what is found there, one value has to fulfil all that is set: `equals` holds one JSON
    value in a tuple, `matches` an ECMA-262 pattern, `least` and `most` are inclusive bounds.
    With none of them it is enough that something is there; `absent` wants that nothing is.
    """

    path: str | None = None
    equals: tuple[Json, ...] = ()
    matches: str | None = None
    least: float | None = None
    most: float | None = None
    absent: bool = False


@dataclass(frozen=True, slots=True)
class GoldenCall:
    """One call and what is expected of it. Seconds for the budget.

    `arguments` is resolved: no `${ENV}` is left in it. `expects_error` wants a result with isError,
    or a JSON-RPC error, whose text fulfils `conditions`. `mutates` lets a tool be called that is
    not annotated readOnlyHint. `label` names the call in reports: a tool may be called twice.
    """

    tool: str
    label: str
    arguments: dict[str, Json] = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()
    expects_error: bool = False
    mutates: bool = False
    max_seconds: float | None = None
    retries: int = 0
    retry_on: tuple[RetryReason, ...] = ()
