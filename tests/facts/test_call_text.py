"""A witness on one line keeps what the refusal is about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpverify.facts.call_text import call_text, witness_text
from mcpverify.facts.compatibility import Side, Witness
from mcpverify.facts.json_text import Json
from tests.strategies import json_values


def taken(value: Json, refusal: str = "") -> Witness:
    return Witness(Side.INPUT, value, refusal)


def test_a_short_call_is_written_in_full() -> None:
    assert call_text("search", taken({"mode": "fuzzy"}), 60) == 'search({"mode": "fuzzy"})'


def test_what_comes_out_of_a_tool_stands_behind_an_arrow() -> None:
    witness = Witness(Side.OUTPUT, {"total": None}, "")
    assert call_text("search", witness) == 'search(…) -> {"total": null}'


def test_without_a_limit_nothing_is_left_out() -> None:
    assert len(call_text("f", taken({"a": "x" * 5_000}))) == 5_000 + len('f({"a": ""})')


def test_long_values_beside_the_culprit_are_elided_first() -> None:
    value: Json = {"query": "x" * 200, "filters": [{"a": n} for n in range(50)], "mode": "fuzzy"}
    refusal = "at /mode: 'fuzzy' is not one of ['fast', 'full']"
    text = call_text("search", taken(value, refusal), 59)
    assert len(text) <= 59
    assert '"mode": "fuzzy"' in text
    assert text.startswith('search({"query": "x')
    assert "…" in text


@pytest.mark.parametrize("limit", [45, 59, 79])
def test_the_culprit_at_depth_is_kept_with_the_way_to_it(limit: int) -> None:
    nodes: list[Json] = [{"id": f"{n}:{n}", "name": "long name " * 9} for n in range(40)]
    nodes[31] = {"name": "n" * 90, "id": "bad id"}
    text = call_text("get", taken({"nodes": nodes}, "at /nodes/31/id: 'bad id' is no id"), limit)
    assert len(text) <= limit
    assert '"id": "bad id"' in text
    assert '"nodes": [' in text


def test_a_member_that_the_refusal_names_is_kept() -> None:
    value: Json = {**{f"argument_{n}": n for n in range(30)}, "legacy": True}
    text = call_text("f", taken(value, "'legacy' is not among the declared properties"), 50)
    assert '"legacy": true' in text
    assert len(text) <= 50


def test_a_culprit_too_long_to_show_is_shown_as_far_as_it_goes() -> None:
    text = call_text("f", taken({"q": "a" * 300, "r": "b" * 300}, "at /q: too long"), 59)
    assert len(text) <= 59
    assert text.startswith('f({"q": "' + "a" * 20)


def test_a_key_with_slashes_is_found() -> None:
    value: Json = {"x": "y" * 99, "a/b~c": "z" * 30}
    assert "z" * 25 in call_text("f", taken(value, "at /a~1b~0c: 'z' is wrong"), 60)


@given(json_values, st.integers(20, 100), st.text(max_size=30))
def test_any_value_fits_on_one_line_or_is_nearly_elided_to_nothing(
    value: Json, limit: int, refusal: str
) -> None:
    text = witness_text(taken(value, refusal), limit)
    assert len(text) <= limit + 200
    assert "\n" not in text


def test_a_value_of_any_depth_is_elided() -> None:
    deep: Json = "x"
    for _ in range(100_000):
        deep = [deep]
    assert witness_text(taken(deep), 20) == "[[[[[[[[[…]]]]]]]]]"
