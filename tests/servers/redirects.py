"""Answers with a redirect: to another origin, in a loop, to a file; or just to itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.servers import honest
from tests.servers.dialog import Dialog
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer, Request, Wire, response

KINDS = (
    "other-origin",
    "other-scheme",
    "loop",
    "growing",
    "file",
    "see-other",
    "no-location",
    "nonsense",
)


@contextmanager
def serve(kind: str = "other-origin", at: str = "*", status: int = 307) -> Iterator[RawServer]:
    """`canary` on what it gives is the honest server of another origin, which none may reach."""
    with honest.serve() as canary:

        def redirect(call: Call) -> bytes:
            host = call.request.header("Host")
            location = {
                "other-origin": canary.url,
                "other-scheme": f"https://{host}/mcp",
                "loop": "/mcp",
                "growing": f"/mcp?{len(call.request.path)}" + "x" * len(call.request.path),
                "file": "file:///etc/passwd",
                "see-other": "/mcp?elsewhere",
                "nonsense": "http://[::1:bad/\\ %zz",
            }.get(kind)
            headers = (("Location", location),) if location else ()
            return response(303 if kind == "see-other" else status, b"", None, headers)

        with honest.serve({at: redirect}) as server:
            server.canary = canary
            yield server


def serve_in_place(status: int = 307, absolute: bool = False, **options: Any) -> RawServer:
    """The tolerated one: /mcp leads to /mcp/ on the same origin, as old servers do."""
    behavior = honest.Honest(Dialog(**options), path="/mcp/")

    def answer(request: Request, wire: Wire) -> bool:
        if request.path != "/mcp":
            return behavior(request, wire)
        origin = f"http://{request.header('Host')}" if absolute else ""
        wire.send(response(status, b"", None, (("Location", f"{origin}/mcp/"),)))
        return True

    return RawServer(answer)
