"""A server of the `mcp` package in a thread of this process, over Streamable HTTP, both eras."""

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

MARKED = {
    "type": "object",
    "properties": {
        "region": {"type": "string", "x-mcp-header": "Region"},
        "count": {"type": "integer", "x-mcp-header": "Count"},
        "dry": {"type": "boolean", "x-mcp-header": "Dry-Run"},
        "far": {
            "type": "object",
            "properties": {"place": {"type": "string", "x-mcp-header": "Place"}},
        },
        "free": {"type": "string"},
    },
}
READS = {"readOnlyHint": True}
TOOLS = [
    {"name": "echo", "inputSchema": MARKED, "annotations": READS},
    {"name": "échö", "inputSchema": MARKED, "annotations": READS},
    {"name": "talk", "inputSchema": {"type": "object"}, "annotations": READS},
    {"name": "ask", "inputSchema": {"type": "object"}, "annotations": READS},
]


def _made() -> Any:
    import mcp_types as types
    from mcp.server.lowlevel import Server
    from mcp.shared.exceptions import MCPError

    async def list_tools(ctx: Any, params: Any) -> Any:
        return types.ListToolsResult.model_validate({"tools": TOOLS})

    async def call_tool(ctx: Any, params: Any) -> Any:
        said = json.dumps(params.arguments)
        if params.name == "ask":
            asked = {"name": {"method": "roots/list"}}
            return types.InputRequiredResult.model_validate({"inputRequests": asked})
        if params.name == "talk":
            await ctx.session.report_progress(0.5)
            try:
                # Beside the answer: a request of no call goes to a stream that nobody has opened.
                form = {"type": "object", "properties": {}}
                await ctx.session.elicit_form("Your password?", form, ctx.request_id)
                said = "it was given"
            except MCPError as error:
                said = f"refused with {error.error.code}"
        return types.CallToolResult(content=[types.TextContent(text=said)])

    return Server("sdk", version="1", on_list_tools=list_tools, on_call_tool=call_tool)


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """The URL of such a server."""
    import uvicorn

    app = _made().streamable_http_app(streamable_http_path="/mcp")
    config = uvicorn.Config(app, http="h11", loop="asyncio", ws="none", log_level="critical")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
        finally:
            server.should_exit = True
            thread.join(20)
