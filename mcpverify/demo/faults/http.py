"""Faults of the HTTP layer: wrappers around the honest ASGI application."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from mcpverify.demo.faults.fault import Fault, Misbehavior, Reach, Wrapper, summary_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MISBEHAVIORS: dict[Fault, Misbehavior] = {}


def _http(fault: Fault, reach: Reach = Reach.HTTP) -> Callable[[Wrapper], Wrapper]:
    def register(wrap: Wrapper) -> Wrapper:
        MISBEHAVIORS[fault] = Misbehavior(summary_of(wrap), reach, http=wrap)
        return wrap

    return register


def _always(
    app: "ASGIApp", status: int, content_type: str, body: bytes, **headers: str
) -> "ASGIApp":
    """Instead of `app`: one answer to every request. Header names take _ for -."""
    sent = {"content-type": content_type, "content-length": str(len(body)), **headers}
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in sent.items()]

    async def answer(scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": body})

    return answer


@_http(Fault.HTML_PAGE)
def html_page(app: "ASGIApp") -> "ASGIApp":
    """Everything is answered with 200 and an HTML page, as by a frontend in the way."""
    page = b"<!doctype html><html><head><title>Tea house</title></head><body>Hello</body></html>"
    return _always(app, 200, "text/html; charset=utf-8", page)


@_http(Fault.UNAUTHORIZED)
def unauthorized(app: "ASGIApp") -> "ASGIApp":
    """Everything is answered with 401 and WWW-Authenticate, whatever the token."""
    challenge = 'Bearer realm="tea house", error="invalid_token"'
    body = b'{"error": "invalid_token"}'
    return _always(app, 401, "application/json", body, www_authenticate=challenge)


@_http(Fault.MISDIRECTED)
def misdirected(app: "ASGIApp") -> "ASGIApp":
    """Everything is answered with 421, as where a list of allowed hosts lacks the public one."""
    return _always(app, 421, "text/plain", b"Invalid Host header")


@_http(Fault.UNAVAILABLE)
def unavailable(app: "ASGIApp") -> "ASGIApp":
    """Everything is answered with 503 and Retry-After."""
    return _always(app, 503, "text/plain", b"no healthy upstream", retry_after="1")


@_http(Fault.SESSION_FORGOTTEN, Reach.SESSIONS)
def session_forgotten(app: "ASGIApp") -> "ASGIApp":
    """The second request of every session gets 404, as where sessions do not stick."""

    async def forget(scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] == "http":
            headers = [
                (name, b"of-another-replica" if name == b"mcp-session-id" else value)
                for name, value in scope["headers"]
            ]
            scope = {**scope, "headers": headers}
        await app(scope, receive, send)

    return forget


@_http(Fault.DELETE_KILLS, Reach.SESSIONS)
def delete_kills(app: "ASGIApp") -> "ASGIApp":
    """After the first DELETE of a session everything is answered with 500."""
    broken = _always(app, 500, "text/plain", b"Internal Server Error")
    killed = False

    async def serve(scope: "Scope", receive: "Receive", send: "Send") -> None:
        nonlocal killed
        current = broken if killed else app
        killed = killed or scope.get("method") == "DELETE"
        await current(scope, receive, send)

    return serve


@_http(Fault.WRONG_ID)
def wrong_id(app: "ASGIApp") -> "ASGIApp":
    """Every answer carries the id of another request."""
    import json

    async def serve(scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await app(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        try:
            asked = json.loads(body)
        except ValueError:
            asked = None
        # It is the question that is changed: then the honest server does the rest,
        # whichever way it answers.
        if isinstance(asked, dict) and "id" in asked and "method" in asked:
            body = json.dumps({**asked, "id": "of-another-request"}).encode()
        unread = [body]

        async def receive_changed() -> "Message":
            if unread:
                return {"type": "http.request", "body": unread.pop(), "more_body": False}
            return await receive()

        await app(scope, receive_changed, send)

    return serve
