"""Whether a `pattern` is a regular expression at all.

JSON Schema asks for ECMA-262, whose expressions Python may refuse, and a server may send
one that takes for ever. So expressions are read here, once and from left to right, and
never compiled or run. Only what no mode of ECMA-262 admits is reported: where the reading
is in doubt, nothing is said.
"""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with an expression, and whether that is wrong in every dialect.

    Otherwise it is an expression of Python, Go, Java or PCRE that ECMA-262 refuses.
    """

    text: str
    everywhere: bool


# The class is read as ECMA-262 reads it, and everything possessively: no backtracking.
_TOKEN: Final = re.compile(
    r"(?P<atom>\\[uUpP]\{[^}]*+\}|\\.|[^\\\[()|*+?{])"
    r"|(?P<set>\[[^\]\\]*+(?:\\.[^\]\\]*+)*+\])"
    r"|(?P<open>\((?!\?)|\(\?(?:[=!:<]|[ims]*+(?:-[ims]*+)?:))"
    r"|(?P<close>\))"
    r"|(?P<quantifier>[*+?]|\{[0-9]+(?:,[0-9]*+)?\})"
    r"|(?P<bar>\|)"
    r"|(?P<brace>\{)",
    re.DOTALL,
)
_SYNTAX: Final = re.compile(r"[\\\[()*+?{]")
# Where other dialects read on differently, so that what follows is wrong in ours at most:
# `]` first in a set, a set within a set, a quotation.
_DOUBTFUL_SET: Final = re.compile(r"\[\^?+(?:\]|[^\[]*+\[)", re.DOTALL)


def pattern_flaw(pattern: str) -> Flaw | None:
    """What makes `pattern` no regular expression of ECMA-262, with or without the u flag."""
    if _SYNTAX.search(pattern) is None:
        return None
    position = depth = 0
    doubtful = False
    repeatable = repeated = False  # what was just read: something to repeat; a quantifier
    while position < len(pattern):
        token = _TOKEN.match(pattern, position)
        if token is None:
            return _unreadable(pattern, position, doubtful)
        position = token.end()
        match token.lastgroup:
            case "quantifier" if not repeatable:
                text = f"it has nothing to repeat before the {token[0]}"
                return Flaw(text, not doubtful and (not repeated or token[0] == "*"))
            case "quantifier":
                repeatable, repeated = False, True
                if pattern.startswith("?", position):
                    position += 1
                continue
            case "open":
                depth += 1
                repeatable = False
            case "bar":
                repeatable = False
            case "close":
                depth -= 1
                repeatable = True
                if depth < 0:
                    return Flaw("it closes a group that it did not open", not doubtful)
            case "set":
                repeatable = True
                doubtful = doubtful or _DOUBTFUL_SET.match(token[0]) is not None
            case _:
                repeatable = True
                doubtful = doubtful or token[0] == r"\Q"
        repeated = False
    return Flaw("it does not close a group", not doubtful) if depth else None


def _unreadable(pattern: str, position: int, doubtful: bool) -> Flaw:
    match pattern[position]:
        case "[":
            return Flaw("it does not close a set", not doubtful)
        case "(":
            shown = pattern[position : position + 4]
            return Flaw(f"its group {shown} is none of ECMA-262", False)
        case _:
            return Flaw("it ends with a backslash", not doubtful)
