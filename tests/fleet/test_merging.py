"""Reports of shards, joined: in the order of the fleet, and green only where nothing is missing."""

from dataclasses import replace

import pytest

from mcpverify.cli.exit_codes import exit_code
from mcpverify.errors import UsageError
from mcpverify.facts.report import Report, TargetReport
from mcpverify.facts.shard import Shard
from mcpverify.facts.situation import Situation
from mcpverify.facts.verdict import Verdict
from mcpverify.reporters import render
from mcpverify.reporters.presentation import Presentation
from mcpverify.verify.merge import MAX_NAMES, Source, merged
from tests.reporters.report_samples import CHANGED, PASSED, REFUSED

ASKED = f"sha256:{'a' * 64}"
FLEET = ("a", "b", "c", "d", "e")


def named(target: TargetReport, *names: str) -> tuple[TargetReport, ...]:
    return tuple(replace(target, target=name) for name in names)


def shard(
    index: int,
    count: int = 3,
    fleet: tuple[str, ...] = FLEET,
    of: TargetReport = PASSED,
    run: str | None = None,
    asked: str = ASKED,
) -> Report:
    part = Shard(index, count, fleet, run, asked)
    return Report(named(of, *part.names), part)


def together(*reports: Report, empty: tuple[str, ...] = ()) -> Report:
    return merged([Source(f"{n}.json", report) for n, report in enumerate(reports)], empty)


def later(report: Report, seconds: float) -> Report:
    targets = tuple(replace(t, started=t.started + seconds) for t in report.targets)
    return replace(report, targets=targets)


def test_all_shards_make_the_report_of_the_fleet_in_its_order() -> None:
    report = together(shard(3), shard(1), shard(2))
    assert [each.target for each in report.targets] == list(FLEET)
    assert (report.shard, report.missing) == (None, ())
    assert exit_code(report) == 0


def test_every_target_is_in_one_shard_and_neighbors_are_in_different_ones() -> None:
    for count in range(1, 9):
        parts = [Shard(index, count, FLEET, None, ASKED).names for index in range(1, count + 1)]
        assert sorted(name for part in parts for name in part) == list(FLEET)
        assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_more_shards_than_targets_leave_some_that_pass_with_nothing_to_do() -> None:
    reports = [shard(index, 7) for index in range(1, 8)]
    assert reports[6].targets == ()
    assert [each.verdict for each in reports] == [Verdict.PASSED] * 7
    assert exit_code(together(*reports)) == 0


def test_an_empty_shard_is_needed_like_any_other() -> None:
    report = together(*(shard(index, 7) for index in range(1, 7)))
    assert exit_code(report) == 3
    assert report.missing == (
        "shard 7/7 is missing; it has no targets, but its report would say so",
    )


def test_a_missing_shard_is_named_with_its_targets_and_is_no_pass() -> None:
    report = together(shard(1), shard(3))
    assert report.missing == ("shard 2/3 is missing, and with it 2 targets: b e",)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert exit_code(report) == 3


def test_one_shard_alone_is_no_pass() -> None:
    assert exit_code(together(shard(2))) == 3


def test_of_many_missing_targets_some_are_named() -> None:
    fleet = tuple(f"t{n}" for n in range(100))
    (text,) = together(shard(1, 2, fleet)).missing
    assert text.startswith("shard 2/2 is missing, and with it 50 targets: t1 t3")
    assert text.endswith(f"… and {50 - MAX_NAMES} more")


def test_a_target_that_its_shard_lacks_is_named_and_is_no_pass() -> None:
    lacking = replace(shard(2), targets=shard(2).targets[:1])
    report = together(shard(1), lacking, shard(3))
    assert report.missing == ("1.json, shard 2/3, lacks 1 target: e",)
    assert exit_code(report) == 3


@pytest.mark.parametrize(
    ("worst", "code"),
    [
        (CHANGED, 1),
        (REFUSED, 3),
        (replace(REFUSED, situation=Situation.CALLED_WRONGLY), 2),
        (replace(REFUSED, situation=Situation.OUR_BUG), 70),
    ],
)
def test_the_exit_code_is_the_one_of_a_single_run(worst: TargetReport, code: int) -> None:
    reports = (shard(1), shard(2, of=worst), shard(3))
    assert exit_code(together(*reports)) == code
    every = Report(tuple(each for report in reports for each in report.targets))
    assert exit_code(every) == code


