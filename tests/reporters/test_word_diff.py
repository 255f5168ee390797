"""Texts are compared word by word, whatever they are, at a bounded cost, and shown inert."""

import random
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mcpverify.reporters.word_diff import MAX_LINES, WIDTH, passages, word_diff
from tests.reporters.report_samples import HOSTILE, LONG_TEXT

WORDS = st.lists(st.sampled_from(["a", "b", "the", "tool", " ", "  ", "\n", "。", "語", "é"]))
TEXTS = WORDS.map("".join) | WORDS.map(" ".join) | st.text()


def diff(old: str, new: str) -> list[str]:
    return list(word_diff(old, new))


def signs(lines: list[str]) -> str:
    return "".join(line[0] for line in lines)


@given(TEXTS, TEXTS)
@example("", "")
@example("a b", "a c")
@example("ab", "abab")
@example("x ab", "xy ab")
@example("a" * 100, "a" * 99)
def test_the_passages_are_both_texts(old: str, new: str) -> None:
    found = passages(old, new)
    assert "".join(each.same + each.old for each in found) == old
    assert "".join(each.same + each.new for each in found) == new
    assert any(each.changed for each in found) == (old != new)


@given(TEXTS, TEXTS)
@example("a", "a ")
@example("\n", "")
def test_texts_that_differ_show_a_difference_and_equal_ones_show_none(old: str, new: str) -> None:
    lines = diff(old, new)
    assert ("-" in signs(lines) or "+" in signs(lines)) == (old != new)


@given(TEXTS, TEXTS)
def test_lines_are_narrow_and_inert_and_have_a_sign(old: str, new: str) -> None:
    for line in diff(old, new):
        assert line[:2] in ("  ", "- ", "+ ")
        assert line.isprintable()
        assert len(line) <= WIDTH + 4


@given(WORDS, WORDS, WORDS)
def test_words_that_were_put_in_are_the_only_change(
    head: list[str], put: list[str], tail: list[str]
) -> None:
    old = " ".join([*head, *tail])
    new = " ".join([*head, *put, *tail])
    changed = [each for each in passages(old, new) if each.changed]
    assert sum(len(each.new) - len(each.old) for each in changed) == len(new) - len(old)


def test_what_differs_stands_between_what_is_around_it() -> None:
    old = LONG_TEXT.format("the user names a place,")
    assert diff(old, LONG_TEXT.format("a place is named,")) == [
        "  … best matches with their coordinates, worst last. Use it before forecast when",
        "- the user names a place,",
        "+ a place is named,",
        "  and mind that names are not unique: ask the user which one is meant.",
    ]


def test_words_are_shown_whole() -> None:
    assert diff("Finds places.", "Finds placements.") == [
        *("  Finds", "- places.", "+ placements.")
    ]
    assert diff("It returns hits", "It returned hits") == [
        *("  It", "- returns", "+ returned", "  hits")
    ]


def test_scripts_without_spaces_are_compared_by_character() -> None:
    assert diff("天気を調べる。", "天気を調べます。") == [
        *("  天気を調べ", "- る", "+ ます", "  。")
    ]


def test_lines_of_the_texts_stay_lines() -> None:
    old = "Search.\n\nArgs:\n  q: the query\n\nReturns hits."
    new = "Search.\n\nArgs:\n  q: the query\n  n: how many\n\nReturns hits."
    assert diff(old, new) == [
        *("  Search.", "  Args:", "    q: the query", "+   n: how many", "  Returns hits.")
    ]


def test_a_change_inside_of_a_very_long_word_is_seen() -> None:
    lines = diff("x" * 5_000, "x" * 2_000 + "y" + "x" * 2_999)
    assert [line for line in lines if line[0] in "-+"] == ["- x", "+ y"]


def test_of_many_short_lines_around_a_change_few_are_shown() -> None:
    lines = diff("\n".join("abcdefghijklmnopqrstuvwxyz"), "\n".join("abcdefghijkLmnopqrstuvwxyz"))
    assert lines == [
        *("  … h", "  i", "  j", "  k", "- l", "+ L", "  m", "  n", "  o", "  p …"),
    ]


def test_changes_that_are_near_are_one() -> None:
    assert diff("one two three four five", "one 2 three 4 five") == [
        *("  one", "- two three four", "+ 2 three 4", "  five")
    ]


