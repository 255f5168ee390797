"""An end that loses no call: an ASGI application, and the uvicorn server that runs it.

    drain = Drain(lame_duck=5, limit=25)
    DrainingServer(uvicorn.Config(Draining(app, drain)), drain).run()

From the signal on `/ready` says 503 and `/live` 200, new sessions get 503, idle streams end, and
calls are answered; after `limit` seconds with an error. A second signal ends the process at once.
Nothing but this file is needed for Streamable HTTP; `pairs` has what HTTP+SSE and stdio need.
"""

import asyncio
import json
import os
from collections.abc import Collection
from contextlib import suppress
from functools import partial
from socket import socket
from types import FrameType
from typing import Any, Protocol

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ACCEPTED_BEFORE = 0.1  # seconds in which connections that the kernel took earlier are still found
_LAST_WORDS = 1.0  # seconds that answers may take to be sent, once the limit is over
GIVEN_UP = "The server was stopped before the call was done"


class Call(Protocol):
    """A request that has no answer yet."""

    async def give_up(self) -> None:
        """Answer it by an error."""
        ...


class Drain:
    """How far the end has come. `lame_duck` and `limit` are seconds from the signal on."""

    def __init__(self, lame_duck: float, limit: float) -> None:
        self.lame_duck = lame_duck
        self.limit = limit
        self.server: DrainingServer | None = None
        self.calls: set[Call] = set()
        self.streams = 0  # idle ones
        self.known: Collection[Any] | None = None  # addresses of those that came before the signal
        self.turns_away = False  # new sessions
        self.closed = False  # to all requests
        self.begun = asyncio.Event()  # idle streams end
        self.over = asyncio.Event()

    async def run(self) -> None:
        """From the signal to the moment at which nothing is owed to anybody."""
        self.turns_away = True
        self.begun.set()
        try:
            async with asyncio.timeout(self.limit):
                await asyncio.sleep(self.lame_duck)
                # First those of now alone: who asks on and on would keep us for ever.
                await self.answered(set(self.calls))
                self.closed = True
                # Over HTTP+SSE a call is seen only a moment after the POST that brought it is done.
                for _ in range(2):
                    await self.answered(self.calls)
                    await asyncio.sleep(0.02)
        except TimeoutError:
            self.closed = True
            await self.give_up()
        self.over.set()

    async def answered(self, calls: Collection[Call]) -> None:
        while self.calls.intersection(calls):
            await asyncio.sleep(0.02)

    async def give_up(self) -> None:
        if self.server is not None:
            self.server.force_exit = True  # not to wait for the tools that still run
        # One that runs in a thread cannot be stopped, and must not keep the process either.
        asyncio.get_running_loop().call_later(2 * _LAST_WORDS, os._exit, 0)
        given_up = [asyncio.ensure_future(call.give_up()) for call in self.calls]
        if given_up:  # a client that does not read would keep us, too
            await asyncio.wait(given_up, timeout=_LAST_WORDS)

    def signaled_again(self, number: int) -> None:
        os._exit(128 + number)


