"""Languages against an independent judge, Python's `re`, and against each other."""

import re

from hypothesis import assume, given
from hypothesis import strategies as st

from mcpverify.drift.budget import Budget, Exhausted
from mcpverify.drift.patterns.language import (
    Language,
    Unsupported,
    both,
    either,
    lengths,
    matches,
    pattern_language,
    sample,
    without,
)
from tests.drift.patterns.spellings import Spelling, patterns, spellings, texts

some_texts = st.lists(texts, min_size=5, max_size=12)


def language_of(pattern: str) -> Language:
    try:
        return pattern_language(pattern)
    except Unsupported:
        assume(False)
        raise


def budget() -> Budget:
    return Budget(steps=40_000, seconds=20)


def member(language: Language) -> str | None:
    try:
        return sample(language, budget())
    except Exhausted:
        assume(False)
        raise


def is_in(language: Language, text: str) -> bool:
    return matches(language, text, budget())


@given(spellings, some_texts)
def test_a_pattern_matches_what_python_finds_it_in(spelling: Spelling, tried: list[str]) -> None:
    language = language_of(spelling[0])
    judge = re.compile(spelling[1], re.ASCII)
    for text in tried:
        assert is_in(language, text) == (judge.search(text) is not None)


@given(spellings)
def test_a_sample_is_matched_and_that_of_the_complement_is_not(spelling: Spelling) -> None:
    language = language_of(spelling[0])
    judge = re.compile(spelling[1], re.ASCII)
    within, outside = member(language), member(without(language))
    assert within is not None or outside is not None
    assert within is None or judge.search(within)
    assert outside is None or not judge.search(outside)


@given(patterns, texts)
def test_where_there_is_no_sample_nothing_is_matched(pattern: str, text: str) -> None:
    language = language_of(pattern)
    for each in (language, without(language)):
        assert member(each) is not None or not is_in(each, text)


@given(patterns, patterns, some_texts)
def test_languages_combine_as_their_memberships_do(one: str, other: str, tried: list[str]) -> None:
    first, second = language_of(one), language_of(other)
    difference = both(first, without(second))
    union = either(first, second, lengths(1, 2))
    nested = without(either(difference, both(second, lengths(0, 3), without(first))))
    for text in tried:
        here, there = is_in(first, text), is_in(second, text)
        assert is_in(difference, text) == (here and not there)
        assert is_in(union, text) == (here or there or len(text) in (1, 2))
        assert is_in(nested, text) == (
            not ((here and not there) or (there and not here and len(text) <= 3))
        )


@given(patterns, patterns, some_texts)
def test_a_witness_against_containment_is_one_and_without_one_it_holds(
    one: str, other: str, tried: list[str]
) -> None:
    first, second = language_of(one), language_of(other)
    witness = member(both(first, without(second)))
    if witness is None:
        assert all(is_in(second, text) for text in tried if is_in(first, text))
    else:
        assert is_in(first, witness)
        assert not is_in(second, witness)


@given(patterns)
def test_a_language_is_itself_and_no_more_whatever_is_done_and_undone(pattern: str) -> None:
    language = language_of(pattern)
    longer = either(both(language, lengths(0, 4)), both(language, lengths(3, None)))
    assert member(both(language, without(longer))) is None
    assert member(both(longer, without(language))) is None
    assert both(language, without(language)) is either()


@given(st.text(max_size=12) | st.text(st.sampled_from("a|()[]{}*+?^$.\\-,1=!<:PdwbB"), max_size=14))
def test_whatever_the_pattern_it_is_read_or_refused(pattern: str) -> None:
    try:
        language = pattern_language(pattern)
    except Unsupported:
        return
    member(language)
