"""Opens an event stream, keeps it alive for ever, and never sends the answer in it."""

from typing import Any

from tests.servers import honest
from tests.servers.honest import Call, sse
from tests.servers.raw_http import CHUNKED, RawServer, head

BEATS = {
    "comments": b": still here\n\n",
    "empty-events": b"id: 1\ndata:\n\n",
    "notifications": sse({"jsonrpc": "2.0", "method": "notifications/message", "params": {}}),
    "pings": sse({"jsonrpc": "2.0", "id": "ping", "method": "ping"}),
    "other-answers": sse({"jsonrpc": "2.0", "id": "somebody else's", "result": {}}),
}


def serve(
    kind: str = "comments", at: str = "tools/list", every: float = 0.05, **options: Any
) -> RawServer:
    """`every`: seconds between two beats; 0 sends as fast as they are taken."""

    def beat(call: Call) -> None:
        call.wire.send(head(200, "text/event-stream", CHUNKED))
        while True:
            call.wire.chunk(BEATS[kind] if every else BEATS[kind] * 500)
            call.wire.pause(every)

    return honest.serve({at: beat}, **options)
