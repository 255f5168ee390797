"""What all transports have in common: the channel interface, and how an exchange is recorded."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from mcpverify.facts.json_text import Json
from mcpverify.facts.target import Limits, Transport
from mcpverify.facts.transcript import (
    Certificate,
    Exchange,
    Failure,
    FailureKind,
    ProcessEnd,
    Step,
    Timing,
)
from mcpverify.wire.deadline import Broken, Deadline, broken
from mcpverify.wire.jsonrpc import Message, MessageKind, answers, kind_of, messages_in

if TYPE_CHECKING:
    from mcpverify.wire.http_client import Answer

_MAX_REPLIES = 100


class Channel(Protocol):
    """A way to one server. Every method returns an Exchange and raises nothing of the server's."""

    transport: Transport
    url: str
    batches: bool  # whether the negotiated revision lets the server batch (2025-03-26)

    def send(
        self, step: Step, message: Message, headers: dict[str, str], deadline: Deadline
    ) -> Exchange:
        """Send one request or notification and bring back all that came with its answer."""
        ...

    def close(self, deadline: Deadline) -> None: ...

    @property
    def certificate(self) -> Certificate | None: ...

    @property
    def process(self) -> ProcessEnd | None: ...

    @property
    def noise(self) -> Sequence[str]:
        """Lines that came where only messages belong."""
        ...


@dataclass(slots=True)
class Clock:
    """The start of the run on the monotonic clock: exchanges are timed from there."""

    start: float = field(default_factory=time.monotonic)

    def now(self) -> float:
        return time.monotonic() - self.start


@dataclass(slots=True)
class Draft:
    """An exchange being recorded."""

    step: Step
    method: str
    url: str
    sent: Message | None
    clock: Clock
    started: float = 0.0
    first_byte: float | None = None
    connected: float | None = None
    answered: float | None = None
    batches: bool = False
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    answer: dict[str, Json] | None = None
    asides: list[Message] = field(default_factory=list)
    failure: Failure | None = None
    peer: str | None = None
    redirects: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.started = self.clock.now()

    @property
    def request_id(self) -> Json:
        return None if self.sent is None else self.sent.get("id")

    @property
    def wants_answer(self) -> bool:
        return self.sent is not None and "id" in self.sent

    def fail(self, error: Broken) -> None:
        self.failure = error.failure

    def note(self, answer: "Answer") -> None:
        """The head of an HTTP response has come: all of it but the body."""
        self.arrived()
        self.status, self.headers, self.redirects = answer.status, answer.headers, answer.redirects
        self.connected, self.peer = answer.connected, answer.peer

    def arrived(self) -> None:
        if self.first_byte is None:
            self.first_byte = self.clock.now() - self.started

    def take(self, text: bytes) -> list[Message]:
        """Sort the messages of one JSON text; returns the server's requests among them."""
        requests = []
        for message in messages_in(text, batches=self.batches):
            if self.wants_answer and self.answer is None and answers(message, self.request_id):
                self.answer = message
                self.answered = self.clock.now() - self.started
                continue
            self.asides.append(message)
            if kind_of(message) is MessageKind.REQUEST:
                requests.append(message)
        return requests

    def unanswered(self) -> Broken:
        """The stream ended cleanly without our answer: say what it held instead."""
        others = [m.get("id") for m in self.asides if kind_of(m) is MessageKind.RESPONSE]
        if others:
            # Whole or not at all: a cut could leave half of a credential that was sent back.
            got = json.dumps(others[0])
            got = f"the id {got}" if len(got) <= 40 else "a long id"
            detail = f"the answer has {got}; the request had {json.dumps(self.request_id)}"
            return broken(FailureKind.BAD_MESSAGE, detail)
        return broken(FailureKind.ENDED_WITHOUT_REPLY, "the stream ended without an answer")

    def done(self) -> Exchange:
        return Exchange(
            step=self.step,
            method=self.method,
            url=self.url,
            sent=self.sent,
            status=self.status,
            headers=self.headers,
            body=self.body,
            answer=self.answer,
            asides=tuple(self.asides),
            failure=self.failure,
            timing=Timing(
                started=self.started,
                connected=self.connected,
                first_byte=self.first_byte,
                total=self.clock.now() - self.started if self.answered is None else self.answered,
            ),
            peer=self.peer,
            redirects=self.redirects,
        )


def encode(message: Message) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode()


def is_call(message: Message) -> bool:
    """Whether it calls a tool: twice may be once too often."""
    return message.get("method") == Step.CALL.value


def replies_within(count: int) -> None:
    """Raises Broken (too-large) when the server has asked more of us than any honest one would."""
    if count > _MAX_REPLIES:
        detail = f"the server asked more than {_MAX_REPLIES} requests of its own"
        raise broken(FailureKind.TOO_LARGE, detail)


def events_within(limits: Limits, count: int) -> None:
    """Raises Broken (too-large) when a stream has had more than its share of events."""
    if count > limits.events:
        detail = f"more than {limits.events:,} events came without the answer"
        raise broken(FailureKind.TOO_LARGE, detail)
