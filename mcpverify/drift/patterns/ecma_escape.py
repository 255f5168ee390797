"""What stands for one character in an expression: escapes, and classes in brackets.

Each function reads from a position and gives what it read with the position after it.
"""

import re
from typing import Final

from mcpverify.drift.patterns import character_set, unicode_property
from mcpverify.drift.patterns.character_set import ANYTHING, NOTHING, SURROGATES, Bounds
from mcpverify.drift.patterns.unsupported import Unsupported

_SETS: Final = {
    "d": character_set.DIGIT,
    "D": character_set.complement(character_set.DIGIT),
    "w": character_set.WORD,
    "W": character_set.NOT_WORD,
    "s": character_set.SPACE,
    "S": character_set.complement(character_set.SPACE),
}
_CONTROLS: Final = {"t": 0x09, "n": 0x0A, "v": 0x0B, "f": 0x0C, "r": 0x0D}
_CODE: Final = re.compile(
    r"c(?P<control>[A-Za-z])|x(?P<byte>[0-9A-Fa-f]{2})"
    r"|u(?P<high>[Dd][89ABab][0-9A-Fa-f]{2})\\u(?P<low>[Dd][C-Fc-f][0-9A-Fa-f]{2})"
    r"|u(?P<unit>[0-9A-Fa-f]{4})|u\{0*(?P<point>[0-9A-Fa-f]{1,6})\}"
    r"|(?P<null>0)(?![0-9])"
)
_PROPERTY: Final = re.compile(r"[pP]\{([A-Za-z0-9_=]{1,64})\}")
_PUNCTUATION: Final = frozenset(" !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


def escaped(pattern: str, at: int) -> tuple[Bounds, int]:
    """The set that the escape at `at`, which is a backslash, stands for. Raises Unsupported."""
    at += 1
    letter = pattern[at : at + 1]
    if letter in _PUNCTUATION:
        return character_set.of_code_point(ord(letter)), at + 1
    if letter in _SETS:
        return _SETS[letter], at + 1
    if letter in _CONTROLS:
        return character_set.of_code_point(_CONTROLS[letter]), at + 1
    if letter in ("p", "P"):
        return _property(pattern, at)
    if code := _CODE.match(pattern, at):
        return character_set.of_code_point(_code_point(code)), code.end()
    if not letter:
        raise Unsupported("it ends with a backslash")
    if letter.isdecimal() or letter == "k":
        raise Unsupported("it refers back to a group")
    raise Unsupported(f"\\{letter} is not read alike everywhere")


def _property(pattern: str, at: int) -> tuple[Bounds, int]:
    named = _PROPERTY.match(pattern, at)
    members = unicode_property.of_property(named[1]) if named else None
    if named is None or members is None:
        raise Unsupported(f"\\{pattern[at : at + 30]} names a property that is not known here")
    if pattern[at] == "P":
        members = character_set.complement(members)
    return members, named.end()


def _code_point(code: re.Match[str]) -> int:
    match code.lastgroup:
        case "control":
            return ord(code["control"]) % 32
        case "null":
            return 0
        case "low":
            high, low = int(code["high"], 16), int(code["low"], 16)
            return 0x10000 + (high - 0xD800) * 0x400 + low - 0xDC00
        case _:
            code_point = int(code["byte"] or code["unit"] or code["point"], 16)
    if code_point in SURROGATES or code_point >= character_set.END:
        raise Unsupported(f"\\{code[0]} is half a character, or none")
    return code_point


def bracketed(pattern: str, at: int) -> tuple[Bounds, int]:
    """The set of the class that opens at `at`. Raises Unsupported."""
    at += 1
    negated = pattern.startswith("^", at)
    at += negated
    if pattern.startswith("]", at):
        # Other engines take the bracket for a member where there is another to close the class.
        if "]" in pattern[at + 1 :]:
            raise Unsupported("its empty class is not read alike everywhere")
        return (ANYTHING if negated else NOTHING), at + 1
    sets: list[Bounds] = []
    while at < len(pattern):
        if pattern[at] == "]":
            members = character_set.union(sets)
            return (character_set.complement(members) if negated else members), at + 1
        if pattern.startswith("&&", at):
            raise Unsupported("&& in a class is not read alike everywhere")
        first, at = _member(pattern, at)
        if pattern.startswith("-", at) and not pattern.startswith("]", at + 1):
            last, at = _member(pattern, at + 1)
            sets.append(_range(first, last))
        else:
            sets.append(first)
    raise Unsupported("it does not close a class")


def _member(pattern: str, at: int) -> tuple[Bounds, int]:
    if at >= len(pattern):
        raise Unsupported("it does not close a class")
    if pattern[at] != "\\":
        return character_set.of_code_point(ord(pattern[at])), at + 1
    if pattern.startswith("b", at + 1):
        return character_set.of_code_point(0x08), at + 2
    return escaped(pattern, at)


def _range(first: Bounds, last: Bounds) -> Bounds:
    if not (_is_single(first) and _is_single(last)):
        # `[\w-.]`: who accepts this at all takes the hyphen for a hyphen.
        return character_set.union([first, character_set.of_code_point(ord("-")), last])
    if last[0] < first[0]:
        raise Unsupported("a range in it runs backwards")
    return (first[0], last[1])


def _is_single(members: Bounds) -> bool:
    return len(members) == 2 and members[1] - members[0] == 1
