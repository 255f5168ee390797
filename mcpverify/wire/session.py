"""One session with one server: opened, listed, probed and closed, into one transcript."""

import os
import time
from collections.abc import Sequence
from dataclasses import replace

from mcpverify.facts.affinity import is_served, lost_session
from mcpverify.facts.json_text import Json
from mcpverify.facts.observation import LISTS, SESSION_HEADER, page_of
from mcpverify.facts.revision import Era, Revision, known_revision
from mcpverify.facts.target import Limits, Route
from mcpverify.facts.transcript import Exchange, FailureKind, Listener, Role, Step, Transcript
from mcpverify.wire.deadline import Broken, Deadline
from mcpverify.wire.jsonrpc import notification, request
from mcpverify.wire.parameter_headers import call_headers
from mcpverify.wire.revisions.envelope import Envelope
from mcpverify.wire.transports.channel import Channel, Clock, Draft
from mcpverify.wire.transports.streamable_http import StreamableHttp

LAST_STEP_SECONDS = 5.0
_ENDED_PAUSES = (0.015, 0.1)


class Session:
    """Conducts one session over a channel in one era. Nothing here raises what a server did."""

    def __init__(
        self,
        channel: Channel,
        envelope: Envelope,
        role: Role,
        limits: Limits,
        run: Deadline,
        listener: Listener | None = None,
    ) -> None:
        self.channel = channel
        self.envelope = envelope
        self.role = role
        self.exchanges: list[Exchange] = []
        self._limits = limits
        self._run = run
        self._listener = listener
        self._negotiated: Revision | None = None
        self._session_id: str | None = None
        self._capabilities: Json = None
        self._next_id = 0
        self._opened = False
        self._ended = False

    @property
    def last(self) -> Exchange:
        return self.exchanges[-1]

    @property
    def begun(self) -> bool:
        """Whether the server answered the opening with a result, whatever came after."""
        return self.exchanges[0].result is not None if self.exchanges else False

    def open(self, seconds: float | None = None) -> bool:
        """Perform the handshake or the discovery. Whether the session can be used."""
        opening = self._ask(self.envelope.opening, self.envelope.opening_params(), seconds)
        if self.envelope.opening is Step.INITIALIZE:
            # A session that the server has begun is ended, whatever is wrong with its answer.
            self._session_id = opening.header(SESSION_HEADER)
        result = opening.result
        if opening.failure is not None or not isinstance(result, dict):
            return False
        self._capabilities = result.get("capabilities")
        if self.envelope.opening is Step.DISCOVER:
            supported = result.get("supportedVersions")
            if not (isinstance(supported, list) and self.envelope.wanted.value in supported):
                return False
            self._negotiated = self.envelope.wanted
            self._opened = True
            return True
        self._negotiated = known_revision(result.get("protocolVersion"))
        if self._negotiated is None:
            return False
        self.channel.batches = self._negotiated is Revision.R2025_03_26
        accepted = self._send(Step.INITIALIZED, notification(Step.INITIALIZED.value), None)
        self._opened = accepted.failure is None
        return self._opened

    def advertises(self, capability: str) -> bool:
        return isinstance(self._capabilities, dict) and capability in self._capabilities

    def list_all(self, step: Step) -> None:
        """All pages of one list, until it ends, fails, loops, or is more than we hold."""
        cursor: str | None = None
        seen: set[str] = set()
        items = 0
        for _ in range(self._limits.pages):
            params: dict[str, Json] | None = None if cursor is None else {"cursor": cursor}
            page = page_of(self._ask(step, self.envelope.params(params), None), LISTS[step])
            if page is None or page.next_cursor is None or page.next_cursor in seen:
                return
            items += len(page.items)
            if items > self._limits.items or self._received() > self._limits.session_bytes:
                return
            cursor = page.next_cursor
            seen.add(cursor)

    def call_tool(
        self,
        name: str,
        arguments: dict[str, Json],
        schema: Json,
        *,
        step: Step = Step.CALL,
        seconds: float | None = None,
        call: int | None = None,
        over: str = "",
    ) -> Exchange:
        """Call a tool, whose inputSchema as listed is `schema`; `call` numbers a golden call.

        `over` is what a time-out is told as, where `seconds` are all that the run had left.
        """
        self._next_id += 1
        params = self.envelope.params({"name": name, "arguments": arguments})
        message = request(self._next_id, Step.CALL.value, params)
        headers = self._headers(Step.CALL)
        if self.envelope.era is Era.STATELESS:
            headers |= call_headers(name, schema, arguments)
        deadline = self._step_deadline(Step.CALL, seconds)
        exchange = self.channel.send(step, message, headers, deadline)
        failure = exchange.failure
        if over and failure is not None and failure.kind is FailureKind.TIMEOUT:
            exchange = replace(exchange, failure=replace(failure, detail=over))
        return self.keep(replace(exchange, call=call))

    @property
    def seconds_left(self) -> float:
        """What is left of the run's time; less than nothing where it is up."""
        return self._run.at - time.monotonic()

    @property
    def is_lost(self) -> bool:
        """Whether the server issued a session and then did not know it."""
        return lost_session(self.envelope.era, self._session_id, self.exchanges) is not None

    def ping_elsewhere(
        self,
        times: int,
        routes: Sequence[tuple[Route, ...]] = (),
        neighbour: "Session | None" = None,
    ) -> None:
        """Ask under our session id, each time over a connection of its own.

        Behind a load balancer each may meet another replica than the one that knows the session.
        `routes` are ways to take in turn, where the address has several. A single ping goes over
        the connection of `neighbour`, a session that was opened right after this one: balancers
        that take turns led it elsewhere, and would lead every second one back to us. Where any
        ping is refused it is sent over our own connection, too, to be compared.
        """
        if self._session_id is None or not isinstance(self.channel, StreamableHttp):
            return
        if not (self._opened or self.is_lost):
            return  # nothing more is asked of a session that began badly
        asked = len(self.exchanges)
        lent = None if neighbour is None or times != 1 else self._lent(neighbour)
        if lent is not None:
            self._ping(Step.SHARED_SESSION, self._session_id, lent)
        else:
            with self.channel.set_aside():  # whoever issued the session is to end it
                for turn in range(times):
                    self.channel.reconnect(routes[turn % len(routes)] if routes else None)
                    self._ping(Step.SHARED_SESSION, self._session_id)
        if not all(map(is_served, self.exchanges[asked:])):
            self._ping(Step.OWN_SESSION, self._session_id)

    def _lent(self, neighbour: "Session") -> StreamableHttp | None:
        """The channel of another session, unless it would be known there by cookies of its own."""
        own, other = self.channel, neighbour.channel
        if not (isinstance(own, StreamableHttp) and isinstance(other, StreamableHttp)):
            return None
        return None if other.cookies is not None and own.cookies is None else other

    def probe_made_up_session(self) -> None:
        """Ask under a session id that nobody issued."""
        if self._opened and self._session_id is not None:
            self._ping(Step.MADE_UP_SESSION, os.urandom(16).hex())

    def end(self) -> None:
        """DELETE the session we opened, where there is one."""
        if self._session_id is None or self._ended:
            return
        self._ended = True
        if not isinstance(self.channel, StreamableHttp):
            return
        deadline = self._step_deadline(Step.END_SESSION, self._probe_seconds)
        headers = self._headers(Step.END_SESSION)
        self.keep(self.channel.delete(Step.END_SESSION, headers, deadline))

    def probe_ended_session(self) -> None:
        """Ask once more under the id of the session that `end` ended, over a fresh connection.

        A server that does not survive a DELETE is dead a few milliseconds later, not at once;
        and what looks like death is looked at a second time.
        """
        if not self._opened or self._session_id is None or not self._ended:
            return
        for pause in _ENDED_PAUSES:
            time.sleep(pause)
            if isinstance(self.channel, StreamableHttp):
                self.channel.reconnect()
            self._ping(Step.ENDED_SESSION, self._session_id)
            if self.last.status is not None and self.last.status < 500:
                return

    def close(self, deadline: Deadline) -> None:
        """Let go of connections and processes, quickly, whatever happened before."""
        self.channel.close(deadline)

    def abandon(self, deadline: Deadline) -> None:
        """The run was interrupted: end the session in what little time there is."""
        self._run = deadline
        self.end()

    def keep(self, exchange: Exchange) -> Exchange:
        """Write down an exchange that has ended, and return it."""
        self.exchanges.append(exchange)
        if self._listener is not None:
            self._listener(self.role, self.envelope.era, exchange)
        return exchange

    def keep_unasked(self, error: Broken, clock: Clock) -> None:
        """Write down what keeps us from asking, as an opening that failed."""
        draft = Draft(self.envelope.opening, "POST", self.channel.url, None, clock)
        draft.fail(error)
        self.keep(draft.done())

    def transcript(self) -> Transcript:
        return Transcript(
            role=self.role,
            era=self.envelope.era,
            transport=self.channel.transport,
            url=self.channel.url,
            exchanges=tuple(self.exchanges),
            certificate=self.channel.certificate,
            process=self.channel.process,
            noise=tuple(self.channel.noise),
        )

    def _ping(self, step: Step, session_id: str, over: StreamableHttp | None = None) -> None:
        headers = self._headers(step) | {SESSION_HEADER: session_id}
        if over is not None and isinstance(self.channel, StreamableHttp) and self.channel.cookies:
            headers["Cookie"] = self.channel.cookies
        self._next_id += 1
        message = request(self._next_id, "ping")
        deadline = self._step_deadline(step, self._probe_seconds)
        self.keep((over or self.channel).send(step, message, headers, deadline))

    def _ask(self, step: Step, params: dict[str, Json] | None, seconds: float | None) -> Exchange:
        self._next_id += 1
        return self._send(step, request(self._next_id, step.value, params), seconds)

    def _send(self, step: Step, message: dict[str, Json], seconds: float | None) -> Exchange:
        deadline = self._step_deadline(step, seconds)
        return self.keep(self.channel.send(step, message, self._headers(step), deadline))

    def _headers(self, step: Step) -> dict[str, str]:
        headers = self.envelope.headers(step.value, self._negotiated)
        if self._session_id is not None:
            headers[SESSION_HEADER] = self._session_id
        return headers

    @property
    def _probe_seconds(self) -> float:
        """The last requests of a run decide little: they may not double its length."""
        return min(self._limits.step_seconds, LAST_STEP_SECONDS)

    def _step_deadline(self, step: Step, seconds: float | None) -> Deadline:
        allowed = self._limits.step_seconds if seconds is None else seconds
        return self._run.within(allowed, f"{step.value} was not answered within {allowed:g} s")

    def _received(self) -> int:
        return sum(len(exchange.body) for exchange in self.exchanges)
