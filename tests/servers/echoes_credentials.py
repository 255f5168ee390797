"""Gives back the Authorization header, everywhere that a server can put text."""

from typing import Any

from tests.servers import honest
from tests.servers.dialog import tool
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer, response


def serve(**options: Any) -> RawServer:
    """In headers, in the identity, in descriptions, and in the ids of sessions."""

    def echo(call: Call) -> bytes:
        if call.result is None:
            return call.honest
        secret = call.request.header("Authorization") or "none"
        call.headers = (*call.headers, ("X-Seen", secret), ("Set-Cookie", f"token={secret}"))
        if call.step == "initialize":
            call.result["serverInfo"]["version"] = secret
            call.result["instructions"] = f"You are {secret}"
        if call.step == "tools/list":
            token = secret.rpartition(" ")[2]
            call.result["tools"] = [
                tool("whoami", description=f"Called with {secret}", title=token)
            ]
        return call.answer(call.result)

    return honest.serve({"*": echo}, **options)


def serve_failing(status: int = 500) -> RawServer:
    """In the text of its failure."""

    def fail(call: Call) -> bytes:
        secret = call.request.header("Authorization") or "none"
        return response(
            status, f"cannot serve {secret}".encode(), "text/plain", (("X-Seen", secret),)
        )

    return honest.serve({"*": fail})
