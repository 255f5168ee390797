"""Streamable HTTP: each message is a POST, answered by JSON or by an event stream.

https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

from mcpverify.facts.credentials import masked_url
from mcpverify.facts.target import HttpEndpoint, Limits, Route, Transport
from mcpverify.facts.transcript import (
    Certificate,
    Exchange,
    FailureKind,
    ProcessEnd,
    Step,
)
from mcpverify.wire.deadline import Broken, Deadline, broken
from mcpverify.wire.http_client import Answer, HttpClient
from mcpverify.wire.http_status import status_failure
from mcpverify.wire.jsonrpc import Message, MessageKind, kind_of, reply_to
from mcpverify.wire.sse_framing import EventParser
from mcpverify.wire.transports.channel import (
    Clock,
    Draft,
    encode,
    events_within,
    is_call,
    replies_within,
)

ACCEPT = "application/json, text/event-stream"

# After our answer has come, how long the end of the stream is waited for: most servers end it
# in the same breath, and then the connection can be used again.
_STREAM_END_SECONDS = 0.05
_ERROR_BODY_SECONDS = 5.0


class StreamableHttp:
    """A channel over Streamable HTTP. One channel is one HTTP client: its own connections."""

    transport = Transport.STREAMABLE_HTTP
    process: ProcessEnd | None = None
    noise: Sequence[str] = ()
    batches = False

    def __init__(self, endpoint: HttpEndpoint, url: str, limits: Limits, clock: Clock) -> None:
        self._raw_url = url
        self.url = masked_url(url)
        self._limits = limits
        self._clock = clock
        self._client = HttpClient(endpoint, limits)
        self._replies = 0
        self._holds_streams = False

    @property
    def certificate(self) -> Certificate | None:
        return self._client.certificate

    def send(
        self, step: Step, message: Message, headers: dict[str, str], deadline: Deadline
    ) -> Exchange:
        own = {"Content-Type": "application/json", "Accept": ACCEPT}
        draft = Draft(step, "POST", self.url, message, self._clock, batches=self.batches)
        try:
            with self._client.request(
                *("POST", self._raw_url, own | headers, encode(message), deadline),
                once=is_call(message),
            ) as answer:
                draft.note(answer)
                try:
                    self._read(draft, answer, headers, deadline)
                finally:
                    draft.body = bytes(answer.received)
        except Broken as error:
            if draft.failure is None:
                draft.fail(error)
        draft.peer = self._client.peer
        return draft.done()

    def delete(self, step: Step, headers: dict[str, str], deadline: Deadline) -> Exchange:
        """End the session that `headers` names."""
        draft = Draft(step, "DELETE", self.url, None, self._clock)
        try:
            own = {"Accept": ACCEPT}
            with self._client.request(
                "DELETE", self._raw_url, own | headers, None, deadline
            ) as answer:
                draft.note(answer)
                self._read_rest(draft, answer, deadline)
                if not 200 <= answer.status < 300:
                    draft.fail(status_failure(answer))
        except Broken as error:
            draft.fail(error)
        return draft.done()

    def fetch(self, step: Step, url: str, deadline: Deadline) -> Exchange:
        """GET what is beside the endpoint, over the connection and with the cookies of this."""
        from mcpverify.wire.fetching import fetched

        return fetched(self._client, step, url, self._clock, deadline)

    @property
    def cookies(self) -> str | None:
        """The Cookie header of our requests."""
        return self._client.cookies_for(self._raw_url)

    def set_aside(self) -> AbstractContextManager[None]:
        """Make fresh connections within, and go on with the one that is open afterwards."""
        return self._client.set_aside()

    def reconnect(self, routes: tuple[Route, ...] | None = None) -> None:
        """Make the next request go over a fresh connection, and by `routes` if they are given."""
        self._client.close()
        if routes is not None:
            self._client.reroute(routes)

    def close(self, deadline: Deadline) -> None:
        self._client.limit(deadline)
        self._client.close()

    def _read(
        self, draft: Draft, answer: Answer, headers: dict[str, str], deadline: Deadline
    ) -> None:
        if not 200 <= answer.status < 300:
            self._read_rest(draft, answer, deadline)
            draft.answer = _error_in(draft)
            raise status_failure(answer)
        if not draft.wants_answer:
            self._read_rest(draft, answer, deadline)
            return
        match answer.media_type:
            case "application/json":
                requests = draft.take(answer.body())
                _accept_error_without_id(draft)
                if draft.answer is None:
                    raise draft.unanswered()
                self._reply(requests, headers, deadline)
            case "text/event-stream":
                self._read_events(draft, answer, headers, deadline)
            case media_type:
                self._read_rest(draft, answer, deadline)
                if not answer.received:
                    detail = f"HTTP {answer.status} with an empty body"
                    raise broken(FailureKind.ENDED_WITHOUT_REPLY, detail)
                named = media_type or "no Content-Type"
                detail = f"HTTP {answer.status} with {named}, neither JSON nor an event stream"
                raise broken(FailureKind.CONTENT_TYPE, detail)

    def _read_events(
        self, draft: Draft, answer: Answer, headers: dict[str, str], deadline: Deadline
    ) -> None:
        parser = EventParser()
        chunks = answer.chunks()
        events = 0
        for chunk in chunks:
            for event in parser.feed(chunk):
                events += 1
                events_within(self._limits, events)
                if event.name == "message" and event.data.strip():  # a priming event has no data
                    self._reply(draft.take(event.data), headers, deadline)
            if draft.answer is not None:
                self._read_to_the_end(chunks, deadline)
                return
        raise draft.unanswered()

    def _read_to_the_end(self, chunks: Iterator[bytes], deadline: Deadline) -> None:
        """With the answer in hand, see the stream end, so that the connection can be used again."""
        if self._holds_streams:
            return
        self._client.limit(deadline.within(_STREAM_END_SECONDS, "the stream was held open"))
        try:
            for _ in chunks:
                pass
        except Broken:
            self._holds_streams = True

    def _reply(self, requests: list[Message], headers: dict[str, str], deadline: Deadline) -> None:
        """Answer the server's own requests, as a client without capabilities does."""
        own = {"Content-Type": "application/json", "Accept": ACCEPT}
        for request in requests:
            self._replies += 1
            replies_within(self._replies)
            with self._client.request(
                "POST", self._raw_url, own | headers, encode(reply_to(request)), deadline
            ) as answer:
                answer.body()

    def _read_rest(self, draft: Draft, answer: Answer, deadline: Deadline) -> None:
        """Read a body that matters little: what came of it when it fails is kept."""
        self._client.limit(deadline.within(_ERROR_BODY_SECONDS, "the body did not end"))
        try:
            answer.body()
        except Broken as error:
            if error.failure.kind is FailureKind.TOO_LARGE:
                raise
        finally:
            draft.body = bytes(answer.received)


def _error_in(draft: Draft) -> Message | None:
    """The JSON-RPC error in the body of an HTTP error, whatever its id."""
    try:
        draft.take(draft.body)
    except Broken:
        return None
    _accept_error_without_id(draft, any_id=True)
    return draft.answer


def _accept_error_without_id(draft: Draft, *, any_id: bool = False) -> None:
    """JSON-RPC lets an error carry a null id; HTTP says which request it belongs to."""
    if draft.answer is not None:
        return
    for message in draft.asides:
        is_error = kind_of(message) is MessageKind.RESPONSE and "error" in message
        if is_error and (any_id or message.get("id") is None):
            draft.answer = message
            draft.asides.remove(message)
            return
