"""Nothing that a server says acts on a terminal, a CI log or a reader."""

import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mcpverify.facts.json_text import Json
from mcpverify.reporters.inert import inert, inert_json, json_pieces
from tests.strategies import json_values

texts = st.text(st.characters(), max_size=40)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain [bold]text[/]", "plain [bold]text[/]"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b31m\x7f\x00", "\\x9b31m\\x7f\\x00"),
        ("a\r\n\tb", "a\\r\\n\\tb"),
        ("a\u2028b\u2029c\x85d", "a\\u2028b\\u2029c\\x85d"),
        ("\u202eevil\u2066\u200f", "\\u202eevil\\u2066\\u200f"),
        ("a\u200bb\ufeffc\u00ad", "a\\u200bb\\ufeffc\\xad"),
        ("\U000e0041\U000e0001", "\\U000e0041\\U000e0001"),
        ("a\ufe0f\U000e0100\u3164\u115f", "a\\ufe0f\\U000e0100\\u3164\\u115f"),
        ("\ud800 \ue000 \U0010ffff \uffff", "\\ud800 \\ue000 \\U0010ffff \\uffff"),
        ("a\u00a0b\u3000c", "a\\xa0b\\u3000c"),
        ("漢字 café naïve 🙂", "漢字 café naïve 🙂"),
        ("a" + "\u0301" * 7, "a" + "\u0301" * 4 + "[+3 marks]"),
        ("::error::x", "\\x3a:error::x"),
        ("a ::set-output", "a \\x3a:set-output"),
        ("std::string", "std::string"),
        ("x##[group]y", "x\\x23#[group]y"),
        ("##vso[task] ##teamcity[x] ## h2", "\\x23#vso[task] \\x23#teamcity[x] ## h2"),
    ],
)
def test_what_could_act_or_hide_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert inert(text) == shown


@given(texts)
@example("\r\n::error::")
@example(" \u2028:: ##[")
@example(":" * 7)
def test_inert_text_is_printable_and_its_own_fixed_point(text: str) -> None:
    shown = inert(text)
    assert shown.isprintable()
    assert shown == inert(shown)
    assert not any(unicodedata.category(each) in ("Cc", "Cf", "Cs", "Co") for each in shown)
    assert not shown.lstrip().startswith("::")
    assert "##[" not in shown


@given(texts, st.integers(1, 60))
def test_no_more_than_the_limit_is_shown_and_the_rest_is_counted(text: str, limit: int) -> None:
    shown = inert(text, limit)
    if shown != inert(text):
        head, _, count = shown.rpartition("… (+")
        left_out = int(count.removesuffix(" characters)").replace(",", ""))
        assert len(head) <= limit or len(text) - left_out == 1
        assert head == inert(text[: len(text) - left_out])


def test_what_is_left_out_is_counted_in_characters_of_the_server() -> None:
    assert inert("x" * 5_000, 10) == "xxxxxxxxxx… (+4,990 characters)"
    assert inert("\x1b" * 10, 10) == "\\x1b\\x1b… (+8 characters)"


@pytest.mark.parametrize(
    "unit", ["a ", "\x1b", "漢字、", "\u0301", " ::", "##[", "a\u0301\u200b", "\ud800"]
)
def test_five_megabytes_take_a_moment(unit: str) -> None:
    text = unit * (5_000_000 // len(unit.encode("utf-8", "surrogatepass")))
    began = time.process_time()
    inert(text)
    inert(text, 500)
    assert time.process_time() - began < 5


@given(json_values)
def test_json_is_shown_compactly(value: Json) -> None:
    import json

    compact = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert "".join(json_pieces(value)) == compact
    assert inert_json(value, 10_000) == inert(compact)


@given(json_values, st.integers(1, 30))
def test_json_is_cut_at_the_limit(value: Json, limit: int) -> None:
    assert len(inert_json(value, limit)) <= limit * 10
    assert inert_json(value, limit).isprintable()


def test_json_of_any_depth_and_size_costs_no_more_than_what_is_shown() -> None:
    deep: Json = []
    for _ in range(100_000):
        deep = [deep]
    wide: Json = {"enum": list(range(1_000_000)), "text": "x" * 10_000_000}
    began = time.process_time()
    assert inert_json(deep, 20) == "[" * 20 + "…"
    assert inert_json(wide, 20) == '{"enum":[0,1,2,3,4,5…'
    assert inert_json(["x" * 10_000_000], 20).endswith("…")
    assert time.process_time() - began < 0.5
