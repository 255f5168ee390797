"""docs/reading-a-drift-report.md: what it tells its readers to do ends as it says."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from mcpverify.cli.explanations.situations import SITUATIONS
from mcpverify.facts.compatibility import Compatibility
from mcpverify.facts.evidence import FailOn
from tests import documents
from tests.conftest import Mcpverify

PAGE = documents.text_of("docs/reading-a-drift-report.md")
RUNS = documents.generator().runs
LOOPBACK = f"http://127.0.0.1:{RUNS.PORT}/mcp"
COMMANDS = [line for line in documents.commands_in(PAGE) if LOOPBACK in line]


def _part(name: str) -> str:
    return PAGE.partition(f"<!-- generated: {name} -->")[2].partition("<!-- end of")[0]


def _at(url: str, line: str) -> list[str]:
    return shlex.split(line.replace(LOOPBACK, url))[1:]


def test_the_command_above_the_first_report_is_the_one_that_printed_it() -> None:
    again = _part("unreviewed-run").partition("\nagain     ")[2].replace("\\\n", " ")
    assert shlex.join(shlex.split(again.partition("```")[0])) == COMMANDS[0]


def test_the_command_that_accepts_is_the_one_that_the_report_prints() -> None:
    (accepting,) = documents.blocks(PAGE.partition("<!-- accept -->")[2], "sh")[:1]
    told = _part("unreviewed-run").partition("\nnext      ")[2].replace("\\\n", " ")
    assert shlex.join(shlex.split(accepting)) in " ".join(told.split())


def test_what_was_accepted_is_green(mcpverify: Mcpverify) -> None:
    check, accept, ignore = COMMANDS
    with RUNS.weather_repository() as repository, RUNS.weather(3, "2.4.1") as url:
        folder: Path = repository.folder
        assert mcpverify(*_at(url, check), cwd=folder).code == 1
        assert mcpverify(*_at(url, accept), cwd=folder).code == 0
        assert mcpverify("check", url, cwd=folder).code == 0
        assert mcpverify(*_at(url, ignore), cwd=folder).code == 0
        assert '"ignore' in (folder / "snapshots" / "weather.json").read_text(encoding="utf-8")


def test_after_a_roll_back_the_advice_of_the_report_is_green(mcpverify: Mcpverify) -> None:
    with RUNS.weather_repository() as repository, RUNS.weather(1, "2.3.9") as url:
        run = mcpverify(*_at(url, COMMANDS[0]), cwd=repository.folder)
        assert "NOT DEPLOYED: an old release is serving" in run.words
        (advice,) = re.findall(r"mcpverify check \S+ (?:\\ )?--snapshot git:\w{12}:\S+", run.words)
        words = advice.replace("\\ ", "").split()[1:]
        assert mcpverify(*words, cwd=repository.folder).code == 0


def test_the_places_in_json_hold_what_the_page_says(mcpverify: Mcpverify) -> None:
    section = PAGE.partition("<!-- pointers -->")[2].partition("\n\n")[0]
    pointers = re.findall(r"`(/[\w/]+)`", section)
    with RUNS.weather_repository() as repository, RUNS.weather(3, "2.4.1") as url:
        report = mcpverify(*_at(url, COMMANDS[0]), "--format", "json", cwd=repository.folder).report
    found = {pointer: _resolved(report, pointer) for pointer in pointers}
    assert list(found.values())[:-1] == [
        *("failed", 1, "unreviewed-change", None, "breaking"),
        {"city": "text", "units": "kelvin"},
    ]
    assert list(found)[-1] == "/targets/0/next"
    assert any(step.startswith("mcpverify snapshot ") for step in found["/targets/0/next"])


def _resolved(report: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        report = report[int(step)] if isinstance(report, list) else report[step]
    return report


def test_the_old_release_is_told_by_its_age() -> None:
    assert "(6 days ago)" in _part("old-release-run")


@pytest.mark.parametrize(
    "verdict", [each for each in Compatibility if each is not Compatibility.IDENTICAL]
)
def test_every_verdict_has_an_example_of_its_own(verdict: Compatibility) -> None:
    (example,) = documents.blocks(_part(verdict), "text")
    assert example in _part("unreviewed-run")
    assert re.match(rf"  \w+ +{verdict} ", example)


def test_the_second_lines_that_are_told_apart_are_those_of_situations() -> None:
    section = PAGE.partition("## Which release is this?")[2].partition("\n## ")[0]
    told = re.findall(r"^\| `([A-Z ]+)` \|", section, re.MULTILINE)
    assert len(told) >= 5
    for words in told:
        assert any(each.headline.startswith(words) for each in SITUATIONS.values())


@pytest.mark.parametrize("choice", list(FailOn))
def test_every_choice_of_what_fails_is_explained(choice: FailOn) -> None:
    section = PAGE.partition("## What fails")[2]
    assert re.search(rf"^- `{choice}`\W", section, re.MULTILINE)
    assert f"| `{choice}` |" in section


def test_the_walk_meets_every_part_of_the_report() -> None:
    report = _part("unreviewed-run")
    for label in (
        "FAIL ",
        "x ",
        "ok ",
        "- ",
        "server ",
        "network ",
        "contract ",
        "next ",
        "again ",
    ):
        assert f"\n{label}" in report
