"""A whole run against one target: which sessions are opened, in which order, over what.

The order is chosen to cost the server little and to do harm last: listings first,
DELETE (which some servers do not survive) at the end of everything.
"""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from mcpverify.facts.credentials import masked_url, unmistakable_of
from mcpverify.facts.golden_call import echoes_to_tell
from mcpverify.facts.observation import CAPABILITY_OF
from mcpverify.facts.redaction import without_echoes
from mcpverify.facts.revision import Era
from mcpverify.facts.target import HttpEndpoint, StdioCommand, Target, Transport
from mcpverify.facts.transcript import (
    FailureKind,
    Listener,
    Recording,
    Role,
    Step,
)
from mcpverify.wire.beside import Beside
from mcpverify.wire.conduct import Conduct
from mcpverify.wire.deadline import Broken, Deadline
from mcpverify.wire.elsewhere import Elsewhere
from mcpverify.wire.fall_back import is_final, is_missing, may_fall_back
from mcpverify.wire.judged_era import judged_era
from mcpverify.wire.plan import Plan
from mcpverify.wire.revisions.envelope import CAPABILITIES, Envelope
from mcpverify.wire.revisions.handshake import Handshake
from mcpverify.wire.revisions.stateless import Stateless
from mcpverify.wire.session import Session
from mcpverify.wire.transports.channel import Channel

# After these a child process would do no better when it is asked in another era.
_NO_OTHER_ERA = {FailureKind.NOT_STARTED, FailureKind.TIMEOUT, FailureKind.PROCESS_EXITED}
DISCOVER_SECONDS = 10.0
# So many connections of samples are kept for what is asked at the end; systems allow few more.
_HELD_OPEN = 100


def record(target: Target, plan: Plan, listener: Listener | None = None) -> Recording:
    """Conduct one run and bring back all that was seen. Ends by the target's limits."""
    return _Run(target, plan, listener).recording()


