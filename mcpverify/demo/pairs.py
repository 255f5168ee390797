"""Connections whose answers do not come over the request: HTTP+SSE and stdio.

Each is a pair of streams of messages. A relay stands between it and the server, and knows whose
answer is still to come.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio
import mcp_types as types
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared._stream_protocols import ReadStream, WriteStream
from mcp.shared.message import SessionMessage

from mcpverify.demo.draining import GIVEN_UP, Drain

Incoming = ReadStream[SessionMessage | Exception]
Outgoing = WriteStream[SessionMessage]


@asynccontextmanager
async def relayed(
    drain: Drain,
    incoming: Incoming,
    outgoing: Outgoing,
    at_end: Callable[[], Awaitable[None]] | None = None,
) -> AsyncIterator[tuple[Incoming, Outgoing]]:
    """The pair that a server is to serve. Its input ends once `drain` is over.

    Where the client ends its own input, `at_end` is awaited before the server is told.
    """
    relay = _Relay(drain, incoming, outgoing)
    into, read = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    write, out_of = anyio.create_memory_object_stream[SessionMessage](0)

    feeding = anyio.CancelScope()

    async def stop() -> None:
        await drain.over.wait()
        feeding.cancel()

    async def feed() -> None:
        async with into:
            with feeding:
                async with anyio.create_task_group() as group:
                    group.start_soon(stop)
                    await relay.inward(into)
                    if at_end is not None:
                        await at_end()
                    feeding.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(feed)
        group.start_soon(relay.outward, out_of)
        try:
            yield read, write
        finally:
            relay.settle_all()
            feeding.cancel()
            write.close()


class _Relay:
    def __init__(self, drain: Drain, incoming: Incoming, outgoing: Outgoing) -> None:
        self._calls = drain.calls
        self._incoming = incoming
        self.outgoing = outgoing
        self.owed: dict[types.RequestId, _Owed] = {}

    async def inward(self, into: MemoryObjectSendStream[SessionMessage | Exception]) -> None:
        async for item in self._incoming:
            match getattr(item, "message", None):
                case types.JSONRPCRequest(id=request_id):
                    self.owed[request_id] = owed = _Owed(request_id, self)
                    self._calls.add(owed)
                case types.JSONRPCNotification(
                    method="notifications/cancelled", params={"requestId": request_id}
                ):
                    self.settle(request_id)  # it will not be answered
            await into.send(item)

    async def outward(self, out_of: MemoryObjectReceiveStream[SessionMessage]) -> None:
        async with self.outgoing:
            async for item in out_of:
                match item.message:
                    case types.JSONRPCResponse(id=request_id) | types.JSONRPCError(id=request_id):
                        # An answer to what was given up would be the second one.
                        if request_id is None or request_id in self.owed:
                            await self.outgoing.send(item)
                            self.settle(request_id)
                    case _:
                        await self.outgoing.send(item)

    def settle(self, request_id: types.RequestId | None) -> None:
        owed = self.owed.pop(request_id, None) if request_id is not None else None
        if owed is not None:
            self._calls.discard(owed)

    def settle_all(self) -> None:
        for request_id in list(self.owed):
            self.settle(request_id)


@dataclass(frozen=True, slots=True, eq=False)
class _Owed:
    """An answer that has not come yet."""

    request_id: types.RequestId
    relay: _Relay

    async def give_up(self) -> None:
        error = types.ErrorData(code=-32603, message=GIVEN_UP)
        answer = types.JSONRPCError(jsonrpc="2.0", id=self.request_id, error=error)
        self.relay.settle(self.request_id)
        await self.relay.outgoing.send(SessionMessage(answer))
