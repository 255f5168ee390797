"""The one tool of the servers whose shutdown is tried: it takes as long as it is told to.

Apart from offered_tools.py, whose tools the reviewed snapshots hold. Runs inside the peers'
virtual environments: nothing is imported here but the standard library and what they all have.
"""

import argparse
from typing import Any

import anyio
from mcp.types import ToolAnnotations


async def wait(seconds: float) -> str:
    """Wait for so many seconds."""
    await anyio.sleep(seconds)
    return f"waited for {seconds} s"


def offer(server: Any) -> None:
    """Register it with a server of any SDK generation."""
    offered = server.tool(
        name="wait",
        description=wait.__doc__,
        annotations=ToolAnnotations(readOnlyHint=True),
    )
    offered(wait)


def arguments(description: str | None) -> argparse.Namespace:
    """The command line that they share: transport, port, json_response, drain_limit, keep_streams.

    `drain_limit` is uvicorn's timeout_graceful_shutdown, None where the server's own is kept.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("transport", choices=["stdio", "sse", "streamable-http"])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--json-response", action="store_true")
    parser.add_argument("--drain-limit", type=int)
    parser.add_argument("--keep-streams", action="store_true", help="no end of streams by itself")
    return parser.parse_args()