class _Run:
    def __init__(self, target: Target, plan: Plan, listener: Listener | None) -> None:
        self._target = target
        self._plan = plan
        self._conduct = Conduct(target, listener)
        self._clock = self._conduct.clock
        self._limits = target.limits
        self._deadline = self._conduct.deadline
        self._sessions: list[Session] = []
        self._begun: list[Session] = []  # those of attempts that came to nothing, too
        self._beside = Beside(plan, self._conduct)
        self._reason = ""
        self._url_index = 0
        self._elsewhere = Elsewhere(plan, self._conduct)

    def recording(self) -> Recording:
        began = time.time()
        with self._closing_sessions():
            match self._target.endpoint:
                case StdioCommand() as command:
                    self._record_stdio(command)
                case HttpEndpoint() as endpoint:
                    endpoint = self._beside.let_in(endpoint)
                    self._target = replace(self._target, endpoint=endpoint)
                    self._record_http(endpoint)
                    url = endpoint.urls[self._url_index]
                    places = partial(self._elsewhere.places, endpoint, url)
                    self._beside.ask(endpoint, url, self._sessions, places)
            reference = None
            if self._plan.reference_client:
                from mcpverify.wire.reference_client import reference_tools

                reference = reference_tools(
                    self._target,
                    self._used_transport(),
                    self._url_index,
                    self._deadline,
                    keep_session=self._plan.keep_session,
                )
            self._end_sessions()
        recording = Recording(
            transcripts=(
                *(session.transcript() for session in self._sessions),
                *self._beside.transcripts,
            ),
            transport_reason=self._reason,
            started=began,
            seconds=self._clock.now(),
            capabilities=dict(CAPABILITIES),
            reference=reference,
            authorization=self._beside.authorization,
        )
        known = unmistakable_of(self._target, os.environ)
        recording = without_echoes(recording, known, echoes_to_tell(self._plan.calls))
        return self._beside.without_secrets(recording)

    # -- stdio: one process, initialize first; the other era only in a fresh one

    def _record_stdio(self, command: StdioCommand) -> None:
        from mcpverify.wire.transports.stdio import Stdio

        self._reason = "a command was given"
        limits, clock = self._limits, self._clock
        for envelope in self._envelopes():
            channel = Stdio(command, self._target.display, limits, clock)
            session = self._session(channel, envelope, Role.PRIMARY)
            opened = session.open(seconds=limits.first_answer_seconds)
            if opened:
                self._look_at(session, None)
                self._make_calls(session)
            self._close(session)
            failure = session.last.failure
            if opened or (failure is not None and failure.kind in _NO_OTHER_ERA):
                break
        # One session is judged: the one that opened, or else the first that was tried.
        judged = session if opened else self._sessions[0]
        for each in self._sessions:
            each.role = Role.PRIMARY if each is judged else Role.OTHER_ERA
        for _ in self._samples(default=1) if opened else ():
            channel = Stdio(command, self._target.display, limits, clock)
            sample = self._session(channel, envelope, Role.SAMPLE)
            if sample.open(seconds=limits.first_answer_seconds):
                self._list_sample(sample, None, self._asks_tools(judged))
            self._close(sample)
        self._beside.ask_health(None)

    def _is_pinned_to(self, era: Era) -> bool:
        return self._target.protocol is not None and self._target.protocol.era is era

    def _envelopes(self) -> tuple[Envelope, ...]:
        """The eras to try in turn over a transport that must not be probed twice."""
        pinned = self._target.protocol
        if pinned is not None:
            return (Stateless(),) if pinned.era is Era.STATELESS else (Handshake(pinned),)
        return (Handshake(), Stateless())

    # -- HTTP: both eras over Streamable HTTP, else HTTP+SSE

    def _record_http(self, endpoint: HttpEndpoint) -> None:
        from mcpverify.wire.http_client import require_legal_host

        require_legal_host(endpoint.urls[0])
        asked = self._target.transport
        judged: list[Session] = []
        for index, url in enumerate(endpoint.urls):
            attempts = [self._streamable, self._legacy_sse]
            if asked is Transport.SSE or index > 0:
                # The later guesses for a bare origin are addresses of the older transport.
                attempts = [self._legacy_sse]
            elif asked is Transport.STREAMABLE_HTTP or self._is_pinned_to(Era.STATELESS):
                attempts = [self._streamable]  # HTTP+SSE knows no stateless era
            for attempt in attempts:
                self._sessions = []
                opened = attempt(endpoint, url)
                last = self._sessions[-1]
                telling = opened or last.is_lost or not is_missing(last.last)
                if telling or not judged:
                    # Where nothing speaks MCP, the first answer is judged, not the last guess.
                    self._discard(judged)
                    judged = self._sessions
                else:
                    self._discard(self._sessions)
                self._sessions = judged
                if telling:
                    self._explain(asked, endpoint, index)
                    return
                if not may_fall_back(self._sessions[-1].last):
                    break
        self._explain(asked, endpoint, 0)

    def _streamable(self, endpoint: HttpEndpoint, url: str) -> bool:
        """Probe the eras over Streamable HTTP and list in the preferred one."""
        from mcpverify.wire.transports.streamable_http import StreamableHttp

        def channel(place: HttpEndpoint = replace(endpoint, urls=(url,))) -> Channel:
            return StreamableHttp(place, place.urls[0], self._limits, self._clock)

        pinned = self._target.protocol
        eras = {pinned.era} if pinned is not None else set(Era)
        stateless = handshake = None
        opened: dict[Era, bool] = {}
        if Era.STATELESS in eras:
            stateless = self._session(channel(), Stateless(), Role.PRIMARY)
            # Servers of the older era may never answer it: clients do not wait long either.
            patience = min(self._limits.step_seconds, DISCOVER_SECONDS) if pinned is None else None
            opened[Era.STATELESS] = stateless.open(patience)
            if not opened[Era.STATELESS] and is_final(stateless.last):
                return False
        if Era.HANDSHAKE in eras:
            handshake = self._session(channel(), Handshake(pinned), Role.PRIMARY)
            opened[Era.HANDSHAKE] = handshake.open()
        judged = judged_era(self._plan, stateless, handshake, opened)
        for session in filter(None, (stateless, handshake)):
            session.role = Role.PRIMARY if session.envelope.era is judged else Role.OTHER_ERA
        primary, other = (
            (handshake, stateless) if judged is Era.HANDSHAKE else (stateless, handshake)
        )
        assert primary is not None
        if not opened[judged]:
            return False
        self._look_at(primary, endpoint)
        if other is not None and opened[other.envelope.era] and self._plan.both_eras:
            other.list_all(Step.TOOLS)
        places = self._places(endpoint, url, primary, default=2)
        for place in places:
            envelope = primary.envelope
            sample = self._session(channel(place), envelope, self._elsewhere.role)
            # A stateless listing needs no opening; a handshake one does.
            lists = self._asks_tools(primary)
            if (lists and envelope.era is Era.STATELESS) or sample.open():
                self._list_sample(sample, place, lists)
            if len(places) > _HELD_OPEN:
                sample.channel.close(self._deadline)  # what is asked later opens it again
        self._make_calls(primary)  # at last: one of them may be the end of the server
        return True

    def _legacy_sse(self, endpoint: HttpEndpoint, url: str) -> bool:
        from mcpverify.wire.transports.legacy_sse import LegacySse

        def session(role: Role, place: HttpEndpoint = replace(endpoint, urls=(url,))) -> Session:
            channel = LegacySse(place, place.urls[0], self._limits, self._clock, self._deadline)
            session = self._session(channel, envelope, role)
            limit = self._limits.step_seconds
            words = f"the event stream named no endpoint within {limit:g} s"
            session.keep(channel.open(self._deadline.within(limit, words)))
            return session

        envelope = self._envelopes()[0]
        primary = session(Role.PRIMARY)
        if primary.last.failure is not None:
            self._close(primary)
            return False
        if primary.open():
            self._look_at(primary, endpoint)
            self._make_calls(primary)
        self._close(primary)
        for place in self._places(endpoint, url, primary, default=1):
            sample = session(self._elsewhere.role, place)
            if sample.last.failure is None and sample.open():
                self._list_sample(sample, place, self._asks_tools(primary))
            self._close(sample)
        return True

    def _discard(self, sessions: list[Session]) -> None:
        for session in sessions:
            self._close(session)

    def _explain(self, asked: Transport, endpoint: HttpEndpoint, index: int) -> None:
        self._url_index = index
        used = self._used_transport()
        if all(session.last.status is None for session in self._sessions):
            self._reason = "it is tried first"
        elif asked is not Transport.AUTO:
            self._reason = "--transport asked for it"
        elif used is Transport.STREAMABLE_HTTP and any(each.begun for each in self._sessions):
            self._reason = "the server answered a POST"
        elif used is Transport.STREAMABLE_HTTP:
            self._reason = "it is tried first"
        else:
            self._reason = "a POST was refused, and a GET opened a stream that names an endpoint"
        if len(endpoint.urls) > 1:
            completed = masked_url(endpoint.urls[index])
            self._reason += f"; the address was completed to {completed}"

    # -- sessions

    def _session(self, channel: Channel, envelope: Envelope, role: Role) -> Session:
        session = self._conduct.session(channel, envelope, role)
        self._sessions.append(session)
        self._begun.append(session)
        return session

    def _asks_tools(self, session: Session) -> bool:
        return session.advertises("tools") or self._plan.ask_tools

    def _samples(self, default: int) -> range:
        """One round for each fresh connection beyond the primary's own.

        Without tools there are still versions to compare.
        """
        return range((default if self._plan.samples is None else self._plan.samples) - 1)

    def _places(
        self, endpoint: HttpEndpoint, url: str, primary: Session, default: int
    ) -> Sequence[HttpEndpoint]:
        """Where samples connect: to each replica that is known, or to the address by chance."""
        try:
            return self._elsewhere.places(endpoint, url, len(self._samples(default)))
        except Broken as error:
            # What keeps us from asking the replicas is kept, as one of them that failed.
            sample = self._session(primary.channel, primary.envelope, self._elsewhere.role)
            sample.keep_unasked(error, self._clock)
            return ()

    def _look_at(self, session: Session, endpoint: HttpEndpoint | None) -> None:
        """All that the judged session is asked, but for golden calls."""
        self._list_everything(session)
        self._ask_version(session, endpoint)

    def _make_calls(self, session: Session) -> None:
        if self._plan.calls:
            from mcpverify.wire.golden_calls import make_calls

            make_calls(session, self._plan.calls, self._limits)

    def _list_sample(self, session: Session, endpoint: HttpEndpoint | None, lists: bool) -> None:
        if lists or self._asks_tools(session):
            session.list_all(Step.TOOLS)
        self._ask_version(session, endpoint)

    def _ask_version(self, session: Session, endpoint: HttpEndpoint | None) -> None:
        if self._plan.version_from is not None:
            from mcpverify.wire.versions import ask_version

            own = self._target.endpoint
            home = own.urls[0] if isinstance(own, HttpEndpoint) else ""
            ask_version(session, self._plan.version_from, endpoint, home, self._conduct)

    def _list_everything(self, session: Session) -> None:
        if self._asks_tools(session):
            session.list_all(Step.TOOLS)
        for step in self._plan.lists:
            if session.last.failure is not None and session.channel.transport is Transport.STDIO:
                return  # a child that is silent or gone would only use up the time
            if session.advertises(CAPABILITY_OF[step]):
                session.list_all(step)

    def _used_transport(self) -> Transport:
        return self._sessions[0].channel.transport if self._sessions else Transport.AUTO

    def _end_sessions(self) -> None:
        primary = [session for session in self._sessions if session.role is Role.PRIMARY]
        for session in primary:
            self._elsewhere.ask_for(session, self._sessions)
        if self._plan.keep_session:
            return
        if self._plan.probe_sessions:
            for session in primary:
                session.probe_made_up_session()
        for session in (*primary, *self._sessions):
            session.end()
        if self._plan.probe_sessions:
            for session in primary:
                session.probe_ended_session()

    def _close(self, session: Session) -> None:
        session.close(Deadline.after(self._limits.closing_seconds, "closing took too long"))

    @contextmanager
    def _closing_sessions(self) -> Iterator[None]:
        """Whatever happens, Ctrl-C included: end what we opened, and leave no process behind."""
        try:
            yield
        except BaseException:
            limit = Deadline.after(self._limits.closing_seconds, "closing took too long")
            for session in self._sessions:
                if not self._plan.keep_session:
                    session.abandon(limit)
            raise
        finally:
            for session in self._begun:
                self._close(session)