def test_what_failed_fails_though_a_shard_is_missing() -> None:
    report = together(shard(1, of=CHANGED), shard(3))
    assert report.missing
    assert exit_code(report) == 1


def test_a_shard_that_is_given_twice_is_refused_by_both_names() -> None:
    with pytest.raises(UsageError, match=r"0\.json and 2\.json are both shard 1/3"):
        together(shard(1), shard(2), shard(1))


@pytest.mark.parametrize("other", [shard(2, 4), shard(2, 3, ("a", "b", "c", "d", "x"))])
def test_shards_of_different_fleets_are_refused(other: Report) -> None:
    with pytest.raises(UsageError, match=r"0\.json and 1\.json are of different fleets"):
        together(shard(1), other)


def test_a_target_that_is_not_of_its_shard_is_refused() -> None:
    foreign = replace(shard(2), targets=named(PASSED, "b", "a"))
    with pytest.raises(UsageError, match=r"1\.json has a"):
        together(shard(1), foreign, shard(3))


def test_a_target_that_stands_twice_in_its_shard_is_refused() -> None:
    twice = replace(shard(2), targets=named(PASSED, "b", "b"))
    with pytest.raises(UsageError, match="not twice"):
        together(shard(1), twice, shard(3))


def test_reports_of_no_shard_are_put_side_by_side() -> None:
    report = together(Report(named(PASSED, "x")), Report(named(CHANGED, "y")))
    assert [each.target for each in report.targets] == ["x", "y"]
    assert exit_code(report) == 1


def test_reports_on_one_target_are_refused() -> None:
    with pytest.raises(UsageError, match=r"0\.json and 1\.json both have x"):
        together(Report(named(PASSED, "x")), Report(named(PASSED, "x")))


def test_a_shard_and_a_report_of_none_are_refused() -> None:
    with pytest.raises(UsageError, match=r"1\.json is of no shard, and 0\.json is of one"):
        together(shard(1), Report(named(PASSED, "x")))


def test_what_a_merged_report_lacked_it_lacks_when_it_is_merged_again() -> None:
    half = together(shard(1), shard(3))
    report = together(half, Report(named(PASSED, "x")))
    assert report.missing == half.missing
    assert exit_code(report) == 3


@pytest.mark.parametrize("run", ["GITHUB_RUN_ID=1/1", None])
def test_shards_of_different_runs_are_refused_by_what_tells_them_apart(run: str | None) -> None:
    words = rf"different runs: {run or 'of a run that nothing names'} and GITHUB_RUN_ID=1/2"
    with pytest.raises(UsageError, match=f"0.json and 1.json are of {words}"):
        together(shard(1, run=run), shard(2, run="GITHUB_RUN_ID=1/2"), shard(3, run=run))


def test_shards_that_were_asked_otherwise_are_refused() -> None:
    other = shard(2, asked=f"sha256:{'b' * 64}")
    with pytest.raises(UsageError, match=r"0\.json and 1\.json were made with different config"):
        together(shard(1), other, shard(3))


def test_a_file_that_its_run_has_left_empty_is_missing_beside_what_the_others_found() -> None:
    report = together(shard(1), shard(3, of=CHANGED), empty=("two.json",))
    assert report.missing[0] == "two.json is empty: its run ended without a verdict"
    assert exit_code(report) == 1
    whole = together(shard(1), shard(2), shard(3), empty=("odd.json",))
    assert exit_code(whole) == 3, "whatever it should have held"


def test_when_the_reports_were_made_is_noted() -> None:
    report = together(shard(1), later(shard(2), 120), later(shard(3), 3500))
    assert report.warnings == ()
    assert report.notes == ("made from 2026-11-21 03:12 UTC to 2026-11-21 04:11 UTC",)


def test_reports_that_are_far_apart_are_warned_of_and_change_no_verdict() -> None:
    report = together(later(shard(1), 3 * 3600), shard(2), later(shard(3), 3600))
    assert report.warnings == (
        "NOT OF ONE TIME: 3 h apart, 1.json was made at 2026-11-21 03:12 UTC "
        "and 0.json at 2026-11-21 06:12 UTC",
    )
    assert exit_code(report) == 0
    second = render("terminal", report, Presentation(0)).splitlines()[1]
    assert second.startswith("!  NOT OF ONE TIME: 3 h apart")