def test_changes_that_are_far_apart_are_two_and_what_is_between_is_cut() -> None:
    between = " ".join(f"word{n}" for n in range(200))
    lines = diff(f"old {between} old", f"new {between} new")
    assert signs(lines) == "-+" + " " * (len(lines) - 4) + "-+"
    assert len(lines) < 10
    assert lines[2:-2] == [
        "  word0 word1 word2 word3 word4 word5 word6 word7 word8 word9 word10 word11",
        "  … word191 word192 word193 word194 word195 word196 word197 word198 word199",
    ]


def test_a_change_of_spaces_alone_is_seen() -> None:
    assert diff("a b", "a\u00a0b") == ["  a", '- " "', '+ "\\xa0"', "  b"]
    assert diff("a\nb", "a\n\nb") == ["  a", '+ "\\n"', "  b"]


def test_line_ends_of_windows_are_seen_where_they_are_the_change_and_nowhere_else() -> None:
    assert diff("one\ntwo", "one\r\ntwo") == ["  one", '+ "\\r"', "  two"]
    assert diff("a\r\nb\r\n", "a\r\nc\r\n") == ["  a", "- b", "+ c"]


def test_a_text_that_came_is_shown_as_far_as_there_is_room() -> None:
    lines = diff("", "word " * 1_000)
    assert set(signs(lines)) == {"+"}
    assert lines[-1] == "+ … (5,000 characters in all)"
    assert len(lines) < 15


def test_lines_that_are_left_out_are_counted_by_their_changes() -> None:
    between = " ".join(f"word{n}" for n in range(30))
    old = " ".join(f"old{n} {between}" for n in range(40))
    lines = diff(old, old.replace("old", "new"))
    assert len(lines) <= MAX_LINES + 1
    told = signs(lines).count("-")
    assert lines[-1] == f"  … and {40 - told} more changes"


@pytest.mark.parametrize("other", ["", "a b c", HOSTILE * 2, HOSTILE.replace("PASS", "FAIL")])
def test_hostile_text_is_inert(other: str) -> None:
    for line in [*diff(HOSTILE, other), *diff(other, HOSTILE)]:
        assert line.isprintable()
        assert line[:2] in ("  ", "- ", "+ ")
        assert "##[" not in line
        assert "::" not in line.split()


_LOTS = "".join(random.Random(4).choices("ab \n", k=2**20))


COSTLY = {
    "one letter": ("x" * 2**20, "x" * 2**19 + "y" + "x" * 2**19),
    "two letters": (_LOTS, _LOTS[::-1]),
    "both ends": (f"a {'word ' * 200_000} a", f"b {'word ' * 200_000} b"),
    "a few edits": (
        " ".join(str(n) for n in range(20_000)),
        " ".join(str(n) for n in range(20_000) if n % 400),
    ),
    "all edits": (
        " ".join(str(n) for n in range(20_000)),
        " ".join(str(-n) for n in range(20_000)),
    ),
    "periodic": ("a b " * 5_000, "b a a " * 5_000),
    "line ends": ("\n" * 2**20, "\n" * 2**19),
    "marks": ("e" + "\u0301" * 2**20, "e" + "\u0301" * 2**19),
    "came": ("", _LOTS),
}


@pytest.mark.parametrize("name", COSTLY)
def test_enormous_texts_take_a_moment(name: str) -> None:
    old, new = COSTLY[name]
    began = time.process_time()
    lines = [*diff(old, new), *diff(new, old)]
    assert time.process_time() - began < 2
    assert 0 < len(lines) <= 2 * (MAX_LINES + 30)


def test_few_edits_of_a_long_text_are_found() -> None:
    old = [f"w{n}" for n in range(3_000)]
    new = list(old)
    new[10:11], new[1_500:1_500], new[2_990:2_991] = ["A"], ["B", "C"], []
    changed = [each for each in passages(" ".join(old), " ".join(new)) if each.changed]
    assert len(changed) == 3
    assert sum(len(each.old) + len(each.new) for each in changed) < 40


def test_ten_long_texts_whose_few_words_are_elsewhere_take_a_moment() -> None:
    def text(seed: int) -> str:
        words = ["a"] * 90_000
        for at in random.Random(seed).sample(range(90_000), 100):
            words[at] = "b"
        return " ".join(words)

    old, new = text(1), text(2)
    began = time.process_time()
    for _ in range(10):
        assert passages(old, new)
    assert time.process_time() - began < 4
