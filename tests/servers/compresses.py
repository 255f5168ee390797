"""Tolerated: answers in gzip to clients that say they take it."""

import gzip
from typing import Any

from tests.servers import honest
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer, response


def serve(**options: Any) -> RawServer:
    def pack(call: Call) -> bytes:
        body = call.honest.partition(b"\r\n\r\n")[2]
        if call.result is None or "gzip" not in (call.request.header("Accept-Encoding") or ""):
            return call.honest
        headers = (*call.headers, ("Content-Encoding", "gzip"))
        return response(200, gzip.compress(body), "application/json", headers)

    return honest.serve({"*": pack}, **options)
