"""The report as test results: valid by the schemas that readers use, and read back by one."""

import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import junitparser
import pytest
import xmlschema
from hypothesis import example, given
from hypothesis import strategies as st

from mcpverify.facts.comparison import Comparison
from mcpverify.facts.contract import contract_of
from mcpverify.facts.drain import DrainReport
from mcpverify.facts.evidence import FailOn
from mcpverify.facts.finding import Outcome, Severity
from mcpverify.facts.report import Report
from mcpverify.facts.verdict import Verdict
from mcpverify.reporters import render
from mcpverify.reporters.inert import inert
from mcpverify.reporters.inert_xml import tag
from mcpverify.reporters.inert_xml import text as content
from mcpverify.reporters.presentation import Presentation
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
    compared,
    comparison,
    finding,
    judged,
    tool,
)

SCHEMA = xmlschema.XMLSchema(Path(__file__).parents[1] / "data" / "junit" / "junit-10.xsd")
ALL: dict[str, Report | Comparison | DrainReport] = {
    **SAMPLES,
    **COMPARISONS,
    **DRAINS,
    "no-target": Report(()),
}


def rendered(report: Report | Comparison | DrainReport) -> str:
    return render("junit", report, Presentation(EXIT_CODES[report.verdict]))


def root(report: Report | Comparison | DrainReport) -> ElementTree.Element:
    return ElementTree.fromstring(rendered(report))


def read(report: Report | Comparison | DrainReport) -> list[Any]:
    """The suites, as a library reads them."""
    return list(junitparser.JUnitXml.fromstring(rendered(report).encode()))


def results(suite: Any) -> dict[str, Any]:
    """What each case came to: None where it passed."""
    return {case.name: next(iter(case.result), None) for case in suite}


@pytest.mark.parametrize("name", ALL)
def test_it_is_valid_for_jenkins(name: str) -> None:
    SCHEMA.validate(rendered(ALL[name]))


@pytest.mark.parametrize("name", ALL)
def test_it_is_valid_for_ant(name: str) -> None:
    """The rules of Ant's schema that are stricter than those of Jenkins, one by one."""
    document = root(ALL[name])
    assert document.attrib == {}
    for number, suite in enumerate(document):
        assert set(suite.attrib) == {
            *("name", "package", "id", "hostname", "timestamp", "time"),
            *("tests", "failures", "errors", "skipped"),
        }
        assert suite.attrib["id"] == str(number)
        assert suite.attrib["name"].strip()
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.attrib["timestamp"])
        order = [each.tag for each in suite]
        cases = len(order) - 3
        assert order == ["properties", *["testcase"] * cases, "system-out", "system-err"]
        for case in suite.iter("testcase"):
            assert set(case.attrib) == {"name", "classname", "time"}
            assert [each.tag for each in case] in ([], ["skipped"], ["error"], ["failure"])
            assert all("type" in each.attrib for each in case if each.tag != "skipped")


@pytest.mark.parametrize("name", ALL)
def test_the_counts_are_those_of_the_cases(name: str) -> None:
    for suite in root(ALL[name]):
        for counted, element in (
            ("tests", "testcase"),
            ("failures", "testcase/failure"),
            ("errors", "testcase/error"),
            ("skipped", "testcase/skipped"),
        ):
            assert int(suite.attrib[counted]) == len(suite.findall(element))


@pytest.mark.parametrize("name", ALL)
def test_a_reader_sees_red_where_the_verdict_is_not_green(name: str) -> None:
    report = ALL[name]
    suites = read(report)
    failures, errors = (sum(map(of, suites)) for of in (_failures, _errors))
    assert (report.verdict is Verdict.FAILED) == (failures > 0)
    assert (report.verdict is Verdict.PASSED) == (failures + errors == 0)


def _failures(suite: Any) -> int:
    return int(suite.failures)


def _errors(suite: Any) -> int:
    return int(suite.errors)


