"""Whether a result fulfils the conditions of a golden call, and whether they can be judged at all.

Paths and patterns are the user's, what they are held against is the server's: both are bounded.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mcpverify.drift.budget import Budget, Exhausted
from mcpverify.drift.patterns.language import Unsupported, matches, pattern_language
from mcpverify.drift.referee.values import is_number, same
from mcpverify.errors import UsageError
from mcpverify.facts.golden_call import Condition, GoldenCall
from mcpverify.facts.json_text import Json, NotJson, canonical_text, parse
from mcpverify.golden.excerpts import Excerpts

_STEPS, _SECONDS = 1_000_000, 3.0  # for one condition
_LONGEST_NUMBER = 60  # characters of a text that is read as JSON


class Undecided(Exception):
    """A condition that was not judged; the message is a clause with the reason."""


@dataclass(frozen=True, slots=True)
class Unmet:
    """What was expected, and what came instead."""

    expected: str
    came: str


def validated(call: GoldenCall) -> GoldenCall:
    """`call`, once its paths and patterns are known to be some. Raises UsageError."""
    for condition in call.conditions:
        if condition.path is not None:
            _read_path(call, condition.path)
        if condition.matches is not None:
            try:
                pattern_language(condition.matches)
            except Unsupported as error:
                raise UsageError(
                    f"call {call.label}: the pattern {Excerpts().text(condition.matches)} "
                    f"is not understood: {error}",
                    "Write it as in JSON Schema: ECMA-262, without look-around that reaches back.",
                ) from None
        _refuse_what_cannot_hold(call, condition)
    return call


def _read_path(call: GoldenCall, path: str) -> None:
    from mcpverify.golden.json_path import JsonPath, NotAPath

    try:
        JsonPath(path)
    except NotAPath as error:
        raise UsageError(
            f"call {call.label}: {Excerpts().text(path)} is no JSONPath: {error}",
            "As in $.structuredContent.temperature or $.content[0].text (RFC 9535).",
        ) from None


def _refuse_what_cannot_hold(call: GoldenCall, condition: Condition) -> None:
    least, most = condition.least, condition.most
    if least is not None and most is not None and least > most:
        raise UsageError(
            f"call {call.label}: nothing is at least {_number(least)} and at most {_number(most)}",
            "Exchange them.",
        )


def unmet(
    condition: Condition, result: dict[str, Json], excerpts: Excerpts = Excerpts()
) -> Unmet | None:
    """What is wrong with `result`; None where the condition holds. Raises Undecided."""
    budget = Budget(_STEPS, _SECONDS)
    try:
        candidates = _candidates(condition, result, budget)
        holds = any(_fulfils(condition, each, budget) for each in candidates)
    except Exhausted:
        raise Undecided("there is too much to look through") from None
    except RecursionError:
        raise Undecided("what came nests too deep") from None
    except Unsupported as error:
        raise Undecided(f"a pattern is not understood: {error}") from None
    if holds is not condition.absent:
        return None
    return Unmet(told(condition, excerpts), _came(condition, candidates, excerpts))


def told(condition: Condition, excerpts: Excerpts = Excerpts()) -> str:
    """The condition in words: `$.structuredContent.celsius at least -80 and at most 60`."""
    where = "text" if condition.path is None else excerpts.text(condition.path)
    wanted = " and ".join(_wanted(condition, excerpts))
    if condition.absent:
        return f"no {where} {wanted}".rstrip()
    return f"{where} {wanted}" if wanted else f"something at {where}"


def _wanted(condition: Condition, excerpts: Excerpts) -> Iterator[str]:
    for value in condition.equals:
        yield f"equal to {excerpts.value(value)}"
    if condition.matches is not None:
        yield f"matching /{excerpts.text(condition.matches)}/"
    if condition.least is not None:
        yield f"at least {_number(condition.least)}"
    if condition.most is not None:
        yield f"at most {_number(condition.most)}"


def _number(number: float) -> str:
    return canonical_text(int(number) if float(number).is_integer() else number)


def _came(condition: Condition, candidates: list[Json], excerpts: Excerpts) -> str:
    if not candidates:
        return "no text" if condition.path is None else "nothing there"
    more = f" and {len(candidates) - 1:,} more" if len(candidates) > 1 else ""
    first = candidates[0]
    no_text = condition.matches is not None and not isinstance(first, str)
    kind = f", {_kind(first)} and no text" if no_text else ""
    return f"{excerpts.value(first)}{kind}{more}"


def _kind(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case dict():
            return "an object"
        case list():
            return "an array"
        case _:
            return "a number"


def _candidates(condition: Condition, result: dict[str, Json], budget: Budget) -> list[Json]:
    if condition.path is None:
        text = text_of(result)
        return [text] if text else []
    from mcpverify.golden.json_path import JsonPath

    return JsonPath(condition.path).values(result, budget)


def text_of(result: dict[str, Json]) -> str:
    """The texts of a result's content, joined by line ends."""
    content = result.get("content")
    items = content if isinstance(content, list) else []
    texts = (each.get("text") for each in items if isinstance(each, dict))
    return "\n".join(each for each in texts if isinstance(each, str))


def _fulfils(condition: Condition, value: Json, budget: Budget) -> bool:
    """Whether one value that was found is all that the condition says."""
    meant = _number_in(value) if condition.path is None else value
    if not all(
        same(each, value if isinstance(each, str) else meant, budget) for each in condition.equals
    ):
        return False
    if condition.matches is not None and not _matches(condition.matches, value, budget):
        return False
    if condition.least is None and condition.most is None:
        return True
    if not isinstance(meant, int | float) or not is_number(meant):
        return False
    return (condition.least is None or meant >= condition.least) and (
        condition.most is None or meant <= condition.most
    )


def _matches(pattern: str, value: Json, budget: Budget) -> bool:
    # What is no text fulfils a `pattern` of JSON Schema. Who expects one, expects a text.
    return isinstance(value, str) and matches(pattern_language(pattern), value, budget)


def _number_in(text: Json) -> Json:
    """What a text says that is a number or a literal of JSON; else the text itself."""
    if not isinstance(text, str) or len(text) > _LONGEST_NUMBER:
        return text
    try:
        return parse(text.strip())
    except NotJson:
        return text
