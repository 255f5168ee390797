"""No client at all: the four requests of a session, on httpx, with no question asked.

The floor that a Python gate on httpx stands on. It is told nothing it does not need, checks
nothing, and believes every answer.
"""

import json
import sys

import httpx

ACCEPT = {"Accept": "application/json, text/event-stream"}
VERSION = "2025-11-25"


def result_in(response: httpx.Response) -> dict[str, object]:
    """The result of a JSON body, or of the last event of a stream."""
    response.raise_for_status()
    text = response.text
    if response.headers["content-type"].startswith("text/event-stream"):
        lines = [line for line in text.splitlines() if line.startswith("data:")]
        text = lines[-1].removeprefix("data:")
    found: dict[str, object] = json.loads(text)["result"]
    return found


def main(url: str) -> None:
    opening = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": VERSION,
            "capabilities": {},
            "clientInfo": {"name": "bare-httpx", "version": "1"},
        },
    }
    with httpx.Client(headers=ACCEPT, trust_env=False) as client:
        opened = client.post(url, json=opening)
        client.headers["MCP-Protocol-Version"] = str(result_in(opened)["protocolVersion"])
        if session := opened.headers.get("mcp-session-id"):
            client.headers["Mcp-Session-Id"] = session
        client.post(url, json={"jsonrpc": "2.0", "method": "notifications/initialized"})
        asked = {"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}
        tools = result_in(client.post(url, json=asked))["tools"]
        assert isinstance(tools, list)
        client.delete(url)
    print(len(tools))


if __name__ == "__main__":
    main(sys.argv[1])
