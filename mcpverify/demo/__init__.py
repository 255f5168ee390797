"""An MCP server of our own on the `mcp` package, honest or with one fault, for `mcpverify demo`.

It runs as a separate process: `python -m mcpverify.demo`. Nothing but cli and the
tests imports it. `options` and `faults` are light; only a process that serves pays
for `mcp`.
"""
