"""The outputs and the summary of a step: what later steps and people read."""

import json
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mcpverify.facts.comparison import Comparison
from mcpverify.facts.drain import DrainReport
from mcpverify.facts.report import Report
from mcpverify.facts.situation import Situation
from mcpverify.reporters.github_files import MAX_SUMMARY, of_problem, of_report, within
from mcpverify.reporters.inert import inert
from mcpverify.reporters.inert_commands import Level
from tests.reporters.actions_runner import annotations, outputs
from tests.reporters.drain_samples import DRAINS
from tests.reporters.report_samples import (
    CHANGED,
    COMPARISONS,
    EXIT_CODES,
    HOSTILE,
    PASSED,
    REFUSED,
    SAMPLES,
    UNSEEN,
)

ALL: dict[str, Report | Comparison | DrainReport] = {**SAMPLES, **COMPARISONS, **DRAINS}
NAMES = [
    "verdict", "exit-code", "rollback", "situation", "digest", "expected-digest", "failed",
    "report",
]  # fmt: skip


def given_out(report: Report | Comparison | DrainReport, path: str = "") -> dict[str, str]:
    code = EXIT_CODES[report.verdict]
    return outputs(of_report(report, code, rollback=code in (1, 3), path=path).outputs)


@pytest.mark.parametrize("name", ALL)
def test_the_outputs_are_the_same_ones_always(name: str) -> None:
    assert list(given_out(ALL[name])) == NAMES
    told = of_problem(HOSTILE, HOSTILE, 2, Level.ERROR, gate=True)
    assert list(outputs(told.outputs)) == NAMES


@pytest.mark.parametrize("name", ALL)
def test_what_is_no_gate_says_nothing_of_rolling_back(name: str) -> None:
    names = [each for each in NAMES if each != "rollback"]
    told = of_report(ALL[name], EXIT_CODES[ALL[name].verdict], rollback=None, path="")
    assert list(outputs(told.outputs)) == names
    problem = of_problem("no OLD was given", "", 2, Level.ERROR, gate=False)
    assert list(outputs(problem.outputs)) == names
    assert "roll" not in problem.summary


def test_a_red_gate_says_what_to_do_with_it() -> None:
    live, expected = CHANGED.live, CHANGED.expected
    assert live is not None
    assert expected is not None
    target = replace(CHANGED, situation=Situation.OLD_RELEASE)
    assert given_out(Report((target,)), "report.xml") == {
        "verdict": "failed",
        "exit-code": "1",
        "rollback": "true",
        "situation": "old-release",
        "digest": live.digest,
        "expected-digest": expected.digest,
        "failed": target.target,
        "report": "report.xml",
    }


def test_what_was_not_seen_is_empty() -> None:
    told = given_out(Report((REFUSED,)))
    assert (told["verdict"], told["situation"]) == ("inconclusive", "unreachable")
    assert told["digest"] == ""
    assert told["expected-digest"] != ""


def test_the_situation_of_a_trial_is_what_the_shutdown_was_like() -> None:
    told = given_out(DRAINS["drain-lossy"])
    after = DRAINS["drain-lossy"].trial.timeline.aftermath
    assert after.before is not None
    assert told["situation"] == "lossy"
    assert told["digest"] == told["expected-digest"] == after.before.digest
    unmade = given_out(DRAINS["drain-not-made"])
    assert (unmade["verdict"], unmade["situation"], unmade["digest"]) == ("inconclusive", "", "")


def test_several_targets_have_one_verdict_and_no_digest() -> None:
    told = given_out(Report((PASSED, CHANGED)))
    assert told["verdict"] == "failed"
    assert told["situation"] == told["digest"] == told["expected-digest"] == ""


def test_of_several_targets_those_that_failed_are_named() -> None:
    named = [
        replace(each, target=name)
        for each, name in ((PASSED, "a"), (CHANGED, "b"), (REFUSED, "c"), (CHANGED, "d"))
    ]
    assert given_out(Report(tuple(named)))["failed"] == "b,d"
    assert given_out(Report((PASSED,)))["failed"] == ""


def test_a_comparison_has_the_digest_of_each_side() -> None:
    seen = COMPARISONS["compared"]
    assert seen.old.digests is not None
    assert seen.new.digests is not None
    told = given_out(seen)
    assert told["expected-digest"] == seen.old.digests.digest
    assert told["digest"] == seen.new.digests.digest
    assert given_out(UNSEEN)["digest"] == ""


def test_a_run_without_verdict_rolls_nothing_back() -> None:
    told = outputs(
        of_problem("no TARGET was given", "Give one.", 2, Level.ERROR, gate=True).outputs
    )
    assert (told["verdict"], told["exit-code"], told["rollback"]) == ("none", "2", "false")
    assert {told[name] for name in NAMES[3:]} == {""}


@pytest.mark.parametrize(
    "path", ["report.xml", "out/a b=c<<d.xml", "größe.xml", "a ::b ##[c].json"]
)
def test_the_path_of_a_report_is_told_as_it_is(path: str) -> None:
    assert given_out(Report((PASSED,)), path)["report"] == path


@given(st.text(st.characters() | st.sampled_from("\r\n=<")))
@example("x\nrollback=false")
@example("x\r\nrollback=false")
@example("\u2028\x85\ud800")
def test_no_value_begins_another_output(path: str) -> None:
    told = of_report(Report((CHANGED,)), 1, rollback=True, path=path).outputs
    assert told.count("\n") == len(NAMES)
    assert all(line.isprintable() for line in told.split("\n"))
    assert outputs(told)["rollback"] == "true"


@given(st.text(), st.text())
@example(HOSTILE, HOSTILE)
@example("", "")
def test_a_problem_is_told_inert(problem: str, hint: str) -> None:
    told = of_problem(problem, hint, 70, Level.ERROR, gate=True)
    (only,) = annotations(told.annotations)
    assert only.title == "mcpverify: no verdict (exit 70)"
    assert only.lines[0] == inert(problem, 600)
    assert all(line.isprintable() for line in told.summary.split("\n"))


@pytest.mark.parametrize("name", ALL)
def test_the_summary_is_the_report_in_markdown(name: str) -> None:
    summary = of_report(ALL[name], 1, rollback=True, path="").summary
    assert summary.startswith("#")
    assert len(summary.encode()) < MAX_SUMMARY // 2
    json.dumps(summary).encode()


def test_a_summary_that_finds_no_room_says_so_and_then_nothing() -> None:
    text = "é" * 600
    assert within(text, 1_300) == f"\n{text}"
    assert "no room is left here" in within(text, 1_201)
    assert "no room is left here" in within(text, 200)
    assert within(text, 20) == ""
    assert within(text, -5) == ""
