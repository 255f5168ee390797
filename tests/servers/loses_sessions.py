"""Forgets the session between two requests, as a replica does that never saw it."""

from typing import Any

from tests.servers import honest
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer


def serve(at: str = "tools/list", status: int = 404, **options: Any) -> RawServer:
    """The session is unknown from the step `at` on."""

    def forget(call: Call) -> bytes:
        return call.error(-32600, "Session not found", status)

    return honest.serve({at: forget}, **options)
