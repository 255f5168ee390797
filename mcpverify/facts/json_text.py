"""JSON as the server sent it: parsed once, strictly, without loss, within caps.

Whatever comes off a wire or out of a file becomes a value here, or a refusal in one
sentence. What is accepted can be held in bounded memory and written back in one
canonical form, so that digests mean the same everywhere.
"""

import json
import re
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

MAX_DEPTH = 1_000
MAX_DIGITS = 1_000
MAX_CONTAINERS = 400_000
MAX_COMMAS = 1_000_000  # keeps the worst value of this size under 250 MiB

_BOM = b"\xef\xbb\xbf"
_WINDOW = 2**20
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")  # as signed bytes: +1 and -1
_NO_STRUCTURE = bytes(set(range(256)) - set(b'[]{},"'))
_LONE_SURROGATE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_EXACT_DOUBLES = 2.0**53  # below it, every integer has a double of its own


class NotJson(ValueError):
    """The text is not JSON that can be held without loss. The message is one sentence."""


def parse(text: bytes | str, *, trusted: bool = False) -> Json:
    """The value of `text`, which is UTF-8 with or without a byte order mark.

    How a number is spelled makes no difference: 1.0, 1e0 and 1 are the integer 1, and
    integers keep all their digits. Refused are NaN and infinities, numbers beyond a
    double that are no integers, lone surrogates, a key that stands twice in one object,
    and what is nested deeper, written longer or made of more parts than the caps above;
    for a text that is `trusted`, since the user wrote it, the parts are not counted.
    Raises NotJson.
    """
    source, octets = _decoded(text)
    _refuse_what_costs_too_much(octets, trusted)
    if _SURROGATE.search(source) and _LONE_SURROGATE.search(source.replace("\\\\", "__")):
        raise NotJson("It holds half of a surrogate pair, which is no character.")
    try:
        return _loaded(source)
    except json.JSONDecodeError as error:
        if not source.strip():
            raise NotJson("It is empty.") from None
        problem = error.msg.removesuffix(" at")
        place = f"line {error.lineno}, column {error.colno}"
        raise NotJson(f"It is not JSON: {problem} at {place}.") from None


def pointer(*parts: str | int) -> str:
    """The JSON pointer (RFC 6901) that leads through `parts`, "" for none."""
    return "".join(
        "/" + part.replace("~", "~0").replace("/", "~1") if isinstance(part, str) else f"/{part}"
        for part in parts
    )


