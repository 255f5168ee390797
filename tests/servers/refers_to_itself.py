"""Tolerated: schemas whose `$ref` leads back to where it stands."""

from typing import Any

from tests.servers import honest
from tests.servers.dialog import schema, tool
from tests.servers.raw_http import RawServer

TREE = {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#"}}}}

SCHEMAS: dict[str, Any] = {
    "tree": TREE,
    "in-definitions": schema(list={"$ref": "#/$defs/list"})
    | {"$defs": {"list": {"type": "object", "properties": {"next": {"$ref": "#/$defs/list"}}}}},
    "itself": schema(a={"$ref": "#/properties/a"}),
    "in-turns": schema(a={"$ref": "#/$defs/a"})
    | {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
    "root": {"type": "object", "$ref": "#"},
    "anchor": schema(a={"$ref": "#node"})
    | {"$defs": {"node": {"$anchor": "node", "type": "string"}}},
    "dynamic": {
        "type": "object",
        "$dynamicAnchor": "node",
        "properties": {"next": {"$dynamicRef": "#node"}},
    },
    "own-id": {
        "$id": "https://example.com/tree",
        "type": "object",
        "properties": {"next": {"$ref": "https://example.com/tree"}},
    },
    "draft-7": {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "definitions": {"a": {"type": "string"}},
        "properties": {"a": {"$ref": "#/definitions/a"}},
    },
    "escaped-pointer": schema(a={"$ref": "#/$defs/a~1b%25"})
    | {"$defs": {"a/b%": {"type": "string"}}},
    "property-named-ref": schema(**{"$ref": {"type": "string"}}),
}


def serve(kind: str = "tree", **options: Any) -> RawServer:
    return honest.serve(tools=[tool(inputSchema=SCHEMAS[kind])], **options)
