"""Reports on many targets, in every format: which of them is wrong comes first, and fits."""

import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from mcpverify.facts.finding import Finding, Outcome, Severity
from mcpverify.facts.report import Report, TargetReport
from mcpverify.facts.shard import Shard
from mcpverify.facts.situation import Situation
from mcpverify.facts.verdict import Verdict
from mcpverify.reporters import FORMATS, render
from mcpverify.reporters.fleet_lines import MAX_RED, MAX_TOLD
from mcpverify.reporters.markdown_report import MAX_CHARACTERS
from mcpverify.reporters.presentation import Presentation
from tests.reporters.report_samples import CHANGED, HOSTILE_REPORT, PASSED, REFUSED

GREEN = replace(PASSED, findings=tuple(f for f in PASSED.findings if f.outcome != Outcome.WARNED))
WARNING = Finding("tls-certificate", Outcome.WARNED, Severity.WARNING, "it ends in 9 days")
MISSING = "shard 2/3 is missing, and with it 2 targets: b e"


def named(target: TargetReport, *names: str) -> list[TargetReport]:
    return [replace(target, target=name) for name in names]


TEN = Report(
    (
        *named(GREEN, "calendar", "docs", "mail"),
        *named(REFUSED, "search"),
        *named(GREEN, "notes"),
        *named(CHANGED, "weather"),
        *named(replace(GREEN, findings=(*GREEN.findings, WARNING)), "billing", "maps"),
        *named(GREEN, "files", "chat"),
    )
)
MERGED = Report(tuple(named(GREEN, "a", "c")), missing=(MISSING,))
EMPTY = Report((), Shard(4, 4, ("a", "b", "c"), None, ""))


def shown(report: Report, format_name: str = "terminal", verbosity: int = 0, code: int = 1) -> str:
    return render(format_name, report, Presentation(code, verbosity=verbosity))


def test_the_first_screen_says_which_of_ten_targets_are_wrong_and_how() -> None:
    lines = shown(TEN).splitlines()[:8]
    assert lines[0].startswith("FAIL  10 targets: 1 failed, 1 without verdict, 8 passed")
    assert lines[1].startswith("x  weather  ")
    assert CHANGED.headline.split()[0] in lines[1]
    assert next(line for line in lines if line.startswith("?  search")).split()[2] == "UNREACHABLE:"
    assert lines[-3] == "!  2 passed, with warnings of tls-certificate: billing maps"
    assert lines[-2] == "ok 6 passed: calendar docs mail notes files chat"


def test_what_is_red_is_told_in_full_below_with_what_to_do_next() -> None:
    text = shown(TEN)
    sections = text.split("\n\nFAIL  weather")[1]
    assert "\n\nNO VERDICT  search" in sections
    assert f"again     {CHANGED.again.split()[0]}" in sections
    assert "PASS" not in text


def test_quiet_tells_only_what_is_wrong() -> None:
    text = shown(TEN, verbosity=-1)
    assert "weather" in text
    assert "calendar" not in text
    assert "billing" not in text


def test_verbose_tells_every_target_in_full() -> None:
    text = shown(TEN, verbosity=1)
    assert all(f"PASS  {name}" in text for name in ("calendar", "maps", "chat"))


def many(red: int) -> Report:
    return Report(
        (
            *named(CHANGED, *(f"red{n:04}" for n in range(red))),
            *named(GREEN, *(f"green{n:04}" for n in range(1_000 - red))),
        )
    )


def test_a_thousand_green_targets_are_counted() -> None:
    text = shown(many(0), code=0)
    assert len(text.splitlines()) < 12
    assert "1,000 passed" in text
    assert "976 more" in text


def test_of_a_thousand_red_targets_as_many_are_told_as_one_reads() -> None:
    text = shown(many(1_000))
    lines = text.splitlines()
    assert sum(line.startswith("x  red") for line in lines) == MAX_RED
    assert f"{1_000 - MAX_RED:,} more that did not pass" in text
    assert sum(line.startswith("FAIL  red") for line in lines) == MAX_TOLD
    assert lines[-1] == f"… and {1_000 - MAX_TOLD:,} more in full with -v, or in --format json"


def test_a_line_of_the_overview_is_never_wider_than_the_terminal() -> None:
    report = Report(tuple(named(HOSTILE_REPORT, "漢" * 50, "b" * 300)))
    lines = shown(report).splitlines()
    assert max(map(len, lines[:6])) <= 80
    assert sum(line.startswith("x  ") for line in lines[1:6]) == 2


def test_what_is_missing_is_told_in_every_format_and_first_where_people_read() -> None:
    for name in FORMATS:
        text = shown(MERGED, name, code=3)
        assert MISSING in " ".join(text.replace("`", "").split()), name
    assert shown(MERGED, code=3).splitlines()[1] == f"?  {MISSING}"
    assert shown(MERGED, "markdown", code=3).splitlines()[2].startswith("- **missing**")
    assert f"missing: {MISSING}" in shown(MERGED, "github", code=3).splitlines()[0]


