"""Repeating the whole gate until it is green often enough, or the time is over."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Protocol

from mcpverify.facts.authorization import Scheme
from mcpverify.facts.report import TargetReport
from mcpverify.facts.situation import Situation
from mcpverify.facts.transcript import FailureKind, Recording, Role, Step
from mcpverify.facts.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long to repeat, in seconds (0: not at all), and how many greens in a row are wanted."""

    seconds: float = 0.0
    consecutive: int = 1

    def told(self, seconds: float, run_seconds: float) -> str:
        """The time that an attempt has `seconds` of, as it was configured."""
        deadline = f"{run_seconds:g} s"
        if not self.seconds or seconds >= run_seconds:
            return deadline
        return f"{deadline}, on top of {self.seconds:g} s of --wait,"


class Progress(Protocol):
    """Told after each attempt that does not end the waiting. Seconds throughout."""

    def attempt(
        self, number: int, report: TargetReport, pause: float, remaining: float
    ) -> None: ...


FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0
# Statuses that waiting cannot mend: they speak of us, not of the rollout.
_LASTING = {401, 403, 421}
# Who asks without a token is refused where all is well.
_REFUSED_ON_PURPOSE = {Role.AUTHORIZATION, Role.STRANGER}
# What becomes of a session after its listings says nothing about who may connect.
_AFTERWARDS = {
    Step.SHARED_SESSION,
    Step.OWN_SESSION,
    Step.MADE_UP_SESSION,
    Step.END_SESSION,
    Step.ENDED_SESSION,
}


def until_green(
    attempt: Callable[[float], TargetReport],
    waiting: Waiting,
    run_seconds: float,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    jitter: Callable[[], float],
    progress: Progress | None = None,
) -> TargetReport:
    """The last attempt's report; `sleep` is called in between. As `attempts`."""
    return outcome_of(attempts(attempt, waiting, run_seconds, clock, jitter, progress), sleep)


def outcome_of(
    going_on: Generator[float, None, TargetReport], sleep: Callable[[float], None]
) -> TargetReport:
    """What `attempts` returns, once all of them were made."""
    while True:
        try:
            pause = next(going_on)
        except StopIteration as ended:
            report: TargetReport = ended.value
            return report
        sleep(pause)


def attempts(
    attempt: Callable[[float], TargetReport],
    waiting: Waiting,
    run_seconds: float,
    clock: Callable[[], float],
    jitter: Callable[[], float],
    progress: Progress | None = None,
) -> Generator[float, None, TargetReport]:
    """Yields the seconds to let pass before the next attempt, and returns the last one's report.

    `attempt` takes the seconds it may last; `jitter` gives 0 to 1. No attempt begins after
    `waiting.seconds`, but to finish a streak of greens; all ends within
    `waiting.seconds + run_seconds`, if the caller lets no more time pass than it is told.
    """
    began, started = clock(), None
    end = began + waiting.seconds
    hard_end = end + run_seconds
    greens = number = failures = 0
    while True:
        number += 1
        report = attempt(max(0.1, min(run_seconds, hard_end - clock())))
        started = report.started if started is None else started
        report = replace(report, attempts=number, started=started, seconds=clock() - began)
        green = report.verdict is Verdict.PASSED
        greens = greens + 1 if green else 0
        failures = 0 if green else failures + 1
        if greens >= waiting.consecutive or (not green and _is_lasting(report)):
            return report
        now = clock()
        # A streak that has begun may be finished after the time; a red one may not be mended.
        left = (hard_end if green else end) - now
        if left < FIRST_PAUSE / 2:
            return report if not green else _too_late(report, greens, waiting.consecutive)
        # Whatever Retry-After wishes, the last attempt comes before the time is over.
        pause = min(_pause(report, failures, jitter), left)
        if progress is not None:
            progress.attempt(number, report, pause, max(0.0, end - now))
        yield pause


def _pause(report: TargetReport, failures: int, jitter: Callable[[], float]) -> float:
    pause = min(FIRST_PAUSE * 2.0 ** min(max(0, failures - 1), 10), LONGEST_PAUSE)
    pause *= 0.8 + 0.4 * jitter()
    return max(pause, _retry_after(report))


def _retry_after(report: TargetReport) -> float:
    if report.verdict is Verdict.PASSED or report.recording is None:
        return 0.0
    return max(
        (
            exchange.failure.retry_after
            for transcript in report.recording.transcripts
            for exchange in transcript.exchanges
            if exchange.failure is not None and exchange.failure.retry_after is not None
        ),
        default=0.0,
    )


def _is_lasting(report: TargetReport) -> bool:
    if report.recording is None or report.verdict is not Verdict.INCONCLUSIVE:
        return False
    transcripts = [t for t in report.recording.transcripts if t.role not in _REFUSED_ON_PURPOSE]
    exchanges = [each for transcript in transcripts for each in transcript.exchanges]
    lasting = set() if _may_get_a_token(report.recording) else _LASTING
    return any(
        each.status in lasting
        or (each.failure is not None and each.failure.kind is FailureKind.TLS_UNTRUSTED)
        for each in exchanges
        if each.failure is not None and each.step not in _AFTERWARDS
    )


def _may_get_a_token(recording: Recording) -> bool:
    """Whether another attempt may have another token: who asks for one said so."""
    known = recording.authorization
    if known is None:
        return False
    if known.scheme is Scheme.CLIENT_CREDENTIALS:
        asked = [e for t in recording.of(Role.AUTHORIZATION) for e in t.exchanges]
        statuses = [each.status for each in asked if each.step is Step.TOKEN]
        return bool(known.problem) and not any(400 <= (status or 0) < 500 for status in statuses)
    return known.scheme is Scheme.FILE


def _too_late(report: TargetReport, greens: int, wanted: int) -> TargetReport:
    headline = f"NOT STEADY: green {greens} of {wanted} times in a row when the time was over"
    return replace(
        report,
        verdict=Verdict.INCONCLUSIVE,
        situation=Situation.NOT_STEADY,
        headline=headline,
    )
