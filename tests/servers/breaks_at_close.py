"""Serves well until its session is deleted: that is where it goes wrong."""

from typing import Any

from tests.servers import honest
from tests.servers.dialog import Dialog
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer, Request, Wire, response


def serve(**options: Any) -> RawServer:
    """Answers 500 to everything from the first DELETE on, as mcp 1.8 and 1.9 may do."""
    behavior = honest.Honest(Dialog(**options))
    broken: list[Request] = []

    def answer(request: Request, wire: Wire) -> bool:
        if request.method == "DELETE":
            broken.append(request)
        if broken:
            wire.send(response(500, b"Internal Server Error", "text/plain"))
            return True
        return behavior(request, wire)

    return RawServer(answer)


def serve_deaf(**options: Any) -> RawServer:
    """Answers the DELETE well, and keeps serving the ended session."""

    def keep(call: Call) -> bytes:
        return response(200)

    return honest.serve({"delete": keep}, **options)
