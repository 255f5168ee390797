"""The report for machines keeps its contract, whatever the server said."""

import json
from collections.abc import Callable
from dataclasses import replace

import jsonschema
import pytest

from mcpverify.facts.change import ChangeKind
from mcpverify.facts.json_text import Json
from mcpverify.facts.report import Report
from mcpverify.reporters import render
from mcpverify.reporters.json_report import schema
from mcpverify.reporters.presentation import Presentation
from tests.reporters.report_samples import EXIT_CODES, HOSTILE, PASSED, SAMPLES, change, tool_report

jsonschema.Draft202012Validator.check_schema(schema())
VALIDATOR = jsonschema.Draft202012Validator(schema())


def rendered(report: Report, verbosity: int = 0) -> str:
    how = Presentation(EXIT_CODES[report.verdict], 100, True, verbosity)
    return render("json", report, how)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_report_fits_the_schema(name: str) -> None:
    VALIDATOR.validate(json.loads(rendered(SAMPLES[name])))


@pytest.mark.parametrize("name", ["passed", "changed", "refused"])
def test_the_report_is_the_golden_one(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"{name}.json.txt", rendered(SAMPLES[name]))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_shape_does_not_depend_on_verbosity(name: str) -> None:
    report = SAMPLES[name]
    assert rendered(report, -1) == rendered(report, 0) == rendered(report, 2)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_text_is_ascii_in_which_nothing_is_a_command(name: str) -> None:
    text = rendered(SAMPLES[name])
    assert text.isascii()
    assert all(line.isprintable() for line in text.removesuffix("\n").split("\n"))
    assert "##" not in text
    assert not any(line.lstrip().startswith("::") for line in text.split("\n"))


def test_hostile_strings_arrive_as_they_were_sent_but_for_half_characters() -> None:
    (target,) = json.loads(rendered(SAMPLES["hostile"]))["targets"]
    assert target["headline"] == HOSTILE.replace("\ud800", "\ufffd")


@pytest.mark.parametrize(
    "text", ["\ud83d\ude00", "\\ud800", "\\\\ud800", "a\ude00\ud83d", "\\\udc00"]
)
def test_only_halves_of_characters_are_replaced(text: str) -> None:
    (target,) = json.loads(rendered(Report((replace(PASSED, headline=text),))))["targets"]
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert target["headline"].count("\ufffd") == whole.count("\ufffd")
    assert target["headline"].isprintable() or "\ufffd" in target["headline"]


def test_a_missing_side_has_no_key_and_a_null_is_a_value() -> None:
    tool = tool_report(
        "t",
        "changed",
        None,
        (
            change("t", ChangeKind.ADDED, "/a", None, None),
            change("t", ChangeKind.REMOVED, "/b", None, None),
            change("t", ChangeKind.CHANGED, "/c", None, 1),
        ),
    )
    document = json.loads(rendered(Report((replace(PASSED, tools=(tool,)),))))
    VALIDATOR.validate(document)
    changes = document["targets"][0]["tools"][0]["changes"]
    assert [sorted({"snapshot", "live"} & each.keys()) for each in changes] == [
        ["live"],
        ["snapshot"],
        ["live", "snapshot"],
    ]


def test_values_nested_a_thousand_levels_deep_are_written() -> None:
    deep: Json = "é"
    for _ in range(1_000):
        deep = {"a": [deep]}
    tool = tool_report("t", "changed", None, (change("t", ChangeKind.ADDED, "/a", None, deep),))
    text = rendered(Report((replace(PASSED, tools=(tool,)),)))
    assert text.isascii()
    assert text.replace(" ", "").count('{"a":[') == 1_000


def test_an_additional_key_would_break_the_schema() -> None:
    document = json.loads(rendered(SAMPLES["changed"]))
    document["targets"][0]["checks"][0]["surprise"] = 1
    assert not VALIDATOR.is_valid(document)
