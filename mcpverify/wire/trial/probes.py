"""What is asked every 50 ms from the signal on: new sessions, readiness, liveness.

Each probe is a lane of its own. On fresh connections many may be under way at once, up to a
bound; a kept connection carries one at a time, until it is closed.
"""

import asyncio
from collections.abc import Callable
from urllib.parse import urljoin

from mcpverify.facts.revision import Era
from mcpverify.facts.target import HttpEndpoint, Transport
from mcpverify.facts.timeline import Connection, Purpose, RequestOutcome
from mcpverify.facts.trial_plan import TrialPlan
from mcpverify.wire.http_client import origin_of
from mcpverify.wire.jsonrpc import request
from mcpverify.wire.trial.clients.asking import Outgoing, post
from mcpverify.wire.trial.clients.connection import Place
from mcpverify.wire.trial.clients.streamable_client import (
    SESSION_HEADER,
    Line,
    envelope_of,
    unrecorded,
)
from mcpverify.wire.trial.recorder import Recorder

_AT_ONCE = 10
_PATIENCE = 2.0  # seconds for one probe
_NEVER_SENT = "the server had closed the kept-alive connection: never sent"


class Probe:
    """One lane of probes. `make` gives the request, anew for each."""

    def __init__(
        self,
        client: str,
        purpose: Purpose,
        connection: Connection,
        era: Era | None,
        transport: Transport,
        method: str,
        place: Place,
        make: Callable[[], Outgoing],
        recorder: Recorder,
    ) -> None:
        self._words = (client, purpose, connection, era, transport, method)
        self._kept = connection is Connection.KEPT
        self._place = place
        self._make = make
        self._recorder = recorder
        self._line = Line(place)
        self._under_way: set[asyncio.Task[None]] = set()
        self._over = False
        self.opened: list[str] = []  # the ids of sessions that servers opened for us

    async def warm_up(self) -> None:
        """Use the kept connection once, before the signal."""
        if self._kept:
            await unrecorded(self._line, self._make())

    def tick(self) -> None:
        """Send one, unless as many as may be are waiting for an answer."""
        if self._over or len(self._under_way) >= (1 if self._kept else _AT_ONCE):
            return
        task = asyncio.ensure_future(self.once())
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def once(self) -> None:
        draft = self._recorder.begin(*self._words)
        if self._kept and self._line.kind is not Connection.KEPT:
            self._over = True
            self._recorder.end(draft, RequestOutcome.REFUSED, _NEVER_SENT)
            return
        line = self._line if self._kept else Line(self._place)
        try:
            async with asyncio.timeout(_PATIENCE):
                answer = await line.ask(self._make(), draft, self._recorder)
        except TimeoutError:
            self._recorder.end(draft, RequestOutcome.TIMEOUT, f"nothing within {_PATIENCE:g} s")
            return
        finally:
            if not self._kept:
                line.close()
        session = answer.header(SESSION_HEADER)
        if draft.outcome is RequestOutcome.OK and session:
            self.opened.append(session)

    def close(self) -> None:
        self._line.close()
        for task in self._under_way:
            task.cancel()


def new_session_probes(
    place: Place, transport: Transport, eras: tuple[Era, ...], recorder: Recorder
) -> list[Probe]:
    """Initialize and discover, on fresh and on kept connections apart."""
    if transport is Transport.SSE:
        # The stream of a new session is what a new client opens first.
        headers = {"Accept": "text/event-stream"}

        def knock() -> Outgoing:
            return Outgoing("GET", place, headers, head_only=True)

        return [
            Probe(
                "new stream, fresh", Purpose.NEW_SESSION, Connection.FRESH, Era.HANDSHAKE,
                transport, "GET", place, knock, recorder,
            )
        ]  # fmt: skip
    probes = []
    for era in eras:
        method = envelope_of(era).opening.value

        def make(era: Era = era) -> Outgoing:
            envelope = envelope_of(era)
            opening = envelope.opening.value
            message = request(1, opening, envelope.opening_params())
            return post(place, message, envelope.headers(opening, None))

        for connection in (Connection.FRESH, Connection.KEPT):
            words = f"{method}, {connection}"
            probes.append(
                Probe(
                    words, Purpose.NEW_SESSION, connection, era, transport, method, place, make,
                    recorder,
                )
            )  # fmt: skip
    return probes


def health_places(plan: TrialPlan, endpoint: HttpEndpoint) -> list[tuple[Purpose, Place]]:
    """The health URLs that were given. Credentials go to the origin of the server alone."""
    places = []
    named = ((Purpose.READINESS, plan.readiness), (Purpose.LIVENESS, plan.liveness))
    for purpose, path in named:
        if path is not None:
            url = urljoin(endpoint.urls[0], path)
            trusted = origin_of(url) == origin_of(endpoint.urls[0])
            places.append((purpose, Place.of(endpoint, url, trusted=trusted)))
    return places


def health_probe(purpose: Purpose, place: Place, recorder: Recorder) -> Probe:
    """GETs of a health URL, on fresh connections as orchestrators make them."""
    return Probe(
        str(purpose), purpose, Connection.FRESH, None, Transport.STREAMABLE_HTTP, "GET", place,
        lambda: Outgoing("GET", place, {"Accept": "*/*"}), recorder,
    )  # fmt: skip
