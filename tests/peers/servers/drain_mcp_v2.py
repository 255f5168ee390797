"""A server of mcp 2.x whose calls take time, started as its users start it, stopped by drain.

Its settings are those that decide whether a call outlives the signal. Unlike the other peers it
announces nothing and has no leash: its port is found, and drain ends it.
"""

from drain_tools import arguments, offer
from mcp.server.mcpserver import MCPServer

asked = arguments(__doc__)
server = MCPServer("peer")
offer(server)

if asked.keep_streams:
    from sse_starlette.sse import AppStatus

    AppStatus.disable_automatic_graceful_drain()

if asked.transport == "sse":
    server.run("sse", port=asked.port)
elif asked.drain_limit is None:
    server.run("streamable-http", port=asked.port, json_response=asked.json_response)
else:
    import uvicorn

    uvicorn.run(
        server.streamable_http_app(json_response=asked.json_response),
        port=asked.port,
        timeout_graceful_shutdown=asked.drain_limit,
    )
