"""What mends known causes: sentences, and lines of code to be copied, which begin with two spaces.

In them `{limit}` stands for the drain limit in seconds, `{limit_ms}` and `{lame_duck_ms}` for it
and for the lame duck in milliseconds, and `{at}` for when calls ended. What a reader has to put
in is in capitals. A line of code has at most 68 columns, or a narrow terminal would break it.
"""

from typing import Final

# Not told where the 2026-07-28 era is spoken: that release is too old for it.
MCP_1: Final = (
    "mcp 1.x (from mcp.server.fastmcp import FastMCP): FastMCP(NAME, json_response=True), and the "
    "lines for mcp 2.x, with YOUR_SERVER.streamable_http_app()."
)

PYTHON: Final = (
    "Do this in place of the line that runs your server. mcp 2.x (from mcp.server.mcpserver "
    "import MCPServer), whose run() cannot set uvicorn's limit:",
    "  import uvicorn",
    "  app = YOUR_SERVER.streamable_http_app(json_response=True)",
    "  uvicorn.run(app, port=YOUR_PORT, timeout_graceful_shutdown={limit})",
    "fastmcp (from fastmcp import FastMCP):",
    '  YOUR_SERVER.run(transport="http", port=YOUR_PORT,',
    "      json_response=True,",
    '      uvicorn_config={"timeout_graceful_shutdown": {limit}})',
    MCP_1,
    "timeout_graceful_shutdown = P99 of your tool calls + 5 s, and below the platform's grace "
    "period.",
)

NODE: Final = (
    "Let calls finish, and turn new work away meanwhile. Put this below `const server = ...` "
    "(with Express: `const server = app.listen(PORT);`). /live stands for your liveness route:",
    '  const [serve] = server.listeners("request");',
    "  const streams = new Set();",
    "  let draining = false;",
    '  server.removeAllListeners("request");',
    '  server.on("request", (req, res) => {',
    '    const session = "mcp-session-id" in req.headers;',
    '    const idle = session && req.method === "GET";',
    '    const goesOn = (session && !idle) || req.url === "/live";',
    "    if (draining && !goesOn) {",
    '      res.writeHead(503, { "Retry-After": 1, Connection: "close" });',
    "      res.end();",
    "      return;",
    "    }",
    "    if (idle) {",
    "      streams.add(res);",
    '      res.on("close", () => streams.delete(res));',
    "    }",
    "    serve.call(server, req, res);",
    "  });",
    '  process.on("SIGTERM", () => {',
    "    if (draining) process.exit(143); // the second one",
    "    draining = true;",
    "    for (const stream of streams) stream.end();",
    "    setTimeout(() => {",
    "      server.close(() => process.exit(0)); // after the last answer",
    "      server.closeIdleConnections();",
    "    }, {lame_duck_ms}); // the lame duck",
    "    setTimeout(() => process.exit(1), {limit_ms}).unref(); // limit",
    "  });",
)

LEGACY_STREAM: Final = (
    "Serve Streamable HTTP, with answers as JSON: no setting mends HTTP+SSE.",
    *PYTHON,
)

LONGER_LIMIT: Final = (
    "Raise it to the P99 of tool calls + 5 s, and the platform's grace period with it.",
)

PID_ONE: Final = (
    "Handle it in the server, and let an init pass it on (docker run --init, `init: true` in "
    "Compose). With an init alone the signal ends the server at once, and its calls with it.",
)

EXEC_FORM: Final = (
    "A shell passes no signal on. Use the exec form, or `exec` before the last command:",
    '  CMD ["node", "server.js"]',
)

PASSED_ON: Final = (
    "Put `exec` before the command, so that the server takes the place of the shell:",
    "  sh -c 'exec COMMAND'",
    "Where there is more to do afterwards, pass the signal on to the server, and wait for it. "
    "A container ends with its first process, and with it all others at once.",
)

LAME_DUCK: Final = (
    "On the signal answer readiness and initialize with 503 and Retry-After, and close the "
    'listener some seconds later. docs/draining.md in the repository ("Draining an MCP server '
    'well") has servers in Python and Node that do.',
    "Where the server cannot be changed, delay the signal. In Kubernetes:",
    "  lifecycle: {preStop: {sleep: {seconds: 5}}}",
)
