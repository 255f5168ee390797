"""Events of a run, written where they were asked for as they happen: stdout, and files.

A reader that goes away, or a disk that is full, ends the writing there and not the run.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import FileIO

from mcpverify.cli.exit_codes import exit_code
from mcpverify.cli.interruption import Stopped
from mcpverify.cli.writing import file_unusable, say
from mcpverify.errors import FileUnusable
from mcpverify.facts.comparison import Comparison
from mcpverify.facts.drain import DrainReport
from mcpverify.facts.report import Report, TargetReport
from mcpverify.facts.revision import Era
from mcpverify.facts.transcript import Exchange, Role
from mcpverify.reporters.events import (
    attempt_ended,
    beginning,
    exchange_ended,
    outcome,
    run_ended,
    run_started,
)
from mcpverify.verify.waiting import Progress


class Stream:
    """Writes the events of one run. It is the `listener` of a gate, and told of attempts."""

    def __init__(self, on_stdout: bool, paths: Sequence[str]) -> None:
        self._on_stdout = on_stdout
        self._paths = paths
        self._files: dict[str, FileIO] = {}
        self._closing = ExitStack()
        self._problem: FileUnusable | None = None
        self._target: str | None = None
        self._attempt = 1

    @contextmanager
    def run(self, target: str, again: str) -> Iterator[None]:
        """While a run against `target` goes on. Raises FileUnusable before it."""
        self._target = target
        self._open()
        self._write(run_started(target, again, time.time()))
        try:
            yield
        except BaseException as error:
            code = error.code if isinstance(error, Stopped) else int(exit_code(error))
            self._write(run_ended(None, code, time.time()))
            self._closing.close()
            raise

    def exchange(self, role: Role, era: Era, exchange: Exchange) -> None:
        """An exchange of the run ended."""
        name = self._target or ""
        self._write(exchange_ended(name, self._attempt, role, era, exchange, time.time()))

    def attempt(self, number: int, report: TargetReport, pause: float, remaining: float) -> None:
        """An attempt ended, and another follows."""
        self._attempt = number + 1
        self._write(attempt_ended(number, report, pause, time.time()))

    def beside(self, progress: Progress) -> Progress:
        """Tells both of attempts."""
        return _Both(progress, self)

    def end(self, report: Report | Comparison | DrainReport, code: int) -> None:
        """Write what is left, or all of a run that was not followed. Raises FileUnusable."""
        if self._target is None:
            self._open()
            self._write(beginning(report))
        for event in outcome(report, code):
            self._write(event)
        self._closing.close()
        if self._problem is not None:
            raise self._problem

    def _open(self) -> None:
        for path in self._paths:
            try:
                file = FileIO(path, "w")
            except OSError as error:
                raise file_unusable(path, "--report", error) from None
            self._files[path] = self._closing.enter_context(file)

    def _write(self, event: str) -> None:
        if self._on_stdout:
            try:
                say(event)
            except FileUnusable as error:
                self._on_stdout = False
                self._problem = self._problem or error
        for path, file in [*self._files.items()]:
            try:
                data = event.encode()
                while data:
                    data = data[file.write(data) :]
            except OSError as error:
                del self._files[path]
                self._problem = self._problem or file_unusable(path, "--report", error)


class _Both:
    def __init__(self, one: Progress, other: Progress) -> None:
        self._both = (one, other)

    def attempt(self, number: int, report: TargetReport, pause: float, remaining: float) -> None:
        for each in self._both:
            each.attempt(number, report, pause, remaining)
