"""Columns, wrapping and amounts."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpverify.reporters.inert import inert
from mcpverify.reporters.layout import (
    chopped,
    clipped,
    duration,
    hung,
    joined,
    pasteable,
    size,
    width_of,
    wrapped,
)

texts = st.text(st.characters(), max_size=80).map(inert)
widths = st.integers(10, 60)


def test_wide_characters_take_two_columns_and_combining_ones_none() -> None:
    assert width_of("漢字") == 4
    assert width_of("cafe\u0301") == 4
    assert width_of("🙂") == 2


@given(texts, widths)
def test_no_wrapped_line_is_too_wide_and_no_word_is_lost(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(width_of(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(texts, widths)
def test_chopped_lines_hold_all_of_the_text(text: str, width: int) -> None:
    lines = chopped(text, width)
    assert "".join(lines) == text
    assert all(width_of(line) <= width for line in lines)


@given(texts, widths)
def test_clipped_text_fits(text: str, width: int) -> None:
    assert width_of(clipped(text, width)) <= width


def test_items_are_broken_between_where_they_fit() -> None:
    assert joined(["one two", "three four", "five"], 17) == ["one two", "three four  five"]


def test_a_column_hangs_behind_its_label() -> None:
    assert list(hung("next", ["a", "b"], 6)) == ["next  a", "      b"]


words = st.text("ab -'\"$\\{}/:é漢", min_size=1, max_size=30)


@given(st.lists(words, min_size=1, max_size=8), widths)
def test_a_command_can_be_pasted_from_its_lines(arguments: list[str], width: int) -> None:
    command = shlex.join(["mcpverify", *arguments])
    lines = pasteable(command, width)
    assert all(line.endswith(" \\") for line in lines[:-1])
    joined_again = " ".join(line.removesuffix(" \\").strip() for line in lines)
    assert shlex.split(joined_again) == ["mcpverify", *arguments]


def test_an_option_and_its_value_stay_on_one_line() -> None:
    command = (
        "mcpverify check https://mcp.example.com/mcp --snapshot snapshots/weather.json --wait 2m"
    )
    assert pasteable(command, 60) == [
        "mcpverify check https://mcp.example.com/mcp \\",
        "  --snapshot snapshots/weather.json --wait 2m",
    ]


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0 ms"), (0.2124, "212 ms"), (0.9996, "1.0 s"), (3.44, "3.4 s"), (118, "118 s")],
)
def test_durations_have_units(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


@pytest.mark.parametrize(
    ("octets", "shown"),
    [(0, "0 B"), (999, "999 B"), (1_234, "1.2 kB"), (999_960, "1.0 MB"), (5_000_000, "5.0 MB")],
)
def test_sizes_have_units(octets: int, shown: str) -> None:
    assert size(octets) == shown
