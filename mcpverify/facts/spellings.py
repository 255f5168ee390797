"""How a credential may be spelled in what others wrote: the forms that redaction looks for."""

import binascii
import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from urllib.parse import quote, quote_plus, unquote, unquote_plus

ANYWHERE = 8  # characters from which on a secret is hidden wherever it stands
ENCODED_PERCENT = "%25"  # in all that was percent-encoded twice, and in little else
LONG = 12  # from which on it is looked for in other letters, too: words have them by chance
WHOLE_WORD = 4  # from which on it is hidden as a whole word; shorter ones would eat the text

# What the protocol itself is written in. As a query value or a header, as in ?toolset=tools,
# none of these is a secret, and without them no message could be read again.
WORDS_OF_THE_PROTOCOL = frozenset(
    """
    annotations anyOf arguments array boolean cacheScope capabilities clientInfo code const
    content cursor data default description enum error execution file format handshake http
    https initialize inputSchema instructions integer items json jsonrpc list message method
    mimeType name nextCursor null number object oneOf outputSchema params ping private prompts
    properties protocolVersion public required resources resourceTemplates result resultType
    server serverInfo session stateless stdio streamable string supportedVersions templates text
    title tools true type uriTemplate version
    """.split()  # noqa: SIM905 - as a list it would take seventy lines
)


_DIGITS = re.compile("%..")
# What each leaves as it is: nothing, with + for a blank; nothing; a path; what JavaScript does for
# a component; what it does for a whole URL.
_ENCODERS: tuple[Callable[[bytes], str], ...] = (
    quote_plus,
    *(partial(quote, safe=safe) for safe in ("", "/", "!*'()", "!$&'()*+,;=:@/?")),
)


@lru_cache(maxsize=256)
def spellings(secret: str) -> frozenset[str]:
    """How a secret may look in what others wrote: as given, encoded, decoded, escaped.

    A longer one also in hexadecimal digits, and in capitals or small letters alone.
    """
    secret = secret.strip()
    plain = {secret, unquote(secret), unquote_plus(secret)}
    spelled = {each for text in plain for each in _escaped(text)}
    if len(secret) >= ANYWHERE:
        spelled |= {each for text in plain for each in _in_base64(octets_of(text))}
        spelled |= {each for text in plain for each in _in_hex(octets_of(text))}
    if len(secret) >= LONG:
        spelled |= {each for text in plain for each in (text.upper(), text.lower())}
    return frozenset(each for each in spelled if len(each) >= WHOLE_WORD)


def octets_of(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _escaped(text: str) -> Iterator[str]:
    yield text
    yield octets_of(text).decode("latin-1")  # as a header is read
    once = _percent_encoded([octets_of(text)])
    yield from once
    # A link inside a link holds it twice. What stays as it is at first is encoded at last, or not.
    yield from _percent_encoded(each.encode("ascii") for each in once if "%" in each)
    bare = json.dumps(text, ensure_ascii=False)[1:-1]
    for escaped in (bare, json.dumps(text)[1:-1]):
        yield escaped
        yield escaped.replace("/", "\\/")
        yield re.sub("[<>&]", lambda match: f"\\u{ord(match[0]):04x}", escaped)
        yield json.dumps(escaped)[1:-1]  # JSON inside a string of JSON
    markup = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    yield markup
    yield markup.replace('"', "&quot;").replace("'", "&#x27;")
    yield markup.replace('"', "&#34;").replace("'", "&#39;").replace("+", "&#43;")


def _percent_encoded(spelled: Iterable[bytes]) -> set[str]:
    """By every encoder there is, with digits of both cases."""
    encoded = {encode(octets) for octets in spelled for encode in _ENCODERS}
    return encoded | {_DIGITS.sub(lambda match: match[0].lower(), each) for each in encoded}


def _in_hex(octets: bytes) -> tuple[str, str]:
    digits = octets.hex()
    return digits, digits.upper()


def _in_base64(octets: bytes) -> Iterator[str]:
    """Base64 of the secret alone, and what of it shows inside that of a longer text."""
    for offset in range(3):
        encoded = binascii.b2a_base64(bytes(offset) + octets, newline=False).decode()
        # A character holds 6 bits: left out are those that it shares with a neighbor.
        inner = encoded[-(-offset * 8 // 6) : (offset + len(octets)) * 8 // 6]
        for text in (encoded, inner) if offset == 0 else (inner,):
            yield text
            yield text.replace("+", "-").replace("/", "_")
