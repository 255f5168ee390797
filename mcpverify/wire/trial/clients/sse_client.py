"""A client of a trial over HTTP+SSE: requests are POSTed, their answers arrive on one stream."""

import asyncio
from contextlib import suppress
from typing import Any
from urllib.parse import urljoin, urlsplit

from mcpverify.facts.json_text import Json
from mcpverify.facts.revision import Era
from mcpverify.facts.target import Transport
from mcpverify.facts.timeline import Connection, Purpose, RequestOutcome
from mcpverify.facts.transcript import Step
from mcpverify.facts.trial_plan import ToolCall
from mcpverify.wire.deadline import Broken
from mcpverify.wire.jsonrpc import (
    Message,
    MessageKind,
    kind_of,
    messages_in,
    notification,
    reply_to,
    request,
)
from mcpverify.wire.sse_framing import EventParser
from mcpverify.wire.trial.clients.asking import Answer, Hold, Outgoing, ended_with, post
from mcpverify.wire.trial.clients.connection import HttpConnection, Lost, Place, Refused
from mcpverify.wire.trial.clients.expectation import Expectation, Listing, calling
from mcpverify.wire.trial.clients.streamable_client import (
    MOST_REPLIES,
    Line,
    envelope_of,
    unrecorded,
)
from mcpverify.wire.trial.recorder import Draft, Recorder

_OPENING_SECONDS = 10.0
_STATUS_SECONDS = 1.0
_ACCEPTED = {RequestOutcome.OK, RequestOutcome.ENDED_WITHOUT_REPLY, RequestOutcome.BAD_ANSWER}


class _Ended(Lost):
    """The stream came to a clean end."""


