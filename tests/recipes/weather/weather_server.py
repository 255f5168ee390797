"""The server whose life the tests follow: one tool, over stdio, or over HTTP with `--http PORT`."""

import sys
from typing import Literal

from by_hand import MCPServer

server = MCPServer("weather")


@server.tool()
def forecast(city: str, mode: Literal["fast", "full", "fuzzy"] = "fast") -> str:
    """Say what the weather will be."""
    return f"{city}: sun, {mode}"


if sys.argv[1:2] == ["--http"]:
    from http_front import serve

    serve(server.streamable_http_app(), int(sys.argv[2]))
else:
    server.run("stdio")
