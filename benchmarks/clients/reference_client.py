"""The client of the `mcp` package: initialize, list all tools, end the session."""

import sys

import anyio
from mcp import Client


async def main(url: str) -> None:
    # "legacy" goes straight to initialize, the fewest requests that this client can do with.
    async with Client(url, mode="legacy", cache=None) as client:
        cursor: str | None = None
        count = 0
        while True:
            page = await client.list_tools(cursor=cursor)
            count += len(page.tools)
            cursor = page.next_cursor
            if cursor is None:
                break
    print(count)


if __name__ == "__main__":
    anyio.run(main, sys.argv[1])
