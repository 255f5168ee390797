"""The least that a probe in Python on httpx can do: POST initialize, and believe a 2xx.

It ends no session, knows one era and has no deadline but httpx's own. `mcpverify ready` is held
to its processor time.
"""

import sys

import httpx


def main(url: str) -> None:
    answer = httpx.post(
        url,
        headers={"Accept": "application/json, text/event-stream"},
        json={
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-11-25",
                "capabilities": {},
                "clientInfo": {"name": "bare-httpx", "version": "1"},
            },
        },
    )
    answer.raise_for_status()


if __name__ == "__main__":
    main(sys.argv[1])
