"""Golden calls that are proposed, as TOML for a mcpverify.toml: whatever a server says, inert."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from mcpverify.facts.credentials import MASK
from mcpverify.facts.json_text import Json, canonical_text
from mcpverify.facts.suggestion import SuggestedCall, Suggestions
from mcpverify.reporters.inert import inert

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_MOST_NAMED: Final = 20
_LONGEST: Final = 200
_SAFE: Final = 2**63 - 1  # beyond it TOML knows no integers


def suggested_calls(suggestions: Suggestions) -> str:
    """The TOML text, which ends in a line feed.

    Put at the end of the configuration in force it leaves a configuration.
    """
    lines = list(_lines(suggestions))
    home = suggestions.home
    if home is not None and not _can_follow(home.text, lines):
        # Calls as one list on a line, say, or a target in braces: TOML lets neither be added to.
        yours = inert(home.path, _LONGEST)
        lines = [
            f"# At the end of {yours} this would be no TOML. What it proposes, for you to put in:",
            *(each if each.startswith("#") or not each else f"# {each}" for each in lines),
        ]
    return "".join(f"{line}\n" for line in lines)


def _can_follow(text: str, lines: list[str]) -> bool:
    import tomllib

    try:
        tomllib.loads(text)
    except ValueError:
        return True  # whatever follows, it is none
    try:
        tomllib.loads(text + "\n".join(lines) + "\n")
    except ValueError:
        return False
    return True


def _lines(suggestions: Suggestions) -> Iterator[str]:
    home = suggestions.home
    table = () if home is None else home.table
    target = ".".join(_key(str(each)) for each in (*table, "targets", suggestions.name))
    yield f"# Calls that are proposed for {inert(suggestions.display, _LONGEST)}."
    yield "# Nothing was called. Look at the arguments, and say what has to come back."
    if home is not None:
        yield f"# They belong into {inert(home.path, _LONGEST)}."
        if home.problem:
            yield f"# It was not consulted: {inert(home.problem, _LONGEST)}"
    if suggestions.taken:
        yield f"# The name {inert(suggestions.taken, 60)} is another target's there."
    if suggestions.place:
        yield ""
        yield f"[{target}]"
        for key, value in suggestions.place.items():
            masked = MASK in canonical_text(value)
            yield f"{'# ' if masked else ''}{_key(key)} = {_value(value)}"
    for call in suggestions.calls:
        yield ""
        yield from _call(call, target)
    if suggestions.called:
        named = ", ".join(inert(each, 60) for each in suggestions.called[:_MOST_NAMED])
        more = len(suggestions.called) - _MOST_NAMED
        yield ""
        yield f"# There are calls of it already: {named}" + (f" and {more:,} more" * (more > 0))
    if suggestions.others:
        named = ", ".join(inert(each, 60) for each in suggestions.others[:_MOST_NAMED])
        more = len(suggestions.others) - _MOST_NAMED
        yield ""
        yield f"# Not annotated readOnlyHint, so called only with mutates = true: {named}" + (
            f" and {more:,} more" if more > 0 else ""
        )
    if not (suggestions.calls or suggestions.others or suggestions.called):
        yield ""
        yield "# The server lists no tools."


def _call(call: SuggestedCall, target: str) -> Iterator[str]:
    problem = call.problem if call.arguments is None else _unwritable(call.arguments)
    if problem or call.arguments is None:
        yield f"# {inert(call.tool, 60)}: {inert(problem, _LONGEST)}"
        return
    yield f"[[{target}.calls]]"
    yield f"tool = {_text(call.tool)}"
    if call.arguments:
        yield f"arguments = {_value(call.arguments)}"


def _unwritable(value: Json) -> str:
    """Why a configuration cannot hold `value`, or ""."""
    match value:
        case None:
            return "it takes null, which TOML does not have"
        case int() if abs(value) > _SAFE and _as_float(value) is None:
            return "it takes a number that is too large for TOML"
        case dict():
            return next(filter(None, map(_unwritable, value.values())), "")
        case list():
            return next(filter(None, map(_unwritable, value)), "")
        case _:
            return ""


def _as_float(number: int) -> float | None:
    """The float that is written with the same digits, as 1e30 is; None where there is none."""
    try:
        return float(number) if Decimal(repr(float(number))) == number else None
    except OverflowError:
        return None


def _value(value: Json) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _text(value.replace("${", "$${"))  # nothing is read from the environment
        case dict():
            members = (f"{_key(name)} = {_value(each)}" for name, each in value.items())
            return f"{{ {', '.join(members)} }}" if value else "{}"
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case int():
            return repr(_as_float(value)) if abs(value) > _SAFE else str(value)
        case _:
            return repr(value)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(text: str) -> str:
    """A basic string of TOML: all that does not show, or could act, is escaped."""
    return f'"{"".join(map(_character, text))}"'


def _character(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if inert(character) == character:
        return character
    code = ord(character)
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
