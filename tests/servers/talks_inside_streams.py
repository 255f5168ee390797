"""Tolerated: notifications, and requests of its own, in the stream before the answer."""

import threading
from typing import Any

from tests.servers import honest
from tests.servers.honest import Call
from tests.servers.raw_http import CHUNKED, RawServer, head, response

REQUESTS: tuple[tuple[str, Any], ...] = (
    ("ping", {}),
    ("roots/list", {}),
    ("sampling/createMessage", {"messages": [], "maxTokens": 1}),
    ("elicitation/create", {"message": "Your password?", "requestedSchema": {"type": "object"}}),
    ("no/such/method", {}),
)
NOTIFICATIONS: tuple[tuple[str, Any], ...] = (
    ("notifications/message", {"level": "info", "data": "listing"}),
    ("notifications/progress", {"progressToken": "unasked", "progress": 1}),
    ("notifications/tools/list_changed", {}),
    ("notifications/no-such-thing", {}),
)


class Replies:
    """What clients POST in answer to our requests, by id."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self.received: dict[str, dict[str, Any]] = {}

    def take(self, call: Call) -> bytes:
        message = call.request.message
        with self._news:
            self.received[str(message.get("id"))] = message
            self._news.notify_all()
        return response(202)

    def wait_for(self, identifier: str, seconds: float) -> bool:
        with self._news:
            return self._news.wait_for(lambda: identifier in self.received, seconds)


def serve(
    at: str = "tools/list", waits: bool = False, replies: Replies | None = None, **options: Any
) -> RawServer:
    """`waits`: the answer comes only once the ping was answered, as a careful server may do."""
    replies = replies or Replies()

    def talk(call: Call) -> bytes | None:
        call.wire.send(head(200, "text/event-stream", (*call.headers, *CHUNKED)))
        for method, params in NOTIFICATIONS:
            call.wire.chunk(honest.sse({"jsonrpc": "2.0", "method": method, "params": params}))
        for method, params in REQUESTS:
            request = {"jsonrpc": "2.0", "id": f"s-{method}", "method": method, "params": params}
            call.wire.chunk(honest.sse(request))
        if waits and not replies.wait_for("s-ping", 20):
            return None
        call.wire.chunk(honest.sse(call.message(result=call.result)))
        return b"0\r\n\r\n"

    return honest.serve({at: talk, "reply": replies.take}, **options)
