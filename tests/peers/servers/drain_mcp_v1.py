"""A server of mcp 1.x whose calls take time, started as its users start it, stopped by drain."""

from drain_tools import arguments, offer
from mcp.server.fastmcp import FastMCP

asked = arguments(__doc__)
server = FastMCP("peer", port=asked.port, json_response=asked.json_response)
offer(server)
server.run(asked.transport)
