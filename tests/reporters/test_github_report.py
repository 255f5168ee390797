"""Annotations of GitHub Actions: what they say, and that no server writes one of its own."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mcpverify.facts.comparison import Comparison
from mcpverify.facts.contract import contract_of
from mcpverify.facts.drain import DrainReport
from mcpverify.facts.finding import Detail, Outcome
from mcpverify.facts.report import Report
from mcpverify.facts.verdict import Verdict
from mcpverify.reporters import render
from mcpverify.reporters.inert import inert
from mcpverify.reporters.inert_commands import Level, annotation
from mcpverify.reporters.presentation import Presentation
from tests.reporters.actions_runner import Command, annotations, commands
from tests.reporters.drain_samples import DRAINS
from tests.reporters.report_samples import (
    CHANGED,
    COMPARISONS,
    EXIT_CODES,
    HOSTILE,
    NEW,
    OLD,
    PASSED,
    REFUSED,
    SAMPLES,
    comparison,
    finding,
    judged,
    tool,
)

ALL: dict[str, Report | Comparison | DrainReport] = {**SAMPLES, **COMPARISONS, **DRAINS}


def rendered(report: Report | Comparison | DrainReport) -> str:
    return render("github", report, Presentation(EXIT_CODES[report.verdict]))


def told(report: Report | Comparison | DrainReport) -> list[Command]:
    return annotations(rendered(report))


def as_text(found: list[Command]) -> str:
    """What a person sees beside the log of a step."""
    return "".join(
        f"{each.name.upper()}  {each.title}\n" + "".join(f"  {line}\n" for line in each.lines)
        for each in found
    )


@pytest.mark.parametrize(
    "name", ["passed", "changed", "refused", "fleet", "many-changed", "hostile", "compared"]
)
def test_people_read_the_golden_text(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"{name}.github.txt", as_text(told(ALL[name])))


@pytest.mark.parametrize("name", ALL)
def test_each_line_is_an_annotation_and_there_are_ten_at_most(name: str) -> None:
    text = rendered(ALL[name])
    lines = text.removesuffix("\n").split("\n")
    assert all(line.isprintable() for line in lines)
    assert 1 <= len(lines) == len(told(ALL[name])) <= 10


@pytest.mark.parametrize("name", ALL)
def test_the_verdict_comes_first_and_then_what_is_worst(name: str) -> None:
    report = ALL[name]
    first, *rest = told(report)
    words = {Verdict.PASSED: "PASS", Verdict.FAILED: "FAIL", Verdict.INCONCLUSIVE: "NO VERDICT"}
    assert first.title.startswith(f"{words[report.verdict]} ")
    assert first.name == ("notice" if report.verdict is Verdict.PASSED else "error")
    levels = [list(Level).index(Level(each.name)) for each in rest]
    assert levels == sorted(levels)


def test_the_first_one_says_what_it_means_and_what_to_do() -> None:
    first = told(Report((CHANGED,)))[0]
    assert first.title == "FAIL weather prod: matches-snapshot"
    assert first.lines[0] == CHANGED.headline
    assert first.lines[-2:] == [f"next: {step}" for step in CHANGED.next_steps]


def test_a_break_is_shown_by_its_call() -> None:
    search = told(Report((CHANGED,)))[1]
    assert search.title == "weather prod: matches-snapshot: search is breaking"
    assert search.lines[1:] == [
        'snapshot takes: search({"mode": "fuzzy"})',
        "live refuses: at /mode: 'fuzzy' is not one of ['fast', 'full']",
    ]


def test_a_lost_call_is_told_with_what_mends_it() -> None:
    first, second = told(DRAINS["drain-lossy"])
    assert (first.name, second.name) == ("error", "warning")
    assert first.title == "FAIL python server.py: calls-complete"
    assert first.lines[0] == "LOSSY: 2 of 4 calls in flight were lost 0.45 s after SIGTERM"
    assert "cause: sse-starlette ends every event stream" in "\n".join(first.lines)
    assert "        timeout_graceful_shutdown=30)" in first.lines
    assert second.title == "python server.py: lame-duck"


def test_several_trials_say_how_far_they_lie_apart() -> None:
    (first, *_) = told(DRAINS["drain-trials"])
    assert first.lines[1].startswith("3 trials: 2 lossy, 1 degraded")


def test_a_comparison_speaks_of_old_and_new() -> None:
    text = as_text(told(comparison(OLD, NEW)))
    assert 'old takes: search({"mode": "fuzzy"})' in text
    assert "snapshot takes" not in text


def test_green_is_one_notice() -> None:
    (only,) = told(Report((PASSED,)))
    assert (only.name, only.title, only.data) == ("notice", "PASS weather prod", PASSED.headline)


def test_warnings_stand_beside_a_green_verdict() -> None:
    warned = judged(PASSED, finding("tls-certificate", Outcome.WARNED, "5 days are left."))
    assert [each.name for each in told(Report((warned,)))] == ["notice", "warning"]


def test_checks_that_saw_nothing_for_the_same_reason_are_counted_only() -> None:
    (only,) = told(Report((REFUSED,)))
    assert "not observed: 12 more checks" in only.lines


def test_texts_that_changed_are_a_warning_where_they_pass() -> None:
    old, new = contract_of([tool("search", "Finds.")]), contract_of([tool("search", "Sends.")])
    passed = comparison(old, new, verdict=Verdict.PASSED, headline="BEHAVIORAL: 1 of 1 tool")
    assert [(each.name, each.lines) for each in told(passed)][1:] == [
        ("warning", ["behavioral: search"])
    ]


def test_what_only_came_is_no_warning() -> None:
    old, new = contract_of([tool("a")]), contract_of([tool("a"), tool("b")])
    assert len(told(comparison(old, new, verdict=Verdict.PASSED))) == 1


def test_a_fleet_names_the_targets_that_are_not_green() -> None:
    titles = [each.title for each in told(SAMPLES["fleet"])]
    assert titles[0] == "FAIL 4 targets: 1 failed, 1 without verdict, 2 passed"
    assert not any(title.startswith("PASS") for title in titles)
    assert f"NO VERDICT {REFUSED.target}: reachable" in titles


def test_what_is_left_out_is_counted() -> None:
    found = told(SAMPLES["many-changed"])
    assert len(found) == 10
    # 300 tools, one of which is told with the verdict and eight alone.
    assert (found[-1].name, found[-1].title) == ("error", "291 more")


def test_thousands_of_changed_tools_are_ten_annotations() -> None:
    (target,) = SAMPLES["many-changed"].targets
    assert len(told(Report((replace(target, tools=target.tools * 20),)))) == 10


def test_the_next_step_survives_long_details() -> None:
    details = [Detail("x" * 5_000, subject="y" * 500, snapshot="z" * 500, live="é" * 500)] * 50
    failed = finding("tool-schemas-valid", Outcome.FAILED, "They are invalid.", *details)
    (first,) = told(Report((judged(PASSED, failed, next_steps=("Mend them.",)),)))
    assert first.lines[-1] == "next: Mend them."


def test_hostile_strings_are_told_inert() -> None:
    first = told(SAMPLES["hostile"])[0]
    assert first.lines[0] == inert(HOSTILE)


titles = st.text(st.characters() | st.sampled_from(":,%\r\n =#["), max_size=60)


@given(titles, st.lists(titles, max_size=4))
@example("a,file=b::c", ["d\n::error::e", "%0A::warning::f", "%25"])
@example("::stop-commands::x", ["##[set-output name=a]b"])
@example(" ", [" "])
def test_a_command_gives_back_what_was_put_into_it(title: str, lines: list[str]) -> None:
    line = annotation(Level.WARNING, f"mcpverify {title}", lines)
    assert line.isprintable()
    (command,) = commands(line)
    assert command.name == "warning"
    # The runner trims what stands around its list of properties.
    assert command.properties == {"title": inert(f"mcpverify {title}").rstrip()}
    assert command.data == "\n".join(map(inert, lines))


def test_a_message_ends_before_the_runner_cuts_it() -> None:
    (command,) = commands(annotation(Level.ERROR, "t", ["x" * 500] * 100))
    assert 3_000 < len(command.data) < 4_000
    assert command.lines[-1] == "… cut here"
