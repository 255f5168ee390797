"""What comes after the end: the restart, the first good handshake, and the sessions from before."""

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import replace

from mcpverify.facts.revision import Era
from mcpverify.facts.target import HttpEndpoint, Transport
from mcpverify.facts.timeline import (
    Aftermath,
    Connection,
    How,
    Phase,
    Purpose,
    Request,
    RequestOutcome,
)
from mcpverify.facts.trial_plan import Look, Looker, TrialPlan
from mcpverify.wire.processes import describe_exit
from mcpverify.wire.trial.clients.asking import Outgoing
from mcpverify.wire.trial.clients.connection import Place
from mcpverify.wire.trial.clients.sse_client import SseClient
from mcpverify.wire.trial.clients.streamable_client import Client, Line, StreamableClient
from mcpverify.wire.trial.finding import found_again
from mcpverify.wire.trial.probes import health_places, health_probe
from mcpverify.wire.trial.process.output import telling
from mcpverify.wire.trial.process.subject import Subject
from mcpverify.wire.trial.recorder import Draft, Recorder
from mcpverify.wire.trial.threads import in_thread

_PAUSE = 0.05
_ATTEMPT_SECONDS = 10.0
_GUESS_SECONDS = 2.0  # where it may be as well
_BY_ITSELF_SECONDS = 5.0  # for a server that something else starts again
_ANSWER_SECONDS = 5.0  # for a request under an old session id: some servers never answer
_OLD_SESSIONS = 4


