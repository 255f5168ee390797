"""The live view of a trial: on the stream that was given, from any thread, and never too often."""

import io
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from mcpverify.facts.timeline import Moment, Phase, Purpose, Request, RequestOutcome, Signal
from mcpverify.reporters.drain_progress import Animated, Plain, watching_on
from tests.reporters.report_samples import HOSTILE
from tests.rollout.timelines import a_call, a_request, loop_was_hit, lossy_with_a_slow_tool

SIGTERM = Signal("SIGTERM", 0.0)
LOST = a_call(outcome=RequestOutcome.RESET, ended=0.45)
ANSWERED = a_call(ended=1.02)
REFUSED = a_request(
    "initialize, fresh",
    Purpose.NEW_SESSION,
    began=0.1,
    method="initialize",
    outcome=RequestOutcome.REFUSED,
)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_log_gets_a_line_when_something_new_happens() -> None:
    stream, clock = io.StringIO(), Clock()
    with Plain(stream, clock) as watch:
        watch(Moment(Phase.STARTING))
        watch(Moment(Phase.FILLING, None, "4 sessions"))
        for _ in range(112):
            watch(a_request(began=-1.0))
        watch(SIGTERM)
        watch(Moment(Phase.SIGNALED, 0.0, "4 calls in flight"))
        clock.now += 0.45
        watch(LOST)
        watch(LOST)
        clock.now += 0.55
        watch(REFUSED)
        watch(ANSWERED)
        clock.now += 2
        watch(Moment(Phase.RESTARTING, 3.0, "the same command"))
        watch(Moment(Phase.AFTERWARDS, 3.6))
        watch(Moment(Phase.DONE, 4.1))
    assert stream.getvalue().splitlines() == [
        "starting",
        "putting calls in flight: 4 sessions",
        "112 requests answered before the signal",
        "+0.0 s  SIGTERM sent",
        "+0.0 s  4 calls in flight",
        "+0.4 s  2 calls lost",
        "+1.0 s  1 call answered",
        "+3.0 s  waiting for the server to come back: the same command",
        "+3.6 s  looking at the restarted server",
    ]


def test_a_signal_is_not_told_twice_and_a_second_one_is() -> None:
    stream = io.StringIO()
    with Plain(stream, Clock()) as watch:
        watch(SIGTERM)
        watch(Moment(Phase.SIGNALED, 0.0, "SIGTERM"))
        watch(Signal("SIGTERM", 2.0))
        watch(Signal("SIGKILL", 30.0))
    assert stream.getvalue().splitlines()[1:] == [
        "+0.0 s  SIGTERM sent",
        "+2.0 s  SIGTERM sent again",
        "+30.0 s  SIGKILL sent",
    ]


@pytest.mark.parametrize(
    ("name", "told"),
    [("stdin closed", "stdin closed"), ("stop command", "stop command started")],
)
def test_what_is_no_signal_is_not_sent(name: str, told: str) -> None:
    stream = io.StringIO()
    with Plain(stream, Clock()) as watch:
        watch(Signal(name, 0.0))
    assert stream.getvalue().splitlines()[-1] == f"+0.0 s  {told}"


def test_requests_of_the_loop_in_flight_are_among_the_calls_that_are_counted() -> None:
    stream = io.StringIO()
    with Plain(stream, Clock()) as watch:
        watch(SIGTERM)
        hit = [each for each in loop_was_hit().requests if each.hit and each.purpose != "stream"]
        for each in (*hit, a_request("handshake 1", Purpose.LOOP, began=0.2)):
            watch(each)
    assert stream.getvalue().endswith("+0.0 s  4 calls answered, 1 call lost\n")


def test_what_became_of_calls_is_told_at_the_latest_when_the_trial_is_over() -> None:
    stream = io.StringIO()
    with Plain(stream, Clock()) as watch:
        watch(SIGTERM)
        watch(LOST)
        assert "lost" not in stream.getvalue()
    assert stream.getvalue().endswith("+0.0 s  1 call lost\n")


def test_a_call_that_was_answered_before_the_signal_is_not_one_that_it_hit() -> None:
    with Animated(Terminal()) as watch:
        watch(a_call(began=-1.0, ended=0.0))
        watch(SIGTERM)
        watch(Moment(Phase.SIGNALED, 0.0))
        assert watch.lines(80)[1] == "       1 request answered"


def test_each_trial_counts_for_itself() -> None:
    stream = io.StringIO()
    with Plain(stream, Clock()) as watch:
        for _ in range(2):
            watch(Moment(Phase.STARTING))
            watch(a_request(began=-1.0))
            watch(SIGTERM)
    assert stream.getvalue().splitlines() == [
        "starting",
        "1 request answered before the signal",
        "+0.0 s  SIGTERM sent",
        "starting trial 2",
        "1 request answered before the signal",
        "+0.0 s  SIGTERM sent",
    ]


def test_thousands_of_requests_from_many_threads_take_a_moment_and_are_all_counted() -> None:
    stream = io.StringIO()
    with Plain(stream) as watch:
        watch(SIGTERM)
        _from_threads(watch, 20, 1_000)
    told = re.findall(r"([\d,]+) calls? lost", stream.getvalue())
    assert sum(int(each.replace(",", "")) for each in told) == 20_000
    assert len(stream.getvalue().splitlines()) < 100


