"""Many targets: each checked by its own gate, so many at a time, into one report in order.

A target takes up a job while an attempt runs and no longer: while it is waited for, others go on.
What goes wrong with one, our own mistakes included, is told of that one and stops no other.
"""

import heapq
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Final, Protocol

from mcpverify.errors import UsageError
from mcpverify.facts.report import Report, TargetReport
from mcpverify.facts.situation import Situation
from mcpverify.verify.check import course
from mcpverify.verify.gate import Gate
from mcpverify.verify.unasked import called_wrongly, unasked
from mcpverify.verify.waiting import Waiting
from mcpverify.wire.stopping import Cut
from mcpverify.wire.stopping import Stop as Stop

# A target costs some 10 ms of processor time. One that answers in half a second leaves a job idle
# for 98 of 100, and with more than 30 of them this one process would be what all wait for.
DEFAULT_JOBS: Final = 16
JOB: Final = "mcpverify job"  # the name of the threads
_CLOSING_SECONDS: Final = 3.0  # for sessions and children of all that runs when we are stopped
_LOOKING_UP: Final = 0.5  # seconds: on Windows no signal wakes a thread that waits


@dataclass(frozen=True, slots=True)
class Member:
    """One target of a fleet, and how long it is waited for."""

    gate: Gate
    waiting: Waiting = Waiting()


class FleetProgress(Protocol):
    """Told of each target, from any thread, one at a time. Seconds throughout."""

    def began(self, target: str) -> None: ...

    def attempt(
        self, number: int, report: TargetReport, pause: float, remaining: float
    ) -> None: ...

    def ended(self, report: TargetReport) -> None: ...


Blame = Callable[[Gate, Exception], None]
"""Told of a bug of ours that kept a target from a verdict, with its traceback, unredacted."""


def check_fleet(
    members: Sequence[Member],
    jobs: int = DEFAULT_JOBS,
    progress: FleetProgress | None = None,
    *,
    keep_recordings: bool = False,
    blame: Blame | None = None,
    stop: Stop | None = None,
) -> Report:
    """Check every member, at most `jobs` at a time; the report keeps their order.

    Nothing that a single target is asked wrongly raises: its report says so. What interrupts the
    caller's thread ends all runs: each closes its sessions and children, in bounded time.
    Recordings are big, and dropped unless `keep_recordings` says that they are needed.
    """
    fleet = _Fleet(members, progress, keep_recordings, blame, stop or Stop())
    threads = [
        threading.Thread(target=fleet.work, name=JOB, daemon=True)
        for _ in range(min(jobs, len(members)))
    ]
    try:
        for thread in threads:
            thread.start()
        fleet.wait()
    except BaseException:
        fleet.cut()
        until = time.monotonic() + _CLOSING_SECONDS
        for thread in threads:
            # One that has nothing left to close, as where a name look-up hangs, is left behind.
            fleet.leave(thread, until)
        raise
    return Report(fleet.reports())


@dataclass(slots=True)
class _Running:
    """One member on its way. It is due at `due`, on the monotonic clock."""

    place: int
    member: Member
    going_on: Generator[float, None, TargetReport] | None = None
    began: float = field(default_factory=time.time)


class _Fleet:
    def __init__(
        self,
        members: Sequence[Member],
        progress: FleetProgress | None,
        keep_recordings: bool,
        blame: Blame | None,
        stop: Stop,
    ) -> None:
        self.stop = stop
        self._members = members
        self._progress = progress
        self._keep_recordings = keep_recordings
        self._blame = blame
        self._reports: dict[int, TargetReport] = {}
        self._fresh = iter(enumerate(members))
        self._waiting: list[tuple[float, int, _Running]] = []
        self._ties = count()
        self._changed = threading.Condition()
        self._telling = threading.Lock()
        self._broken: BaseException | None = None

    def reports(self) -> tuple[TargetReport, ...]:
        return tuple(self._reports[place] for place in range(len(self._members)))

    def wait(self) -> None:
        """Until all have their report. Raises what went wrong beside the runs."""
        with self._changed:
            while not self._is_over:
                self._changed.wait(_LOOKING_UP)
        if self._broken is not None:
            raise self._broken

    def cut(self) -> None:
        """End all runs, and begin none."""
        self.stop.cut()
        with self._changed:
            self._changed.notify_all()

    def leave(self, thread: threading.Thread, until: float) -> None:
        while thread.is_alive() and not self.stop.is_hurried and time.monotonic() < until:
            thread.join(0.05)

    def work(self) -> None:
        """One job: whatever is due, until nothing is left."""
        try:
            while (running := self._next()) is not None:
                with self.stop.over():
                    self._go_on(running)
        except Cut:
            pass
        except BaseException as error:
            # A thread that ends unseen would be waited for for ever.
            with self._changed:
                self._broken = self._broken or error
                self._changed.notify_all()

    @property
    def _is_over(self) -> bool:
        return self._broken is not None or len(self._reports) == len(self._members)

    def _next(self) -> _Running | None:
        """What is due before what is new: who waits has begun, and its time is running."""
        with self._changed:
            while not (self._is_over or self.stop.is_cut):
                pause = None
                if self._waiting:
                    pause = self._waiting[0][0] - time.monotonic()
                    if pause <= 0:
                        return heapq.heappop(self._waiting)[2]
                fresh = next(self._fresh, None)
                if fresh is not None:
                    return _Running(*fresh)
                self._changed.wait(pause)
        return None

    def _go_on(self, running: _Running) -> None:
        """Make one attempt, and either have a report or know when the next one is due."""
        gate = running.member.gate
        try:
            if running.going_on is None:
                self._tell_began(gate)
                running.going_on = course(gate, running.member.waiting, self._progress and self)
            pause = next(running.going_on)
        except StopIteration as ended:
            self._end(running, ended.value)
        except UsageError as error:
            self._end(running, called_wrongly(gate, error, running.began))
        except Exception as error:
            if self._blame is not None:
                with self._telling:
                    self._blame(gate, error)
            self._end(running, _not_judged(running, error))
        else:
            with self._changed:
                due = time.monotonic() + pause
                heapq.heappush(self._waiting, (due, next(self._ties), running))
                self._changed.notify()

    def _end(self, running: _Running, report: TargetReport) -> None:
        if not self._keep_recordings:
            report = replace(report, recording=None)
        if self._progress is not None:
            with self._telling:
                self._progress.ended(report)
        with self._changed:
            self._reports[running.place] = report
            self._changed.notify_all()

    def _tell_began(self, gate: Gate) -> None:
        if self._progress is not None:
            with self._telling:
                self._progress.began(gate.target.display)

    def attempt(self, number: int, report: TargetReport, pause: float, remaining: float) -> None:
        assert self._progress is not None
        with self._telling:
            self._progress.attempt(number, report, pause, remaining)


def _not_judged(running: _Running, error: Exception) -> TargetReport:
    # The words of the error are left out: nobody has looked for credentials in them.
    return unasked(
        running.member.gate,
        Situation.OUR_BUG,
        f"A BUG OF MCPVERIFY: {type(error).__name__}",
        ("Run it again with --debug and report what it prints.",),
        running.began,
    )
