"""A client of a trial over Streamable HTTP: one session (or, in 2026-07-28, none) and its requests.

Its call goes over one connection and its loop over another. A kept connection has carried a
request before and lies idle until it is used; a fresh one is opened for the request.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any, Protocol

from mcpverify.facts.json_text import Json
from mcpverify.facts.revision import Era, known_revision
from mcpverify.facts.target import Transport
from mcpverify.facts.timeline import Connection, Purpose, RequestOutcome
from mcpverify.facts.transcript import Step
from mcpverify.facts.trial_plan import ToolCall
from mcpverify.wire.jsonrpc import Message, notification, reply_to, request
from mcpverify.wire.parameter_headers import call_headers
from mcpverify.wire.revisions.envelope import Envelope
from mcpverify.wire.revisions.handshake import Handshake
from mcpverify.wire.revisions.stateless import Stateless
from mcpverify.wire.transports.streamable_http import ACCEPT
from mcpverify.wire.trial.clients.asking import Answer, Hold, Outgoing, ask, post
from mcpverify.wire.trial.clients.connection import HttpConnection, Place, Refused
from mcpverify.wire.trial.clients.expectation import Expectation, Listing, anything, calling
from mcpverify.wire.trial.recorder import Draft, Recorder

SESSION_HEADER = "Mcp-Session-Id"
MOST_REPLIES = 100  # of ours, to requests that the server makes
_ENDED_AT_ONCE = 20
_ENDING_SECONDS = 2.0


class Client(Protocol):
    """One client, whichever transport it uses. What the server does is recorded, not raised."""

    name: str
    era: Era
    transport: Transport
    call_id: Json  # of the last call

    @property
    def over(self) -> bool:
        """Whether nothing more can be asked in this session."""
        ...

    async def open(self) -> str:
        """Get to know the server; why that failed, "" where it did not."""
        ...

    async def call(self, call: ToolCall | None, hold: Hold | None) -> Draft:
        """The named tool's call; or a tools/list request that is held back."""
        ...

    async def loop_once(self) -> None:
        """One safe request, over the connection of the loop."""
        ...

    async def stream(self) -> None:
        """An idle stream, until the server ends it; returns at once where there is none."""
        ...

    def old_session(self) -> Outgoing | None:
        """A request in the session from before the restart, None where there is none."""
        ...

    def close(self) -> None: ...


def envelope_of(era: Era) -> Envelope:
    return Stateless() if era is Era.STATELESS else Handshake()