@pytest.mark.parametrize("name", ["changed", "refused", "compared"])
def test_the_report_is_the_golden_one(name: str, golden: Callable[[str, str], None]) -> None:
    # The output is what the terminal shows, and has golden files of its own.
    shown = re.sub(r"(<system-out>).*(</system-out>)", r"\1…\2", rendered(ALL[name]), flags=re.S)
    golden(f"{name}.junit.xml", shown)


def test_each_check_is_a_case_of_its_target() -> None:
    (suite,) = read(Report((CHANGED,)))
    assert suite.name == "weather prod"
    assert [case.name for case in suite] == [each.check for each in CHANGED.findings]
    assert {case.classname for case in suite} == {"weather prod"}
    assert math.isclose(suite.time, CHANGED.seconds)


def test_a_failure_holds_all_that_a_person_needs() -> None:
    failure = results(read(Report((CHANGED,)))[0])["matches-snapshot"]
    assert isinstance(failure, junitparser.Failure)
    assert failure.message == "4 of 5 tools differ from snapshots/weather.json."
    for words in (
        failure.message,
        'snapshot takes   search({"mode": "fuzzy"})',
        "live refuses     at /mode: 'fuzzy' is not one of ['fast', 'full']",
        "/arguments  the list of prompts differs",
        "-> Deploy the reviewed release",
        "https://modelcontextprotocol.io/specification",
    ):
        assert words in failure.text


def test_each_trial_is_a_suite_and_the_one_that_counts_tells_all() -> None:
    shown = DRAINS["drain-trials"]
    suites = root(shown)
    assert [each.attrib["name"] for each in suites] == [
        "python server.py",
        "python server.py (2)",
        "python server.py (3)",
    ]
    assert [int(each.attrib["failures"]) for each in suites] == [0, 1, 1]
    outputs = [each.findtext("system-out") or "" for each in suites]
    assert ["FAIL" in each for each in outputs] == [False, True, False]
    assert all("SIGTERM" in each for each in outputs)


def test_a_point_that_was_not_observed_leaves_a_good_shutdown_green() -> None:
    (suite,) = read(DRAINS["drain-graceful"])
    assert isinstance(results(suite)["drain-limit"], junitparser.Skipped)
    assert (suite.failures, suite.errors) == (0, 0)


def test_a_trial_that_could_not_be_made_is_an_error() -> None:
    (suite,) = read(DRAINS["drain-not-made"])
    assert isinstance(results(suite)["calls-complete"], junitparser.Error)


def test_what_gates_and_was_not_observed_is_an_error() -> None:
    found = results(read(Report((REFUSED,)))[0])
    assert isinstance(found["handshake"], junitparser.Error)
    assert found["handshake"].text == "not observed: there was no answer to look at"
    assert isinstance(found["latency"], junitparser.Skipped), "it would only warn"


def test_what_does_not_apply_is_skipped_with_its_reason() -> None:
    skipped = results(read(Report((PASSED,)))[0])["eras-agree"]
    assert isinstance(skipped, junitparser.Skipped)
    assert skipped.message == "not applicable: the server speaks one era only"


def test_a_warning_passes_and_is_in_the_output_of_the_suite() -> None:
    (suite,) = read(Report((CHANGED,)))
    assert results(suite)["replicas-agree"] is None
    output = root(Report((CHANGED,))).findtext("testsuite/system-out") or ""
    assert "! replicas-agree     2 of 2 connections agree" in output


def test_facts_are_properties_of_the_suite() -> None:
    (suite,) = read(Report((CHANGED,)))
    told = {each.name: each.value for each in suite.properties()}
    assert (told["verdict"], told["situation"]) == ("failed", CHANGED.situation)
    assert CHANGED.live is not None
    assert told["digest"] == CHANGED.live.digest


