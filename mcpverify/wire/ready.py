"""The shortest session that shows whether a server can be used: opened, and closed again.

The newer era is asked first, as agents do: there it is one request, and nothing stays behind. A
probe comes again every few seconds for months, so that whatever was opened is ended in the time
that is kept for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from mcpverify.facts.revision import Era
from mcpverify.facts.target import HttpEndpoint, Target, Transport
from mcpverify.facts.transcript import FailureKind, Role, Step, Transcript
from mcpverify.wire.conduct import Conduct
from mcpverify.wire.deadline import Deadline
from mcpverify.wire.fall_back import is_final, is_refusal, may_fall_back
from mcpverify.wire.http_client import require_legal_host
from mcpverify.wire.revisions.handshake import Handshake
from mcpverify.wire.revisions.stateless import Stateless
from mcpverify.wire.session import Session
from mcpverify.wire.transports.channel import Channel

# Of the time there is, for a server that may never answer the newer era.
_PATIENCE = 1 / 3


def ready_session(target: Target, deadline: Deadline, *, tools: bool, keep: bool) -> Transcript:
    """The session that opened, or the one that tells best why none did.

    With `tools` the first page of them is listed; with `keep` no session is ended. All but the
    closing is over by `deadline`.
    """
    assert isinstance(target.endpoint, HttpEndpoint)
    require_legal_host(target.endpoint.urls[0])
    look = _Look(target, target.endpoint, deadline)
    with look.closing(keep=keep):
        session = look.opened_or_telling()
        if tools and session.advertises("tools"):
            session.list_all(Step.TOOLS)
    return session.transcript()


class _Look:
    def __init__(self, target: Target, endpoint: HttpEndpoint, deadline: Deadline) -> None:
        self._target = target
        self._endpoint = endpoint
        self._conduct = Conduct(target, None)
        self._conduct.deadline = deadline
        self._sessions: list[Session] = []

    def opened_or_telling(self) -> Session:
        """By the ways that a client tries, each only where the one before says so."""
        asked, pinned = self._target.transport, self._target.protocol
        session: Session | None = None
        if asked is not Transport.SSE:
            session, opened = self._streamable(self._endpoint.urls[0])
            if opened or asked is not Transport.AUTO or not may_fall_back(session.last):
                return session
            if pinned is not None and pinned.era is Era.STATELESS:
                return session  # HTTP+SSE knows no such era
        for url in self._endpoint.urls:
            older, opened = self._legacy_sse(url)
            if opened or session is None or older.exchanges[0].failure is None:
                session = older  # what a POST met is no matter where a stream opens
            if opened:
                break
        assert session is not None
        return session

    def _streamable(self, url: str) -> tuple[Session, bool]:
        from mcpverify.wire.transports.streamable_http import StreamableHttp

        channel = StreamableHttp(self._endpoint, url, self._conduct.limits, self._conduct.clock)
        pinned = self._target.protocol
        if pinned is not None:
            envelope = Stateless() if pinned.era is Era.STATELESS else Handshake(pinned)
            only = self._session(channel, envelope)
            return only, only.open()
        stateless = self._session(channel, Stateless())
        if stateless.open(self._conduct.limits.step_seconds * _PATIENCE):
            return stateless, True
        if is_final(stateless.last):
            return stateless, False
        handshake = self._session(channel, Handshake())
        if handshake.open():
            return handshake, True
        if is_refusal(stateless.last) or not is_refusal(handshake.last):
            return handshake, False
        # It does not speak the older era: in the newer one it failed, or was only slow.
        failure = stateless.last.failure
        if failure is None or failure.kind is not FailureKind.TIMEOUT:
            return stateless, False
        again = self._session(channel, Stateless())
        return again, again.open()

    def _legacy_sse(self, url: str) -> tuple[Session, bool]:
        from mcpverify.wire.transports.legacy_sse import LegacySse

        conduct = self._conduct
        channel = LegacySse(self._endpoint, url, conduct.limits, conduct.clock, conduct.deadline)
        session = self._session(channel, Handshake(self._target.protocol))
        session.keep(channel.open(conduct.deadline))
        return session, session.last.failure is None and session.open()

    def _session(self, channel: Channel, envelope: Handshake | Stateless) -> Session:
        session = self._conduct.session(channel, envelope, Role.PRIMARY)
        self._sessions.append(session)
        return session

    @contextmanager
    def closing(self, *, keep: bool) -> Iterator[None]:
        """Whatever happens, a signal included: end what we opened."""
        try:
            yield
        finally:
            limit = Deadline.after(self._target.limits.closing_seconds, "closing took too long")
            # Sessions may share a connection: all are ended before one is closed.
            for session in () if keep else self._sessions:
                session.abandon(limit)
            for session in self._sessions:
                session.close(limit)
