"""Sends the right body under a content type that says it is something else."""

from typing import Any

from tests.servers import honest
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer, response


def serve(
    content_type: str | None = "text/plain", at: str = "tools/list", **options: Any
) -> RawServer:
    """`content_type` None: the header is left out."""

    def answer(call: Call) -> bytes:
        body = call.honest.partition(b"\r\n\r\n")[2]
        return response(200, body, content_type, call.headers)

    return honest.serve({at: answer}, **options)
