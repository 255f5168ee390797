"""Lists tools whose schemas are invalid, or point to nothing, or to elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.servers import honest
from tests.servers.dialog import tool
from tests.servers.raw_http import RawServer, Request, Wire, response

INPUTS: dict[str, Any] = {
    "dangling-ref": {"type": "object", "properties": {"a": {"$ref": "#/$defs/gone"}}},
    "dangling-anchor": {"type": "object", "properties": {"a": {"$ref": "#gone"}}},
    "file-ref": {"type": "object", "properties": {"a": {"$ref": "file:///etc/passwd"}}},
    "relative-ref": {"type": "object", "properties": {"a": {"$ref": "other.json"}}},
    "ref-is-number": {"type": "object", "properties": {"a": {"$ref": 5}}},
    "unknown-type": {"type": "object", "properties": {"a": {"type": "strin"}}},
    "required-is-text": {"type": "object", "required": "a"},
    "properties-is-list": {"type": "object", "properties": ["a"]},
    "negative-length": {"type": "object", "properties": {"a": {"minLength": -1}}},
    "root-is-array": {"type": "array"},
    "root-without-type": {"properties": {"a": {}}},
    "root-is-true": True,
    "root-is-null": None,
    "root-is-text": "object",
    "unknown-dialect": {"$schema": "https://example.com/mine", "type": "object"},
}


def serve(kind: str = "dangling-ref", **options: Any) -> RawServer:
    """`kind` is a key of INPUTS, or `none` (no inputSchema) or `output` (a bad outputSchema)."""
    bad = tool("bad")
    if kind == "none":
        del bad["inputSchema"]
    elif kind == "output":
        bad["outputSchema"] = INPUTS["unknown-type"]
    else:
        bad["inputSchema"] = INPUTS[kind]
    return honest.serve(tools=[tool(), bad], **options)


@contextmanager
def serve_remote_ref(keyword: str = "$ref") -> Iterator[RawServer]:
    """The schema refers to `canary`, a server on this machine that none may ask."""
    with RawServer(_tempting, path="/schema.json") as canary:
        schema = {"type": "object", "properties": {"a": {keyword: canary.url}}}
        if keyword == "$schema":
            schema = {"type": "object", "$schema": canary.url}
        with honest.serve(tools=[tool(), tool("remote", inputSchema=schema)]) as server:
            server.canary = canary
            yield server


def _tempting(request: Request, wire: Wire) -> bool:
    wire.send(response(200, b'{"type":"string"}', "application/json"))
    return True
