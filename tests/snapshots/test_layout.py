"""The bytes of a snapshot file: readable where they are visible, escaped where not."""

import json

import pytest
from hypothesis import given

from mcpverify.facts.json_text import Json, parse
from mcpverify.snapshots.layout import laid_out
from tests.strategies import json_values


def test_members_stand_on_lines_of_their_own() -> None:
    value: Json = {"b": [1, {"c": None}], "a": {}, "d": [], "e": [[True]]}
    assert laid_out(value) == json.dumps(value, indent=2, sort_keys=True).encode() + b"\n"


@given(json_values)
def test_what_is_laid_out_is_read_back(value: Json) -> None:
    read = json.dumps(parse(laid_out(value)), sort_keys=True)
    assert read == json.dumps(parse(json.dumps(value)), sort_keys=True)


def test_numbers_are_spelled_in_one_way() -> None:
    assert laid_out([1e-5, 1e-7, 0.5, 10**30]).split() == (
        b"[ 0.00001, 1e-7, 0.5, 1000000000000000000000000000000 ]".split()
    )


@pytest.mark.parametrize("text", ["Käse", "天気予報", "🌦", "\u0301", "عربي", "a b", "\ufffd", "／"])
def test_visible_text_stays_readable(text: str) -> None:
    assert laid_out({text: text}).decode() == f'{{\n  "{text}": "{text}"\n}}\n'


@pytest.mark.parametrize(
    ("hidden", "escaped"),
    [
        ("\x00", r"\u0000"),
        ("\x1b", r"\u001b"),
        ("\x7f", r"\u007f"),
        ("\x85", r"\u0085"),
        ("\u00a0", r"\u00a0"),
        ("\u00ad", r"\u00ad"),
        ("\u061c", r"\u061c"),
        ("\u115f", r"\u115f"),
        ("\u180e", r"\u180e"),
        ("\u200b", r"\u200b"),
        ("\u200d", r"\u200d"),
        ("\u2028", r"\u2028"),
        ("\u202e", r"\u202e"),
        ("\u2066", r"\u2066"),
        ("\u2800", r"\u2800"),
        ("\u3164", r"\u3164"),
        ("\ue000", r"\ue000"),
        ("\ufe0f", r"\ufe0f"),
        ("\ufeff", r"\ufeff"),
        ("\uffff", r"\uffff"),
        ("\U000e0041", r"\udb40\udc41"),
        ("\U000e0101", r"\udb40\udd01"),
        ("\U0010ffff", r"\udbff\udfff"),
    ],
)
def test_what_cannot_be_seen_is_escaped(hidden: str, escaped: str) -> None:
    octets = laid_out({f"key{hidden}": f"é{hidden}."})
    assert octets.decode() == f'{{\n  "key{escaped}": "é{escaped}."\n}}\n'
    assert parse(octets) == {f"key{hidden}": f"é{hidden}."}


def test_deep_values_do_not_drown_in_indentation() -> None:
    value: Json = []
    for _ in range(900):
        value = {"a": value}
    octets = laid_out(value)
    assert parse(octets) is not None
    assert len(octets) < 20_000
