"""What --wait shows on stderr while a deploy is not green yet: attempts, and what was wrong.

On a terminal one live line, drawn by rich; elsewhere one line for each attempt. Never on
stdout, which belongs to the report.
"""

from collections.abc import Callable
from math import ceil
from time import monotonic
from types import TracebackType
from typing import Protocol, Self, TextIO

from mcpverify.facts.report import TargetReport
from mcpverify.reporters.inert import inert
from mcpverify.reporters.layout import clipped
from mcpverify.reporters.live_text import Display

_MAX_HEADLINE = 200
_REFRESHES = 4  # a second


class Progress(Protocol):
    """A context in which attempts are told. Seconds throughout."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def attempt(self, number: int, report: TargetReport, pause: float, remaining: float) -> None:
        """Attempt `number` ended as `report` says, and another begins after `pause`."""


def progress_on(stream: TextIO, quiet: bool = False, dumb: bool = False) -> Progress:
    """What suits `stream`: `dumb` is a terminal that cannot redraw a line (TERM=dumb)."""
    if quiet:
        return Silent()
    return Animated(stream) if stream.isatty() and not dumb else Plain(stream)


class Silent:
    """Tells nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        return None

    def attempt(self, number: int, report: TargetReport, pause: float, remaining: float) -> None:
        return None


class Plain(Silent):
    """One line for each attempt, for logs."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def attempt(self, number: int, report: TargetReport, pause: float, remaining: float) -> None:
        plan = f"next in {ceil(pause)} s, {ceil(max(remaining, 0))} s left"
        self._stream.write(f"attempt {number:,} {_said(report)} ({plan})\n")
        self._stream.flush()


class Animated(Display):
    """One line that counts down, and leaves nothing behind."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = monotonic) -> None:
        super().__init__(stream, self.line, _REFRESHES)
        self._clock = clock
        self._number = 0
        self._said = ""
        self._next_at = self._ends_at = 0.0

    def attempt(self, number: int, report: TargetReport, pause: float, remaining: float) -> None:
        now = self._clock()
        self._number, self._said = number, _said(report)
        self._next_at, self._ends_at = now + pause, now + remaining
        self.show()  # a run that is green at once shows nothing, and pays for no import

    def line(self, width: int) -> str:
        """What is shown now, on one line of at most `width` columns."""
        now = self._clock()
        if self._next_at > now:
            plan = f"next in {ceil(self._next_at - now)} s"
        else:
            plan = f"attempt {self._number + 1:,} runs"
        left = f"{plan}, {ceil(max(self._ends_at - now, 0))} s left"
        head = f"waiting  attempt {self._number:,} "
        room = max(width - len(head) - len(left) - 2, 10)
        return clipped(f"{head}{clipped(self._said, room)}  {left}", width)


def _said(report: TargetReport) -> str:
    return f"{report.verdict}: {inert(report.headline, _MAX_HEADLINE)}"
