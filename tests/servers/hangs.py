"""Stops answering at one step, and keeps the connection open."""

from typing import Any

from tests.servers import honest
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer, Request, Wire, head


def serve(at: str = "accept", after: str = "nothing", **options: Any) -> RawServer:
    """`at` is a step or `accept` (nothing is ever read); `after` nothing, or the headers."""
    if at == "accept":
        return RawServer(_never_asked, on_connect=_silent)

    def hang(call: Call) -> None:
        if after == "headers":
            call.wire.send(head(200, "application/json", (("Content-Length", "100"),)))
        call.wire.hold()

    lists: dict[str, Any] = {"prompts": [], "resources": [], "templates": []}
    return honest.serve({at: hang}, **lists | options)


def _silent(wire: Wire) -> bool:
    wire.hold()
    return False


def _never_asked(request: Request, wire: Wire) -> bool:
    raise AssertionError("nothing is read from these connections")
