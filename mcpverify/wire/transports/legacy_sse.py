"""HTTP+SSE (2024-11-05): a GET opens the stream on which every answer arrives.

https://modelcontextprotocol.io/specification/2024-11-05/basic/transports#http-with-sse
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from http.cookiejar import CookieJar
from queue import Empty, Full, Queue

import httpx

from mcpverify.errors import McpverifyError
from mcpverify.facts.credentials import masked_url
from mcpverify.facts.target import HttpEndpoint, Limits, Transport
from mcpverify.facts.transcript import (
    Certificate,
    Exchange,
    Failure,
    FailureKind,
    ProcessEnd,
    Step,
)
from mcpverify.wire.deadline import Broken, Deadline, broken
from mcpverify.wire.http_client import Answer, HttpClient, origin_of
from mcpverify.wire.http_status import status_failure
from mcpverify.wire.jsonrpc import Message, reply_to
from mcpverify.wire.sse_framing import Event, EventParser
from mcpverify.wire.stopping import woken_by
from mcpverify.wire.transports.channel import (
    Clock,
    Draft,
    encode,
    events_within,
    is_call,
    replies_within,
)
from mcpverify.wire.transports.streamable_http import ACCEPT

_ERROR_BODY_SECONDS = 5.0
_QUEUED_EVENTS = 64


class LegacySse:
    """A channel over HTTP+SSE. `open` first: the GET that probes for it is the session.

    The stream is read by a thread of its own, because a server may write an answer
    before it accepts the POST that asked for it.
    """

    transport = Transport.SSE
    process: ProcessEnd | None = None
    noise: Sequence[str] = ()
    batches = False

    def __init__(
        self, endpoint: HttpEndpoint, url: str, limits: Limits, clock: Clock, run: Deadline
    ) -> None:
        self._raw_url = url
        self.url = masked_url(url)
        self._limits = limits
        self._clock = clock
        self._run = run
        cookies = CookieJar()
        # One stream carries the answers of the whole session.
        stream_limits = replace(limits, answer_bytes=limits.session_bytes)
        self._stream_client = HttpClient(endpoint, stream_limits, cookies)
        self._post_client = HttpClient(endpoint, limits, cookies)
        self._arrivals: Queue[Answer | Event | Failure | McpverifyError] = Queue(_QUEUED_EVENTS)
        self._closing = threading.Event()
        self._post_url = ""
        self._replies = 0
        self._taken = bytearray()

    @property
    def certificate(self) -> Certificate | None:
        return self._stream_client.certificate

    def open(self, deadline: Deadline) -> Exchange:
        """The GET: succeeds when the stream has named the URL to POST to."""
        draft = Draft(Step.OPEN_STREAM, "GET", self.url, None, self._clock)
        threading.Thread(target=self._read_stream, daemon=True).start()
        try:
            head = self._next(deadline)
            if not isinstance(head, Answer):
                raise broken(FailureKind.BAD_HTTP, "the stream began without a response")
            draft.note(head)
            self._taken += head.received
            for event in self._events(deadline):
                if event.name == "endpoint":
                    self._post_url = self._endpoint(event)
                    break
        except Broken as error:
            draft.fail(error)
        draft.body = bytes(self._taken)
        self._taken.clear()
        return draft.done()

    def send(
        self, step: Step, message: Message, headers: dict[str, str], deadline: Deadline
    ) -> Exchange:
        draft = Draft(step, "POST", self.url, message, self._clock, batches=self.batches)
        try:
            self._post(draft, message, headers, deadline)
            if draft.wants_answer:
                for event in self._events(deadline):
                    if event.name != "message" or not event.data.strip():
                        continue
                    for request in draft.take(event.data):
                        self._reply(request, headers, deadline)
                    if draft.answer is not None:
                        break
        except Broken as error:
            draft.fail(error)
        draft.body = bytes(self._taken) or draft.body
        self._taken.clear()
        return draft.done()

    def fetch(self, step: Step, url: str, deadline: Deadline) -> Exchange:
        """GET what is beside the endpoint, with the cookies of the session."""
        from mcpverify.wire.fetching import fetched

        return fetched(self._post_client, step, url, self._clock, deadline)

    def close(self, deadline: Deadline) -> None:
        """Close the stream, which ends the session."""
        self._closing.set()
        self._post_client.limit(deadline)
        self._post_client.close()
        self._stream_client.sever()

    def _post(
        self, draft: Draft | None, message: Message, headers: dict[str, str], deadline: Deadline
    ) -> None:
        own = {"Content-Type": "application/json", "Accept": ACCEPT}
        with self._post_client.request(
            *("POST", self._post_url, own | headers, encode(message), deadline),
            once=is_call(message),
        ) as answer:
            if draft is not None:
                draft.arrived()
                draft.status, draft.headers = answer.status, answer.headers
                draft.connected, draft.peer = answer.connected, answer.peer
            self._post_client.limit(deadline.within(_ERROR_BODY_SECONDS, "the body did not end"))
            try:
                answer.body()
            except Broken as error:
                if error.failure.kind is FailureKind.TOO_LARGE:
                    raise
            if not 200 <= answer.status < 300:
                if draft is not None:
                    draft.body = bytes(answer.received)
                raise status_failure(answer)

    def _reply(self, request: Message, headers: dict[str, str], deadline: Deadline) -> None:
        self._replies += 1
        replies_within(self._replies)
        self._post(None, reply_to(request), headers, deadline)

    def _events(self, deadline: Deadline) -> Iterator[Event]:
        count = 0
        while True:
            arrival = self._next(deadline)
            if isinstance(arrival, Event):
                count += 1
                events_within(self._limits, count)
                self._taken += arrival.data + b"\n"
                yield arrival

    def _next(self, deadline: Deadline) -> Answer | Event:
        try:
            with woken_by(self._wake):
                arrival = self._arrivals.get(timeout=deadline.remaining())
        except Empty:
            raise deadline.passed() from None
        if isinstance(arrival, Failure):
            self._arrivals.put_nowait(arrival)  # the stream stays broken for whoever asks next
            raise Broken(arrival)
        if isinstance(arrival, McpverifyError):
            raise arrival
        return arrival

    def _wake(self) -> None:
        with suppress(Full):  # then there is something to take
            self._arrivals.put_nowait(Failure(FailureKind.RESET, "the run was stopped"))

    def _read_stream(self) -> None:
        """The reading thread: everything that the stream brings, in order, then why it ended."""
        try:
            with self._stream_client.request(
                "GET", self._raw_url, {"Accept": "text/event-stream"}, None, self._run
            ) as answer:
                if answer.status != 200 or answer.media_type != "text/event-stream":
                    limit = self._run.within(_ERROR_BODY_SECONDS, "the body did not end")
                    self._stream_client.limit(limit)
                    try:
                        answer.body()
                    finally:
                        self._arrive(answer)
                    raise _no_stream(answer)
                self._arrive(answer)
                parser = EventParser()
                for chunk in answer.chunks():
                    answer.received.clear()  # events are kept as they are taken
                    for event in parser.feed(chunk):
                        self._arrive(event)
                raise broken(FailureKind.ENDED_WITHOUT_REPLY, "the server ended the event stream")
        except Broken as error:
            self._arrive(error.failure)
        except McpverifyError as error:
            self._arrive(error)  # we were called wrongly: for the main thread to say
        finally:
            self._stream_client.close()

    def _arrive(self, arrival: Answer | Event | Failure | McpverifyError) -> None:
        while not self._closing.is_set():
            try:
                self._arrivals.put(arrival, timeout=0.2)
                return
            except Full:
                continue

    def _endpoint(self, event: Event) -> str:
        """The URL that the endpoint event names, if it is one we may send credentials to."""
        text = event.data.decode("utf-8", "replace").strip()
        try:
            url = httpx.URL(self._raw_url).join(text)
            same = origin_of(str(url)) == origin_of(self._raw_url)
        except (httpx.InvalidURL, ValueError):
            raise broken(FailureKind.BAD_MESSAGE, "the endpoint event names no URL") from None
        if not same:
            shown = masked_url(str(url))
            detail = f"the endpoint event names another origin, {shown}: not followed"
            raise broken(FailureKind.REDIRECT, detail)
        asked = httpx.URL(self._raw_url)
        if asked.userinfo:
            url = url.copy_with(username=asked.username, password=asked.password)
        return str(url)


def _no_stream(answer: Answer) -> Broken:
    if answer.status != 200:
        return status_failure(answer)
    named = answer.media_type or "no Content-Type"
    return broken(FailureKind.CONTENT_TYPE, f"HTTP 200 with {named}, not an event stream")
