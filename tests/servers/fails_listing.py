"""Advertises a list and answers it with a JSON-RPC error."""

from typing import Any

from tests.servers import honest
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer


def serve(
    at: str = "tools/list",
    code: int = -32603,
    text: str = "database is locked",
    status: int = 200,
    **options: Any,
) -> RawServer:
    def fail(call: Call) -> bytes:
        return call.error(code, text, status)

    lists: dict[str, Any] = {"prompts": [], "resources": [], "templates": []}
    return honest.serve({at: fail}, **lists | options)
