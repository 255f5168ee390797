"""A server of the 1.x generation of the `mcp` package (FastMCP), 1.6 to 1.30."""

from mcp.server.fastmcp import FastMCP
from offered_tools import arguments, offer

asked = arguments(__doc__)
# Set only where asked for: 1.6 knows neither of these settings.
settings = {
    name: True
    for name, wanted in (
        ("stateless_http", asked.stateless),
        ("json_response", asked.json_response),
    )
    if wanted
}
server = FastMCP("peer", **settings)
offer(server, asked.variant)

if asked.transport == "stdio":
    server.run("stdio")
else:
    # Late, because it needs uvicorn, which the stdio peer does not pay for.
    from port_zero import serve

    if asked.transport == "sse":
        serve(server.sse_app(), "/sse")
    else:
        serve(server.streamable_http_app(), "/mcp")
