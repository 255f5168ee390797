"""What a pattern matches, construct by construct, and what is not read at all."""

import unicodedata

import pytest

from mcpverify.drift.budget import Budget
from mcpverify.drift.patterns import unicode_property
from mcpverify.drift.patterns.language import Unsupported, matches, pattern_language

# (pattern, strings it is found in, strings it is not found in)
MATCHES = [
    ("", ["", "a", "\n"], []),
    ("b", ["b", "abc"], ["", "a"]),
    ("^a$", ["a"], ["a\n", "\na", "aa", ""]),
    ("^a", ["a", "ab"], ["ba", "b\na"]),
    ("a$", ["a", "ba"], ["ab", "a\nb", "a\n"]),
    ("^$", [""], ["\n", "a"]),
    ("^.$", ["a", "\t", "\x85", "😀", "\0"], ["", "\n", "\r", "\u2028", "\u2029", "aa"]),
    ("^[ab-d]$", ["a", "b", "c", "d"], ["-", "e", ""]),
    ("^[^ab]$", ["c", "\n", "😀"], ["a", "b", "", "cc"]),
    ("[]", [], ["", "a", "]"]),
    ("^[^]$", ["a", "\n", "😀"], ["", "aa"]),
    ("^[-a]$|^[b-]$|^[\\w-.]$", ["-", "a", "b", "."], ["", "+"]),
    ("^[a\\-c]$", ["a", "-", "c"], ["b"]),
    ("^[^\\n]$", ["a"], ["\n"]),
    ("^[\\b]$", ["\b"], ["b"]),
    ("^[[(.*]$", ["[", "(", ".", "*"], ["]"]),
    ("^[\\]\\\\]$", ["]", "\\"], ["["]),
    ("^\\d$", ["0", "9"], ["٣", "a"]),
    ("^\\D$", ["٣", "a"], ["0"]),
    ("^\\w$", ["a", "Z", "_", "5"], ["é", "-"]),
    ("^\\W$", ["é", "-", "\u017f"], ["a", "_"]),
    ("^\\s$", [*" \t\n\v\f\r\xa0\ufeff\u2028\u3000\u2003"], ["\x85", "\x1c", "\u200b", "a"]),
    ("^\\S$", ["\x85", "\x1c"], [" ", "\ufeff"]),
    ("^\\t\\n\\v\\f\\r\\0\\cJ\\cj$", ["\t\n\v\f\r\0\n\n"], ["tnvfr0JJ"]),
    ("^\\x41\\u0042\\u{43}\\u{01F600}$", ["ABC😀"], ["x41"]),
    ("^\\ud83d\\ude00{2}$", ["😀😀"], ["😀"]),
    ("^[\\ud83d\\ude00-\\ud83d\\ude02]$", ["😀", "😁", "😂"], ["😃"]),
    ("^\\.\\/\\-\\@\\_\\ \\}$", ["./-@_ }"], []),
    ("^a{$|^}]$|^a{b}$|^{}$|^a{1,b$", ["a{", "}]", "a{b}", "{}", "a{1,b"], ["a", "{", "ab"]),
    ("^a*$", ["", "a", "aaa"], ["b"]),
    ("^a+?$", ["a", "aaa"], [""]),
    ("^a??b$", ["b", "ab"], ["aab"]),
    ("^a{2}$", ["aa"], ["a", "aaa"]),
    ("^a{2,}$", ["aa", "aaaaa"], ["a"]),
    ("^a{1,2}?$", ["a", "aa"], ["", "aaa"]),
    ("^a{0}$", [""], ["a"]),
    ("^(ab){1,2}c$", ["abc", "ababc"], ["c", "abababc", "ababab"]),
    ("^(?:a|b|)(?<name>c)$", ["ac", "bc", "c"], ["abc"]),
    ("^a|b$", ["ax", "xb"], ["xa", "bx"]),
    ("^(a{2,3}){2,3}$", ["a" * 4, "a" * 9], ["a" * 3, "a" * 10]),
    ("^(a{3}){1,2}$", ["a" * 3, "a" * 6], ["a" * 4, "a" * 5]),
    ("\\bfoo\\b", ["foo", "a foo.", "-foo-"], ["food", "afoo", "_foo", "foo1"]),
    ("\\Bfoo", ["afoo", "_foo"], ["foo", "-foo"]),
    ("^\\b$|^\\b-", [], ["", "-", "a"]),
    ("^a\\b.*\\bb$", ["a b", "a-b", "a b b"], ["ab", "acb"]),
    ("é\\b", ["éa"], ["é", "é-"]),
    ("^(?=a)", ["a", "ab"], ["", "b"]),
    ("^(?!a).", ["b"], ["a", ""]),
    ("^(?!.*--)[a-z-]+$", ["a-b", "-"], ["a--b", "--", ""]),
    ("^(?=.*\\d)(?=.*[a-z]).{3,}$", ["a1b", "111a"], ["a1", "abc", "a1\n"]),
    ("^(?=a|b(?!c))..$", ["ac", "bd"], ["bc", "cc"]),
    ("a(?=$)", ["a", "ba"], ["ab"]),
    ("a(?!$)", ["ab"], ["a", "ba"]),
    ("(?!^)a", ["ba"], ["a"]),
    ("(?=\\b)a", ["a", "-a"], ["ba"]),
    ("^(?:(?!bad).)*$", ["", "ba", "good"], ["bad", "a bad b"]),
    ("^(?:(?!--)[a-z-])+$", ["a-b", "-"], ["a--", "--b", ""]),
    ("^(?:\\w+\\b\\W*)+$", ["a b", "a-b-"], ["", " a"]),
    ("^(?:a(?!b)|b(?=c)|c)*$", ["", "aa", "bc", "acbc"], ["ab", "b", "abc"]),
    ("^(?:(?=a)|b)*a$", ["a", "ba"], ["", "b", "aa"]),
    ("^(?:^a|b)+$", ["a", "ab", "bb"], ["ba", "aa"]),
    ("^(?:a|b$)+$", ["a", "ab", "b"], ["ba", "bb"]),
    ("^(?:a\\B){2}", ["aaa", "aab"], ["aa", "a-a"]),
    ("(?<=a)b", ["ab", "cab"], ["b", "cb", "a"]),
    ("(?<!a)b", ["b", "cb", "abb"], ["ab", "aab"]),
    ("(?<=^|,)a(?=,|$)", ["a", "b,a", "a,b"], ["ba", "ab", "b, a"]),
    ("(?<![\\w-])a", ["a", ".a"], ["ba", "-a"]),
    ("^\\p{Lu}\\p{Letter}*\\P{L}$", ["Éa1", "Aé1", "A-"], ["éa1", "A"]),
    ("^[\\p{Nd}_]$", ["٣", "_", "1"], ["Ⅷ", "a"]),
    ("^[^\\p{L}]$", ["1", "-"], ["é"]),
    ("^\\p{gc=Zs}\\p{General_Category=Sc}\\p{ASCII}\\p{Any}\\p{punct}$", [" €a😀!"], ["€ a😀!"]),
    ("^\\p{LC}\\p{Assigned}\\p{AHex}$", ["aaf"], ["ªaf", "aag"]),
]