class DrainingServer(uvicorn.Server):
    """uvicorn, which ends when its drain is over, and not when the signal comes."""

    def __init__(self, config: uvicorn.Config, drain: Drain) -> None:
        super().__init__(config)
        self.drain = drain
        drain.server = self
        self._draining: asyncio.Task[None] | None = None
        self._signaled = False
        if config.timeout_graceful_shutdown is None:  # by then nobody waits for an answer
            config.timeout_graceful_shutdown = int(_LAST_WORDS)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Not `should_exit`, which uvicorn sets here: sse-starlette looks at it twice a second, and
        # ends every event stream when it sees it, those with a reply to come among them.
        if self._signaled:
            self.drain.signaled_again(sig)
            return
        self._signaled = True
        asyncio.get_running_loop().call_soon_threadsafe(self._begin)

    def _begin(self) -> None:
        self._draining = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        asyncio.get_running_loop().call_later(_ACCEPTED_BEFORE, self._note_connections)
        await self.drain.run()
        self.should_exit = True

    def _note_connections(self) -> None:
        self.drain.known = {getattr(each, "client", None) for each in self.server_state.connections}

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        await self.stop_listening()
        await super().shutdown(sockets)

    async def stop_listening(self) -> None:
        """Close the port, but to those who have come already; returns when they were heard."""
        loop = asyncio.get_running_loop()
        listeners = [each for server in self.servers for each in server.sockets]
        # Who was accepted in this turn of the loop would be lost, if it were closed in this turn.
        for each in listeners:
            loop.remove_reader(each.fileno())
        await asyncio.sleep(0.01)
        # So would be who waits to be accepted.
        waiting = [found for each in listeners for found in _accepted(each.dup())]
        for server in self.servers:
            server.close()
        protocol_class: Any = self.config.http_protocol_class
        protocol = partial(
            protocol_class,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
        for connection in waiting:
            await loop.connect_accepted_socket(protocol, connection)
        await asyncio.sleep(_ACCEPTED_BEFORE)


def _accepted(listener: socket) -> list[socket]:
    found = []
    with listener, suppress(BlockingIOError):
        while True:
            connection, _ = listener.accept()
            connection.setblocking(False)
            found.append(connection)
    return found


class Draining:
    """The application `app`, with an end. `sse_path` is that of an HTTP+SSE stream, if it has one.

    Such a stream is not idle: the replies to POSTs come over it.
    """

    def __init__(self, app: ASGIApp, drain: Drain, sse_path: str | None = None) -> None:
        self._app = app
        self._drain = drain
        self._sse_path = sse_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] == "/live":
            await _answer(send, 200, {"live": True})
        elif scope["path"] == "/ready" and not self._drain.turns_away:
            await _answer(send, 200, {"ready": True})
        elif scope["path"] == "/ready" or self._is_turned_away(scope):
            await _refuse(send)
        elif scope["path"] == self._sse_path:
            await self._app(scope, receive, send)
        elif scope["method"] == "GET" or _header(scope, b"mcp-method") == b"subscriptions/listen":
            await self._idle_stream(scope, receive, send)
        else:
            post = Post(receive, send, self._drain)
            self._drain.calls.add(post)
            try:
                await self._app(scope, post.receive, post.send)
            finally:
                self._drain.calls.discard(post)

    def _is_turned_away(self, scope: Scope) -> bool:
        """Whether a request comes too late, or would open a session while none are opened."""
        if self._drain.closed or not self._drain.turns_away:
            return self._drain.closed
        if _header(scope, b"mcp-session-id") or b"session_id=" in scope["query_string"]:
            return False
        if scope["method"] == "GET" or not _header(scope, b"mcp-protocol-version"):
            return True  # an HTTP+SSE stream, or initialize: all that comes after it has the header
        if _header(scope, b"mcp-method") == b"server/discover":
            return True
        # No sessions are kept: then those are new whose connection is.
        return self._drain.known is not None and scope["client"] not in self._drain.known

    async def _idle_stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A stream on which nobody waits for an answer: its client seems to leave at the signal."""
        open_ended = False

        async def receive_until_begun() -> Message:
            received = asyncio.ensure_future(receive())
            begun = asyncio.ensure_future(self._drain.begun.wait())
            try:
                await asyncio.wait((received, begun), return_when=asyncio.FIRST_COMPLETED)
                return received.result() if received.done() else {"type": "http.disconnect"}
            finally:
                received.cancel()
                begun.cancel()

        async def send_on(message: Message) -> None:
            nonlocal open_ended
            open_ended = message["type"] == "http.response.start" or message.get("more_body", False)
            await send(message)

        self._drain.streams += 1
        try:
            await self._app(scope, receive_until_begun, send_on)
            if open_ended:  # the application left it at that, as it does where a client has gone
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._drain.streams -= 1


class Post:
    """A POST that the application is about to answer."""

    def __init__(self, receive: Receive, send: Send, drain: Drain) -> None:
        self._receive = receive
        self._send = send
        self._drain = drain
        self._body = b""
        self.as_events: bool | None = None  # None: the answer has not begun
        self._ended = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._body += message.get("body", b"")
        return message

    async def send(self, message: Message) -> None:
        if self._ended:  # it was given up
            return
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            self.as_events = (b"content-type", b"text/event-stream") in headers
            if self._drain.turns_away:  # then nobody sends on it just as it is closed
                headers = [each for each in headers if each[0] != b"connection"]
                message = {**message, "headers": [*headers, (b"connection", b"close")]}
        else:
            self._ended = not message.get("more_body", False)
        await self._send(message)

    async def give_up(self) -> None:
        asked = _parsed(self._body)
        if self.as_events is None and asked is None:  # not all of it has come
            await _refuse(self.send)
            return
        error = _error((asked or {}).get("id"), GIVEN_UP)
        if self.as_events is None:
            await _answer(self.send, 200, error)
        else:
            text = json.dumps(error)
            body = f"event: message\r\ndata: {text}\r\n\r\n".encode() if self.as_events else b""
            await self.send({"type": "http.response.body", "body": body})


def _parsed(body: bytes) -> dict[str, Any] | None:
    try:
        message = json.loads(body)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def _error(request_id: Any, text: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request_id, "error": {"code": -32603, "message": text}}


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for each, value in scope["headers"] if each == name), b"")


async def _refuse(send: Send) -> None:
    body = _error(None, "The server is being stopped: try again")
    await _answer(send, 503, body, (b"retry-after", b"1"), (b"connection", b"close"))


async def _answer(
    send: Send, status: int, body: dict[str, Any], *headers: tuple[bytes, bytes]
) -> None:
    text = json.dumps(body).encode()
    sized = (b"content-length", str(len(text)).encode())
    start = [(b"content-type", b"application/json"), sized, *headers]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": text})
