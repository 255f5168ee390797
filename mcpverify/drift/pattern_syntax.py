"""Whether a `pattern` is a regular expression at all.

JSON Schema asks for ECMA-262, whose expressions Python may refuse, and a server may send
one that takes for ever. So expressions are read here, once and from left to right, and
never compiled or run. Only what no reading of ECMA-262 admits is reported: a scanner that
is in doubt says nothing.
"""

import re
from typing import Final

_HARMLESS: Final = re.compile(r"[^\\\[\](){}*+?|^$]*")
_TOKEN: Final = re.compile(
    r"(?P<atom>\\[uUpP]\{[^}]*\}|\\.|\[(?:[^\]\\]|\\.)*\]|[^\\\[()|*+?{])"
    r"|(?P<group>\((?:\?(?:[:=!]|<[=!]|<(?![=!])|[a-z]*(?:-[a-z]*)?:))?)"
    r"|(?P<quantifier>[*+?]|\{[0-9]+(?:,[0-9]*)?\})"
    r"|(?P<brace>\{)"
    r"|(?P<end>\))"
    r"|(?P<bar>\|)",
    re.DOTALL,
)
_PYTHON: Final = re.compile(r"\(\?(?:P[<=>]|[aiLmsux]+\)|#|\(|>)")


def broken_pattern(pattern: str) -> str:
    """Why `pattern` is no regular expression in any dialect that validators use, or ""."""
    return _flaw(pattern)[0]


def foreign_pattern(pattern: str) -> str:
    """What of Python's own syntax `pattern` uses, which ECMA-262 refuses, or ""."""
    return _flaw(pattern)[1]