class Afterwards:
    """Asks what comes after, of the server that is started again."""

    def __init__(self, plan: TrialPlan, subject: Subject, look: Looker, recorder: Recorder) -> None:
        self._plan = plan
        self._subject = subject
        self._look = look
        self._recorder = recorder
        self._zero = 0.0

    async def aftermath(
        self,
        clients: Sequence[Client],
        before: Look,
        endpoint: HttpEndpoint,
        zero: float,
        requests: Sequence[Request],
        *,
        look_on: bool,
    ) -> Aftermath:
        """All of it, or nothing: what others say is no answer of a restarted server."""
        self._zero = zero
        unseen = Aftermath(before=before.digests)
        if not look_on:
            return unseen
        began = time.monotonic()
        self._recorder.phase(Phase.RESTARTING)
        restart = await in_thread(self._subject.restart)
        may_take = self._plan.start_seconds if restart else _BY_ITSELF_SECONDS
        first, endpoint, problem = await self._first(before, endpoint, began + may_take)
        if first.outcome is not RequestOutcome.OK:
            if not restart:
                return unseen
            why = problem or first.detail
            return Aftermath(restart, began - zero, first, problem=why, before=before.digests)
        self._recorder.phase(Phase.AFTERWARDS)
        place = Place.of(endpoint, endpoint.urls[0])
        readiness = await self._readiness(endpoint, began + may_take)
        old = await self._old_sessions(clients, place)
        resumed = await self._resumptions(clients, place, requests)
        after = await in_thread(self._look, replace(self._plan.target, endpoint=endpoint))
        gone = [era for era in before.eras if era not in after.eras]
        if gone and after.eras:
            unspoken = f"the {gone[0]} era is not spoken any more"
            after = replace(after, digests=None, problem=unspoken)
        return Aftermath(
            restart=restart or "by itself",
            began=began - zero,
            first_handshake=first,
            readiness=readiness,
            old_sessions=old,
            resumptions=resumed,
            before=before.digests,
            after=after.digests,
            contract_problem=before.problem or after.problem,
        )

    async def _first(
        self, before: Look, endpoint: HttpEndpoint, until: float
    ) -> tuple[Request, HttpEndpoint, str]:
        """The first good handshake, or the last failed one; where; and what the process did."""
        was = endpoint
        for number in itertools.count():
            if self._plan.how is How.COMMAND:
                endpoint = await in_thread(found_again, self._plan, self._subject, was, number)
            seconds = _ATTEMPT_SECONDS if endpoint == was else _GUESS_SECONDS
            attempt = await self._attempt(before, Place.of(endpoint, endpoint.urls[0]), seconds)
            if attempt.outcome is RequestOutcome.OK:
                return attempt, endpoint, ""
            if self._subject.problem or (
                self._plan.how is How.COMMAND and not self._subject.running()
            ):
                return attempt, endpoint, self._why_it_ended()
            if time.monotonic() > until:
                return attempt, endpoint, ""
            await asyncio.sleep(_PAUSE)
        raise AssertionError("counting ends never")

    def _why_it_ended(self) -> str:
        if self._subject.problem:
            return self._subject.problem
        code = self._subject.exit_code
        said = telling(self._subject.stderr())
        ended = "ended" if code is None else describe_exit(code)
        return f"the restarted server {ended}" + (f"; it said: {said}" if said else "")

    async def _attempt(self, before: Look, place: Place, seconds: float) -> Request:
        scratch = Recorder(None)
        era = before.eras[0]
        client: Client
        if before.transport is Transport.SSE:
            client = SseClient("first handshake", place, scratch, Connection.FRESH)
        else:
            client = StreamableClient("first handshake", era, place, scratch, Connection.FRESH)
        method = "initialize" if era is Era.HANDSHAKE else "server/discover"
        draft = Draft(
            client.name, Purpose.FIRST_HANDSHAKE, Connection.FRESH, era, before.transport, method
        )
        try:
            async with asyncio.timeout(seconds):
                problem = await client.open()
        except TimeoutError:
            problem = f"no answer within {seconds:g} s"
        finally:
            client.close()
        outcome = RequestOutcome.BAD_ANSWER if problem else RequestOutcome.OK
        Recorder(None).end(draft, outcome, problem)
        return draft.request(self._zero)

    async def _readiness(self, endpoint: HttpEndpoint, until: float) -> Request | None:
        """The first good answer of the readiness URL, or the last bad one in time."""
        for purpose, place in health_places(self._plan, endpoint):
            if purpose is not Purpose.READINESS:
                continue
            while True:
                scratch = Recorder(None)
                scratch.zero = self._zero
                await health_probe(purpose, place, scratch).once()
                (answered,) = scratch.requests()
                if answered.outcome is RequestOutcome.OK or time.monotonic() > until:
                    return answered
                await asyncio.sleep(_PAUSE)
        return None

    async def _old_sessions(self, clients: Sequence[Client], place: Place) -> tuple[Request, ...]:
        asked = [(client, client.old_session()) for client in clients]
        wanted = [(client, outgoing) for client, outgoing in asked if outgoing is not None]
        return tuple(
            await asyncio.gather(
                *(
                    self._asked(client, Purpose.OLD_SESSION, "tools/list", outgoing, place)
                    for client, outgoing in wanted[:_OLD_SESSIONS]
                )
            )
        )

    async def _resumptions(
        self, clients: Sequence[Client], place: Place, requests: Sequence[Request]
    ) -> tuple[Request, ...]:
        """For each call that was missed and whose stream had given an event id."""
        missed = {
            request.client: request.event_id
            for request in requests
            if request.purpose is Purpose.CALL
            and request.outcome is not RequestOutcome.OK
            and request.event_id
        }
        return tuple(
            await asyncio.gather(
                *(
                    self._asked(
                        client,
                        Purpose.RESUMPTION,
                        "GET",
                        client.resumption(missed[client.name], client.call_id),
                        place,
                    )
                    for client in clients
                    if isinstance(client, StreamableClient) and client.name in missed
                )
            )
        )

    async def _asked(
        self, client: Client, purpose: Purpose, method: str, outgoing: Outgoing, place: Place
    ) -> Request:
        """One request to the restarted server, which may have moved to another port."""
        here = place.at(outgoing.place.path)
        draft = Draft(client.name, purpose, Connection.FRESH, client.era, client.transport, method)
        line = Line(here)
        recorder = Recorder(None)
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await line.ask(replace(outgoing, place=here), draft, recorder)
        except TimeoutError:
            recorder.end(draft, RequestOutcome.TIMEOUT, f"no answer within {_ANSWER_SECONDS:g} s")
        finally:
            line.close()
        return draft.request(self._zero)
