"""A bearer token: as a file holds it, and what it says of itself where it is a JWT.

Nothing here is verified: that is for the server. A token is never shown, what it claims may be.
"""

import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Final

from mcpverify.facts.json_text import Json, NotJson, parse

MOST_BYTES: Final = 64 * 2**10


@dataclass(frozen=True, slots=True)
class Claims:
    """What a JWT says of itself. `scopes` is None where it names none; `expires` in Unix time."""

    expires: float | None = None
    scopes: tuple[str, ...] | None = None
    audience: tuple[str, ...] = ()


def token_in(octets: bytes) -> str:
    """The token that is all a file holds. Raises ValueError, which repeats nothing of it."""
    try:
        text = octets.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise ValueError("it is no UTF-8 text") from None
    if not text:
        raise ValueError("it is empty")
    if len(text.splitlines()) > 1:
        raise ValueError("it has several lines")
    if any(character.isspace() or not character.isprintable() for character in text):
        raise ValueError("it holds blanks or control characters")
    return text


def claims_of(token: str) -> Claims | None:
    """The claims of a JWT, unverified; None for what is none. It never raises."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        octets = binascii.a2b_base64(parts[1].translate(_URL_SAFE) + "==")
        claims = parse(octets)
    except (binascii.Error, ValueError, NotJson):
        return None
    if not isinstance(claims, dict):
        return None
    return Claims(
        expires=_moment(claims.get("exp")),
        scopes=_scopes(claims),
        audience=_texts(claims.get("aud")),
    )


def lifetime_of(value: Json) -> float | None:
    """`expires_in` in seconds, as servers send it: a number, or the text of one.

    None for whatever tells nothing, of any size or kind. It never raises.
    """
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return _moment(value)


def scopes_of(value: Json) -> tuple[str, ...] | None:
    """`scope` of a token answer: words in a text or, as some send it, a list of them."""
    if not isinstance(value, str | list):
        return None
    return tuple(word for text in _texts(value) for word in text.split())


_URL_SAFE = str.maketrans("-_", "+/")


def _moment(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        moment = float(value)
    except OverflowError:
        return None
    return moment if isfinite(moment) and 0 <= moment < 1e11 else None


def _scopes(claims: dict[str, Json]) -> tuple[str, ...] | None:
    """`scope` of RFC 9068, or `scp` as some issuers call it: words in a text, or a list."""
    for name in ("scope", "scp"):
        if name in claims:
            return tuple(word for text in _texts(claims[name]) for word in text.split())
    return None


def _texts(value: Json) -> tuple[str, ...]:
    values: Iterable[Json] = value if isinstance(value, list) else (value,)
    return tuple(each for each in values if isinstance(each, str))
