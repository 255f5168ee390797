"""What a run over many targets shows on stderr while it goes on: how many are done, what is red.

On a terminal one live line, with the target that has been running longest; elsewhere one line for
each target as it ends.
"""

from collections import Counter
from collections.abc import Callable
from math import ceil
from time import monotonic
from types import TracebackType
from typing import Final, Self, TextIO

from mcpverify.facts.report import TargetReport
from mcpverify.facts.verdict import Verdict
from mcpverify.reporters.inert import inert
from mcpverify.reporters.layout import clipped, duration
from mcpverify.reporters.live_text import Display

_MAX_NAME: Final = 60
_MAX_HEADLINE: Final = 200
_REFRESHES: Final = 4  # a second
_COUNTED: Final = ((Verdict.FAILED, "failed"), (Verdict.INCONCLUSIVE, "without verdict"))


class PlainFleet:
    """One line for each target that ends, and for each that is waited for."""

    def __init__(self, stream: TextIO, total: int) -> None:
        self._stream = stream
        self._total = total
        self._done = 0
        self._said: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        return None

    def began(self, target: str) -> None:
        """Its end is told."""

    def attempt(self, number: int, report: TargetReport, pause: float, remaining: float) -> None:
        said = f"{report.verdict}: {inert(report.headline, _MAX_HEADLINE)}"
        if self._said.get(report.target) == said:
            return  # nothing new: a hundred targets that are waited for would fill a log
        self._said[report.target] = said
        left = f"{ceil(max(remaining, 0))} s left"
        self._tell(f"waiting for {inert(report.target, _MAX_NAME)} {said} ({left})")

    def ended(self, report: TargetReport) -> None:
        self._done += 1
        name = inert(report.target, _MAX_NAME)
        line = f"{self._done:,}/{self._total:,} {report.verdict} {name} {duration(report.seconds)}"
        if report.verdict is not Verdict.PASSED:
            line = f"{line}: {inert(report.headline, _MAX_HEADLINE)}"
        self._tell(line)

    def _tell(self, line: str) -> None:
        self._stream.write(f"{line}\n")
        self._stream.flush()


class AnimatedFleet(Display):
    """One line that is renewed in its place, and leaves nothing behind."""

    def __init__(self, stream: TextIO, total: int, clock: Callable[[], float] = monotonic) -> None:
        super().__init__(stream, self.line, _REFRESHES)
        self._total = total
        self._clock = clock
        self._running: dict[str, float] = {}
        self._waiting: set[str] = set()
        self._verdicts: Counter[Verdict] = Counter()

    def __enter__(self) -> Self:
        self.show()
        return self

    def began(self, target: str) -> None:
        self._running[target] = self._clock()

    def attempt(self, number: int, report: TargetReport, pause: float, remaining: float) -> None:
        self._waiting.add(report.target)

    def ended(self, report: TargetReport) -> None:
        self._running.pop(report.target, None)
        self._waiting.discard(report.target)
        self._verdicts[report.verdict] += 1

    def line(self, width: int) -> str:
        """What is shown now, on one line of at most `width` columns."""
        done = self._verdicts.total()
        parts = [f"{done:,} of {self._total:,} targets"]
        parts += [
            f"{self._verdicts[verdict]:,} {word}"
            for verdict, word in _COUNTED
            if self._verdicts[verdict]
        ]
        if self._waiting:
            parts.append(f"{len(self._waiting):,} waited for")
        # A copy at once: this is asked by the thread that draws.
        running = list(self._running.items())
        if running:
            name, since = min(running, key=lambda each: each[1])
            took = duration(self._clock() - since)
            parts.append(f"{len(running):,} running, longest {inert(name, _MAX_NAME)} {took}")
        return clipped("  ".join(parts), width)


def fleet_progress_on(stream: TextIO, total: int, dumb: bool = False) -> PlainFleet | AnimatedFleet:
    """What suits `stream`: `dumb` is a terminal that cannot redraw a line (TERM=dumb)."""
    if stream.isatty() and not dumb:
        return AnimatedFleet(stream, total)
    return PlainFleet(stream, total)
