"""Who asks what during a trial: the clients, their calls and loops, and the idle streams."""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from mcpverify.facts.revision import Era
from mcpverify.facts.target import Transport
from mcpverify.facts.timeline import Connection, How, Purpose, RequestOutcome
from mcpverify.facts.trial_plan import Look, TrialPlan
from mcpverify.wire.trial.clients.asking import Hold
from mcpverify.wire.trial.clients.connection import Place
from mcpverify.wire.trial.clients.sse_client import SseClient
from mcpverify.wire.trial.clients.streamable_client import Client, StreamableClient, end_sessions
from mcpverify.wire.trial.recorder import Recorder

OPENING_SECONDS = 30.0
_OPENED_AT_ONCE = 20
_IN_FLIGHT_SECONDS = 10.0
# What calls are given to be under way in the server, too, when the last one has been sent.
_SETTLING_SECONDS = 0.1
_CALLED_SECONDS = 1.0
_RUSH_SECONDS = 0.1
_CONNECTIONS_EACH, _CONNECTIONS_BESIDE = 3, 200
_MOST_CALLS = 20  # of one client, of the tool that was named


class Traffic:
    """The clients of one trial. What they meet is recorded."""

    def __init__(self, plan: TrialPlan, look: Look, place: Place, recorder: Recorder) -> None:
        call = plan.call
        if call is not None:
            call = replace(call, schema=look.schemas.get(call.name))
        self._plan = replace(plan, call=call)
        self._place = place
        self._recorder = recorder
        self._tasks: set[asyncio.Task[None]] = set()
        self._calls: set[asyncio.Task[None]] = set()
        self._hold = Hold()
        self._rushing = False
        self._signaled = False
        self._stopping_loops = False
        self.skipped: list[str] = []
        self.failed = ""  # what went wrong with a call before the signal
        lanes = _lanes(look.transport, look.eras)
        for era, connection in lanes[plan.sessions :]:
            self.skipped.append(
                f"the {era} era over {connection} connections: there are {plan.sessions} sessions"
            )
        counts: Counter[str] = Counter()
        self.clients: list[Client] = []
        for number in range(plan.sessions):
            era, connection = lanes[number % len(lanes)]
            kind = "sse" if look.transport is Transport.SSE else str(era)
            counts[kind] += 1
            name = f"{kind} {counts[kind]}"
            self.clients.append(
                SseClient(name, place, recorder, connection)
                if look.transport is Transport.SSE
                else StreamableClient(name, era, place, recorder, connection)
            )

    async def open(self) -> str:
        """Open all sessions; why one or more could not be, "" where all are open."""
        _allow_connections(len(self.clients) * _CONNECTIONS_EACH + _CONNECTIONS_BESIDE)
        gate = asyncio.Semaphore(_OPENED_AT_ONCE)

        async def opened(client: Client) -> str:
            async with gate:
                try:
                    async with asyncio.timeout(OPENING_SECONDS):
                        return await client.open()
                except TimeoutError:
                    return f"no session within {OPENING_SECONDS:g} s"

        problems = await asyncio.gather(*map(opened, self.clients))
        failed = [problem for problem in problems if problem]
        if not failed:
            return ""
        return f"{len(failed)} of {len(problems)} sessions could not be opened: {failed[0]}"

    def start_loops(self) -> None:
        """Open the idle stream, and begin the closed loop of safe requests."""
        streaming = next((each for each in self.clients if each.era is Era.HANDSHAKE), None)
        if streaming is not None:
            self._run(streaming.stream())
        pause = len(self.clients) / self._plan.rate
        for index, client in enumerate(self.clients):
            self._run(self._loop(client, pause, pause * index / len(self.clients)))

    async def start_calls(self) -> None:
        """Put a call of each client in flight; returns when the server has had time to see them."""
        for client in self.clients:
            task = asyncio.ensure_future(self._call(client))
            self._calls.add(task)
        if self._plan.call is not None:
            await asyncio.sleep(_CALLED_SECONDS)
            return
        until = time.monotonic() + _IN_FLIGHT_SECONDS
        while self._hold.waiting < len(self.clients) and time.monotonic() < until:
            if all(task.done() for task in self._calls):
                return
            await asyncio.sleep(0.01)
        await asyncio.sleep(_SETTLING_SECONDS)

    async def rush(self) -> None:
        """For a moment without a pause, so that the signal meets requests of the loop as well."""
        self._rushing = True
        await asyncio.sleep(_RUSH_SECONDS)

    def signaled(self) -> None:
        self._rushing, self._signaled = False, True

    def release(self) -> None:
        """Send the bytes that were held back."""
        self._hold.release()

    @property
    def calling(self) -> bool:
        """Whether an answer to a call is still waited for."""
        return bool(self._recorder.in_flight(Purpose.CALL))

    async def settle(self, seconds: float) -> None:
        """See what is still on its way to us, where that does not take longer."""
        waiting = [*self._calls, *self._tasks]
        for task in waiting:
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                raise error
        self._stopping_loops = True
        if waiting:
            await asyncio.wait(waiting, timeout=seconds)

    async def close(self) -> None:
        """Let go of everything. Sessions of a server that goes on are ended."""
        tasks = [*self._calls, *self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if not self._signaled and self._plan.how is not How.COMMAND:
            open_ones = [each for each in self.clients if isinstance(each, StreamableClient)]
            ids = [each.session_id for each in open_ones if each.session_id is not None]
            await end_sessions(self._place, ids)
        for client in self.clients:
            client.close()

    async def _call(self, client: Client) -> None:
        # A tool that is quicker than we thought is called again: one has to be in flight.
        for _ in range(_MOST_CALLS):
            answered = await client.call(self._plan.call, self._hold)
            if self._signaled:
                return
            if answered.outcome is not RequestOutcome.OK:
                self.failed = self.failed or answered.detail or str(answered.outcome)
                return

    async def _loop(self, client: Client, pause: float, first: float) -> None:
        await asyncio.sleep(first)
        while not client.over and not self._stopping_loops:
            began = time.monotonic()
            await client.loop_once()
            left = pause - (time.monotonic() - began)
            while left > 0 and not self._rushing and not self._stopping_loops:
                step = min(left, 0.02)
                await asyncio.sleep(step)
                left -= step
            await asyncio.sleep(0)

    def _run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self._tasks.add(asyncio.ensure_future(coroutine))


def _allow_connections(count: int) -> None:
    """Many sessions take more open files than a process is given at first, as far as it may."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != resource.RLIM_INFINITY and soft < count:
            wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _lanes(transport: Transport, eras: tuple[Era, ...]) -> list[tuple[Era, Connection]]:
    """What the sessions are spread over: each era, on kept and on fresh connections."""
    if transport is Transport.SSE:
        eras = (Era.HANDSHAKE,)
    kinds = (Connection.KEPT, Connection.FRESH)
    return [(era, connection) for connection in kinds for era in eras]
