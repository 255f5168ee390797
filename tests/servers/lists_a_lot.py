"""Tolerated: contracts that are honest and very large."""

from typing import Any

from tests.servers import honest
from tests.servers.dialog import schema, tool
from tests.servers.raw_http import RawServer


def serve(what: str = "tools", **options: Any) -> RawServer:
    return honest.serve(tools=TOOLS[what](), **options)


def _many() -> list[Any]:
    return [tool(f"tool-{number}") for number in range(5_000)]


def _long_description() -> list[Any]:
    return [tool(description="All of it. " * (5 * 2**20 // 11))]


def _emoji() -> list[Any]:
    # Four bytes a character, in memory as on the wire.
    return [tool(description="\U0001f600" * (15 * 2**20 // 4))]


def _long_enum() -> list[Any]:
    names = [f"value-{number}" for number in range(50_000)]
    return [tool(inputSchema=schema(choice={"type": "string", "enum": names}))]


def _many_properties() -> list[Any]:
    properties = {f"argument_{number}": {"type": "string"} for number in range(10_000)}
    return [tool(inputSchema=schema(**properties))]


def _deep() -> list[Any]:
    inner: dict[str, Any] = {"type": "string"}
    for _ in range(400):
        inner = {"type": "object", "properties": {"next": inner}}
    return [tool(inputSchema=inner)]


TOOLS = {
    "tools": _many,
    "description": _long_description,
    "emoji": _emoji,
    "enum": _long_enum,
    "properties": _many_properties,
    "depth": _deep,
}