UNSUPPORTED = [
    *("\\1", "(a)\\1", "(?<n>a)\\k<n>", "\\k", "\\01", "\\8", "[\\1]"),
    *("\\A", "\\Z", "\\z", "\\h", "\\Q", "\\a", "\\e", "\\G", "\\R", "\\X", "\\K", "\\N", "\\é"),
    *("[\\B]", "[\\A]", "\\x4", "\\u12", "\\u{110000}", "\\u{}", "\\c1", "\\cé", "\\"),
    *("\\ud83d", "\\ude00", "[\\ud800-\\udbff]", "[\ud800]", "\udfff", "\\u{d800}"),
    *("(?i)a", "(?i:a)", "(?-i:a)", "(?P<n>a)", "(?P=n)", "(?>a)", "(?#a)", "(?|a)", "(?<1>a)"),
    *("a**", "a++", "a*+", "a?+", "a{2}+", "a{2}{3}", "*a", "+", "?", "(*a)", "|*", "a|+"),
    *("^*", "$+", "\\b?", "(?=a)*", "(?!a){2}", "(?<=a)+", "{2}", "^{1,2}", "{7,40}"),
    *("a{2,1}", "a{,2}", "a{,}", "a{ 1}", "a{1 ,2}", "a{99999999999999999999}"),
    *("(", ")", "a)", "(a", "[", "[a", "[^", "(?", "(?<n", "(?<n>a)(?<n>b)"),
    *("[b-a]", "[]a]", "[^]a]", "[[:alpha:]]", "[a[b]]", "[a-z&&[^b]]", "[a&&b]"),
    *("\\p{Script=Greek}", "\\p{Greek}", "\\p{Emoji}", "\\p{lu}", "\\pL", "\\p", "\\p{sc=Lu}"),
    *("(?<=ab)c", "(?<=a*)b", "(?<!a|bc)d", "(?<=\\b)a", "(?<=a(?=b))b", "(?<=$)a"),
    *("(" * 51 + ")" * 51, "a" * 5001, "(?:a(?=b)){9999}"),
]


@pytest.mark.parametrize(("pattern", "found", "not_found"), MATCHES)
def test_a_pattern_is_found_where_ecma_262_finds_it(
    pattern: str, found: list[str], not_found: list[str]
) -> None:
    language = pattern_language(pattern)
    assert [text for text in found if not matches(language, text, Budget())] == []
    assert [text for text in not_found if matches(language, text, Budget())] == []


@pytest.mark.parametrize("pattern", UNSUPPORTED)
def test_what_engines_read_differently_is_not_read(pattern: str) -> None:
    for _ in range(2):
        with pytest.raises(Unsupported):
            pattern_language(pattern)


def test_every_code_point_is_in_its_category_as_python_knows_it() -> None:
    names = "Cc Cf Cn Co Cs Ll Lm Lo Lt Lu Mc Me Mn Nd Nl No Pc Pd Pe Pf Pi Po Ps Sc Sk Sm So"
    told: list[str] = [""] * 0x110000
    for name in [*names.split(), "Zl", "Zp", "Zs"]:
        members = unicode_property.of_property(name)
        assert members is not None
        for start, end in zip(members[::2], members[1::2], strict=True):
            told[start:end] = [name] * (end - start)
    assert told == [unicodedata.category(chr(code_point)) for code_point in range(0x110000)]
