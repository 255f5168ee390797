"""Containment with both answers, members that people can read, and budgets that hold."""

import pytest

from mcpverify.drift.budget import Budget, Exhausted
from mcpverify.drift.patterns import expression
from mcpverify.drift.patterns.language import (
    Language,
    any_string,
    both,
    either,
    lengths,
    literal,
    matches,
    pattern_language,
    sample,
    without,
)

SLUG = "^[a-z0-9]+(?:-[a-z0-9]+)*$"
UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
UUID_4 = "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
LABEL = "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$"
DATE = "^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$"
EMAIL = "^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\\.[A-Za-z]{2,}$"
HOST = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
OCTET = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)"
VERSION = "^(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)(?:-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$"

# (one, other): all that the one matches, the other does.
CONTAINED = [
    ("^[A-Z]{2,10}-\\d{1,6}$", "^[A-Z]+-\\d+$"),
    ("^[A-Z]{2,10}-\\d{1,6}$", "^[A-Z]{2,10}-\\d+$"),
    (SLUG, "^[a-z0-9-]+$"),
    (SLUG, "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"),
    ("^(?!.*--)(?!-)[a-z0-9-]*[a-z0-9]$", SLUG),
    (UUID_4, UUID),
    (UUID, "^[0-9a-fA-F-]{36}$"),
    (LABEL, "^[-A-Za-z0-9_.]*$"),
    (LABEL, LABEL.replace("_.", "_./")),
    (DATE, "^\\d{4}-\\d{2}-\\d{2}$"),
    (DATE, "^[-0-9]+$"),
    (EMAIL, "^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$"),
    (f"^{OCTET}(\\.{OCTET}){{3}}$", "^\\d{1,3}(\\.\\d{1,3}){3}$"),
    (f"^(?=.{{1,253}}$){HOST}(\\.{HOST})*$", f"^(?=.{{1,255}}$){HOST}(\\.{HOST})*$"),
    (VERSION, "^\\d+\\.\\d+\\.\\d+([-+].*)?$"),
    ("^https://", "^https?://"),
    ("^[0-9a-f]{7,40}$", "^[0-9a-f]{7,64}$"),
    ("[0-9a-f]{7,40}", "[0-9a-f]{7}"),
    ("foo", "o"),
    ("\\bfoo\\b", "foo"),
    ("^(a|b|ab)*c$", "^[ab]*c$"),
    ("^[ab]*c$", "^(a|b|ab)*c$"),
    ("(a|b|ab)*c", "c"),
    (".*.*.*.*=.*", "="),
    ("=", ".*.*.*.*=.*"),
    ("^(a+)+$", "^a+$"),
    ("^a+$", "^(a+)+$"),
    ("^(?:(?!bad).)*$", "^(?:(?!badder).)*$"),
    ("^(?:(?!bad).)*$", "^(?!.*bad).*$"),
    ("^(?!.*bad).*$", "^(?:(?!bad).)*$"),
    ("^(?=.*[A-Z])(?=.*\\d).{8,}$", "^.{6,}$"),
    ("^(?=.*\\d)(?=.*[A-Z]).{8,}$", "^(?=.*[A-Z])(?=.*\\d).{8,}$"),
    ("^\\w+$", "^[^-]*$"),
    ("^a{3,5}$", "^(aaa|aaaa|aaaaa)$"),
    ("^(aaa|aaaa|aaaaa)$", "^a{3,5}$"),
    ("^😀+$", "^[^\\u0000-\\uffff]+$"),
    ("^[a-z]$", "^\\p{Ll}$"),
    ("$^", "a^|^$"),
]

# (one, other, witness): the witness is matched by the one alone.
NOT_CONTAINED = [
    ("^[A-Z]+-\\d+$", "^[A-Z]{2,10}-\\d{1,6}$", "A-0"),
    ("^[a-z0-9-]+$", SLUG, "-"),
    (UUID, UUID_4, "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"),
    (LABEL.replace("_.", "_./"), LABEL, "a/a"),
    ("^\\d{4}-\\d{2}-\\d{2}$", DATE, "0000-00-00"),
    ("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", EMAIL, "a@a.a"),
    ("^https?://", "^https://", "http://"),
    ("^[0-9a-f]{7,64}$", "^[0-9a-f]{7,40}$", "a" * 41),
    ("o", "foo", "o"),
    ("foo", "\\bfoo\\b", "fooa"),
    ("^(?:(?!badder).)*$", "^(?:(?!bad).)*$", "bad"),
    ("^(?=.*[A-Z]).{4,}$", "^(?=.*[A-Z])(?=.*\\d).{4,}$", "aaaA"),
    ("^a", "^a$", "aa"),
    ("^.*$", "^[\\x00-\\x7f]*$", "à"),
    ("^[^]*$", "^.*$", "\n"),
    ("^[^]{2,}$", "^.{2,3}$", "aaaa"),
    ("", "^(?=.{1,3}$)", "aaaa"),
    ("^[\\u0100-\\u{10ffff}]$", "^[\\u0100-\\uffff]$", "😀"),
]


def witness(one: Language, other: Language) -> str | None:
    return sample(both(one, without(other)), Budget())


@pytest.mark.parametrize(("one", "other"), CONTAINED)
def test_what_is_contained_has_no_witness_against_it(one: str, other: str) -> None:
    assert witness(pattern_language(one), pattern_language(other)) is None


