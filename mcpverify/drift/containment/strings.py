"""Strings: lengths and expressions. What several expressions say together is one language."""

from collections.abc import Iterator
from typing import Final

from mcpverify.drift.containment.case import Case, Searcher
from mcpverify.drift.containment.outcome import (
    NOTHING,
    Found,
    Longer,
    NoMatch,
    Outcome,
    Shorter,
    Unknown,
)
from mcpverify.drift.patterns.language import (
    Language,
    Unsupported,
    both,
    lengths,
    literal,
    pattern_language,
    sample,
    without,
)

_LONGEST: Final = 150_000  # characters of a witness
_LONGEST_LISTED: Final = 1_000
_LONG: Final = 50
_REPEATED: Final = "a0A-_./ "
_WORD: Final = "text"


def settled(search: Searcher, case: Case) -> Outcome:
    """A string for a case that is about strings only."""
    shortest = max((form.min_length for form in case.forms), default=0)
    longest = min(
        (form.max_length for form in case.forms if form.max_length is not None), default=None
    )
    for demand in case.demands:
        match demand:
            case Longer(length):
                shortest = max(shortest, length + 1)
            case Shorter(length):
                longest = length - 1 if longest is None else min(longest, length - 1)
    if longest is not None and shortest > longest:
        return NOTHING
    found = dict.fromkeys(pattern for form in case.forms for pattern in form.patterns)
    missed = dict.fromkeys(each.pattern for each in case.demands if isinstance(each, NoMatch))
    if any(pattern in found for pattern in missed):
        return NOTHING
    listed = {each for each in case.listed() if isinstance(each, str)}
    for hint in case.hints("string"):
        search.budget.spend()
        if isinstance(case.settled(hint), Found):
            return Found(hint)
    if not found and not missed:
        return _of_length(search, case, shortest, longest, listed)
    return _of_language(search, case, shortest, longest, listed, list(found), list(missed))


def _of_length(
    search: Searcher, case: Case, shortest: int, longest: int | None, listed: set[str]
) -> Outcome:
    if shortest > _LONGEST:
        return Unknown("only very long strings would do")
    for text in _texts(shortest, longest):
        search.budget.spend(1 + len(text) // 64)
        if text not in listed:
            return case.settled(text)
        if longest == 0:
            return NOTHING  # there is no other
    return Unknown("no string was found")


def _texts(shortest: int, longest: int | None) -> Iterator[str]:
    if shortest <= len(_WORD) and (longest is None or len(_WORD) <= longest):
        yield _WORD
    size = max(shortest, min(1, 1 if longest is None else longest))
    if size == 0:
        yield ""
        return
    for code in (*range(ord("a"), ord("z") + 1), *range(ord("0"), ord("9") + 1)):
        yield chr(code) * size
    for code in range(0x4E00, 0x9FA5):  # more letters than any list holds
        yield chr(code) * size


def _of_language(
    search: Searcher,
    case: Case,
    shortest: int,
    longest: int | None,
    listed: set[str],
    found: list[str],
    missed: list[str],
) -> Outcome:
    """A string that the expressions allow. One that is not understood leaves too many in."""
    if _LONG < shortest <= _LONGEST:
        # A long string is dear to find, and often one character over and over will do.
        for character in _REPEATED:
            search.budget.spend()
            if isinstance(outcome := case.settled(character * shortest), Found):
                return outcome
    languages: list[Language] = []
    doubt = ""
    for patterns, found_wanted in ((found, True), (missed, False)):
        for pattern in patterns:
            try:
                language = pattern_language(pattern)
            except Unsupported as unsupported:
                doubt = f"the pattern {pattern!r} is not understood: {unsupported}"
                continue
            languages.append(language if found_wanted else without(language))
    if shortest > 0 or longest is not None:
        languages.append(lengths(shortest, longest))
    for each in sorted(listed):
        search.budget.spend(1 + len(each) // 4)
        if len(each) <= _LONGEST_LISTED:  # a longer one, left in, proves no less
            languages.append(without(literal(each)))
    text = sample(both(*languages), search.budget) if languages else _WORD
    if text is None:
        return NOTHING
    outcome = case.settled(text)
    return Unknown(doubt) if doubt and isinstance(outcome, Unknown) else outcome