class SseClient:
    """A client over HTTP+SSE, which knows the handshake era only."""

    transport = Transport.SSE
    era = Era.HANDSHAKE

    def __init__(self, name: str, place: Place, recorder: Recorder, connection: Connection) -> None:
        self.name = name
        self.call_id: Json = None
        self._place = place
        self._post_place: Place | None = None
        self._recorder = recorder
        self._connection = connection
        self._stream: HttpConnection | None = None
        self._reading: asyncio.Task[None] | None = None
        self._endpoint: asyncio.Future[str] | None = None
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self._next_id = 0
        self._for_calls: Line | None = None
        self._for_loop: Line | None = None
        self._gone: Lost | None = None
        self._tools = Listing()
        self._replies: set[asyncio.Task[Answer]] = set()

    @property
    def over(self) -> bool:
        return self._gone is not None

    async def open(self) -> str:
        self._endpoint = asyncio.get_running_loop().create_future()
        draft = self._draft(Purpose.STREAM, Connection.FRESH, "GET")
        self._reading = asyncio.ensure_future(self._read(draft))
        try:
            async with asyncio.timeout(_OPENING_SECONDS):
                named = await self._endpoint
        except (TimeoutError, Lost) as error:
            return str(error) or "the event stream named no endpoint"
        base = f"http://origin{self._place.path}"
        parts = urlsplit(urljoin(base, named))
        self._post_place = self._place.at(
            (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        )
        self._for_calls, self._for_loop = Line(self._post_place), Line(self._post_place)
        params = envelope_of(self.era).opening_params()
        try:
            result = await self._result(Step.INITIALIZE.value, params, self._for_calls)
        except (TimeoutError, Lost) as error:
            return str(error) or "initialize was not answered"
        if not isinstance(result, dict):
            return "initialize was answered with an error"
        told = notification(Step.INITIALIZED.value)
        line = self._for_loop if self._connection is Connection.KEPT else self._for_calls
        await unrecorded(line, post(self._post_place, told, {}))
        return ""

    async def call(self, call: ToolCall | None, hold: Hold | None) -> Draft:
        expects: Expectation = self._tools
        if call is None:
            if not self._tools.known:
                await self._learn()
            message, method = self._message(Step.TOOLS.value, None), Step.TOOLS.value
        else:
            params: dict[str, Json] = {"name": call.name, "arguments": dict(call.arguments)}
            message, method = self._message("tools/call", params), f"tools/call {call.name}"
            hold, expects = None, calling(self.era)
        self.call_id = message.get("id")
        return await self._ask(Purpose.CALL, method, message, self._for_calls, hold, expects)

    async def loop_once(self) -> None:
        message = self._message(Step.TOOLS.value, None)
        await self._ask(Purpose.LOOP, Step.TOOLS.value, message, self._for_loop, None, self._tools)

    async def stream(self) -> None:
        """The stream of the session is open already."""

    def close(self) -> None:
        for line in (self._for_calls, self._for_loop):
            if line is not None:
                line.close()
        for task in self._replies:
            task.cancel()
        if self._reading is not None:
            self._reading.cancel()
        if self._stream is not None:
            self._stream.close()

    def old_session(self) -> Outgoing | None:
        """A message POSTed to the endpoint of the session from before."""
        if self._post_place is None:
            return None
        return post(self._post_place, self._message(Step.TOOLS.value, None), {})

    async def _learn(self) -> None:
        """See the list of tools once, before the signal."""
        assert self._for_calls is not None
        with suppress(TimeoutError, Lost):
            self._tools(await self._result(Step.TOOLS.value, None, self._for_calls))

    async def _result(self, method: str, params: dict[str, Json] | None, line: Line) -> Json:
        """What is answered to a request that is no part of the trial. Raises TimeoutError, Lost."""
        assert self._post_place is not None
        message = self._message(method, params)
        reply = self._expect(message)
        try:
            await unrecorded(line, post(self._post_place, message, {}))
            async with asyncio.timeout(_OPENING_SECONDS):
                return (await reply).get("result")
        finally:
            self._waiting.pop(self._id(message), None)

    async def _ask(
        self,
        purpose: Purpose,
        method: str,
        message: Message,
        line: Line | None,
        hold: Hold | None,
        expects: Expectation,
    ) -> Draft:
        assert line is not None
        assert self._post_place is not None
        if self._connection is Connection.FRESH:
            line.close()
        draft = self._draft(purpose, line.kind, method)
        reply = self._expect(message)
        # What becomes of the POST is one thing, the reply on the stream another.
        posted = Draft(self.name, purpose, draft.connection, self.era, self.transport, draft.method)
        posting = asyncio.ensure_future(
            line.ask(post(self._post_place, message, {}, hold), posted, Recorder(None))
        )
        try:
            both: set[asyncio.Future[Any]] = {posting, reply}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if reply.done() and reply.exception() is not None:
                # The stream ends with the server: that this POST was told 503 may come just after.
                await asyncio.wait({posting}, timeout=_STATUS_SECONDS)
            accepted = not posting.done() or posted.outcome in _ACCEPTED
            if accepted and not reply.done():
                await asyncio.wait({reply})
            self._copy(posted, draft)
            if not accepted:
                assert posted.outcome is not None
                self._recorder.end(draft, posted.outcome, posted.detail)
            elif (lost := reply.exception()) is not None:
                outcome = (
                    RequestOutcome.ENDED_WITHOUT_REPLY
                    if isinstance(lost, _Ended)
                    else RequestOutcome.TRUNCATED
                )
                self._recorder.end(draft, outcome, str(lost))
            else:
                self._recorder.end(draft, *ended_with(reply.result(), expects))
        finally:
            if not posting.done():
                posting.cancel()
            await asyncio.gather(posting, return_exceptions=True)
            self._waiting.pop(self._id(message), None)
        return draft

    @staticmethod
    def _copy(posted: Draft, draft: Draft) -> None:
        draft.sent, draft.status, draft.retry_after = posted.sent, posted.status, posted.retry_after
        draft.first_byte, draft.received = posted.first_byte, posted.received
        draft.media_type = "text/event-stream" if posted.status == 202 else posted.media_type
        draft.head[:] = posted.head

    async def _read(self, draft: Draft) -> None:
        """The stream: replies go to whoever waits for them, until it ends."""
        lost: Lost = _Ended("the event stream ended cleanly, without a reply")
        outgoing = Outgoing("GET", self._place, {"Accept": "text/event-stream"})
        try:
            self._stream = await HttpConnection.open(self._place)
            await self._stream.send_head("GET", self._place, outgoing.headers, None)
            await self._stream.end_request()
            head = await self._stream.head()
            draft.status = head.status_code
            parser = EventParser()
            while data := await self._stream.body():
                draft.arrived(data)
                for event in parser.feed(data):
                    draft.event_id = event.id or draft.event_id
                    self._take(event.name, event.data)
            self._recorder.end(draft, RequestOutcome.OK, "the server ended the stream")
        except Refused as refused:
            lost = Lost(str(refused))
            self._recorder.end(draft, RequestOutcome.REFUSED, str(refused))
        except Lost as error:
            lost = Lost(f"the event stream was lost: {error}")
            silent = RequestOutcome.RESET if draft.status is None else RequestOutcome.TRUNCATED
            self._recorder.end(draft, silent, str(lost))
        self._gone = lost
        for reply in self._waiting.values():
            if not reply.done():
                reply.set_exception(lost)
        if self._endpoint is not None and not self._endpoint.done():
            self._endpoint.set_exception(lost)

    def _take(self, name: str, data: bytes) -> None:
        if name == "endpoint" and self._endpoint is not None and not self._endpoint.done():
            self._endpoint.set_result(data.decode("utf-8", "replace").strip())
            return
        try:
            messages = messages_in(data, batches=True) if data.strip() else []
        except Broken:
            return
        for message in messages:
            if kind_of(message) is MessageKind.REQUEST:
                self._reply(message)
            elif kind_of(message) is MessageKind.RESPONSE:
                number = message.get("id")
                reply = self._waiting.get(number) if isinstance(number, int) else None
                if reply is not None and not reply.done():
                    reply.set_result(message)

    def _reply(self, asked: Message) -> None:
        """Answer a request of the server, as a client without capabilities does."""
        if self._post_place is not None and len(self._replies) < MOST_REPLIES:
            outgoing = post(self._post_place, reply_to(asked), {})
            task = asyncio.ensure_future(unrecorded(Line(self._post_place), outgoing))
            self._replies.add(task)

    def _message(self, method: str, params: dict[str, Json] | None) -> Message:
        self._next_id += 1
        return request(self._next_id, method, params)

    @staticmethod
    def _id(message: Message) -> int:
        return int(str(message["id"]))

    def _expect(self, message: Message) -> asyncio.Future[Message]:
        """The reply to `message`, once it arrives on the stream."""
        reply: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        if self._gone is not None:
            reply.set_exception(self._gone)
        self._waiting[self._id(message)] = reply
        return reply

    def _draft(self, purpose: Purpose, connection: Connection, method: str) -> Draft:
        return self._recorder.begin(
            self.name, purpose, connection, self.era, self.transport, method
        )