class Line:
    """A connection that is opened where there is none, and kept between requests."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._connection: HttpConnection | None = None

    @property
    def kind(self) -> Connection:
        idle = self._connection
        return Connection.KEPT if idle is not None and not idle.closed else Connection.FRESH

    @property
    def was_closed(self) -> bool:
        """Whether there was a connection and the peer has closed it."""
        return self._connection is not None and self._connection.closed

    async def ask(self, outgoing: Outgoing, draft: Draft, recorder: Recorder) -> Answer:
        """Send it, over a new connection where none is open. Ends the draft, unless cancelled."""
        connection = self._connection
        self._connection = None
        if connection is not None and not connection.closed:
            answer = await self._over(connection, outgoing, draft, recorder)
            if draft.outcome is not RequestOutcome.RESET or recorder.zero is not None:
                return answer
            # Closed just as we wrote to it, long before the signal: any client sends it again
            # (RFC 9110, section 9.3.1).
            recorder.reopen(draft)
        elif connection is not None:
            connection.close()
        try:
            connection = await HttpConnection.open(self._place)
        except Refused as refused:
            recorder.end(draft, RequestOutcome.REFUSED, str(refused))
            return Answer()
        return await self._over(connection, outgoing, draft, recorder)

    async def _over(
        self, connection: HttpConnection, outgoing: Outgoing, draft: Draft, recorder: Recorder
    ) -> Answer:
        try:
            answer = await ask(connection, outgoing, draft, recorder)
        except asyncio.CancelledError:
            connection.close()
            raise
        if answer.reusable:
            self._connection = connection
        return answer

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


async def unrecorded(line: Line, outgoing: Outgoing) -> Answer:
    """Ask what is no part of the trial, such as what opens a session."""
    draft = Draft(
        "", Purpose.NEW_SESSION, line.kind, None, Transport.STREAMABLE_HTTP, outgoing.method
    )
    return await line.ask(outgoing, draft, Recorder(None))


async def end_sessions(place: Place, session_ids: Sequence[str]) -> None:
    """DELETE sessions that are not wanted any more, in what little time there is."""
    gate = asyncio.Semaphore(_ENDED_AT_ONCE)

    async def end(session_id: str) -> None:
        line = Line(place)
        async with gate:
            try:
                headers = {"Accept": ACCEPT, SESSION_HEADER: session_id}
                await unrecorded(line, Outgoing("DELETE", place, headers))
            finally:
                line.close()

    try:
        async with asyncio.timeout(_ENDING_SECONDS):
            await asyncio.gather(*map(end, session_ids))
    except TimeoutError:
        pass  # the server does not answer any more


class StreamableClient:
    """A client over Streamable HTTP, in one era."""

    transport = Transport.STREAMABLE_HTTP
    over = False

    def __init__(
        self, name: str, era: Era, place: Place, recorder: Recorder, connection: Connection
    ) -> None:
        self.name = name
        self.era = era
        self.session_id: str | None = None
        self.call_id: Json = None  # of the last call
        self._envelope = envelope_of(era)
        self._place = place
        self._recorder = recorder
        self._connection = connection
        self._negotiated = known_revision(None)
        self._next_id = 0
        self._for_calls = Line(place)
        self._for_loop = Line(place)
        self._tools = Listing()
        self._expected: Expectation = anything  # of the last call
        self._replies: set[asyncio.Task[None]] = set()

    async def open(self) -> str:
        opening = self._message(self._envelope.opening.value, self._envelope.opening_params())
        answer = await self._unrecorded(opening, self._headers(self._envelope.opening.value))
        result = answer.result
        if not isinstance(result, dict):
            return f"{self._envelope.opening.value} was not answered"
        if self.era is Era.HANDSHAKE:
            self.session_id = answer.header(SESSION_HEADER)
            self._negotiated = known_revision(result.get("protocolVersion"))
            told = notification(Step.INITIALIZED.value)
            await self._unrecorded(told, self._headers(Step.INITIALIZED.value))
        if self._connection is Connection.KEPT:
            # Used once, so that it is a connection which both sides keep.
            await self._learn(self._for_loop)
        else:
            self._for_calls.close()
        return ""

    async def call(self, call: ToolCall | None, hold: Hold | None) -> Draft:
        if call is None:
            if not self._tools.known:
                await self._learn(self._for_calls)
            outgoing, method = self._listing(), Step.TOOLS.value
            outgoing.hold = hold
        else:
            outgoing, method = self._calling(call), f"tools/call {call.name}"
        self.call_id, self._expected = outgoing.id, outgoing.expects
        return await self._ask(Purpose.CALL, method, outgoing, self._for_calls)

    async def loop_once(self) -> None:
        await self._ask(Purpose.LOOP, Step.TOOLS.value, self._listing(), self._for_loop)

    async def stream(self) -> None:
        if self.era is Era.STATELESS:
            return
        headers = self._headers("") | {"Accept": "text/event-stream"}
        outgoing = Outgoing("GET", self._place, headers, reply=self._reply)
        draft = self._draft(Purpose.STREAM, Connection.FRESH, "GET")
        line = Line(self._place)
        try:
            await line.ask(outgoing, draft, self._recorder)
        finally:
            line.close()

    def close(self) -> None:
        for line in (self._for_calls, self._for_loop):
            line.close()
        for task in self._replies:
            task.cancel()

    def old_session(self) -> Outgoing | None:
        return None if self.session_id is None else replace(self._listing(), expects=anything)

    def resumption(self, event_id: str, request_id: Json) -> Outgoing:
        """The GET that asks for what came after the event."""
        headers = self._headers("") | {"Accept": "text/event-stream", "Last-Event-ID": event_id}
        return Outgoing("GET", self._place, headers, wanted=request_id, expects=self._expected)

    async def _ask(self, purpose: Purpose, method: str, outgoing: Outgoing, line: Line) -> Draft:
        if self._connection is Connection.FRESH:
            line.close()
        draft = self._draft(purpose, line.kind, method)
        outgoing.reply = self._reply
        await line.ask(outgoing, draft, self._recorder)
        return draft

    def _draft(self, purpose: Purpose, connection: Connection, method: str) -> Draft:
        return self._recorder.begin(
            self.name, purpose, connection, self.era, self.transport, method
        )

    async def _unrecorded(self, message: Message, headers: dict[str, str]) -> Answer:
        return await unrecorded(self._for_calls, post(self._place, message, headers))

    async def _learn(self, line: Line) -> None:
        """See the list of tools once, before the signal."""
        await unrecorded(line, self._listing())

    def _listing(self) -> Outgoing:
        step = Step.TOOLS.value
        message = self._message(step, self._envelope.params(None))
        return replace(post(self._place, message, self._headers(step)), expects=self._tools)

    def _calling(self, call: ToolCall) -> Outgoing:
        params: dict[str, Json] = {"name": call.name, "arguments": dict(call.arguments)}
        message = self._message("tools/call", self._envelope.params(params))
        headers = self._headers("tools/call")
        if self.era is Era.STATELESS:
            headers |= call_headers(call.name, call.schema, dict(call.arguments))
        return replace(post(self._place, message, headers), expects=calling(self.era))

    def _message(self, method: str, params: dict[str, Json] | None) -> Message:
        self._next_id += 1
        return request(self._next_id, method, params)

    def _headers(self, method: str) -> dict[str, str]:
        headers = self._envelope.headers(method, self._negotiated)
        if not method:
            headers.pop("Mcp-Method", None)
        return headers | ({SESSION_HEADER: self.session_id} if self.session_id else {})

    def _reply(self, asked: Message) -> None:
        """Answer a request of the server, as a client without capabilities does."""

        async def send() -> None:
            line = Line(self._place)
            try:
                await unrecorded(line, post(self._place, reply_to(asked), self._headers("")))
            finally:
                line.close()

        if len(self._replies) < MOST_REPLIES:
            self._keep(send())

    def _keep(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(coroutine)
        self._replies.add(task)
        task.add_done_callback(self._replies.discard)
