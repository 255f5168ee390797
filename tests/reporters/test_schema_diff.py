"""Definitions are compared line by line, at a bounded cost, and what is shown is inert."""

import time

import pytest

from mcpverify.facts.json_text import Json
from mcpverify.reporters.drifted import OLD_AND_NEW
from mcpverify.reporters.schema_diff import MAX_LINES, definition_diff
from tests.reporters.report_samples import HOSTILE


def diff(old: dict[str, Json], new: dict[str, Json]) -> list[str]:
    return list(definition_diff(old, new, OLD_AND_NEW))


def test_what_differs_has_a_sign_and_what_is_around_it_has_none() -> None:
    assert diff({"b": 2, "a": 1}, {"a": 1, "b": 3}) == [
        *("--- old", "+++ new", " {", '   "a": 1,', '-  "b": 2', '+  "b": 3', " }")
    ]


def test_equal_definitions_have_no_difference() -> None:
    assert diff({"a": 1}, {"a": 1}) == []


def test_of_a_definition_that_only_one_side_has_nothing_is_shown() -> None:
    assert list(definition_diff({"a": 1}, None, OLD_AND_NEW)) == []


def test_far_apart_changes_are_set_apart() -> None:
    old: dict[str, Json] = {f"k{n:02}": n for n in range(40)}
    assert diff(old, old | {"k05": "x", "k35": "y"}).count(" …") == 1


def test_lines_that_are_left_out_are_counted() -> None:
    lines = diff({"a": list(range(200))}, {"a": list(range(200, 400))})
    assert len(lines) == MAX_LINES
    assert lines[-1].startswith(" … and ")


def test_lines_are_inert() -> None:
    for line in diff({"a": HOSTILE, HOSTILE: 1}, {"a": f"{HOSTILE}2"}):
        assert line.isprintable()
        assert "##[" not in line


@pytest.mark.parametrize("kinds", [2, 9, 100, 10**6])
def test_a_hostile_pair_takes_a_moment(kinds: int) -> None:
    began = time.process_time()
    diff({"a": [n % kinds for n in range(990)]}, {"a": [n * 7 % kinds for n in range(990)]})
    diff({"a": [n % kinds for n in range(99_000)]}, {"a": [n % kinds for n in range(1, 99_000)]})
    assert time.process_time() - began < 3


def test_a_definition_too_deep_for_a_diff_is_not_compared() -> None:
    deep: Json = 1
    for _ in range(1_000):
        deep = {"items": deep}
    assert diff({"a": deep}, {"a": 1}) == []
