"""Golden calls: tools that the user names, with what has to come back.

Which of them are made, and how often, is decided here, from what was seen: so that the wire which
makes them, and the check which judges a recording of them, cannot disagree.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from mcpverify.facts.credentials import Credential, of_arguments
from mcpverify.facts.json_text import Json, canonical_text
from mcpverify.facts.transcript import RUN_IS_OVER, Exchange, FailureKind


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
    `secrets` are the values that came from the environment, but for those that are plainly none.
    """

    tool: str
    label: str
    arguments: dict[str, Json] = field(default_factory=dict, repr=False)
    conditions: tuple[Condition, ...] = ()
    expects_error: bool = False
    mutates: bool = False
    max_seconds: float | None = None
    retries: int = 0
    retry_on: tuple[RetryReason, ...] = ()
    secrets: tuple[Credential, ...] = field(default=(), repr=False)

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """All that no output may show: those, and arguments that are secrets by their names."""
        return tuple(dict.fromkeys((*self.secrets, *of_arguments(self.arguments))))


def credentials_of_calls(calls: Iterable[GoldenCall]) -> tuple[Credential, ...]:
    """What no output may show of these calls, each once."""
    return tuple(dict.fromkeys(each for call in calls for each in call.credentials))


def echoes_to_tell(calls: Iterable[GoldenCall]) -> tuple[Credential, ...]:
    """The credentials of these calls that the server has no reason to send back.

    An argument comes back in many a good answer. What is a credential by its name should not,
    but where the user expects it.
    """
    held = tuple(calls)
    expected = [canonical_text(list(each.equals)) for call in held for each in call.conditions]
    return tuple(
        each
        for each in credentials_of_calls(held)
        if each.certain
        and each.unmistakable
        and not any(canonical_text(each.value)[1:-1] in text for text in expected)
    )


class Permission(StrEnum):
    """Whether a call may be made, by the tools that the server has just listed."""

    GRANTED = "granted"
    NOT_LISTED = "not-listed"
    MAY_CHANGE_THINGS = "may-change-things"  # no readOnlyHint, and the user said nothing


def permission(call: GoldenCall, tools: Iterable[Json]) -> Permission:
    """Whether `call` may be made where `tools` are listed. Of namesakes, each has to allow it."""
    named = list(definitions(call.tool, tools))
    if not named:
        return Permission.NOT_LISTED
    if call.mutates or all(map(only_reads, named)):
        return Permission.GRANTED
    return Permission.MAY_CHANGE_THINGS


def definitions(name: str, tools: Iterable[Json]) -> Iterator[dict[str, Json]]:
    """The tools of that name, in the order of their list. Items of any shape will do."""
    return (each for each in tools if isinstance(each, dict) and each.get("name") == name)


def only_reads(definition: dict[str, Json]) -> bool:
    """Whether a tool says that it changes nothing."""
    annotations = definition.get("annotations")
    return isinstance(annotations, dict) and annotations.get("readOnlyHint") is True


_BY_STATUS = {
    429: RetryReason.RATE_LIMITED,
    502: RetryReason.UNAVAILABLE,
    503: RetryReason.UNAVAILABLE,
    504: RetryReason.UNAVAILABLE,
}
_BY_FAILURE = {
    FailureKind.TIMEOUT: RetryReason.TIMEOUT,
    FailureKind.REFUSED: RetryReason.CONNECTION,
    FailureKind.UNREACHABLE: RetryReason.CONNECTION,
    FailureKind.RESET: RetryReason.CONNECTION,
    FailureKind.TRUNCATED: RetryReason.CONNECTION,
}


def retry_reason(call: GoldenCall, attempt: Exchange) -> RetryReason | None:
    """What `attempt` could be repeated for; None where it is as good as any other."""
    if attempt.failure is not None:
        if is_cut_off(attempt):
            return None
        by_status = _BY_STATUS.get(attempt.status or 0)
        return by_status or _BY_FAILURE.get(attempt.failure.kind)
    return RetryReason.SLOW if is_slow(call, attempt) else None


def is_cut_off(attempt: Exchange) -> bool:
    """Whether the run's own time was up before an answer came: that says nothing of the tool."""
    failure = attempt.failure
    return failure is not None and failure.detail.startswith(RUN_IS_OVER)


def is_slow(call: GoldenCall, attempt: Exchange) -> bool:
    """Whether an answer came later than the call's budget allows."""
    return call.max_seconds is not None and attempt.timing.total > call.max_seconds
