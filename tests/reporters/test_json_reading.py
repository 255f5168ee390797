"""A report for machines read back: the same again, or a refusal that says where."""

import json
from dataclasses import replace
from typing import Any

import pytest

from mcpverify.facts.release import Descent, Release, ReleaseSearch
from mcpverify.facts.report import Report
from mcpverify.facts.shard import Shard
from mcpverify.reporters.json_reading import NotAReport, report_in
from mcpverify.reporters.json_report import render
from mcpverify.reporters.presentation import Presentation
from tests.reporters.report_samples import CHANGED, COMPARISONS, PASSED, REFUSED, SAMPLES

ASKED = f"sha256:{'a' * 64}"
SHARD = {"index": 1, "count": 3, "fleet": ["a", "b"], "run": None, "asked": ASKED}
SHARDED = Report((PASSED,), Shard(2, 3, ("a", PASSED.target, "c"), "CI_PIPELINE_ID=7", ASKED))
FOUND = Release("snapshots/weather.json", "4b1d0aa" * 5, 1_795_000_000.125, Descent.OLDER)
ALL = {
    **SAMPLES,
    "sharded": SHARDED,
    "empty": Report((), Shard(3, 3, ("a", "b"), None, ASKED)),
    "merged": Report((REFUSED,), None, ("shard 2/3 is missing",), ("not of one time",), ("made",)),
    "released": Report((replace(CHANGED, release=ReleaseSearch(7, FOUND)),)),
    "searched": Report((replace(CHANGED, release=ReleaseSearch(0, None, "there is no git")),)),
    "others": Report((replace(CHANGED, others=COMPARISONS["compared"].others),)),
}


def written(report: Report, code: int = 1) -> str:
    return render(report, Presentation(code))


@pytest.mark.parametrize("name", ALL)
def test_what_is_read_back_is_written_the_same_again(name: str) -> None:
    text = written(ALL[name])
    report, code = report_in(text)
    assert written(report, code) == text


def test_bytes_with_a_byte_order_mark_are_read() -> None:
    text = written(SHARDED)
    assert report_in(b"\xef\xbb\xbf" + text.encode()) == report_in(text)


def document(name: str = "others") -> Any:
    return json.loads(written(ALL[name]))


def refusal(value: Any) -> str:
    with pytest.raises(NotAReport) as caught:
        report_in(json.dumps(value))
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it is empty"),
        ("{", "it is not JSON"),
        ("[]", "no report of mcpverify"),
        ('{"report": 2, "targets": []}', "no report of version 1"),
        ('{"report": true, "targets": []}', "no report of version 1"),
        ('{"tools": [], "format": 1}', "no report of mcpverify"),
        (written(SHARDED)[:-100], "it is not JSON"),
    ],
)
def test_what_is_no_report_is_refused(text: str, words: str) -> None:
    with pytest.raises(NotAReport, match=words):
        report_in(text)


def test_a_report_of_another_command_is_refused() -> None:
    text = render(COMPARISONS["compared"], Presentation(1))
    with pytest.raises(NotAReport, match="another command"):
        report_in(text)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Any:
    """Every object of a document, by the way to it."""
    if isinstance(value, dict):
        yield path, value
        for key, each in value.items():
            # What servers sent may be anything.
            if key not in ("snapshot", "live", "value") or path[-1:] == ("digests",):
                yield from _places(each, (*path, key))
    elif isinstance(value, list):
        for number, each in enumerate(value[:2]):
            yield from _places(each, (*path, number))


def test_every_member_is_needed_and_no_other_is_taken() -> None:
    whole = document()
    seen = 0
    for _, each in list(_places(whole)):
        for key in list(each):
            held = each.pop(key)
            refusal(whole)
            each[key] = held
        each["surprise"] = 1
        assert "members that reports do not have" in refusal(whole)
        del each["surprise"]
        seen += 1
    assert seen > 15
    report_in(json.dumps(whole))


def test_every_member_of_another_type_is_refused() -> None:
    whole = document()
    for path, each in list(_places(whole)):
        for key in list(each):
            free = key in ("snapshot", "live", "value") and "changes" in path
            held = each[key]
            if free:
                continue
            each[key] = {"an": "object"} if not isinstance(held, dict) else "a text"
            refusal(whole)
            each[key] = held


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("verdict",), "passed", "its verdict is not the one of its targets"),
        (("targets", 0, "verdict"), "green", "targets[0].verdict is not one of passed"),
        (("targets", 0, "checks", 1, "outcome"), "ok", "targets[0].checks[1].outcome is not one"),
        (("targets", 0, "checks", 0, "id"), "No Id", "the id of a check"),
        (("targets", 0, "started"), "2026-11-21", "targets[0].started is not a time"),
        (("targets", 0, "started"), "2026-13-41T00:00:00.000Z", "is not a time"),
        (("targets", 0, "seconds"), -1, "targets[0].seconds is not a number of seconds"),
        (("targets", 0, "attempts"), 0, "targets[0].attempts is not 1 or more"),
        (("targets", 0, "attempts"), 1.5, "targets[0].attempts is not a whole number"),
        (("targets", 0, "digests", "live", "digest"), "sha256:1", "is not a digest"),
        (("targets", 0, "tools", 0, "state"), "fine", "targets[0].tools[0].state is not one of"),
        (("targets", 0, "others", 0, "subject"), "tool", "tools have a list of their own"),
        (("targets", 0, "others", 0, "compatibility"), "identical", "the worst of its changes"),
        (("exit_code",), -1, "exit_code is not 0 or more"),
        (("shard",), SHARD | {"index": 4}, "shard.index is not 3 or less"),
        (("shard",), SHARD | {"asked": "sha256:1"}, "shard.asked is not a digest"),
        (("shard",), SHARD | {"run": 7}, "shard.run is not a text"),
        (("shard",), SHARD | {"fleet": ["a", "a"]}, "names a target twice"),
    ],
)
def test_what_the_schema_refuses_is_refused(path: tuple[Any, ...], value: Any, words: str) -> None:
    whole = document()
    at = whole
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    assert words in refusal(whole)


def test_a_side_that_a_change_cannot_have_is_refused() -> None:
    whole = document()
    changes = [each for tool in whole["targets"][0]["tools"] for each in tool["changes"]]
    added = next(each for each in changes if each["kind"] == "added")
    added["snapshot"] = 1
    assert "with these sides" in refusal(whole)
