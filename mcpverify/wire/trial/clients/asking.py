"""One request over one connection, and what came of it: sent, held back, answered, cut, refused.

Nothing here raises what a server did: it ends the draft with an outcome.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mcpverify.facts.json_text import Json
from mcpverify.facts.timeline import RequestOutcome
from mcpverify.wire.deadline import Broken
from mcpverify.wire.jsonrpc import Message, MessageKind, answers, kind_of, messages_in
from mcpverify.wire.retry_after import retry_after
from mcpverify.wire.sse_framing import EventParser
from mcpverify.wire.transports.channel import encode
from mcpverify.wire.transports.streamable_http import ACCEPT
from mcpverify.wire.trial.clients.connection import HttpConnection, Lost, Place
from mcpverify.wire.trial.clients.expectation import Expectation, anything
from mcpverify.wire.trial.recorder import Draft, Recorder

HELD_BYTES = 8
_MOST = 64 * 2**20
# With the answer in hand: how long the end of its stream is waited for, so that the connection
# can be used again.
_STREAM_END_SECONDS = 0.05


class Hold:
    """What keeps the last bytes of requests back. `waiting` counts those that it has kept."""

    def __init__(self) -> None:
        self.waiting = 0
        self._released = asyncio.Event()

    async def wait(self) -> None:
        self.waiting += 1
        await self._released.wait()

    def release(self) -> None:
        self._released.set()


@dataclass(slots=True)
class Outgoing:
    """A request. `hold`, where there is one, keeps its last bytes back.

    `wanted` is the id of the response that a GET is to bring. Of a stream that is only knocked
    at, `head_only`, a good status is all that is wanted. `expects` is held to the result of the
    response. `reply` takes requests that the server makes inside an event stream.
    """

    method: str
    place: Place
    headers: dict[str, str] = field(default_factory=dict)
    message: Message | None = None
    hold: Hold | None = None
    wanted: Json = None
    head_only: bool = False
    reply: Callable[[Message], None] | None = None
    expects: Expectation = anything

    @property
    def id(self) -> Json:
        return self.wanted if self.message is None else self.message.get("id")


@dataclass(slots=True)
class Answer:
    """What was answered. `message` is the JSON-RPC response, None without one."""

    headers: tuple[tuple[str, str], ...] = ()
    message: Message | None = None
    reusable: bool = False

    def header(self, name: str) -> str | None:
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def result(self) -> Json:
        return None if self.message is None else self.message.get("result")


def post(
    place: Place, message: Message, headers: dict[str, str], hold: Hold | None = None
) -> Outgoing:
    own = {"Content-Type": "application/json", "Accept": ACCEPT}
    return Outgoing("POST", place, own | headers, message, hold)


async def ask(
    connection: HttpConnection, outgoing: Outgoing, draft: Draft, recorder: Recorder
) -> Answer:
    """Send it over `connection` and see what comes. Ends the draft, unless cancelled."""
    answer = Answer()
    reading = asyncio.ensure_future(_read(connection, outgoing, draft, answer, recorder))
    sending = asyncio.ensure_future(_send(connection, outgoing, draft))
    try:
        # An answer, or the end, may come while the last bytes are still held back.
        await asyncio.wait({reading, sending}, return_when=asyncio.FIRST_COMPLETED)
        if not sending.done():
            sending.cancel()
        await reading
    except Lost as lost:
        recorder.end(draft, _silence(draft), str(lost))
        connection.close()
    finally:
        reading.cancel()
        sending.cancel()
        await asyncio.gather(reading, sending, return_exceptions=True)
    answer.reusable = connection.rest()
    return answer


def _silence(draft: Draft) -> RequestOutcome:
    return RequestOutcome.RESET if draft.status is None else RequestOutcome.TRUNCATED


async def _send(connection: HttpConnection, outgoing: Outgoing, draft: Draft) -> None:
    body = b"" if outgoing.message is None else encode(outgoing.message)
    length = None if outgoing.message is None else len(body)
    try:
        await connection.send_head(outgoing.method, outgoing.place, outgoing.headers, length)
        if outgoing.hold is not None:
            await connection.send_body(body[:-HELD_BYTES])
            await outgoing.hold.wait()
            body = body[-HELD_BYTES:]
        if body:
            await connection.send_body(body)
        await connection.end_request()
        draft.sent = time.monotonic()
    except Lost:
        # What the server had to say, if anything, is read all the same.
        await asyncio.Event().wait()


async def _read(
    connection: HttpConnection,
    outgoing: Outgoing,
    draft: Draft,
    answer: Answer,
    recorder: Recorder,
) -> None:
    head = await connection.head()
    draft.status = head.status_code
    answer.headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in head.headers)
    draft.media_type = (answer.header("content-type") or "").partition(";")[0].strip().lower()
    draft.retry_after = retry_after(answer.header("retry-after") or "")
    if outgoing.head_only and draft.status < 300:
        recorder.end(draft, RequestOutcome.OK, f"HTTP {draft.status}")
        connection.close()
        return
    if draft.media_type == "text/event-stream" and draft.status < 300:
        await _read_events(connection, outgoing, draft, answer, recorder)
        return
    body = bytearray()
    while data := await connection.body():
        draft.arrived(data)
        body += data
        if len(body) > _MOST:
            raise Lost("the answer is too large")
    outcome, detail = _judged(bytes(body), outgoing, draft, answer)
    recorder.end(draft, outcome, detail)


def _judged(
    body: bytes, outgoing: Outgoing, draft: Draft, answer: Answer
) -> tuple[RequestOutcome, str]:
    """The outcome of a request whose answer ended in good order and was no event stream."""
    status = draft.status or 0
    found = next(_responses(body, outgoing), None)
    if outgoing.id is None:
        found = None
    answer.message = found
    if status == 503:
        return RequestOutcome.HTTP_503, "HTTP 503"
    if 400 <= status < 500:
        return RequestOutcome.HTTP_4XX, f"HTTP {status}"
    if status >= 500:
        if found is not None and "error" in found:
            return RequestOutcome.JSONRPC_ERROR, f"HTTP {status} with {error_words(found)}"
        return RequestOutcome.HTTP_5XX, f"HTTP {status}"
    if outgoing.id is None:
        return RequestOutcome.OK, f"HTTP {status}"
    if found is not None:
        return ended_with(found, outgoing.expects)
    if not body:
        return RequestOutcome.ENDED_WITHOUT_REPLY, f"HTTP {status} with an empty body"
    return RequestOutcome.BAD_ANSWER, f"HTTP {status} without an answer to the request in it"


def ended_with(response: Message, expects: Expectation) -> tuple[RequestOutcome, str]:
    """The outcome of a request that this JSON-RPC response answers, if it does."""
    if "error" in response:
        return RequestOutcome.JSONRPC_ERROR, error_words(response)
    result = response.get("result")
    if isinstance(result, dict) and result.get("isError") is True:
        return RequestOutcome.TOOL_ERROR, "a result in which the tool reports an error"
    if problem := expects(result):
        return RequestOutcome.BAD_ANSWER, problem
    return RequestOutcome.OK, ""


def error_words(response: Message) -> str:
    error = response.get("error")
    if not isinstance(error, dict):
        return "an error"
    return f"JSON-RPC error {error.get('code')}: {str(error.get('message'))[:200]}"


def _responses(text: bytes, outgoing: Outgoing) -> Iterator[Message]:
    """The response to our request among the messages in `text`; errors may have no id."""
    try:
        messages = messages_in(text, batches=True)
    except Broken:
        return
    for message in messages:
        if kind_of(message) is not MessageKind.RESPONSE:
            continue
        if answers(message, outgoing.id) or ("error" in message and message.get("id") is None):
            yield message


async def _read_events(
    connection: HttpConnection,
    outgoing: Outgoing,
    draft: Draft,
    answer: Answer,
    recorder: Recorder,
) -> None:
    parser = EventParser()
    while data := await connection.body():
        draft.arrived(data)
        for event in parser.feed(data):
            draft.event_id = event.id or draft.event_id
            if event.name == "message" and event.data.strip():
                _take(event.data, outgoing, answer)
        if answer.message is not None:
            recorder.end(draft, *ended_with(answer.message, outgoing.expects))
            await _read_to_the_end(connection)
            return
        if draft.received > _MOST:
            raise Lost("the answer is too large")
    if outgoing.id is None:
        recorder.end(draft, RequestOutcome.OK, "the server ended the stream")
        return
    detail = "the event stream ended cleanly, without a reply"
    recorder.end(draft, RequestOutcome.ENDED_WITHOUT_REPLY, detail)


def _take(text: bytes, outgoing: Outgoing, answer: Answer) -> None:
    if outgoing.id is not None and answer.message is None:
        answer.message = next(_responses(text, outgoing), None)
    if outgoing.reply is not None:
        for request in server_requests(text):
            outgoing.reply(request)


def server_requests(text: bytes) -> Iterator[Message]:
    """The requests that the server makes in a JSON text."""
    try:
        messages = messages_in(text, batches=True)
    except Broken:
        return
    yield from (each for each in messages if kind_of(each) is MessageKind.REQUEST)


async def _read_to_the_end(connection: HttpConnection) -> None:
    try:
        async with asyncio.timeout(_STREAM_END_SECONDS):
            while await connection.body():
                pass
    except (TimeoutError, Lost):
        connection.close()