def test_the_live_view_counts_what_many_threads_tell() -> None:
    with Animated(Terminal()) as watch:
        watch(SIGTERM)
        began = time.monotonic()
        _from_threads(watch, 20, 1_000)
        assert time.monotonic() - began < 10
        watch(Moment(Phase.SIGNALED, 0.0))
        assert "calls: 20,000 lost" in watch.lines(80)[1]


def _from_threads(watch: Callable[[Request], None], threads: int, requests: int) -> None:
    def tell() -> None:
        for _ in range(requests):
            watch(LOST)

    running = [threading.Thread(target=tell) for _ in range(threads)]
    for each in running:
        each.start()
    for each in running:
        each.join(30)


def test_the_live_view_shows_calls_and_what_probes_find_now() -> None:
    clock = Clock()
    with Animated(Terminal(), clock) as watch:
        assert watch.lines(80) == ["drain"]
        watch(Moment(Phase.STARTING))
        assert watch.lines(80)[0] == "drain  starting"
        watch(SIGTERM)
        watch(Moment(Phase.SIGNALED, 0.0, "4 calls in flight"))
        for event in (LOST, LOST, ANSWERED, REFUSED):
            watch(event)
        clock.now += 1.25
        assert watch.lines(80) == [
            "drain  SIGTERM +1.2 s  4 calls in flight",
            "       calls: 1 answered, 2 lost  1 request answered",
            "       probes now: 1 refused",
        ]
        assert all(len(line) <= 20 for line in watch.lines(20))


def test_the_live_view_leaves_nothing_behind() -> None:
    stream = Terminal()
    with watching_on(stream) as watch:
        watch(Moment(Phase.STARTING))
        shown = threading.Event()
        for _ in range(100):
            if "starting" in stream.getvalue():
                break
            shown.wait(0.05)
    assert "starting" in stream.getvalue()
    assert stream.getvalue().endswith("\x1b[2K")


def test_the_live_view_is_drawn_a_few_times_a_second_however_much_happens() -> None:
    stream = Terminal()
    began = time.monotonic()
    with watching_on(stream) as watch:
        watch(SIGTERM)
        for _ in range(5_000):
            watch(LOST)
    seconds = time.monotonic() - began
    assert stream.getvalue().count("drain") <= 10 * seconds + 3


@pytest.mark.parametrize("kind", [Plain, Animated])
def test_hostile_words_are_inert(kind: type[Plain] | type[Animated]) -> None:
    stream = io.StringIO() if kind is Plain else Terminal()
    with kind(stream) as watch:
        for phase in Phase:
            watch(Moment(phase, 0.0, HOSTILE))
        watch(Signal(HOSTILE, 0.0))
        watch(Moment(Phase.SIGNALED, 0.0, HOSTILE))
        lines = watch.lines(80) if isinstance(watch, Animated) else stream.getvalue().splitlines()
    assert lines
    assert all(line.isprintable() for line in lines)
    assert not any(line.lstrip().startswith("::") for line in lines)


def test_a_reader_that_goes_away_does_not_stop_the_trial() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    # Nothing is left in a buffer that its closing would fail to write.
    with open(writing, "w", buffering=1) as stream, watching_on(stream) as watch:
        watch(Moment(Phase.STARTING))
        watch(SIGTERM)
        os.dup2(os.open(os.devnull, os.O_WRONLY), writing)


@pytest.mark.parametrize(
    ("quiet", "dumb", "shows"), [(True, False, ""), (False, True, "starting\n")]
)
def test_quiet_shows_nothing_and_a_dumb_terminal_gets_lines(
    quiet: bool, dumb: bool, shows: str
) -> None:
    stream = Terminal()
    with watching_on(stream, quiet, dumb) as watch:
        watch(Moment(Phase.STARTING))
    assert stream.getvalue() == shows


def test_a_log_does_not_load_rich() -> None:
    code = (
        "import io, sys\n"
        "from mcpverify.facts.timeline import Moment, Phase\n"
        "from mcpverify.reporters.drain_progress import watching_on\n"
        "with watching_on(io.StringIO()) as watch: watch(Moment(Phase.STARTING))\n"
        "assert 'rich' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30, env=dict(os.environ))


def test_all_of_a_trial_can_be_watched() -> None:
    timeline = lossy_with_a_slow_tool()
    stream, clock = io.StringIO(), Clock()
    with Plain(stream, clock) as watch:
        watch(Moment(Phase.STARTING))
        before = [each for each in timeline.requests if each.ended <= 0]
        for each in before:
            watch(each)
        watch(SIGTERM)
        for each in sorted(set(timeline.requests) - set(before), key=lambda one: one.ended):
            clock.now = 100 + each.ended
            watch(each)
    assert stream.getvalue().splitlines()[2:] == [
        "+0.0 s  SIGTERM sent",
        "+0.4 s  2 calls lost",
        "+2.7 s  2 calls answered",
    ]
