"""Wall-clock deadlines, and the one internal signal that an exchange is over without an answer."""

import time
from dataclasses import dataclass

from mcpverify.facts.transcript import Failure, FailureKind


class Broken(Exception):
    """Carries a Failure up to the exchange that it ends. It never leaves wire."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


def broken(kind: FailureKind, detail: str) -> Broken:
    return Broken(Failure(kind, detail))


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock, and what to say when it has passed."""

    at: float
    reason: str

    @classmethod
    def after(cls, seconds: float, reason: str) -> "Deadline":
        return cls(time.monotonic() + seconds, reason)

    def within(self, seconds: float, reason: str) -> "Deadline":
        """The sooner of this deadline and one `seconds` from now."""
        sooner = time.monotonic() + seconds
        return Deadline(sooner, reason) if sooner < self.at else self

    def remaining(self) -> float:
        """Seconds left, never less than a millisecond. Raises Broken (timeout) when passed."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise self.passed()
        return max(left, 0.001)

    def passed(self) -> Broken:
        return broken(FailureKind.TIMEOUT, self.reason)
