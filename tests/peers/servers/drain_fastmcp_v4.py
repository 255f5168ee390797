"""A server of fastmcp 4 whose calls take time, started as its users start it, stopped by drain.

Its own limit for the shutdown is 2 s, unless it is told another one.
"""

from drain_tools import arguments, offer
from fastmcp import FastMCP

asked = arguments(__doc__)
server = FastMCP("peer")
offer(server)
settings = {} if asked.drain_limit is None else {"timeout_graceful_shutdown": asked.drain_limit}
server.run(
    asked.transport,
    port=asked.port,
    json_response=asked.json_response or None,
    uvicorn_config=settings,
    show_banner=False,
)
