"""Events keep their contract, whatever the server said, and say what the report says."""

import json
import re
from dataclasses import replace
from enum import StrEnum
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from mcpverify.facts.comparison import Comparison
from mcpverify.facts.drain import DrainReport
from mcpverify.facts.report import Report
from mcpverify.facts.revision import Era
from mcpverify.facts.transcript import FailureKind, Role, Step
from mcpverify.reporters import render
from mcpverify.reporters.events import attempt_ended, exchange_ended, run_ended, run_started
from mcpverify.reporters.json_report import schema as report_schema
from mcpverify.reporters.ndjson_report import schema
from mcpverify.reporters.presentation import Presentation
from tests.reporters.drain_samples import DRAINS
from tests.reporters.report_samples import (
    CHANGED,
    COMPARISONS,
    EXIT_CODES,
    HOSTILE,
    HOSTILE_REPORT,
    PASSED,
    REFUSED,
    SAMPLES,
    STARTED,
    exchange,
)

REGISTRY: Registry[Any] = Registry().with_resource(
    "report.schema.json", Resource.from_contents(report_schema())
)
jsonschema.Draft202012Validator.check_schema(schema())
EVENT = jsonschema.Draft202012Validator(schema(), registry=REGISTRY)
ALL: dict[str, Report | Comparison | DrainReport] = {**SAMPLES, **COMPARISONS, **DRAINS}


# A comparison has no target, and only a trial of a shutdown is a trial.
OPTIONAL = (("tool", "target"), ("other", "target"), ("finding", "trial"))


def rendered(
    report: Report | Comparison | DrainReport, form: str = "ndjson", verbosity: int = 0
) -> str:
    return render(form, report, Presentation(EXIT_CODES[report.verdict], 100, True, verbosity))


def read(text: str) -> list[Any]:
    events = [json.loads(line) for line in text.splitlines()]
    for event in events:
        EVENT.validate(event)
    return events


def named(events: list[Any], name: str) -> list[Any]:
    return [each for each in events if each["event"] == name]


@pytest.mark.parametrize("name", ALL)
def test_every_line_fits_the_schema(name: str) -> None:
    assert read(rendered(ALL[name]))


@pytest.mark.parametrize("name", ALL)
def test_a_run_has_a_beginning_and_an_end(name: str) -> None:
    first, *_, last = map(json.loads, rendered(ALL[name]).splitlines())
    assert (first["event"], last["event"]) == ("run-started", "run-ended")
    assert last["verdict"] == ALL[name].verdict
    assert last["exit_code"] == EXIT_CODES[ALL[name].verdict]


@pytest.mark.parametrize("name", ALL)
def test_lines_are_ascii_in_which_nothing_is_a_command(name: str) -> None:
    text = rendered(ALL[name])
    assert text.endswith("\n")
    assert text.isascii()
    for line in text.removesuffix("\n").split("\n"):
        assert line.isprintable()
        assert line.startswith('{"events": 1, "event": "')
        assert "##" not in line


@pytest.mark.parametrize("name", ALL)
def test_events_do_not_depend_on_verbosity(name: str) -> None:
    report = ALL[name]
    assert rendered(report, verbosity=-1) == rendered(report) == rendered(report, verbosity=2)


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_told_of_a_target_is_what_the_report_says(name: str) -> None:
    events = read(rendered(SAMPLES[name]))
    report = json.loads(rendered(SAMPLES[name], "json"))
    checks = [each["check"] for each in named(events, "finding")]
    assert checks == [check for target in report["targets"] for check in target["checks"]]
    for event, target in zip(named(events, "target"), report["targets"], strict=True):
        told = {key: event[key] for key in event if key not in ("events", "event", "time")}
        assert told == {key: target[key] for key in told}


@pytest.mark.parametrize("name", {**SAMPLES, **COMPARISONS})
def test_each_tool_that_differs_has_a_line_and_no_other(name: str) -> None:
    report = json.loads(rendered(ALL[name], "json"))
    holders = report.get("targets", [report])
    differing = [
        tool
        for holder in holders
        for tool in holder["tools"]
        if tool["compatibility"] not in (None, "identical")
    ]
    events = read(rendered(ALL[name]))
    assert [each["tool"] for each in named(events, "tool")] == differing
    others = [other for holder in holders for other in holder["others"]]
    assert [each["other"] for each in named(events, "other")] == others


def test_trials_are_told_one_after_the_other_and_what_they_come_to_at_the_end() -> None:
    shown = DRAINS["drain-trials"]
    events = [json.loads(line) for line in rendered(shown).splitlines()]
    report = json.loads(rendered(shown, "json"))
    assert events[0]["targets"] == ["python server.py"]
    for number, trial in enumerate(report["trials"], start=1):
        mine = [each for each in events if each.get("trial") == number]
        assert [each["check"] for each in named(mine, "finding")] == trial["checks"]
        assert [each["request"] for each in named(mine, "request")] == (
            trial["timeline"].pop("requests")
        )
        (ended,) = named(mine, "trial")
        told = {key: ended[key] for key in ("shutdown", "verdict", "counts", "timeline")}
        assert told == {key: trial[key] for key in told}
    (outcome,) = named(events, "drain")
    told = {key: outcome[key] for key in outcome if key not in ("events", "event", "time")}
    assert told == {key: report[key] for key in told}
    left = {"report", "exit_code", "trials"}
    assert set(report) - set(told) == left


