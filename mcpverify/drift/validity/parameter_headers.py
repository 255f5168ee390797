"""Whether an `x-mcp-header` stands where, and says what, revision 2026-07-28 allows.

A client over Streamable HTTP repeats the arguments that bear this annotation as headers,
and must leave out of its listing a tool whose annotations break the rules:
https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#custom-headers-from-tool-parameters
"""

import re
from typing import Final

from mcpverify.drift.validity.schema_shapes import is_type
from mcpverify.facts.json_text import Json

KEYWORD: Final = "x-mcp-header"

_FIELD_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CARRIED: Final = frozenset({"string", "integer", "boolean"})


class HeaderRules:
    """The rules, for one schema: no two annotations of it may name the same header."""

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def breach(self, schema: dict[str, Json], *, reachable: bool) -> tuple[str, bool]:
        """What is wrong with the annotation of `schema`, and whether that is beyond doubt.

        `reachable` says whether `schema` is a property to which only `properties` lead
        from the root. "" where nothing is wrong.
        """
        name = schema[KEYWORD]
        if not isinstance(name, str) or _FIELD_NAME.fullmatch(name) is None:
            return f"{KEYWORD} must be the name of an HTTP header", True
        if not reachable:
            return f"{KEYWORD} stands where more than properties lead from the root", True
        if name.lower() in self._seen:
            return f"{KEYWORD} names a header that another parameter has", True
        self._seen.add(name.lower())
        type_ = schema.get("type")
        if isinstance(type_, str):
            if type_ not in _CARRIED and is_type(type_):
                return f"{KEYWORD} is for strings, integers and booleans, not for {type_}", True
        elif type_ is None or is_type(type_):
            # The text asks for a primitive type; its reference client, for a single word.
            return f"{KEYWORD} stands where type is not one of string, integer, boolean", False
        return "", True
