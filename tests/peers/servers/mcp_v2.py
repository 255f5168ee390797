"""A server of the 2.x generation of the `mcp` package (MCPServer), which speaks both eras."""

from mcp.server.mcpserver import MCPServer
from offered_tools import arguments, offer

asked = arguments(__doc__)
server = MCPServer("peer")
offer(server, asked.variant)

if asked.transport == "stdio":
    server.run("stdio")
else:
    # Late, because it needs uvicorn, which the stdio peer does not pay for.
    from port_zero import serve

    if asked.transport == "sse":
        serve(server.sse_app(), "/sse")
    else:
        app = server.streamable_http_app(
            stateless_http=asked.stateless, json_response=asked.json_response
        )
        serve(app, "/mcp")
