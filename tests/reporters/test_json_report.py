"""The report for machines keeps its contract, whatever the server said."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import Any

import jsonschema
import pytest

from mcpverify.facts.change import Aspect, ChangeKind, Part, Subject
from mcpverify.facts.comparison import Comparison, SourceKind
from mcpverify.facts.compatibility import Compatibility, Side
from mcpverify.facts.contract import contract_of
from mcpverify.facts.drain import DrainReport, Shutdown
from mcpverify.facts.evidence import FailOn
from mcpverify.facts.finding import Outcome, Severity
from mcpverify.facts.json_text import Json
from mcpverify.facts.records_text import made
from mcpverify.facts.report import Report
from mcpverify.facts.revision import Era
from mcpverify.facts.situation import Situation
from mcpverify.facts.target import Transport
from mcpverify.facts.timeline import Connection, How, Purpose, RequestOutcome, Timeline
from mcpverify.facts.verdict import Verdict
from mcpverify.reporters import render
from mcpverify.reporters.json_report import schema
from mcpverify.reporters.json_values import MAX_CALL
from mcpverify.reporters.presentation import Presentation
from tests.reporters.drain_samples import DRAINS, SETTINGS
from tests.reporters.report_samples import (
    CHANGED,
    COMPARISONS,
    EXIT_CODES,
    HOSTILE,
    PASSED,
    SAMPLES,
    UNSEEN,
    compared,
    comparison,
    tool,
)

jsonschema.Draft202012Validator.check_schema(schema())
VALIDATOR = jsonschema.Draft202012Validator(schema())
ALL: dict[str, Report | Comparison | DrainReport] = {**SAMPLES, **COMPARISONS, **DRAINS}


def rendered(report: Report | Comparison | DrainReport, verbosity: int = 0) -> str:
    how = Presentation(EXIT_CODES[report.verdict], 100, True, verbosity)
    return render("json", report, how)


def read(report: Report | Comparison | DrainReport) -> Any:
    document = json.loads(rendered(report))
    VALIDATOR.validate(document)
    return document


def by_name(entries: Any) -> Any:
    return {each["name"]: each for each in entries}


@pytest.mark.parametrize("name", ALL)
def test_every_report_fits_the_schema(name: str) -> None:
    VALIDATOR.validate(json.loads(rendered(ALL[name])))


@pytest.mark.parametrize(
    "name", ["passed", "changed", "refused", "compared", "unseen", "drain-stdio", "drain-not-made"]
)
def test_the_report_is_the_golden_one(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"{name}.json.txt", rendered(ALL[name]))


@pytest.mark.parametrize("name", ALL)
def test_the_shape_does_not_depend_on_verbosity(name: str) -> None:
    report = ALL[name]
    assert rendered(report, -1) == rendered(report, 0) == rendered(report, 2)


@pytest.mark.parametrize("name", ALL)
def test_the_text_is_ascii_in_which_nothing_is_a_command(name: str) -> None:
    text = rendered(ALL[name])
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


def test_a_break_carries_its_witness_with_the_call_and_the_refusal() -> None:
    (target,) = read(Report((CHANGED,)))["targets"]
    search = by_name(target["tools"])["search"]
    assert search["compatibility"] == "breaking"
    change = search["changes"][0]
    assert change["pointer"] == "/inputSchema/properties/mode/enum"
    assert (change["kind"], change["aspect"], change["part"]) == ("removed", "enum", "contract")
    assert change["witness"] == {
        "side": "input",
        "value": {"mode": "fuzzy"},
        "call": 'search({"mode": "fuzzy"})',
        "refusal": "at /mode: 'fuzzy' is not one of ['fast', 'full']",
    }


def test_what_breaks_nobody_has_a_verdict_and_a_reason_and_no_witness() -> None:
    (target,) = read(Report((CHANGED,)))["targets"]
    tools = by_name(target["tools"])
    verdicts = {name: each["compatibility"] for name, each in tools.items()}
    assert verdicts == {
        "alerts": "identical",
        "export": "breaking",
        "find_places": "compatible",
        "forecast": "behavioral",
        "search": "breaking",
    }
    (change,) = tools["forecast"]["changes"]
    assert change["compatibility"] == "behavioral"
    assert change["witness"] is None
    assert change["reason"]


def test_a_tool_that_was_compared_with_nothing_has_no_verdict() -> None:
    (target,) = read(SAMPLES["first-run"])["targets"]
    assert {each["compatibility"] for each in target["tools"]} == {None}


def test_a_tool_has_the_worst_verdict_of_its_changes() -> None:
    order = list(Compatibility)
    for name in ("changed", "many-changed"):
        for each in read(SAMPLES[name])["targets"][0]["tools"]:
            verdicts = [order.index(change["compatibility"]) for change in each["changes"]]
            assert verdicts == sorted(verdicts, reverse=True)
            assert order.index(each["compatibility"]) == max(verdicts, default=0)


def test_a_rename_names_both_tools() -> None:
    shape: dict[str, Json] = {"city": {"type": "string"}, "days": {"type": "integer"}}
    tools = compared([tool("forecast", "It.", **shape)], [tool("weather", "It.", **shape)])
    (target,) = read(Report((replace(PASSED, tools=tools),)))["targets"]
    gone = by_name(target["tools"])["forecast"]
    assert (gone["state"], gone["renamed_to"]) == ("missing", "weather")
    change = gone["changes"][0]
    assert (change["kind"], change["renamed_to"]) == ("renamed", "weather")
    assert (change["snapshot"]["name"], change["live"]["name"]) == ("forecast", "weather")


def test_a_comparison_tells_of_both_sides_and_of_all_that_differs() -> None:
    document = read(COMPARISONS["compared"])
    assert (document["report"], document["verdict"], document["exit_code"]) == (1, "failed", 1)
    assert document["compatibility"] == "breaking"
    assert (document["old"]["kind"], document["old"]["tools"]) == ("git", 4)
    assert document["new"]["digests"]["digest"].startswith("sha256:")
    assert len(document["tools"]) == 5
    others = {(each["subject"], each["compatibility"]) for each in document["others"]}
    assert others == {
        ("prompt", "breaking"),
        ("prompt", "behavioral"),
        ("resource template", "behavioral"),
        ("resource", "breaking"),
    }


def test_the_gate_tells_of_prompts_and_resources_as_a_comparison_does() -> None:
    seen = COMPARISONS["compared"]
    target = replace(CHANGED, tools=seen.tools, others=seen.others)
    (told,) = read(Report((target,)))["targets"]
    document = read(seen)
    assert (told["tools"], told["others"]) == (document["tools"], document["others"])


def test_a_comparison_that_saw_one_side_keeps_its_shape() -> None:
    unseen, seen = read(UNSEEN), read(COMPARISONS["compared"])
    assert list(unseen) == list(seen)
    assert list(unseen["new"]) == list(seen["new"])
    assert (unseen["compatibility"], unseen["new"]["digests"]) == (None, None)
    assert unseen["new"]["problem"] == "127.0.0.1:9 refused the connection"


def test_an_enormous_call_is_elided_while_its_value_is_there_in_full() -> None:
    long = "x" * 100_000
    old = contract_of([tool("search", mode={"enum": [long]})])
    new = contract_of([tool("search", mode={"enum": ["a"]})])
    (search,) = read(comparison(old, new))["tools"]
    witness = search["changes"][0]["witness"]
    assert witness["value"] == {"mode": long}
    assert witness["call"].startswith('search({"mode": "xxx')
    assert witness["call"].endswith("})")
    assert len(witness["call"]) <= MAX_CALL


def test_a_missing_side_has_no_key_and_a_null_is_a_value() -> None:
    old = {**tool("t"), "b": None, "c": None}
    new = {**tool("t"), "a": None, "c": 1}
    tools = compared([old], [new])
    (target,) = read(Report((replace(PASSED, tools=tools),)))["targets"]
    changes = {each["pointer"]: each for each in target["tools"][0]["changes"]}
    sides = {at: sorted({"snapshot", "live"} & each.keys()) for at, each in changes.items()}
    assert sides == {"/a": ["live"], "/b": ["snapshot"], "/c": ["live", "snapshot"]}
    assert changes["/a"]["live"] is None


def test_values_nested_a_thousand_levels_deep_are_written() -> None:
    deep: Json = "é"
    for _ in range(1_000):
        deep = {"a": [deep]}
    shallow = compared([tool("t")], [{**tool("t"), "x": 1}])[0]
    judged = shallow.changes[0]
    changed = replace(judged, change=replace(judged.change, live=deep))
    report = replace(PASSED, tools=(replace(shallow, changes=(changed,)),))
    text = rendered(Report((report,)))
    assert text.isascii()
    assert text.replace(" ", "").count('{"a":[') == 1_000


def test_a_trial_holds_the_timeline_as_it_is_recorded() -> None:
    for name in ("drain-lossy", "drain-twice", "drain-not-made"):
        shown = DRAINS[name]
        (told,) = read(shown)["trials"]
        back = made(Timeline, told["timeline"])
        assert read(replace(shown, trials=(replace(shown.trial, timeline=back),)))["trials"] == [
            told
        ]
        assert [each.outcome for each in back.requests] == [
            each.outcome for each in shown.trial.timeline.requests
        ]
        assert back.setting == shown.trial.timeline.setting
        assert back.signals == shown.trial.timeline.signals


def test_a_run_of_trials_says_which_is_the_worst_and_how_far_they_lie_apart() -> None:
    document = read(DRAINS["drain-trials"])
    assert (document["verdict"], document["shutdown"], document["worst"]) == ("failed", "lossy", 1)
    assert [each["shutdown"] for each in document["trials"]] == ["degraded", "lossy", "lossy"]
    assert document["counts"] == document["trials"][1]["counts"]
    assert document["spread"] == {
        "shutdowns": {"lossy": 2, "degraded": 1},
        "not_made": 0,
        "in_flight": {"least": 4, "most": 4},
        "lost": {"least": 0, "most": 2},
        "ended": {"least": 3.012, "most": 3.2},
    }


def test_what_was_in_flight_is_counted_in_two_ways_that_agree() -> None:
    for shown in DRAINS.values():
        for trial in read(shown)["trials"]:
            counts = trial["counts"]
            assert counts["in_flight"] == counts["calls"] + counts["loop_hit"]
            assert counts["in_flight"] == counts["answered"] + counts["lost"] + counts["forced"]
            assert counts["in_flight"] == sum(counts["outcomes"].values())


def test_a_trial_that_could_not_be_made_keeps_its_shape() -> None:
    unmade, lossy = read(DRAINS["drain-not-made"]), read(DRAINS["drain-lossy"])
    assert list(unmade) == list(lossy)
    assert list(unmade["trials"][0]["timeline"]) == list(lossy["trials"][0]["timeline"])
    assert (unmade["shutdown"], unmade["recommended"]) == (None, None)
    assert unmade["spread"]["lost"] is None


def test_a_remedy_and_the_settings_are_there() -> None:
    document = read(replace(DRAINS["drain-lossy"], recommended=SETTINGS))
    assert document["remedies"][0]["steps"][-1] == "        timeout_graceful_shutdown=30)"
    assert document["recommended"] == {
        "p99": 4.2,
        "source": "as --call brew took",
        "drain_limit": 9.2,
        "grace": 16.2,
    }


def test_an_additional_key_in_a_trial_would_break_the_schema() -> None:
    document = read(DRAINS["drain-stdio"])
    timeline = document["trials"][0]["timeline"]
    for each in (
        document,
        document["trials"][0],
        document["counts"],
        document["spread"],
        timeline,
        timeline["setting"],
        timeline["server"],
        timeline["requests"][0],
        timeline["signals"][0],
        timeline["end"],
        timeline["aftermath"],
    ):
        each["surprise"] = 1
        assert not VALIDATOR.is_valid(document)
        del each["surprise"]
    VALIDATOR.validate(document)


@pytest.mark.parametrize("name", ["changed", "compared"])
def test_an_additional_key_would_break_the_schema(name: str) -> None:
    document = read(ALL[name])
    holder = document["targets"][0] if "targets" in document else document
    for each in (document, holder["tools"][-1], holder["tools"][-1]["changes"][0]):
        each["surprise"] = 1
        assert not VALIDATOR.is_valid(document)
        del each["surprise"]
    VALIDATOR.validate(document)


@pytest.mark.parametrize("name", ["changed", "compared", "unseen", "drain-stdio"])
def test_a_key_that_lacks_would_break_the_schema(name: str) -> None:
    document = read(ALL[name])
    for key in list(document):
        assert not VALIDATOR.is_valid({each: document[each] for each in document if each != key})


def test_no_document_is_a_run_and_a_comparison() -> None:
    run, compared_ = read(SAMPLES["changed"]), read(COMPARISONS["compared"])
    assert not VALIDATOR.is_valid({**run, **compared_})
    assert not VALIDATOR.is_valid({**compared_, **read(DRAINS["drain-stdio"])})


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (Aspect, "change/properties/aspect"),
        (ChangeKind, "change/properties/kind"),
        (Part, "change/properties/part"),
        (Side, "witness/properties/side"),
        (Compatibility, "compatibility"),
        (Verdict, "verdict"),
        (Outcome, "check/properties/outcome"),
        (Severity, "check/properties/severity"),
        (SourceKind, "source/properties/kind"),
        (FailOn, "comparison/properties/fail_on"),
        (RequestOutcome, "outcome"),
        (Purpose, "request/properties/purpose"),
        (Connection, "request/properties/connection"),
        (How, "setting/properties/how"),
        (Transport, "transport"),
        (Era, "era"),
        (Situation, "target/properties/situation"),
    ],
)
def test_the_schema_lists_the_words_that_there_are(words: type[StrEnum], where: str) -> None:
    found: Any = schema()["$defs"]
    for step in where.split("/"):
        found = found[step]
    assert sorted(found["enum"]) == sorted(words)


def test_the_schema_lists_the_shutdowns_that_there_are() -> None:
    definitions: Any = schema()["$defs"]
    assert definitions["shutdown"]["enum"] == [*Shutdown, None]


def test_the_schema_lists_the_others_that_there_are() -> None:
    definitions: Any = schema()["$defs"]
    listed = definitions["other"]["properties"]["subject"]["enum"]
    assert sorted([*listed, Subject.TOOL]) == sorted(Subject)


def test_every_reference_of_the_schema_leads_somewhere() -> None:
    text = json.dumps(schema())
    definitions: Any = schema()["$defs"]
    assert set(re.findall(r'"#/\$defs/([a-z_]+)"', text)) == set(definitions)
