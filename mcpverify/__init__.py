"""mcpverify: the deploy gate for MCP servers."""

__version__ = "0.1.0"
