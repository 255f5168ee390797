"""Repeating the gate, on a clock of the test's own."""

from collections.abc import Callable

import pytest

from mcpverify.facts.report import ServerFacts, TargetReport
from mcpverify.facts.revision import Era
from mcpverify.facts.situation import Situation
from mcpverify.facts.target import Transport
from mcpverify.facts.transcript import (
    Exchange,
    Failure,
    FailureKind,
    Recording,
    Role,
    Step,
    Timing,
    Transcript,
)
from mcpverify.facts.verdict import Verdict
from mcpverify.verify.waiting import LONGEST_PAUSE, Waiting, until_green

GREEN, RED, UNKNOWN = Verdict.PASSED, Verdict.FAILED, Verdict.INCONCLUSIVE
RUN_SECONDS = 120.0


class Clock:
    """Time that passes only when someone sleeps or works."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.pauses.append(seconds)
        self.now += seconds


def exchange(
    kind: FailureKind = FailureKind.HTTP_STATUS,
    status: int | None = None,
    step: Step = Step.INITIALIZE,
    retry_after: float | None = None,
) -> Exchange:
    return Exchange(
        step=step,
        method="POST",
        url="http://host/mcp",
        sent={},
        status=status,
        headers=(),
        body=b"",
        answer=None,
        asides=(),
        failure=Failure(kind, "it failed", retry_after),
        timing=Timing(0, None, None, 0),
    )


def report(verdict: Verdict, *exchanges: Exchange, started: float = 0.0) -> TargetReport:
    transcript = Transcript(
        Role.PRIMARY, Era.HANDSHAKE, Transport.STREAMABLE_HTTP, "http://host/mcp", exchanges
    )
    return TargetReport(
        target="http://host/mcp",
        verdict=verdict,
        situation=Situation.NOT_FULLY_SEEN,
        headline=verdict.value,
        findings=(),
        server=ServerFacts(),
        live=None,
        expected=None,
        snapshot=None,
        tools=(),
        next_steps=(),
        again="",
        attempts=1,
        started=started,
        seconds=0.0,
        recording=Recording((transcript,), "", 0.0, 0.0, {}),
    )


class Told:
    """Progress that remembers what it was told."""

    def __init__(self) -> None:
        self.attempts: list[tuple[int, Verdict, float]] = []

    def attempt(self, number: int, report: TargetReport, pause: float, remaining: float) -> None:
        assert remaining >= 0
        self.attempts.append((number, report.verdict, pause))


def waited(
    answer: Callable[[int], TargetReport],
    waiting: Waiting,
    *,
    jitter: float = 0.5,
    lasts: float = 0.0,
) -> tuple[TargetReport, Clock, Told]:
    """What `until_green` makes of `answer(number)`, each attempt lasting so many seconds."""
    clock, told = Clock(), Told()
    number = 0

    def attempt(seconds: float) -> TargetReport:
        nonlocal number
        number += 1
        clock.now += min(lasts, seconds)
        return answer(number)

    last = until_green(attempt, waiting, RUN_SECONDS, clock, clock.sleep, lambda: jitter, told)
    return last, clock, told


def test_without_waiting_the_first_answer_counts() -> None:
    for verdict in Verdict:
        last, clock, told = waited(lambda _, v=verdict: report(v), Waiting())  # type: ignore[misc]
        assert (last.verdict, last.attempts) == (verdict, 1)
        assert (clock.pauses, told.attempts) == ([], [])


def test_red_is_asked_again_until_it_is_green() -> None:
    last, clock, told = waited(lambda n: report(GREEN if n == 4 else RED), Waiting(60, 1))

    assert (last.verdict, last.attempts) == (GREEN, 4)
    assert last.seconds == sum(clock.pauses)
    assert [number for number, _, _ in told.attempts] == [1, 2, 3]


def test_pauses_grow_to_a_limit_and_vary() -> None:
    _, low, _ = waited(lambda n: report(RED), Waiting(300, 1), jitter=0.0)
    _, high, _ = waited(lambda n: report(RED), Waiting(300, 1), jitter=1.0)

    assert low.pauses[:4] == sorted(low.pauses[:4])
    assert low.pauses[0] < 0.5 < high.pauses[0]
    assert max(high.pauses) <= LONGEST_PAUSE * 1.2 + 0.001


def test_a_day_can_be_waited() -> None:
    last, _, _ = waited(lambda n: report(RED), Waiting(24 * 3600, 1))

    assert last.attempts > 5000


@pytest.mark.parametrize("verdict", [RED, UNKNOWN])
def test_waiting_ends_at_its_time_with_the_last_attempt(verdict: Verdict) -> None:
    last, clock, _ = waited(lambda n: report(verdict), Waiting(60, 1))

    assert last.verdict is verdict
    assert last.attempts == len(clock.pauses) + 1 > 3
    assert 59 <= last.seconds <= 61


def test_a_streak_is_counted_from_the_last_red() -> None:
    verdicts = [GREEN, GREEN, RED, GREEN, GREEN, GREEN]
    last, _, _ = waited(lambda n: report(verdicts[n - 1]), Waiting(60, 3))

    assert (last.verdict, last.attempts) == (GREEN, 6)


def test_a_streak_that_has_begun_may_end_after_the_time() -> None:
    last, _, _ = waited(lambda n: report(GREEN if n > 1 else RED), Waiting(3, 5), lasts=2.0)

    assert (last.verdict, last.attempts) == (GREEN, 6)
    assert 3 < last.seconds < 3 + RUN_SECONDS


def test_a_streak_never_outlives_the_deadline() -> None:
    last, _, _ = waited(lambda n: report(GREEN), Waiting(3, 100), lasts=5.0)

    assert last.verdict is UNKNOWN
    assert "of 100 times in a row" in last.headline
    assert last.seconds <= 3 + RUN_SECONDS


def test_a_red_after_the_time_ends_the_streak() -> None:
    last, _, _ = waited(lambda n: report(RED if n == 3 else GREEN), Waiting(3, 5), lasts=2.0)

    assert (last.verdict, last.attempts) == (RED, 3)


def test_retry_after_is_honored() -> None:
    busy = exchange(status=503, retry_after=7.0)
    last, clock, _ = waited(
        lambda n: report(GREEN) if n == 3 else report(UNKNOWN, busy), Waiting(60, 1)
    )

    assert last.verdict is GREEN
    assert clock.pauses == [7.0, 7.0]


@pytest.mark.parametrize("wish", [3600.0, 1e9])
def test_retry_after_beyond_the_time_leaves_one_last_attempt(wish: float) -> None:
    busy = exchange(status=503, retry_after=wish)
    last, clock, _ = waited(lambda n: report(UNKNOWN, busy), Waiting(60, 1))

    assert last.attempts == 2
    assert clock.pauses == [60.0]


@pytest.mark.parametrize("status", [401, 403, 421])
def test_what_speaks_of_us_ends_the_waiting(status: int) -> None:
    last, clock, _ = waited(lambda n: report(UNKNOWN, exchange(status=status)), Waiting(60, 3))

    assert last.attempts == 1
    assert clock.pauses == []


def test_an_untrusted_certificate_ends_the_waiting() -> None:
    untrusted = exchange(FailureKind.TLS_UNTRUSTED)

    assert waited(lambda n: report(UNKNOWN, untrusted), Waiting(60, 3))[0].attempts == 1


@pytest.mark.parametrize("status", [404, 429, 500, 502, 503])
def test_what_a_rollout_brings_is_waited_for(status: int) -> None:
    last, _, _ = waited(
        lambda n: report(GREEN) if n == 2 else report(UNKNOWN, exchange(status=status)),
        Waiting(60, 1),
    )

    assert (last.verdict, last.attempts) == (GREEN, 2)


@pytest.mark.parametrize("step", [Step.MADE_UP_SESSION, Step.END_SESSION, Step.ENDED_SESSION])
def test_a_refusal_when_a_session_ends_is_no_reason_to_give_up(step: Step) -> None:
    refused = exchange(status=403, step=step)
    last, _, _ = waited(
        lambda n: report(GREEN) if n == 2 else report(UNKNOWN, refused), Waiting(60, 1)
    )

    assert last.verdict is GREEN


def test_each_attempt_gets_what_is_left() -> None:
    given: list[float] = []
    clock = Clock()

    def attempt(seconds: float) -> TargetReport:
        given.append(seconds)
        clock.now += seconds
        return report(UNKNOWN)

    last = until_green(attempt, Waiting(100, 1), RUN_SECONDS, clock, clock.sleep, lambda: 0.5)

    assert given == [RUN_SECONDS], "the first used up the time of waiting, and more"
    assert last.seconds == RUN_SECONDS


def test_the_report_begins_with_the_first_attempt() -> None:
    last, _, _ = waited(
        lambda n: report(GREEN if n == 3 else RED, started=float(n)), Waiting(60, 1)
    )

    assert last.started == 1.0
