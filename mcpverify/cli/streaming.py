"""Events of a run, written where they were asked for as they happen: stdout, and files.

Of many targets they come from many threads: a line is written whole before the next one. A reader
that goes away, or a disk that is full, ends the writing there and not the run.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import FileIO
from threading import RLock

from mcpverify.cli.exit_codes import exit_code
from mcpverify.cli.interruption import Stopped
from mcpverify.cli.writing import file_unusable, say
from mcpverify.errors import FileUnusable
from mcpverify.facts.comparison import Comparison
from mcpverify.facts.drain import DrainReport
from mcpverify.facts.report import Report, TargetReport
from mcpverify.facts.revision import Era
from mcpverify.facts.transcript import Exchange, Listener, Role
from mcpverify.reporters.events import (
    attempt_ended,
    beginning,
    exchange_ended,
    outcome,
    run_ended,
    run_started,
    verified,
)
from mcpverify.verify.fleet import FleetProgress
from mcpverify.verify.waiting import Progress


class Stream:
    """Writes the events of one run. It makes the listeners of gates, and is told of attempts."""

    def __init__(self, on_stdout: bool, paths: Sequence[str]) -> None:
        self._on_stdout = on_stdout
        self._paths = paths
        self._files: dict[str, FileIO] = {}
        self._closing = ExitStack()
        self._problem: FileUnusable | None = None
        self._lock = RLock()  # reentrant: a signal may come while its holder writes
        self._follows = self._is_over = False
        self._attempts: dict[str, int] = {}
        self._told: set[str] = set()

    @contextmanager
    def run(self, targets: Sequence[str], again: str | None) -> Iterator[None]:
        """While a run against `targets` goes on. Raises FileUnusable before it."""
        self._follows = True
        self._open()
        self._write(run_started(targets, again, time.time()))
        try:
            yield
        except BaseException as error:
            code = error.code if isinstance(error, Stopped) else int(exit_code(error))
            self._write_last(run_ended(None, code, time.time()))
            raise

    def listener(self, target: str) -> Listener:
        """Told of the exchanges with `target` as they end."""

        def exchange(role: Role, era: Era, exchange: Exchange) -> None:
            attempt = self._attempts.get(target, 1)
            self._write(exchange_ended(target, attempt, role, era, exchange, time.time()))

        return exchange

    def began(self, target: str) -> None:
        """Its first exchange tells that."""

    def attempt(self, number: int, report: TargetReport, pause: float, remaining: float) -> None:
        """An attempt ended, and another follows."""
        self._attempts[report.target] = number + 1
        self._write(attempt_ended(number, report, pause, time.time()))

    def ended(self, report: TargetReport) -> None:
        """One of many targets has its verdict."""
        self._told.add(report.target)
        self._write("".join(verified(report)))

    def beside(self, progress: Progress) -> Progress:
        """Tells both of attempts."""
        return _Both(progress, self)

    def beside_fleet(self, progress: FleetProgress) -> FleetProgress:
        """Tells both of targets."""
        return _BothOfFleet(progress, self)

    def end(self, report: Report | Comparison | DrainReport, code: int) -> None:
        """Write what is left, or all of a run that was not followed. Raises FileUnusable."""
        if not self._follows:
            self._open()
            self._write(beginning(report))
        *events, last = outcome(report, code, frozenset(self._told))
        for event in events:
            self._write(event)
        self._write_last(last)
        if self._problem is not None:
            raise self._problem

    def _open(self) -> None:
        for path in self._paths:
            try:
                file = FileIO(path, "w")
            except OSError as error:
                raise file_unusable(path, "--report", error) from None
            self._files[path] = self._closing.enter_context(file)

    def _write_last(self, event: str) -> None:
        with self._lock:
            self._write(event)
            # Whoever was left behind when the run was stopped has nothing to add.
            self._is_over = True
            self._closing.close()

    def _write(self, event: str) -> None:
        with self._lock:
            if not self._is_over:
                self._write_out(event)

    def _write_out(self, event: str) -> None:
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


class _BothOfFleet:
    def __init__(self, one: FleetProgress, other: FleetProgress) -> None:
        self._both = (one, other)

    def began(self, target: str) -> None:
        for each in self._both:
            each.began(target)

    def attempt(self, number: int, report: TargetReport, pause: float, remaining: float) -> None:
        for each in self._both:
            each.attempt(number, report, pause, remaining)

    def ended(self, report: TargetReport) -> None:
        for each in self._both:
            each.ended(report)