@pytest.mark.parametrize(("one", "other", "expected"), NOT_CONTAINED)
def test_what_is_not_contained_has_a_short_witness(one: str, other: str, expected: str) -> None:
    assert len(witness(pattern_language(one), pattern_language(other)) or "") == len(expected)
    assert matches(pattern_language(one), expected, Budget())
    assert not matches(pattern_language(other), expected, Budget())


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("", "a"),
        ("^$", ""),
        ("^[^a-z]", "0"),
        ("^[^a-z0-9]", "A"),
        ("^\\W$", "-"),
        ("^[^\\x00-\\x7f]$", "à"),
        ("^\\s$", " "),
        ("^[\\s--]$", "-"),
        ("^[\\u{1f600}-\\u{10ffff}]$", "😀"),
        ("^(a{40})?$", "a" * 40),
        ("^[A-Z]{3}-\\d{2}$", "AAA-00"),
        ("a^", None),
        ("(?!)", None),
    ],
)
def test_a_sample_is_one_that_people_can_read(pattern: str, expected: str | None) -> None:
    assert sample(pattern_language(pattern), Budget()) == expected


def test_a_sample_holds_no_half_of_a_character() -> None:
    outside = pattern_language("^[\\u0000-\\ud7ff\\ue000-\\u{10ffff}]*$")
    assert sample(without(outside), Budget()) is None
    assert sample(pattern_language("^[\\ud7ff-\\ue000]$"), Budget()) in ("\ud7ff", "\ue000")


def test_half_a_character_is_a_character_of_a_text() -> None:
    assert matches(pattern_language("^.$"), "\ud800", Budget())
    assert matches(pattern_language("^[^a]\\W$"), "\ud800\udfff", Budget())


def test_a_literal_is_the_one_string() -> None:
    language = literal("a.b\n😀")
    assert sample(language, Budget()) == "a.b\n😀"
    assert sample(both(language, without(literal("a.b\n😀"))), Budget()) is None
    assert not matches(language, "a-b\n😀", Budget())
    assert sample(literal(""), Budget()) == ""


def test_lengths_count_code_points() -> None:
    assert matches(lengths(2, 2), "😀é", Budget())
    assert not matches(lengths(0, 1), "ab", Budget())
    assert sample(lengths(3, None), Budget()) == "aaa"
    assert sample(lengths(2, 1), Budget()) is None
    assert lengths(0, None) is any_string()
    assert without(lengths(2, 4)) is either(lengths(0, 1), lengths(5, None))


def test_a_length_makes_a_pattern_no_harder() -> None:
    budget = Budget()
    within = both(pattern_language(SLUG), lengths(1, 253))
    assert (
        sample(both(within, without(both(pattern_language(SLUG), lengths(0, 300)))), budget) is None
    )
    longer = sample(both(pattern_language(SLUG), without(within)), budget)
    assert longer is not None
    assert len(longer) == 254


def test_equal_languages_that_are_spelled_alike_are_one() -> None:
    one, other = pattern_language("^(?:a|b)c{2}$"), pattern_language("^[ab]cc$")
    assert one is other
    assert both(one, without(other)) is either()
    assert without(without(one)) is one


def test_nothing_is_in_no_alternative_and_all_is_in_no_condition() -> None:
    assert sample(either(), Budget()) is None
    assert both() is any_string()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("^(a{0,1000}b?){0,1000}$", "^(?:a|b){0,1000}$"),
        ("a.{20}", "b.{19}"),
        ("a.{40}$", "a.{30}b.{9}$"),
        ("^(?:a?){400}b(?:a?){400}$", "^(?:aa?){0,300}b?a*$"),
        ("^(" + "|".join(f"(x{n}y?)*" for n in range(30)) + ")*$", "^(x*\\d*y*)*z$"),
        ("(.*a){1000}", "(.*b){1000}"),
        ("^a{999999999}$", "^b"),
        ("^(?=.*a)(?=.*b)(?=.*c)(?=.*d)(?=.*e)(?=.*f)(?=.*g)(?=.*h)(?=.*i)", "^(?!.*[a-i]{9})"),
    ],
)
def test_what_is_too_big_exhausts_the_budget_at_worst(one: str, other: str) -> None:
    budget = Budget(steps=3_000, seconds=20)
    for _ in range(2):
        try:
            assert sample(both(pattern_language(one), without(pattern_language(other))), budget)
        except Exhausted:
            pass
    assert budget.spent < 10_000


def test_a_search_costs_the_same_when_it_is_done_again() -> None:
    def spent() -> int:
        budget = Budget()
        witness(pattern_language(UUID), pattern_language("^[0-9a-fA-F-]{36}$"))
        sample(both(pattern_language(EMAIL), without(pattern_language(SLUG))), budget)
        matches(pattern_language(EMAIL), "someone@example.com", budget)
        return budget.spent

    assert spent() == spent() > 0


def test_a_long_text_is_matched_within_the_budget_or_not_at_all() -> None:
    with pytest.raises(Exhausted):
        matches(pattern_language("^(a|b)*$"), "ab" * 200_000, Budget(seconds=20))


def test_the_number_of_nodes_that_are_kept_is_bounded() -> None:
    for count in range(40):
        try:
            sample(pattern_language(f"a.{{{count + 9}}}b$|{count}c"), Budget(5_000, 20))
            sample(without(pattern_language(f"^(a|b.{{0,{count + 9}}}c)*$")), Budget(5_000, 20))
        except Exhausted:
            pass
    pattern_language("a")
    assert len(expression.made) < 100_000
