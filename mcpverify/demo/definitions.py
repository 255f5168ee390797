"""What the demo server advertises, as it goes over the wire.

Written by hand, and not derived from signatures: the contract must be the same to
the last byte on every Python, pydantic and transport, since a snapshot of it is
committed.
"""

from typing import Any, Final

NAME: Final = "mcpverify-demo"
# Not the package's version: a release of mcpverify must not look like one of this server.
VERSION: Final = "1.0.0"
INSTRUCTIONS: Final = "A tea house. Look at the guide of a tea before you brew it."

TEAS: Final[dict[str, dict[str, Any]]] = {
    "assam": {"tea": "assam", "celsius": 95, "seconds": 240, "caffeine": True},
    "oolong": {"tea": "oolong", "celsius": 85, "seconds": 180, "caffeine": True},
    "rooibos": {"tea": "rooibos", "celsius": 100, "seconds": 300, "caffeine": False},
    "sencha": {"tea": "sencha", "celsius": 75, "seconds": 90, "caffeine": True},
}

_TEA: Final[dict[str, Any]] = {
    "type": "string",
    "description": "A tea on the menu.",
    "enum": ["assam", "oolong", "rooibos", "sencha"],
}

BREW: Final[dict[str, Any]] = {
    "name": "brew",
    "title": "Brew tea",
    "description": "Brew one pot of tea. Answers when the tea has drawn.",
    "inputSchema": {
        "type": "object",
        "properties": {
            "tea": _TEA,
            "seconds": {
                "type": "number",
                "description": "How long the tea draws.",
                "minimum": 0,
                "maximum": 60,
                "default": 3,
            },
        },
        "required": ["tea"],
        "additionalProperties": False,
    },
    "annotations": {"readOnlyHint": False, "destructiveHint": False, "openWorldHint": False},
}

BREWING_GUIDE: Final[dict[str, Any]] = {
    "name": "brewing_guide",
    "title": "Brewing guide",
    "description": "How hot and how long a tea is brewed.",
    "inputSchema": {
        "type": "object",
        "properties": {"tea": _TEA},
        "required": ["tea"],
        "additionalProperties": False,
    },
    "outputSchema": {
        "type": "object",
        "properties": {
            "tea": {"type": "string"},
            "celsius": {"type": "integer", "minimum": 60, "maximum": 100},
            "seconds": {"type": "integer", "minimum": 1},
            "caffeine": {"type": "boolean"},
        },
        "required": ["tea", "celsius", "seconds", "caffeine"],
        "additionalProperties": False,
    },
    "annotations": {"readOnlyHint": True, "openWorldHint": False},
}

LIST_TEAS: Final[dict[str, Any]] = {
    "name": "list_teas",
    "title": "List teas",
    "description": "The names of all teas on the menu, one per line.",
    "inputSchema": {"type": "object", "properties": {}, "additionalProperties": False},
    "annotations": {"readOnlyHint": True, "idempotentHint": True, "openWorldHint": False},
}

PLACE_ORDER: Final[dict[str, Any]] = {
    "name": "place_order",
    "title": "Place an order",
    "description": "Order tea to an address. Nothing is stored: the answer repeats the order.",
    "inputSchema": {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "lines": {
                "type": "array",
                "description": "What is ordered.",
                "items": {"$ref": "#/$defs/Line"},
                "minItems": 1,
                "maxItems": 20,
            },
            "address": {"$ref": "#/$defs/Address"},
            "note": {"type": "string", "description": "Goes on the parcel.", "maxLength": 200},
        },
        "required": ["lines", "address"],
        "additionalProperties": False,
        "$defs": {
            "Line": {
                "type": "object",
                "properties": {
                    "tea": _TEA,
                    "grind": {"$ref": "#/$defs/Grind"},
                    "grams": {"type": "integer", "minimum": 50, "maximum": 1000},
                },
                "required": ["tea", "grams"],
                "additionalProperties": False,
            },
            "Grind": {
                "type": "string",
                "description": "How fine the leaves are.",
                "enum": ["leaf", "broken", "dust"],
                "default": "leaf",
            },
            "Address": {
                "type": "object",
                "properties": {
                    "street": {"type": "string", "minLength": 1},
                    "city": {"type": "string", "minLength": 1},
                    "country": {
                        "type": "string",
                        "description": "ISO 3166-1 alpha-2.",
                        "pattern": "^[A-Z]{2}$",
                    },
                },
                "required": ["street", "city", "country"],
                "additionalProperties": False,
            },
        },
    },
    "annotations": {
        "readOnlyHint": False,
        "destructiveHint": False,
        "idempotentHint": False,
        "openWorldHint": False,
    },
}

TOOLS: Final = (BREW, BREWING_GUIDE, LIST_TEAS, PLACE_ORDER)

PROMPTS: Final[tuple[dict[str, Any], ...]] = (
    {
        "name": "tasting_note",
        "title": "Tasting note",
        "description": "Ask for a tasting note on one tea.",
        "arguments": [
            {"name": "tea", "description": "A tea on the menu.", "required": True},
            {"name": "tone", "description": "How it reads, such as 'dry'.", "required": False},
        ],
    },
)

RESOURCES: Final[tuple[dict[str, Any], ...]] = (
    {
        "name": "menu",
        "title": "Menu",
        "uri": "tea://menu",
        "description": "All teas, one per line.",
        "mimeType": "text/plain",
    },
)

RESOURCE_TEMPLATES: Final[tuple[dict[str, Any], ...]] = (
    {
        "name": "tea",
        "title": "One tea",
        "uriTemplate": "tea://teas/{tea}",
        "description": "The brewing guide of one tea.",
        "mimeType": "application/json",
    },
)
