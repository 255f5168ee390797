"""WWW-Authenticate taken apart: the challenges of a 401 or 403, as RFC 9110 has them quoted.

https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1, and for Bearer RFC 6750 and RFC 9728.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
# Unquoted, a value is a token; an address that somebody forgot to quote is read, too.
_PARAMETER = re.compile(rf'({_TOKEN})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"=][^\s,"]*))')
_SCHEME = re.compile(rf"({_TOKEN})(?=[ \t,]|\Z)")
_ESCAPED = re.compile(r"\\(.)")
_BETWEEN = re.compile(r"[ \t,]*")
_UNREAD = re.compile(r"[^ \t,]+")  # what fits no rule, as the blob of Negotiate


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way in that a server names. Names of parameters are in lower case."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def scopes(self) -> tuple[str, ...]:
        return tuple(self.parameters.get("scope", "").split())

    @property
    def resource_metadata(self) -> str | None:
        return self.parameters.get("resource_metadata") or None

    @property
    def error(self) -> str:
        """`invalid_token: The token expired`, or ""."""
        parts = (self.parameters.get("error"), self.parameters.get("error_description"))
        return ": ".join(part for part in parts if part)


def challenges_in(headers: Iterable[tuple[str, str]]) -> tuple[Challenge, ...]:
    """The challenges among response headers, in their order. Whatever is there, it is read."""
    return tuple(
        challenge
        for name, value in headers
        if name.lower() == "www-authenticate"
        for challenge in _challenges(value)
    )


def bearer_challenge(headers: Iterable[tuple[str, str]]) -> Challenge | None:
    """The first challenge that asks for a bearer token."""
    return next((c for c in challenges_in(headers) if c.scheme.lower() == "bearer"), None)


def _challenges(text: str) -> Iterator[Challenge]:
    scheme, parameters = "", dict[str, str]()
    at = 0
    while (at := _after(_BETWEEN, text, at)) < len(text):
        if found := _PARAMETER.match(text, at):
            name, quoted, plain = found.groups()
            value = plain if quoted is None else _ESCAPED.sub(r"\1", quoted)
            parameters.setdefault(name.lower(), value)
        elif found := _SCHEME.match(text, at):
            if scheme:
                yield Challenge(scheme, parameters)
            scheme, parameters = found.group(1), {}
        else:
            at = _after(_UNREAD, text, at)
            continue
        at = found.end()
    if scheme:
        yield Challenge(scheme, parameters)


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return at if found is None else found.end()
