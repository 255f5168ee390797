"""What is shown of many targets while they are checked: counts on a terminal, lines in a log."""

import io
from dataclasses import replace

from mcpverify.reporters.fleet_progress import AnimatedFleet, PlainFleet, fleet_progress_on
from tests.reporters.report_samples import CHANGED, HOSTILE, PASSED, REFUSED


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_log_gets_a_line_for_each_target_and_how_it_failed() -> None:
    stream = io.StringIO()
    with fleet_progress_on(stream, 2) as progress:
        progress.began("docs")
        progress.ended(replace(PASSED, target="docs"))
        progress.ended(replace(CHANGED, target="weather"))
    passed, failed = stream.getvalue().splitlines()
    assert passed == "1/2 passed docs 800 ms"
    assert failed == f"2/2 failed weather 800 ms: {CHANGED.headline}"


def test_a_log_gets_a_line_for_what_is_waited_for_only_when_it_is_news() -> None:
    stream = io.StringIO()
    progress = PlainFleet(stream, 1)
    for number in range(5):
        progress.attempt(number, replace(REFUSED, target="slow"), 0.5, 30.2)
    (line,) = stream.getvalue().splitlines()
    assert line.startswith("waiting for slow inconclusive: UNREACHABLE")
    assert line.endswith("(31 s left)")


def test_what_a_server_says_is_inert() -> None:
    stream = io.StringIO()
    PlainFleet(stream, 1).ended(replace(CHANGED, target=HOSTILE, headline=HOSTILE))
    text = stream.getvalue()
    assert text.count("\n") == 1
    assert "\x1b" not in text


def test_the_live_line_counts_and_names_who_has_been_running_longest() -> None:
    now = 0.0
    progress = AnimatedFleet(Terminal(), 1_000, lambda: now)
    progress.began("slow")
    now = 12.0
    progress.began("quick")
    progress.ended(replace(CHANGED, target="weather"))
    progress.attempt(1, replace(REFUSED, target="quick"), 1.0, 10.0)
    assert progress.line(200) == (
        "1 of 1,000 targets  1 failed  1 waited for  2 running, longest slow 12.0 s"
    )
    assert len(progress.line(30)) <= 30
    progress.ended(replace(PASSED, target="slow"))
    assert (
        progress.line(200)
        == "2 of 1,000 targets  1 failed  1 waited for  1 running, longest quick 0 ms"
    )


def test_a_terminal_gets_a_live_line_and_a_dumb_one_lines() -> None:
    assert isinstance(fleet_progress_on(Terminal(), 1), AnimatedFleet)
    assert isinstance(fleet_progress_on(Terminal(), 1, dumb=True), PlainFleet)


def test_the_live_line_leaves_nothing_behind() -> None:
    stream = Terminal()
    with fleet_progress_on(stream, 1) as progress:
        progress.began("docs")
        progress.ended(replace(PASSED, target="docs"))
    assert stream.getvalue().rstrip().endswith(("\x1b[2K", "\x1b[?25h"))
