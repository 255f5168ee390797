"""Requests while they are under way, and the record of all that were made.

Times are those of the loop's clock, which is `time.monotonic()`, until the trial is over: only
then is it known for all of them how far from the signal they were.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from mcpverify.facts.revision import Era
from mcpverify.facts.target import Transport
from mcpverify.facts.timeline import (
    Connection,
    Moment,
    Phase,
    Purpose,
    Request,
    RequestOutcome,
    Signal,
    Watcher,
)

EXCERPT_BYTES = 200


@dataclass(slots=True)
class Draft:
    """A request that is being made. Its fields are those of `Request`."""

    client: str
    purpose: Purpose
    connection: Connection
    era: Era | None
    transport: Transport
    method: str
    began: float = field(default_factory=time.monotonic)
    sent: float | None = None
    first_byte: float | None = None
    ended: float | None = None
    outcome: RequestOutcome | None = None
    status: int | None = None
    media_type: str = ""
    received: int = 0
    retry_after: float | None = None
    event_id: str = ""
    detail: str = ""
    head: bytearray = field(default_factory=bytearray)

    def arrived(self, data: bytes) -> None:
        """Note bytes of the answer's body."""
        if self.first_byte is None:
            self.first_byte = time.monotonic()
        self.received += len(data)
        if len(self.head) < EXCERPT_BYTES:
            self.head += data[: EXCERPT_BYTES - len(self.head)]

    def request(self, zero: float) -> Request:
        """What was made of it, in seconds from `zero`."""
        assert self.ended is not None
        assert self.outcome is not None
        return Request(
            client=self.client,
            purpose=self.purpose,
            connection=self.connection,
            era=self.era,
            transport=self.transport,
            method=self.method,
            began=self.began - zero,
            sent=_from(zero, self.sent),
            first_byte=_from(zero, self.first_byte),
            ended=self.ended - zero,
            outcome=self.outcome,
            status=self.status,
            media_type=self.media_type,
            received=self.received,
            retry_after=self.retry_after,
            event_id=self.event_id,
            detail=self.detail,
            excerpt=self.head.decode("utf-8", "replace"),
        )


class Recorder:
    """Keeps the requests of a trial, and tells whoever watches it."""

    def __init__(self, watcher: Watcher | None) -> None:
        self._watcher = watcher
        self._drafts: list[Draft] = []
        self.zero: float | None = None  # when the signal was sent

    def begin(
        self,
        client: str,
        purpose: Purpose,
        connection: Connection,
        era: Era | None,
        transport: Transport,
        method: str,
    ) -> Draft:
        draft = Draft(client, purpose, connection, era, transport, method)
        self._drafts.append(draft)
        return draft

    def end(self, draft: Draft, outcome: RequestOutcome, detail: str = "") -> None:
        """The request is over. What is said first counts."""
        if draft.outcome is not None:
            return
        draft.ended, draft.outcome = time.monotonic(), outcome
        draft.detail = detail or draft.detail
        if self._watcher is not None:
            # Before the signal nobody knows how far away it is: now stands for it.
            self._watcher(draft.request(draft.ended if self.zero is None else self.zero))

    def reopen(self, draft: Draft) -> None:
        """The request is sent again, over a connection of its own."""
        draft.outcome, draft.ended, draft.detail = None, None, ""
        draft.connection = Connection.FRESH

    def cut_off(self, detail: str) -> None:
        """Whatever is still under way was not answered in time."""
        for draft in self._drafts:
            self.end(draft, RequestOutcome.TIMEOUT, detail)

    def in_flight(self, purpose: Purpose) -> tuple[Draft, ...]:
        """Those that have not ended."""
        return tuple(
            each for each in self._drafts if each.purpose is purpose and each.outcome is None
        )

    def disturbed(self) -> float | None:
        """When the first request after the signal was not answered well, on the loop's clock."""
        return None if self.zero is None else first_disturbed(self._drafts, self.zero)

    def failures(self, purpose: Purpose) -> str:
        """What went wrong with the requests that have ended, in words; "" where nothing did."""
        ended = [each for each in self._drafts if each.purpose is purpose and each.ended]
        failed = [each for each in ended if each.outcome is not RequestOutcome.OK]
        if not failed:
            return ""
        first = failed[0].detail or failed[0].outcome
        return (
            f"{len(failed)} of {len(ended)} safe requests failed before the signal, the first "
            f"with: {first}"
        )

    def signal(self, signal: Signal) -> None:
        if self._watcher is not None:
            self._watcher(signal)

    def phase(self, phase: Phase, detail: str = "") -> None:
        if self._watcher is not None:
            at = None if self.zero is None else time.monotonic() - self.zero
            self._watcher(Moment(phase, at, detail))

    def requests(self) -> tuple[Request, ...]:
        """Those that ended, in the order in which they began."""
        zero = time.monotonic() if self.zero is None else self.zero
        ended = (each for each in self._drafts if each.outcome is not None)
        return tuple(each.request(zero) for each in sorted(ended, key=lambda each: each.began))


def _from(zero: float, at: float | None) -> float | None:
    return None if at is None else at - zero


def first_disturbed(made: Iterable[Draft | Request], zero: float) -> float | None:
    """When the first of those that began after `zero` began which ended otherwise than well.

    Calls do not count: they may have been lost by what they asked for.
    """
    return next(
        (
            each.began
            for each in made
            if each.purpose in (Purpose.NEW_SESSION, Purpose.LOOP)
            and each.began > zero
            and each.outcome not in (None, RequestOutcome.OK)
        ),
        None,
    )
