"""Made-up patterns in the subset where Python's `re` can say the same in its own spelling.

A spelling is a pair: the pattern of ECMA-262, and the expression for Python that means the same.
"""

import re
from typing import TypeAlias

from hypothesis import strategies as st

Spelling: TypeAlias = tuple[str, str]

_SAME = [
    *("a", "b", "c", "1", "_", "-", " ", "é", "😀", "[ab]", "[^a]", "[a-c1]", "[^\\w]", "[\\d-]"),
    *("\\d", "\\D", "\\w", "\\W", "\\n", "\\.", "\\x61", "\\u00e9", "[\\W1]", "[^\\n😀]"),
    *("\\b", "^", "(?<=a)", "(?<!\\w)", "(?<![ -])"),
]
_DIFFERENT = [
    # Until 3.14, Python's own `\\B` is not found in the empty string.
    ("\\B", "(?:(?<!\\w)(?!\\w)|(?<=\\w)(?=\\w))"),
    ("$", "\\Z"),
    (".", "[^\\n\\r\\u2028\\u2029]"),
    ("[^]", "[\\s\\S]"),
    ("[]", "(?!)"),
    ("\\s", "[ \\t-\\r\\u2028]"),
    ("\\S", "[^ \\t-\\r\\u2028]"),
    ("\\u{1F600}", "😀"),
    ("\\ud83d\\ude00", "😀"),
    ("(?<name>a)", "(?P<name>a)"),
]
_ATOMS: list[Spelling] = [*((same, same) for same in _SAME), *_DIFFERENT]
_QUANTIFIERS = ["*", "+", "?", "{2}", "{1,2}", "{0,3}", "{2,}", "*?", "{0,2}?"]


def _quantified(inner: st.SearchStrategy[Spelling]) -> st.SearchStrategy[Spelling]:
    def each(spelling: Spelling, quantifier: str) -> Spelling:
        ecma, python = spelling
        return f"(?:{ecma}){quantifier}", f"(?:{python}){quantifier}"

    return st.builds(each, inner, st.sampled_from(_QUANTIFIERS))


def _joined(parts: list[Spelling], before: str, between: str, after: str) -> Spelling:
    ecma, python = (between.join(texts) for texts in zip(*parts, strict=True))
    return before + ecma + after, before + python + after


def _larger(inner: st.SearchStrategy[Spelling]) -> st.SearchStrategy[Spelling]:
    some = st.lists(inner, min_size=1, max_size=4)
    return st.one_of(
        st.builds(_joined, some, st.just(""), st.just(""), st.just("")),
        st.builds(_joined, some, st.just("(?:"), st.just("|"), st.just(")")),
        st.builds(_joined, some, st.sampled_from(["(?=", "(?!"]), st.just(""), st.just(")")),
        _quantified(inner),
    )


def _is_understood(spelling: Spelling) -> bool:
    if spelling[0].count("(?<name>") > 1:
        return False
    try:
        re.compile(spelling[1], re.ASCII)
    except re.error:
        return False
    return True


spellings: st.SearchStrategy[Spelling] = st.recursive(
    st.sampled_from(_ATOMS), _larger, max_leaves=8
).filter(_is_understood)
patterns = spellings.map(lambda spelling: spelling[0])
texts = st.text(st.sampled_from("abc1_- \n\u2028é😀"), max_size=7)