def pointer_steps(text: str) -> tuple[str, ...]:
    """The parts that a JSON pointer leads through, as strings; none for ""."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])


INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
"""A step of a JSON pointer that may be the index of an item."""


def value_at(value: Json, pointer: str) -> tuple[bool, Json]:
    """Whether there is anything where a JSON pointer leads, and what."""
    for step in pointer_steps(pointer):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and INDEX.fullmatch(step) and int(step) < len(value):
            value = value[int(step)]
        else:
            return False, None
    return True, value


def canonical_text(value: Json) -> str:
    """The one spelling of `value`: RFC 8785, except that integers keep all their digits.

    Keys stand in the order of their UTF-16 code units, numbers as ECMAScript prints
    them, strings with as few escapes as JSON allows. `value` is as `parse` gives it:
    without NaN, infinities and lone surrogates. Any depth.
    """
    if isinstance(value, float):
        return _ecmascript(value)
    try:
        text = _ENCODER.encode(value)
    except RecursionError:
        return "".join(_spelled_out(value))
    # The C encoder is ten times as fast as we could be, and differs in two rare points.
    # Both are seen in its output; a false alarm costs time only.
    if (
        ("e-" in text and _SMALL_FLOAT.search(text))
        or ("e+" in text and _LARGE_FLOAT.search(text))
        or (".0" in text and _WHOLE_FLOAT.search(text))
    ):
        return "".join(_spelled_out(value))
    if not text.isascii() and _HIGH.search(text) and _ASTRAL.search(text):
        return "".join(_spelled_out(value))
    return text


def utf16_order(text: str) -> bytes:
    """A sort key: the order that RFC 8785 gives to the keys of an object."""
    return text.encode("utf-16-be", "surrogatepass")


def _decoded(text: bytes | str) -> tuple[str, bytes]:
    if isinstance(text, str):
        try:
            octets = text.encode()
        except UnicodeEncodeError:
            raise NotJson("It holds half of a surrogate pair, which is no character.") from None
        return text.removeprefix("\ufeff"), octets
    octets = text.removeprefix(_BOM)
    try:
        return octets.decode(), octets
    except UnicodeDecodeError as error:
        raise NotJson(f"It is not UTF-8: {error.reason} at byte {error.start}.") from None


def _refuse_what_costs_too_much(octets: bytes, trusted: bool) -> None:
    containers = octets.count(b"[") + octets.count(b"{")
    commas = octets.count(b",")
    if containers <= MAX_DEPTH and commas <= MAX_COMMAS:
        return
    # Brackets and commas inside strings cost nothing, so only now are strings told apart.
    structure = b"".join(_outside_strings(octets))
    commas = structure.count(b",")
    steps = structure.translate(_STEPS, b",")
    containers = steps.count(1)
    if containers > MAX_CONTAINERS and not trusted:
        raise NotJson(f"It holds {containers:,} objects and arrays, more than {MAX_CONTAINERS:,}.")
    if commas > MAX_COMMAS and not trusted:
        raise NotJson(f"It holds {commas:,} commas, more than {MAX_COMMAS:,}.")
    if max(accumulate(memoryview(steps).cast("b")), default=0) > MAX_DEPTH:
        raise NotJson(f"It is nested deeper than {MAX_DEPTH:,} levels.")


def _outside_strings(octets: bytes) -> Iterator[bytes]:
    """The brackets and commas outside the strings of JSON text, window by window.

    By windows, because a split into all its pieces may take many times the memory.
    """
    if b"\\" in octets:
        octets = octets.replace(b"\\\\", b"").replace(b'\\"', b"")
    octets = octets.translate(None, _NO_STRUCTURE)
    inside = 0
    for start in range(0, len(octets), _WINDOW):
        pieces = octets[start : start + _WINDOW].split(b'"')
        yield b"".join(pieces[inside::2])
        inside ^= (len(pieces) - 1) & 1


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                # Whole or not at all: half a key could be half of a credential.
                shown = f'The key "{key}"' if len(key) <= 60 else "A long key"
                raise NotJson(f"{shown} stands twice in one object.")
            seen.add(key)
    return value


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS and len(text.lstrip("-")) > MAX_DIGITS:
        raise NotJson(f"It holds a number of more than {MAX_DIGITS:,} digits.")
    return int(text)


def _number(text: str) -> int | float:
    """The value of a number that is spelled with a fraction or an exponent."""
    if len(text) > MAX_DIGITS:
        raise NotJson(f"It holds a number of more than {MAX_DIGITS:,} digits.")
    value = float(text)
    if -_EXACT_DOUBLES < value < _EXACT_DOUBLES:
        return int(value) if value.is_integer() else value
    exact = _exact_integer(text)
    if exact is not None:
        return exact
    if value in (float("inf"), float("-inf")):
        raise NotJson("It holds a number too large to be held without loss.")
    return int(value)  # a double this large has no fraction left


def _exact_integer(text: str) -> int | None:
    """The integer that `text` spells, with all its digits, or None where it has a fraction."""
    mantissa, _, exponent = text.lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).rstrip("0")
    zeros = int(exponent or "0") + len(whole) - len(digits)
    if zeros < 0:
        return None
    if len(digits.lstrip("-0")) + zeros > MAX_DIGITS:
        raise NotJson(f"It holds a number of more than {MAX_DIGITS:,} digits.")
    return int(digits + "0" * zeros)


def _constant(name: str) -> Json:
    raise NotJson(f"It holds {name}, which JSON has no word for.")


_decode: Callable[[str], Json] = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_number, parse_constant=_constant
).decode
_DEEPER = threading.Lock()


def _loaded(source: str) -> Json:
    try:
        return _decode(source)
    except RecursionError:
        pass
    # Python 3.11 counts the nesting of a value against the limit for calls. The depth is
    # known to be at most MAX_DEPTH here, which the C stack of any thread can take.
    with _DEEPER:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(limit + MAX_DEPTH + 50)
        try:
            return _decode(source)
        except RecursionError:
            raise NotJson("It is nested deeper than this platform can follow.") from None
        finally:
            sys.setrecursionlimit(limit)


_ENCODER = json.JSONEncoder(
    ensure_ascii=False,
    check_circular=False,
    allow_nan=False,
    sort_keys=True,
    separators=(",", ":"),
)
# What Python and ECMAScript print differently. Each is looked for after a quicker sign of
# it: words such as "re-run" are common, digits before that hyphen are not.
_SMALL_FLOAT = re.compile(r"e-(?<=[0-9]e-)")
_LARGE_FLOAT = re.compile(r"e\+(?<=[0-9]e\+)")
_WHOLE_FLOAT = re.compile(r"\.0(?<=[0-9]\.0)(?=[],}])")
# Only between these two do code points and UTF-16 code units sort differently.
_HIGH = re.compile("[\ue000-\uffff]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


def _spelled_out(value: Json) -> Iterator[str]:
    """The canonical text of `value`, piece by piece, without recursion."""
    pending: list[Json | tuple[str]] = [value]  # a tuple is text that only awaits its turn
    while pending:
        match pending.pop():
            case dict() as members:
                yield "{"
                pending.append(("}",))
                keys = sorted(members, key=utf16_order)
                for key in reversed(keys):
                    comma = "" if key == keys[0] else ","
                    pending += (members[key], (f"{comma}{_ENCODER.encode(key)}:",))
            case list() as items:
                yield "["
                pending.append(("]",))
                for index in range(len(items) - 1, -1, -1):
                    pending.append(items[index])
                    if index:
                        pending.append((",",))
            case (str() as text,):
                yield text
            case float() as number:
                yield _ecmascript(number)
            case scalar:
                yield _ENCODER.encode(scalar)


def _ecmascript(number: float) -> str:
    """`number` as Number::toString of ECMA-262 prints it. Raises ValueError for NaN and such."""
    if number == 0:
        return "0"
    text = _ENCODER.encode(abs(number))
    sign = "-" if number < 0 else ""
    mantissa, _, exponent = text.partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = int(exponent or "0") + len(whole) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        return sign + digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{digits.rjust(len(digits) - point, '0')}"
    tail = "." + digits[1:] if digits[1:] else ""
    return f"{sign}{digits[0]}{tail}e{point - 1:+d}"
