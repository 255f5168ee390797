"""Every format stays what it is, whatever a server says."""

import json
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from mcpverify.facts.comparison import Comparison
from mcpverify.facts.drain import DrainReport
from mcpverify.facts.report import Report
from mcpverify.reporters import FORMATS, render
from mcpverify.reporters.presentation import Presentation
from tests.reporters.actions_runner import annotations, commands
from tests.reporters.drain_samples import DRAINS
from tests.reporters.report_samples import COMPARISONS, EXIT_CODES, SAMPLES

ALL: dict[str, Report | Comparison | DrainReport] = {**SAMPLES, **COMPARISONS, **DRAINS}


def _ndjson(text: str) -> None:
    for line in text.splitlines():
        json.loads(line)


# What each format is; those for people are held to what all are held to.
READERS: dict[str, Callable[[str], object]] = {
    "github": annotations,
    "json": json.loads,
    "junit": ElementTree.fromstring,
    "ndjson": _ndjson,
}


def rendered(form: str, name: str) -> str:
    report = ALL[name]
    return render(form, report, Presentation(EXIT_CODES[report.verdict]))


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_well_formed(form: str, name: str) -> None:
    READERS.get(form, str)(rendered(form, name))


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("form", FORMATS)
def test_no_line_holds_what_a_reader_cannot_see(form: str, name: str) -> None:
    text = rendered(form, name)
    assert text.endswith("\n")
    assert all(line.isprintable() for line in text.split("\n"))


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("form", [form for form in FORMATS if form != "github"])
def test_a_runner_of_github_obeys_nothing_in_any_other_format(form: str, name: str) -> None:
    assert commands(rendered(form, name)) == []