def test_each_tool_is_a_case_of_a_comparison() -> None:
    (suite,) = read(comparison(OLD, NEW))
    found = results(suite)
    assert isinstance(found["search"], junitparser.Failure)
    assert (found["search"].type, found["search"].message) == ("breaking", "it breaks callers")
    assert 'old takes     search({"mode": "fuzzy"})' in found["search"].text
    assert found["alerts"] is None
    assert isinstance(found["prompt greet"], junitparser.Failure)


@pytest.mark.parametrize(
    ("fail_on", "failing"),
    [
        (FailOn.ANY, {"a", "b", "c"}),
        (FailOn.CONTRACT, {"a", "b"}),
        (FailOn.BREAKING, {"a"}),
        (FailOn.NONE, set()),
    ],
)
def test_what_is_tolerated_passes(fail_on: FailOn, failing: set[str]) -> None:
    old = contract_of([tool("a"), tool("c", "x")])
    new = contract_of([tool("b"), tool("c", "y")])
    verdict = Verdict.FAILED if failing else Verdict.PASSED
    (suite,) = read(comparison(old, new, fail_on=fail_on, verdict=verdict))
    found = results(suite)
    assert set(found) == {"a", "b", "c"}
    assert {name for name, result in found.items() if result is not None} == failing


def test_a_side_that_was_not_seen_is_an_error() -> None:
    (suite,) = read(COMPARISONS["unseen"])
    assert isinstance(results(suite)["verdict"], junitparser.Error)


def test_a_verdict_that_no_check_shows_has_a_case_of_its_own() -> None:
    none = finding("eras-agree", Outcome.NOT_APPLICABLE, "there is one era only")
    target = replace(PASSED, findings=(none,), verdict=Verdict.INCONCLUSIVE, headline="NOT SEEN")
    (suite,) = read(Report((target,)))
    assert results(suite)["verdict"].message == "NOT SEEN"
    seen = judged(PASSED, finding("latency", Outcome.FAILED, "slow", severity=Severity.ERROR))
    assert "verdict" not in results(read(Report((seen,)))[0])


def test_cases_whose_names_look_alike_are_told_apart() -> None:
    names = ["a\n", "a\\n", "a\\n (2)", "", "  ", "x" * 500, "x" * 600]
    tools = compared([tool(name) for name in names], [])
    (suite,) = read(replace(COMPARISONS["compared"], tools=tools, others=()))
    found = results(suite)
    assert len(found) == len(names)
    assert all(name.strip() for name in found)


def test_targets_of_one_name_are_told_apart() -> None:
    suites = read(SAMPLES["fleet"])
    assert [suite.name for suite in suites[:3]] == [
        "weather prod",
        "weather prod (2)",
        "weather prod (3)",
    ]
    assert {case.classname for case in suites[1]} == {"weather prod (2)"}


def test_five_thousand_tools_are_five_thousand_cases() -> None:
    (target,) = SAMPLES["many-tools"].targets
    text = rendered(replace(COMPARISONS["equal"], tools=target.tools))
    (suite,) = ElementTree.fromstring(text)
    assert suite.attrib["tests"] == "5000"
    assert len(text) < 1_000_000


@pytest.mark.parametrize("name", ["hostile", "hostile-compared"])
def test_hostile_strings_are_told_inert(name: str) -> None:
    text = rendered(ALL[name])
    assert text.isascii()
    assert all(line.isprintable() for line in text.split("\n"))
    assert "##[" not in text
    told = "".join(root(ALL[name]).itertext())
    assert inert(HOSTILE).strip()[:60] in told


@given(st.text(st.characters()), st.text(st.characters()))
@example(HOSTILE, "]]><failure/><![CDATA[ &amp; \"' \ufffe")
@example("\ud800\x00", "\udfff\x0b")
def test_xml_gives_back_what_was_put_into_it(one: str, other: str) -> None:
    document = f"{tag('a', {'b': one})}{content([one, other])}</a>"
    assert document.isascii()
    element = ElementTree.fromstring(document)
    assert element.attrib["b"] == inert(one, 600)
    assert (element.text or "") == f"{inert(one)}\n{inert(other)}"
    assert len(element) == 0
