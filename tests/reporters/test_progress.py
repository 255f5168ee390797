"""Waiting is shown on the stream that was given, as suits it."""

import io
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from mcpverify.reporters.progress import Animated, Plain, Silent, progress_on
from tests.reporters.report_samples import HOSTILE, REFUSED

REPORT = replace(REFUSED, headline="UNREACHABLE: nobody is there")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_log_gets_one_inert_line_for_each_attempt() -> None:
    stream = io.StringIO()
    with progress_on(stream) as progress:
        progress.attempt(1, REPORT, 0.5, 119.2)
        progress.attempt(2, replace(REPORT, headline=HOSTILE), 1.0, 118.0)
    first, second = stream.getvalue().splitlines()
    assert first == (
        "attempt 1 inconclusive: UNREACHABLE: nobody is there (next in 1 s, 120 s left)"
    )
    assert second.isprintable()
    assert second.startswith("attempt 2 inconclusive: \\x1b[2J")


@pytest.mark.parametrize(
    ("quiet", "dumb", "kind"),
    [(True, False, Silent), (False, True, Plain), (False, False, Animated)],
)
def test_a_terminal_gets_a_live_line_unless_it_is_dumb(
    quiet: bool, dumb: bool, kind: type[object]
) -> None:
    assert type(progress_on(Terminal(), quiet, dumb)) is kind


def test_the_live_line_counts_down() -> None:
    now = 100.0
    progress = Animated(Terminal(), lambda: now)
    with progress:
        progress.attempt(3, REPORT, 4.0, 60.0)
        assert progress.line(79) == (
            "waiting  attempt 3 inconclusive: UNREACHABLE: nobody i…  next in 4 s, 60 s left"
        )
        now += 10
        assert progress.line(100).endswith("attempt 4 runs, 50 s left")


def test_the_live_line_leaves_nothing_behind() -> None:
    stream = Terminal()
    with Animated(stream) as progress:
        progress.attempt(1, REPORT, 4.0, 60.0)
        progress.attempt(2, REPORT, 4.0, 60.0)
    text = stream.getvalue()
    assert "waiting  attempt 2" in text
    assert text.endswith("\x1b[2K")


def test_a_run_that_need_not_wait_shows_nothing_and_does_not_import_rich() -> None:
    code = (
        "import io, sys\n"
        "from mcpverify.reporters.progress import Animated\n"
        "stream = io.StringIO()\n"
        "with Animated(stream): pass\n"
        "assert stream.getvalue() == ''\n"
        "assert 'rich' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30, env=dict(os.environ))
