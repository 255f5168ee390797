"""A server of the separate `fastmcp` package, generation 4, which speaks both eras."""

from fastmcp import FastMCP
from offered_tools import arguments, offer

asked = arguments(__doc__)
server = FastMCP("peer")
offer(server, asked.variant)

if asked.transport == "stdio":
    server.run("stdio", show_banner=False)
else:
    # Late, because it needs uvicorn, which the stdio peer does not pay for.
    from port_zero import serve

    kind = "sse" if asked.transport == "sse" else "streamable-http"
    app = server.http_app(
        path="/sse" if kind == "sse" else "/mcp",
        transport=kind,
        stateless_http=asked.stateless,
        json_response=asked.json_response,
    )
    serve(app, "/sse" if kind == "sse" else "/mcp")
