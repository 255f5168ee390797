"""Lists a server's tools with the client of mcp 2.3, the oracle that the snapshots are held to.

Runs inside the virtual environment of that peer: `reference_listing.py URL [--sse]` or
`reference_listing.py -- COMMAND ARGS`. Prints one JSON object: `tools`, each as the
client understood it, in its order, or null where it could not connect, and then `problem`.
"""

import argparse
import json
import sys
from typing import Any

import anyio
from mcp import Client, StdioServerParameters
from mcp.client.sse import sse_client
from mcp.client.stdio import stdio_client
from mcp.shared.exceptions import MCPError

# The client's own probe for the newer era waits ten of these where nobody answers it.
SECONDS = 25


def _server(asked: argparse.Namespace) -> Any:
    if asked.command:
        command, *args = asked.command
        return stdio_client(StdioServerParameters(command=command, args=args))
    return sse_client(asked.url) if asked.sse else asked.url


async def _tools(server: Any) -> list[Any]:
    tools: list[Any] = []
    with anyio.fail_after(SECONDS):
        # No cache: it would answer from memory what the server should be asked.
        async with Client(server, cache=None) as client:
            cursor: str | None = None
            while True:
                page = await client.list_tools(cursor=cursor)
                tools += [tool.model_dump(mode="json", by_alias=True) for tool in page.tools]
                cursor = page.next_cursor
                if cursor is None:
                    return tools


def _innermost(problem: BaseException) -> BaseException:
    """The client wraps what went wrong in groups of one."""
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    return problem


def main() -> None:
    """Print what the client lists, or why it does not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?")
    parser.add_argument("--sse", action="store_true")
    before, command = sys.argv[1:], []
    if "--" in before:
        cut = before.index("--")
        before, command = before[:cut], before[cut + 1 :]
    asked = parser.parse_args(before, argparse.Namespace(command=command))
    listed: dict[str, Any] = {"tools": None, "problem": ""}
    try:
        listed["tools"] = anyio.run(_tools, _server(asked))
    except (MCPError, OSError, RuntimeError, ExceptionGroup) as problem:
        inner = _innermost(problem)
        listed["problem"] = f"{type(inner).__name__}: {inner}"
    print(json.dumps(listed))


if __name__ == "__main__":
    main()
