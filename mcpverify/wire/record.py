"""A whole run against one target: which sessions are opened, in which order, over what.

The order is chosen to cost the server little and to do harm last: listings first,
DELETE (which some servers do not survive) at the end of everything.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mcpverify.facts.credentials import masked_url, unmistakable_of
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
from mcpverify.wire.deadline import Deadline
from mcpverify.wire.fall_back import is_final, is_missing, is_refusal, may_fall_back
from mcpverify.wire.revisions.envelope import CAPABILITIES, Envelope
from mcpverify.wire.revisions.handshake import Handshake
from mcpverify.wire.revisions.stateless import Stateless
from mcpverify.wire.session import Session
from mcpverify.wire.transports.channel import Channel, Clock

# After these a child process would do no better when it is asked in another era.
_NO_OTHER_ERA = {FailureKind.NOT_STARTED, FailureKind.TIMEOUT, FailureKind.PROCESS_EXITED}
DISCOVER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to observe, derived from the checks that will judge it.

    `prefer` is the era to judge, `recorded` whether a snapshot says so. `samples` counts
    tool listings on fresh connections, the first included; None takes the transport's
    default. `ask_tools` asks for tools even where none are advertised.
    """

    prefer: Era = Era.HANDSHAKE
    recorded: bool = False
    both_eras: bool = True
    lists: tuple[Step, ...] = (Step.PROMPTS, Step.RESOURCES, Step.TEMPLATES)
    ask_tools: bool = False
    samples: int | None = None
    probe_sessions: bool = True
    keep_session: bool = False
    reference_client: bool = False


def record(target: Target, plan: Plan, listener: Listener | None = None) -> Recording:
    """Conduct one run and bring back all that was seen. Ends by the target's limits."""
    return _Run(target, plan, listener).recording()


class _Run:
    def __init__(self, target: Target, plan: Plan, listener: Listener | None) -> None:
        self._target = target
        self._plan = plan
        self._listener = listener
        self._clock = Clock()
        self._limits = target.limits
        seconds = target.limits.run_seconds
        self._deadline = Deadline.after(seconds, f"the run's deadline of {seconds:g} s passed")
        self._sessions: list[Session] = []
        self._reason = ""
        self._url_index = 0

    def recording(self) -> Recording:
        began = time.time()
        with self._closing_sessions():
            match self._target.endpoint:
                case StdioCommand() as command:
                    self._record_stdio(command)
                case HttpEndpoint() as endpoint:
                    self._record_http(endpoint)
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
            transcripts=tuple(session.transcript() for session in self._sessions),
            transport_reason=self._reason,
            started=began,
            seconds=self._clock.now(),
            capabilities=dict(CAPABILITIES),
            reference=reference,
        )
        return without_echoes(recording, unmistakable_of(self._target, os.environ))

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
                self._list_everything(session)
            self._close(session)
            failure = session.last.failure
            if opened or (failure is not None and failure.kind in _NO_OTHER_ERA):
                break
        # One session is judged: the one that opened, or else the first that was tried.
        judged = session if opened else self._sessions[0]
        for each in self._sessions:
            each.role = Role.PRIMARY if each is judged else Role.OTHER_ERA
        for _ in self._samples(judged, default=1) if opened else ():
            channel = Stdio(command, self._target.display, limits, clock)
            sample = self._session(channel, envelope, Role.SAMPLE)
            if sample.open(seconds=limits.first_answer_seconds):
                sample.list_all(Step.TOOLS)
            self._close(sample)

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
                telling = opened or not is_missing(self._sessions[-1].last)
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

        def channel() -> Channel:
            return StreamableHttp(endpoint, url, self._limits, self._clock)

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
        judged = self._judged_era(stateless, handshake, opened)
        for session in filter(None, (stateless, handshake)):
            session.role = Role.PRIMARY if session.envelope.era is judged else Role.OTHER_ERA
        primary, other = (
            (handshake, stateless) if judged is Era.HANDSHAKE else (stateless, handshake)
        )
        assert primary is not None
        if not opened[judged]:
            return False
        self._list_everything(primary)
        if other is not None and opened[other.envelope.era] and self._plan.both_eras:
            other.list_all(Step.TOOLS)
        for _ in self._samples(primary, default=2):
            envelope = primary.envelope
            sample = self._session(channel(), envelope, Role.SAMPLE)
            # A stateless listing needs no opening; a handshake one does.
            if envelope.era is Era.STATELESS or sample.open():
                sample.list_all(Step.TOOLS)
        return True

    def _judged_era(
        self, stateless: Session | None, handshake: Session | None, opened: dict[Era, bool]
    ) -> Era:
        """Which of the probed eras the run is about."""
        if stateless is None or handshake is None:
            return Era.HANDSHAKE if stateless is None else Era.STATELESS
        sessions = {Era.STATELESS: stateless, Era.HANDSHAKE: handshake}
        prefer = self._plan.prefer
        if opened[prefer]:
            return prefer
        if opened[prefer.other]:
            # An era that is refused in good order is not spoken. One that is begun and then
            # fails is broken; and so is one that the snapshot records and that is not refused.
            broken = sessions[prefer].begun and prefer is Era.HANDSHAKE
            broken |= self._plan.recorded and not is_refusal(sessions[prefer].last)
            return prefer if broken else prefer.other
        # Neither opened. A result, however wrong, shows which era the server is of; and where
        # the discovery was not answered, a refusal of the older way says nothing.
        discovery, initialize = stateless.last, handshake.last
        of_discovery = discovery.result is not None or (
            discovery.status is None and initialize.error is not None
        )
        return Era.STATELESS if of_discovery else Era.HANDSHAKE

    def _legacy_sse(self, endpoint: HttpEndpoint, url: str) -> bool:
        from mcpverify.wire.transports.legacy_sse import LegacySse

        def session(role: Role) -> Session:
            channel = LegacySse(endpoint, url, self._limits, self._clock, self._deadline)
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
            self._list_everything(primary)
        self._close(primary)
        for _ in self._samples(primary, default=1):
            sample = session(Role.SAMPLE)
            if sample.last.failure is None and sample.open():
                sample.list_all(Step.TOOLS)
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
        session = Session(channel, envelope, role, self._limits, self._deadline, self._listener)
        self._sessions.append(session)
        return session

    def _asks_tools(self, session: Session) -> bool:
        return session.advertises("tools") or self._plan.ask_tools

    def _samples(self, primary: Session, default: int) -> range:
        """One round for each listing on a fresh connection, beyond the primary's own."""
        wanted = default if self._plan.samples is None else self._plan.samples
        return range(wanted - 1 if self._asks_tools(primary) else 0)

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
        if self._plan.keep_session:
            return
        primary = [session for session in self._sessions if session.role is Role.PRIMARY]
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
            for session in self._sessions:
                self._close(session)
