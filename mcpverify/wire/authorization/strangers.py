"""Strangers: sessions without any credential, wherever the server could let one of them in.

A guard that stands before one era, or one replica, may be missing from the next.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from mcpverify.facts.credentials import (
    is_secret_header,
    of_header,
    of_url,
    without_credentials,
)
from mcpverify.facts.refusal import REFUSALS
from mcpverify.facts.target import HttpEndpoint, Transport
from mcpverify.facts.transcript import Role, Step
from mcpverify.wire.conduct import Conduct
from mcpverify.wire.deadline import Broken, Deadline
from mcpverify.wire.revisions.envelope import Envelope
from mcpverify.wire.revisions.handshake import Handshake
from mcpverify.wire.revisions.stateless import Stateless
from mcpverify.wire.session import Session
from mcpverify.wire.transports.channel import Channel
from mcpverify.wire.transports.legacy_sse import LegacySse
from mcpverify.wire.transports.streamable_http import StreamableHttp

# Where connections are made, beyond the first: so many by chance, or one for each known replica.
Places: TypeAlias = Callable[[int], Sequence[HttpEndpoint]]

_OTHER_ERA: Final = 5  # at most so many are made in an era that is not judged


def ask_strangers(
    endpoint: HttpEndpoint,
    url: str,
    sessions: Sequence[Session],
    wanted: int,
    places: Places,
    conduct: Conduct,
) -> list[Session]:
    """Strangers at each place, in each era but those that the server told us it does not speak.

    `wanted` counts those in the judged era that meet the address by chance. Of those it is no use
    to make more once one is let in, or gets no answer: all of them are at the same address.
    """
    asked: list[Session] = []
    for like in _eras(sessions, conduct):
        asked.append(_stranger(replace(endpoint, urls=(url,)), like, conduct))
        more = (min(wanted, _OTHER_ERA) if asked[1:] else wanted) - 1
        try:
            elsewhere = places(more)
        except Broken as error:
            asked.append(_nobody(like, url, error, conduct))
            continue
        known = conduct.target.replicas.known
        for place in elsewhere:
            if not known and asked[-1].last.status not in REFUSALS:
                break
            asked.append(_stranger(place, like, conduct))
    return asked


def as_stranger(endpoint: HttpEndpoint, url: str) -> HttpEndpoint:
    """The endpoint at `url` for somebody who was given nothing but a client certificate.

    A certificate opens the way to the server, not the server: without one there is often no
    connection on which anything could be asked.
    """
    headers = tuple(h for h in endpoint.headers if not is_secret_header(h.name, h.value))
    return replace(endpoint, urls=(without_credentials(url),), headers=headers, token=None)


def withheld(endpoint: HttpEndpoint, url: str) -> tuple[str, ...]:
    """What a stranger does not send, by the names of its places."""
    headers = [
        f"header {each.name}"
        for each in endpoint.headers
        if is_secret_header(each.name, each.value) and of_header(each.name, each.value)
    ]
    kept = {each.value for each in of_url(without_credentials(url))}
    query = [each.name for each in of_url(url) if each.value not in kept]
    return tuple(dict.fromkeys((*headers, *query)))


@dataclass(frozen=True, slots=True)
class _Way:
    """How a stranger speaks."""

    transport: Transport
    envelope: Envelope


def _eras(sessions: Sequence[Session], conduct: Conduct) -> Iterator[_Way]:
    """The judged era, and others that the server knows, or that nobody has asked it for yet."""
    primary = next(each for each in sessions if each.role is Role.PRIMARY)
    transport = primary.channel.transport
    yield _Way(transport, primary.envelope)
    if transport is Transport.SSE or conduct.target.protocol is not None:
        return
    for envelope in (Handshake(), Stateless()):
        if envelope.era is primary.envelope.era:
            continue
        tried = [each for each in sessions if each.envelope.era is envelope.era]
        refused = any(e.status in REFUSALS for each in tried for e in each.exchanges)
        if not tried or refused or any(each.begun for each in tried):
            yield _Way(transport, envelope)


def _stranger(at: HttpEndpoint, like: _Way, conduct: Conduct) -> Session:
    """A session as `like`, over the same transport, without any credential: closed, and whole."""
    place = as_stranger(at, at.urls[0])
    limits, run = conduct.limits, conduct.deadline
    channel: Channel
    if like.transport is Transport.SSE:
        channel = stream = LegacySse(place, place.urls[0], limits, conduct.clock, run)
        session = conduct.session(channel, like.envelope, Role.STRANGER)
        words = f"the event stream named no endpoint within {limits.step_seconds:g} s"
        session.keep(stream.open(run.within(limits.step_seconds, words)))
        if session.last.failure is None and session.open():
            session.list_all(Step.TOOLS)
    else:
        channel = StreamableHttp(place, place.urls[0], limits, conduct.clock)
        session = conduct.session(channel, like.envelope, Role.STRANGER)
        session.open()
        if session.last.status is not None:
            # Also where no session was opened: it may be that nothing else is guarded.
            session.list_all(Step.TOOLS)
        session.end()
    session.close(Deadline.after(limits.closing_seconds, "closing took too long"))
    return session


def _nobody(like: _Way, url: str, error: Broken, conduct: Conduct) -> Session:
    """What keeps us from asking the replicas is kept, as one of them that did not answer."""
    channel = StreamableHttp(HttpEndpoint((url,)), url, conduct.limits, conduct.clock)
    session = conduct.session(channel, like.envelope, Role.STRANGER)
    session.keep_unasked(error, conduct.clock)
    return session
