"""Tolerated: regular expressions that Python refuses, or that take it for ever."""

from typing import Any

from tests.servers import honest
from tests.servers.dialog import schema, tool
from tests.servers.raw_http import RawServer

# ECMA-262, most with the u flag; Python's re refuses or misreads every one of them.
ECMA = (
    r"^\p{L}+$",
    r"^\P{Lu}\p{Script=Greek}*$",
    r"\cA",
    r"[^]",
    r"[]",
    r"(?<name>a)\k<name>",
    r"^\u{1F600}$",
    r"[\d-x]",
    r"^[\w-.]+$",
    r"(?<=a+)b",
    r"(?<!\d{1,3})x",
    r"^\/path\/$",
    r"a{,5}",
    r"[[a]",
    r"\d{1,99999}",
)
CATASTROPHIC = (
    r"(a+)+$",
    r"^(a|a)*$",
    r"^(([a-z])+.)+[A-Z]([a-z])+$",
    r"(x+x+)+y",
    r"^(\w+\s?)*$",
)


def serve(which: str = "ecma", **options: Any) -> RawServer:
    patterns = ECMA if which == "ecma" else CATASTROPHIC
    # Defaults and examples are the values a verifier might match against the pattern.
    bait = "a" * 5_000 + "!"
    properties = {
        f"p{number}": {"type": "string", "pattern": pattern, "default": bait, "examples": [bait]}
        for number, pattern in enumerate(patterns)
    }
    inside = {"patternProperties": {pattern: {"type": "string"} for pattern in patterns}}
    tools = [
        tool("patterns", inputSchema=schema(**properties)),
        tool("names", inputSchema=schema() | inside),
    ]
    return honest.serve(tools=tools, **options)
