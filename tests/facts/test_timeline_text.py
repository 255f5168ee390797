"""What a trial recorded can be written and read again; a file made to do harm is refused."""

import json
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpverify.facts.timeline import Timeline
from mcpverify.facts.timeline_text import NotATimeline, timelines_of, timelines_text
from tests.rollout import timelines
from tests.strategies import json_values

ALL = timelines.all_timelines()
SMALL = json.loads(timelines_text([timelines.trial(loop=[], probed=False, ready=None, live=None)]))


def read(document: Any) -> tuple[Timeline, ...]:
    return timelines_of(json.dumps(document).encode())


@pytest.mark.parametrize("name", ALL)
def test_a_timeline_comes_back_as_it_was(name: str) -> None:
    assert timelines_of(timelines_text([ALL[name]]).encode()) == (ALL[name],)


def test_the_trials_keep_their_order() -> None:
    trials = (ALL["hung"], ALL["graceful"], ALL["hung"])
    assert timelines_of(timelines_text(trials).encode()) == trials


def test_the_file_is_plain_text_in_ascii() -> None:
    odd = replace(ALL["graceful"], siblings="zwölf \x1b[31m \u202e")
    text = timelines_text([odd])
    assert text.isascii()
    assert text.isprintable() is False  # but for its line ends:
    assert text.replace("\n", "").isprintable()
    assert timelines_of(text.encode()) == (odd,)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "empty"),
        (b"hello", "not JSON"),
        (b"\xff\xfe", "UTF-8"),
        (b"[]", 'lacks "timeline": 1'),
        (b"{}", 'lacks "timeline": 1'),
        (b'{"transcript": 1, "transcripts": []}', 'lacks "timeline": 1'),
        (b'{"timeline": 2, "trials": []}', 'lacks "timeline": 1'),
        (b'{"timeline": 1}', "no trials"),
        (b'{"timeline": 1, "trials": []}', "no trials"),
        (b'{"timeline": 1, "trials": {}}', "no trials"),
        (b'{"timeline": 1, "trials": [null]}', "trials[0]: null is no object"),
        (b'{"timeline": 1, "trials": [{}]}', "trials[0] lacks setting"),
        (b'{"timeline": 1, "trials": [' + b"[" * 100_000, "deep"),
    ],
    ids=lambda value: value[:40] if isinstance(value, bytes) else "",
)
def test_what_is_no_timeline_is_refused_with_the_reason(text: bytes, words: str) -> None:
    with pytest.raises(NotATimeline) as raised:
        timelines_of(text)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (
            ("requests", 0, "outcome"),
            "lost",
            '.requests[0].outcome: "lost" is none of ok, tool-error',
        ),
        (("requests", 0, "began"), "0", '.requests[0].began: "0" is no number'),
        (("requests", 0, "began"), True, "true is no number"),
        (("requests", 0, "began"), 10**400, "is no number that can be"),
        (("requests", 0, "ended"), -5, "ended before it began"),
        (("requests", 0, "ended"), 1e9, "more than a month away"),
        (("requests", 0, "status"), "200", "is no int"),
        (("requests",), "abc", '.requests: "abc" is no list'),
        (("server", "headers"), [["via"]], ".server.headers[0]: a list is no list of 2"),
        (("signals", 0), [], ".signals[0]: a list is no object"),
        (("end", "ended"), -1e300, "more than a month away"),
        (("started",), -1, ".started is no date"),
        (("started",), 1e18, ".started is no date"),
        (("setting", "poll"), 0, "no trial is set up so"),
        (("setting", "grace"), -1, "no trial is set up so"),
        (("aftermath", "first_handshake", "ended"), 1e10, "more than a month away"),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_a_field_that_is_wrong_is_named(
    place: tuple[str | int, ...], value: Any, words: str
) -> None:
    document = deepcopy(SMALL)
    parent: Any = document["trials"][0]
    for step in place[:-1]:
        parent = parent[step]
    parent[place[-1]] = value
    with pytest.raises(NotATimeline) as raised:
        read(document)
    assert words in str(raised.value)


def test_a_field_that_a_later_version_added_is_left_out() -> None:
    document = deepcopy(SMALL)
    document["trials"][0]["weather"] = "fine"
    assert read(document) == read(SMALL)


def test_more_trials_than_anyone_makes_are_refused() -> None:
    with pytest.raises(NotATimeline, match="more than 1,000 trials"):
        read(SMALL | {"trials": [None] * 1_001})


def _places(value: Any, above: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Where something stands in a document, itself left out."""
    inside: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    found = [(*above, step) for step, _ in inside]
    return found + [place for step, each in inside for place in _places(each, (*above, step))]


PLACES = _places(SMALL)


@given(st.sampled_from(PLACES), json_values)
def test_whatever_stands_in_the_file_is_read_or_refused(
    place: tuple[str | int, ...], value: Any
) -> None:
    document = deepcopy(SMALL)
    parent: Any = document
    for step in place[:-1]:
        parent = parent[step]
    parent[place[-1]] = value
    with suppress(NotATimeline):
        assert read(document)
