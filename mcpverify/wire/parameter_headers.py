"""The headers that revision 2026-07-28 wants with a call: the tool's name, and marked arguments.

They let what stands between us and the server route a call without reading its body, and a server
refuses a call whose headers do not fit it.
https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#custom-headers-from-tool-parameters
"""

import base64
import json
import re
from collections.abc import Iterator

from mcpverify.facts.json_text import Json

_KEYWORD = "x-mcp-header"
_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# Visible characters of ASCII, with spaces and tabs inside at most.
_PLAIN = re.compile(r"(?:[!-~](?:[\t -~]*[!-~])?)?")
_ENCODED = re.compile(r"=\?base64\?.*\?=")
_MOST = 200  # marked arguments; more headers than that no server takes
_DEEPEST = 50


def call_headers(tool: str, schema: Json, arguments: dict[str, Json]) -> dict[str, str]:
    """The headers of a call; `schema` is the tool's inputSchema as the server listed it."""
    headers = {"Mcp-Name": encoded(tool)}
    for place, name in _marked(schema):
        text = _text(_at(place, arguments))
        if text is not None and len(headers) < _MOST:
            headers[f"Mcp-Param-{name}"] = encoded(text)
    return headers


def encoded(text: str) -> str:
    """`text` as the value of a header: as it is, or in base64 where that would not arrive."""
    if _PLAIN.fullmatch(text) and not _ENCODED.fullmatch(text):
        return text
    return f"=?base64?{base64.b64encode(text.encode()).decode()}?="


def _marked(schema: Json) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where arguments stand that bear the mark, and the names they give to their headers.

    Only `properties` lead there: what choices, references and items hold may not be marked.
    """
    pending: list[tuple[tuple[str, ...], Json]] = [((), schema)]
    while pending:
        place, inner = pending.pop()
        if not isinstance(inner, dict):
            continue
        name = inner.get(_KEYWORD)
        if place and isinstance(name, str) and _FIELD_NAME.fullmatch(name):
            yield place, name
        properties = inner.get("properties")
        if isinstance(properties, dict) and len(place) < _DEEPEST:
            pending += (((*place, key), each) for key, each in properties.items())


def _at(place: tuple[str, ...], arguments: Json) -> Json:
    """The argument at `place`; None where there is none, which is told like null."""
    for key in place:
        arguments = arguments.get(key) if isinstance(arguments, dict) else None
    return arguments


def _text(argument: Json) -> str | None:
    """A string, number or boolean as text; None for what no header carries."""
    match argument:
        case str():
            return argument
        case bool() | int() | float():
            whole = isinstance(argument, float) and argument.is_integer()
            return json.dumps(int(argument) if whole else argument)
        case _:
            return None
