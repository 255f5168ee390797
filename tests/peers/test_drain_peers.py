"""The shutdown of servers that nobody here wrote, each tried once: its classes, never its times."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.peers.conftest import CACHE, REQUIRED
from tests.peers.drain_roster import REFUSED, ROWS, Row
from tests.peers.draining import Tried, absent, ended, tried

pytestmark = [pytest.mark.peers, pytest.mark.timeout(120)]

# The others are of the same making: `make drain-table` tries all of them.
TRIED = [row for row in ROWS if row.in_ci]

GATED = [
    pytest.param(row, marks=pytest.mark.xdist_group(f"drain-{row}"), id=str(row)) for row in TRIED
]
of_each_row = pytest.mark.parametrize("row", GATED)


@pytest.fixture(scope="session")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Row], Tried]:
    """A row as it was tried, once for all tests on it, even where that failed."""
    done: dict[str, Tried | Exception] = {}
    folder = tmp_path_factory.mktemp("drain")

    def of(row: Row) -> Tried:
        if reason := absent(row, CACHE):
            (pytest.fail if REQUIRED else pytest.skip)(reason)
        if row.slug not in done:
            try:
                done[row.slug] = tried(row, CACHE, folder)
            except Exception as problem:
                done[row.slug] = problem
        seen = done[row.slug]
        if isinstance(seen, Exception):
            raise seen
        return seen

    return of


@of_each_row
def test_calls_in_flight_end_as_they_are_known_to(row: Row, trial: Callable[[Row], Tried]) -> None:
    seen = trial(row)
    assert seen.eras == set(row.ending.calls), seen.run.output
    for era, outcomes in row.ending.calls.items():
        seen_outcomes = {call.outcome for call in seen.calls(era)}
        assert seen_outcomes <= outcomes, (era, seen.run.output)


@of_each_row
def test_new_sessions_are_met_as_they_are_known_to_be(
    row: Row, trial: Callable[[Row], Tried]
) -> None:
    # Any server may refuse in the end, and one that ends at once is not asked at all.
    met = trial(row).new_sessions(racing=False)
    assert met | REFUSED == row.ending.new_sessions | REFUSED


@of_each_row
def test_the_process_ends_as_it_is_known_to(row: Row, trial: Callable[[Row], Tried]) -> None:
    assert trial(row).exit_code == row.ending.exit_code


@of_each_row
def test_old_sessions_are_answered_as_they_are_known_to_be(
    row: Row, trial: Callable[[Row], Tried]
) -> None:
    assert trial(row).old_session == row.ending.old_session


@of_each_row
def test_the_restarted_server_has_the_same_contract(
    row: Row, trial: Callable[[Row], Tried]
) -> None:
    after = trial(row).timeline.aftermath
    assert after.before is not None, after.contract_problem
    assert after.before == after.after


@of_each_row
def test_the_shutdown_is_called_what_it_is(row: Row, trial: Callable[[Row], Tried]) -> None:
    assert trial(row).shutdown in row.ending.shutdown


@of_each_row
def test_the_points_fail_that_are_known_to(row: Row, trial: Callable[[Row], Tried]) -> None:
    seen = trial(row)
    assert seen.failed - row.ending.may_fail == row.ending.failed
    assert seen.run.code == (1 if seen.failed else 0), seen.run.output


@pytest.mark.parametrize(
    "row", [each for each, row in zip(GATED, TRIED, strict=True) if row.ending.failed]
)
def test_what_is_wrong_comes_with_its_remedy(row: Row, trial: Callable[[Row], Tried]) -> None:
    assert trial(row).run.report["remedies"]


@of_each_row
def test_the_trial_leaves_no_process_behind(row: Row, trial: Callable[[Row], Tried]) -> None:
    assert trial(row).left == ()


def test_the_search_for_leftovers_finds_what_was_left(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"],
        env={"HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as left_behind:
        # It is born before its environment can be read.
        assert left_behind.stdout is not None
        left_behind.stdout.readline()
        found = ended(tmp_path)
        assert left_behind.wait(10) == -9
    assert [line for line in found if "time.sleep" in line] == list(found)
    assert found
