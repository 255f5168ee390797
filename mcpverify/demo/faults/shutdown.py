"""Faults of the end: what servers do wrong when they are stopped, and when they are back.

Those that end badly take the place of the drain; those that are back with a bad memory are
wrappers around the application. Nothing of `mcp` or asyncio is loaded until one of them is used.
"""

import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from mcpverify.demo.faults.fault import (
    DrainMaker,
    Fault,
    Misbehavior,
    Reach,
    Wrapper,
    summary_of,
)

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from mcpverify.demo.draining import Call, Drain

MISBEHAVIORS: dict[Fault, Misbehavior] = {}


def _drain(fault: Fault, reach: Reach = Reach.ANYWHERE) -> Callable[[DrainMaker], DrainMaker]:
    def register(make: DrainMaker) -> DrainMaker:
        MISBEHAVIORS[fault] = Misbehavior(summary_of(make), reach, drain=make)
        return make

    return register


@_drain(Fault.DROPS_AT_ONCE)
def drops_at_once(lame_duck: float, limit: float) -> "Drain":
    """The signal ends the process on the spot, whatever is in flight."""
    from mcpverify.demo.draining import Drain

    class Dropping(Drain):
        async def run(self) -> None:
            os._exit(143)

    return Dropping(lame_duck, limit)


@_drain(Fault.REFUSES_WITHOUT_503, Reach.HTTP)
def refuses_without_503(lame_duck: float, limit: float) -> "Drain":
    """Calls are answered, but nobody is warned: the signal closes the port."""
    import asyncio

    from mcpverify.demo.draining import Drain

    class Refusing(Drain):
        async def run(self) -> None:
            assert self.server is not None
            await self.server.stop_listening()
            # Of idle connections this is the end; of others, once they have been answered.
            for connection in list(self.server.server_state.connections):
                connection.shutdown()
            self.begun.set()
            await asyncio.wait_for(self.answered(self.calls), self.limit)
            self.over.set()

    return Refusing(lame_duck, limit)


@_drain(Fault.HANGS_ON_OPEN_GET, Reach.SESSIONS)
def hangs_on_open_get(lame_duck: float, limit: float) -> "Drain":
    """The process waits until all idle GET streams are closed, which nobody closes."""
    import asyncio

    from mcpverify.demo.draining import Drain

    class Hanging(Drain):
        async def run(self) -> None:
            self.turns_away = True
            await asyncio.sleep(self.lame_duck)
            await self.answered(set(self.calls))
            while self.streams:
                await asyncio.sleep(0.02)
            self.over.set()

    return Hanging(lame_duck, limit)


@_drain(Fault.EXITS_ZERO_WHILE_LOSING)
def exits_zero_while_losing(lame_duck: float, limit: float) -> "Drain":
    """Answers end in good order 0.45 s after the signal, without a reply in them; exit code 0."""
    import asyncio

    from mcpverify.demo.draining import Drain

    class Losing(Drain):
        async def run(self) -> None:
            self.turns_away = True
            self.begun.set()
            await asyncio.sleep(0.45)
            self.closed = True
            for call in set(self.calls):
                await _end(call, 200, b"application/json", b"")
            await asyncio.sleep(0.1)
            os._exit(0)

    return Losing(lame_duck, limit)


@_drain(Fault.FAILS_AT_THE_LIMIT, Reach.STREAMABLE)
def fails_at_the_limit(lame_duck: float, limit: float) -> "Drain":
    """Calls that are not done 0.5 s after the signal get HTTP 500."""
    import asyncio

    from mcpverify.demo.draining import Drain

    class Failing(Drain):
        async def give_up(self) -> None:
            for call in set(self.calls):
                await _end(call, 500, b"text/plain", b"Internal Server Error")
            await asyncio.sleep(0.1)

    return Failing(min(lame_duck, 0.5), 0.5)


async def _end(call: "Call", status: int, media_type: bytes, body: bytes) -> None:
    """End the answer to a POST without an answer in it."""
    from mcpverify.demo.draining import Post

    if not isinstance(call, Post):
        return
    if call.as_events is None:
        headers = [(b"content-type", media_type), (b"content-length", str(len(body)).encode())]
        await call.send({"type": "http.response.start", "status": status, "headers": headers})
        await call.send({"type": "http.response.body", "body": body})
    elif status == 200:
        await call.send({"type": "http.response.body", "body": b""})
    # Else it is too late for another status: the connection is cut with the process.


@_drain(Fault.IGNORES_THE_SIGNAL)
def ignores_the_signal(lame_duck: float, limit: float) -> "Drain":
    """Nothing happens at the signal, nor at the end of standard input: it has to be killed."""
    import asyncio

    from mcpverify.demo.draining import Drain

    class Ignoring(Drain):
        async def run(self) -> None:
            await asyncio.Event().wait()

        def signaled_again(self, number: int) -> None:
            pass

    return Ignoring(lame_duck, limit)


@_drain(Fault.LEAVES_A_CHILD)
def leaves_a_child(lame_duck: float, limit: float) -> "Drain":
    """A process that the server started outlives it."""
    import subprocess
    import sys

    from mcpverify.demo.draining import Drain

    nothing = subprocess.DEVNULL
    # Not for ever: the gate, which does not look for it, would leave it behind, too.
    command = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]
    subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing)
    return Drain(lame_duck, limit)


def _remembering(fault: Fault) -> Callable[[Wrapper], Wrapper]:
    """Register what happens to requests of sessions that this process never opened."""

    def register(stranger: Wrapper) -> Wrapper:
        MISBEHAVIORS[fault] = Misbehavior(
            summary_of(stranger), Reach.SESSIONS, http=partial(_with_memory, stranger)
        )
        return stranger

    return register


def _with_memory(stranger: Wrapper, app: "ASGIApp") -> "ASGIApp":
    opened: set[bytes] = set()
    to_strangers = stranger(app)

    async def serve(scope: "Scope", receive: "Receive", send: "Send") -> None:
        async def send_on(message: "Message") -> None:
            opened.update(
                value
                for name, value in message.get("headers", ())
                if name == b"mcp-session-id" and message.get("status") == 200
            )
            await send(message)

        session = dict(scope.get("headers", ())).get(b"mcp-session-id")
        if session is None or session in opened:
            await app(scope, receive, send_on)
        else:
            await to_strangers(scope, receive, send)

    return serve


@_remembering(Fault.OLD_SESSION_400)
def old_session_400(app: "ASGIApp") -> "ASGIApp":
    """A session from before the restart gets 400, and its client does not open another one."""

    async def answer(scope: "Scope", receive: "Receive", send: "Send") -> None:
        body = b'{"jsonrpc": "2.0", "id": null, "error": {"code": -32000, "message": "No session"}}'
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 400, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer


@_remembering(Fault.OLD_SESSION_UNANSWERED)
def old_session_unanswered(app: "ASGIApp") -> "ASGIApp":
    """A session from before the restart is never answered, so that its client waits for ever."""

    async def wait(scope: "Scope", receive: "Receive", send: "Send") -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    return wait
