"""Answers everything, and well, but is not an MCP server."""

from tests.servers.raw_http import RawServer, Request, Wire, response

PAGE = (
    b"<!DOCTYPE html><html><head><title>Welcome to nginx!</title></head>"
    b"<body><h1>It works</h1><script>alert(1)</script></body></html>"
)


def serve(
    status: int = 200,
    body: bytes = PAGE,
    content_type: str | None = "text/html; charset=utf-8",
    headers: tuple[tuple[str, str], ...] = (),
) -> RawServer:
    def answer(request: Request, wire: Wire) -> bool:
        wire.send(response(status, body, content_type, headers))
        return True

    return RawServer(answer)


def serve_health() -> RawServer:
    """The health endpoint that says 200 all the while."""
    return serve(200, b'{"status":"ok","uptime":12345,"version":"2.3.9"}', "application/json")


def serve_echo() -> RawServer:
    """Answers each request with its own body."""

    def answer(request: Request, wire: Wire) -> bool:
        wire.send(response(200, request.body, "application/json"))
        return True

    return RawServer(answer)