def test_what_is_missing_never_reads_as_green() -> None:
    assert MERGED.verdict is Verdict.INCONCLUSIVE
    assert shown(MERGED, code=3).startswith("NO VERDICT  2 targets: 2 passed")
    suites = ElementTree.fromstring(shown(MERGED, "junit", code=3))
    assert [suite.attrib["errors"] for suite in suites] == ["0", "0", "1"]
    assert json.loads(shown(MERGED, "json", code=3))["missing"] == [MISSING]
    assert shown(MERGED, "github", code=3).startswith("::error ")


def test_an_empty_shard_passes_and_says_so_in_every_format() -> None:
    assert EMPTY.verdict is Verdict.PASSED
    assert "0 targets of shard 4/4: there is nothing to do for it" in shown(EMPTY, code=0)
    assert "0 targets of shard 4/4" in shown(EMPTY, "markdown", code=0)
    assert "0 targets of shard 4/4" in shown(EMPTY, "github", code=0)
    assert json.loads(shown(EMPTY, "json", code=0))["shard"]["fleet"] == ["a", "b", "c"]
    (suite,) = ElementTree.fromstring(shown(EMPTY, "junit", code=0))
    assert (suite.attrib["failures"], suite.attrib["errors"]) == ("0", "0")


def test_an_empty_report_that_is_no_shard_does_not_pass() -> None:
    assert Report(()).verdict is Verdict.INCONCLUSIVE
    assert Report((), Shard(1, 2, ("a", "b"), None, "")).verdict is Verdict.INCONCLUSIVE


def test_a_shard_of_one_target_says_which_shard_it_is() -> None:
    report = Report(tuple(named(GREEN, "a")), Shard(1, 2, ("a", "b"), None, ""))
    assert shown(report, code=0).startswith("PASS  1 target of shard 1/2: 1 passed")


def test_markdown_tells_what_is_red_and_folds_the_others() -> None:
    text = shown(TEN, "markdown")
    assert text.index("- **failed** `weather`") < text.index("- **no verdict** `search`")
    assert "2 passed, with warnings of `tls-certificate`: `billing` `maps`" in text
    assert "<summary>6 targets passed</summary>" in text
    assert text.count("\n### ") == 2
    assert len(shown(many(1_000), "markdown")) < MAX_CHARACTERS


def test_annotations_name_each_red_target_before_more_of_any() -> None:
    lines = shown(TEN, "github").splitlines()
    assert "FAIL 10 targets" in lines[0]
    assert "weather" in lines[0]
    assert "search" in lines[0]
    assert "FAIL weather" in lines[1]
    assert "NO VERDICT search" in lines[2]
    assert len(shown(many(1_000), "github").splitlines()) == 10


def test_each_target_is_a_suite() -> None:
    suites = ElementTree.fromstring(shown(TEN, "junit"))
    assert [suite.attrib["name"] for suite in suites] == [each.target for each in TEN.targets]


@pytest.mark.parametrize("situation", [Situation.CALLED_WRONGLY, Situation.OUR_BUG])
def test_a_target_that_could_not_be_asked_is_red_in_every_format(situation: Situation) -> None:
    wrong = replace(
        REFUSED, target="wrong", situation=situation, findings=(), headline="CALLED WRONGLY: no"
    )
    report = Report((*named(GREEN, "a"), wrong))
    assert shown(report).splitlines()[1] == "?  wrong  CALLED WRONGLY: no"
    suites = ElementTree.fromstring(shown(report, "junit"))
    assert [suite.attrib["errors"] for suite in suites] == ["0", "1"]
    assert "**no verdict** `wrong`: CALLED WRONGLY: no" in shown(report, "markdown")
    assert "NO VERDICT wrong" in shown(report, "github")


def test_the_annotation_of_a_target_that_could_not_be_asked_says_what_to_do() -> None:
    odd = replace(
        REFUSED,
        situation=Situation.CALLED_WRONGLY,
        headline="CALLED WRONGLY: /srv/mcp cannot be started",
        findings=(),
        next_steps=("Check the command.",),
    )
    text = shown(Report((odd, *named(GREEN, "a"))), "github", code=2)
    assert "CALLED WRONGLY: /srv/mcp cannot be started%0Anext: Check the command." in text


def test_what_merge_remarks_is_in_every_format_that_people_read() -> None:
    targets = tuple(named(GREEN, "a", "c"))
    report = Report(targets, warnings=("NOT OF ONE TIME: 3 h apart",), notes=("made at noon",))
    for form in ("terminal", "markdown", "github", "json"):
        assert "NOT OF ONE TIME: 3 h apart" in shown(report, form, code=0)
    for form in ("terminal", "markdown", "json"):
        assert "made at noon" in shown(report, form, code=0)
    assert shown(report, "github", code=0).startswith("::warning ")