def test_a_comparison_has_two_sides_and_an_outcome_and_no_target() -> None:
    events = read(rendered(COMPARISONS["compared"]))
    assert (events[0]["old"], events[0]["new"]) == (
        "git:HEAD~1:snapshots/weather.json",
        "https://mcp.example.com/mcp",
    )
    (outcome,) = named(events, "comparison")
    report = json.loads(rendered(COMPARISONS["compared"], "json"))
    told = {key: outcome[key] for key in outcome if key not in ("events", "event", "time")}
    assert told == {key: report[key] for key in told}
    assert not any("target" in each for each in events)


def test_a_fleet_is_told_target_by_target() -> None:
    events = read(rendered(SAMPLES["fleet"]))
    names = [each.target for each in SAMPLES["fleet"].targets]
    assert events[0]["targets"] == names
    assert events[0]["again"] is None
    assert [each["target"] for each in named(events, "target")] == names


def test_a_run_without_targets_still_ends() -> None:
    assert [each["event"] for each in read(rendered(Report(())))] == ["run-started", "run-ended"]


def test_the_time_of_an_outcome_is_when_the_run_had_ended() -> None:
    events = read(rendered(Report((PASSED,))))
    assert events[0]["time"] == "2026-11-21T03:12:44.250Z"
    assert {each["time"] for each in events[1:]} == {"2026-11-21T03:12:45.050Z"}


def test_an_exchange_says_what_was_asked_and_what_became_of_it() -> None:
    (hung,) = (each for each in REFUSED.recording.transcripts[0].exchanges)  # type: ignore[union-attr]
    (event,) = read(exchange_ended("t", 2, Role.PRIMARY, Era.STATELESS, hung, STARTED))
    assert event == {
        "events": 1,
        "event": "exchange",
        "time": "2026-11-21T03:12:44.250Z",
        "target": "t",
        "attempt": 2,
        "role": "primary",
        "era": "stateless",
        "step": "server/discover",
        "status": None,
        "seconds": 0.002,
        "failure": "refused",
    }


def test_an_exchange_with_a_hostile_server_repeats_none_of_its_words() -> None:
    (hostile,) = HOSTILE_REPORT.recording.transcripts[0].exchanges  # type: ignore[union-attr]
    kind = FailureKind.BAD_MESSAGE
    (event,) = read(exchange_ended("t", 1, Role.SAMPLE, Era.HANDSHAKE, hostile, STARTED))
    assert (event["step"], event["failure"]) == ("tools/list", kind)
    assert "owned" not in json.dumps(event)


def test_an_attempt_says_why_another_one_is_needed() -> None:
    (event,) = read(attempt_ended(3, REFUSED, 0.8, STARTED))
    assert (event["number"], event["pause"]) == (3, 0.8)
    assert (event["verdict"], event["situation"]) == ("inconclusive", "unreachable")
    assert event["headline"].startswith("UNREACHABLE")


def test_an_attempt_with_hostile_words_is_one_inert_line() -> None:
    line = attempt_ended(1, HOSTILE_REPORT, 0.5, STARTED)
    assert line.count("\n") == 1
    assert line.isascii()
    assert read(line)[0]["headline"] == HOSTILE.replace("\ud800", "\ufffd")


def test_a_run_that_came_to_no_verdict_ends_with_none() -> None:
    (event,) = read(run_ended(None, 2, STARTED))
    assert (event["verdict"], event["exit_code"]) == (None, 2)


@pytest.mark.parametrize("name", ["changed", "compared"])
def test_an_additional_key_would_break_the_schema(name: str) -> None:
    for event in read(rendered(ALL[name])):
        assert not EVENT.is_valid({**event, "surprise": 1})


def test_a_key_that_lacks_would_break_the_schema() -> None:
    lines = (
        *rendered(Report((CHANGED,))).splitlines(),
        *rendered(COMPARISONS["compared"]).splitlines(),
        *rendered(DRAINS["drain-stdio"]).splitlines(),
        exchange_ended("t", 1, Role.PRIMARY, Era.STATELESS, exchange(Step.TOOLS), STARTED),
        attempt_ended(1, CHANGED, 1.0, STARTED),
        run_started("t", "mcpverify check t", STARTED),
    )
    for line in lines:
        event = json.loads(line)
        for key in event:
            if (event["event"], key) in OPTIONAL:
                continue
            left = {each: event[each] for each in event if each != key}
            assert not EVENT.is_valid(left), (event["event"], key)


def test_an_event_under_another_name_would_break_the_schema() -> None:
    ended = json.loads(run_ended(None, 2, STARTED))
    assert EVENT.is_valid(ended)
    assert not EVENT.is_valid({**ended, "event": "run-started"})


@pytest.mark.parametrize(
    ("words", "key"), [(Role, "role"), (Era, "era"), (Step, "step"), (FailureKind, "failure")]
)
def test_the_schema_lists_the_words_that_there_are(words: type[StrEnum], key: str) -> None:
    definitions: Any = schema()["$defs"]
    listed = definitions["exchange"]["properties"][key]["enum"]
    assert sorted(filter(None, listed)) == sorted(words)


def test_every_reference_of_the_schema_leads_somewhere() -> None:
    text = json.dumps(schema())
    resolver = REGISTRY.with_resource("", Resource.from_contents(schema())).resolver()
    found = re.findall(r'"\$ref": "([^"]+)"', text)
    assert len(found) > 20
    for reference in found:
        assert resolver.lookup(reference).contents


def test_a_credential_is_gone_from_events_once_a_report_is_redacted() -> None:
    from mcpverify.facts.redaction import Redactor

    report = replace(CHANGED, headline="you sent s3cr3t-t0ken", again="mcpverify s3cr3t-t0ken")
    shown = Redactor(("s3cr3t-t0ken",)).target_report(report)
    text = rendered(Report((shown,))) + attempt_ended(1, shown, 1.0, STARTED)
    assert "s3cr3t" not in text
    assert "***" in text
