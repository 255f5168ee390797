"""Who the peers are: servers that nobody here wrote, by release and by way of serving.

The one table that install.py, conftest.py and test_peers.py read. A Python peer is named like
its requirements file and started from a script in servers/; the Node peer brings its own.
"""

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """How a peer serves. The last three are all Streamable HTTP."""

    STDIO = "stdio"
    SSE = "sse"
    STATEFUL = "stateful"
    STATELESS = "stateless"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Peer:
    """One release. `server` is its script in servers/, or None for the Node peer."""

    name: str
    server: str | None
    modes: tuple[Mode, ...]


EVERY_MODE = tuple(Mode)

EVERYTHING = Peer("server-everything", None, (Mode.STDIO, Mode.SSE, Mode.STATEFUL))

PEERS = (
    Peer("mcp-1.6.0", "mcp_v1.py", (Mode.STDIO, Mode.SSE)),
    Peer("mcp-1.9.4", "mcp_v1.py", EVERY_MODE),
    Peer("mcp-1.10.1", "mcp_v1.py", EVERY_MODE),
    Peer("mcp-1.22.0", "mcp_v1.py", EVERY_MODE),
    Peer("mcp-1.30.0", "mcp_v1.py", EVERY_MODE),
    Peer("mcp-2.3.0", "mcp_v2.py", EVERY_MODE),
    Peer("fastmcp-4.1.2", "fastmcp_v4.py", (Mode.STDIO, Mode.STATEFUL, Mode.STATELESS, Mode.JSON)),
    EVERYTHING,
)
