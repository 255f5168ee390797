"""A trial over HTTP, from the start of the server to what comes after its restart.

The order: find the server ready, open sessions, put calls in flight, send the signal, ask
every 50 ms, see the end, start it again, ask once more under the old session ids.
"""

import asyncio
import time
from dataclasses import dataclass, replace

from mcpverify.errors import TargetInvalid
from mcpverify.facts.credentials import masked_url
from mcpverify.facts.target import HttpEndpoint
from mcpverify.facts.timeline import (
    Phase,
    ProcessEnd,
    Purpose,
    RequestOutcome,
    ServerKind,
    Setting,
    Signal,
    Timeline,
    Watcher,
)
from mcpverify.facts.trial_plan import Look, Looker, TrialPlan
from mcpverify.wire.trial.aftermath import Afterwards
from mcpverify.wire.trial.clients.connection import Place
from mcpverify.wire.trial.clients.streamable_client import end_sessions
from mcpverify.wire.trial.company import Company, company
from mcpverify.wire.trial.finding import found
from mcpverify.wire.trial.probes import (
    Probe,
    health_places,
    health_probe,
    new_session_probes,
)
from mcpverify.wire.trial.process.bystander import refuse_bystander
from mcpverify.wire.trial.process.subject import Subject
from mcpverify.wire.trial.process.subjects import subject_for
from mcpverify.wire.trial.recorder import Recorder
from mcpverify.wire.trial.threads import in_thread
from mcpverify.wire.trial.traffic import Traffic

RELEASE_SECONDS = 1.0  # after the signal: the bytes that were held back are sent
SECOND_SIGNAL_SECONDS = 0.5
POLL_SECONDS = 0.05
_WARM_UP_SECONDS = 0.5
# After the end: what is still on its way to us, and who answers now.
_LAST_PROBES_SECONDS = 0.15
_SETTLING_SECONDS = 1.0
_KILLED_SECONDS = 5.0
_STOPPING_SECONDS = 8.0  # a stop command's own time, before calls are let go on


def conduct(plan: TrialPlan, look: Looker, watcher: Watcher | None = None) -> Timeline:
    """Make one trial. Nothing that it starts outlives it, whatever happens.

    Raises UsageError and TargetInvalid where it was asked for what cannot be.
    """
    subject = subject_for(plan)
    try:
        return _Trial(plan, look, subject, Recorder(watcher)).timeline()
    finally:
        subject.close()


@dataclass(slots=True)
class _End:
    at: float | None
    killed: bool = False


class _Trial:
    def __init__(self, plan: TrialPlan, look: Looker, subject: Subject, recorder: Recorder) -> None:
        self._plan = plan
        self._look = look
        self._subject = subject
        self._recorder = recorder
        self._signals: list[Signal] = []
        self._setting = _setting(plan)
        self._server = ServerKind()
        self._began = time.monotonic()
        self._started = time.time()

    def timeline(self) -> Timeline:
        self._recorder.phase(Phase.STARTING)
        self._subject.start()
        before = found(self._plan, self._subject, self._look)
        if before.endpoint is None:
            return self._unmade(before.problem)
        if self._plan.pid is not None:
            at = Place.of(before.endpoint, before.endpoint.urls[0])
            listening = self._subject.listening()
            refuse_bystander(self._plan.pid, listening, at.host, at.port)
        self._server = replace(before.server, program=self._subject.program())
        self._setting = _setting(self._plan, before)
        return asyncio.run(self._conducted(before, before.endpoint))

    async def _conducted(self, before: Look, endpoint: HttpEndpoint) -> Timeline:
        place = Place.of(endpoint, endpoint.urls[0])
        traffic = Traffic(self._plan, before, place, self._recorder)
        probes = new_session_probes(place, before.transport, before.eras, self._recorder)
        probes += [
            health_probe(purpose, at, self._recorder)
            for purpose, at in health_places(self._plan, endpoint)
        ]
        try:
            self._recorder.phase(Phase.FILLING, f"{self._plan.sessions} sessions")
            if problem := await traffic.open() or await self._unhealthy(endpoint):
                return self._unmade(problem)
            self._setting = _setting(self._plan, before, tuple(traffic.skipped))
            await asyncio.gather(*(probe.warm_up() for probe in probes))
            traffic.start_loops()
            await asyncio.sleep(_WARM_UP_SECONDS)
            await traffic.start_calls()
            await traffic.rush()
            if not traffic.calling or (traffic.failed and self._plan.call is not None):
                return self._unmade(self._why_no_call(traffic))
            if failures := self._recorder.failures(Purpose.LOOP):
                return self._unmade(failures)
            if not self._subject.running():
                # Whoever answered is another one, as where the port was taken.
                return self._unmade("the process ended before it was sent the signal")
            end = await self._signaled(traffic, probes)
            return await self._afterwards(traffic, before, endpoint, end, probes)
        finally:
            for probe in probes:
                probe.close()
            await traffic.close()

    async def _signaled(self, traffic: Traffic, probes: list[Probe]) -> _End:
        """Send the signal and watch until the process has ended, or the budget has."""
        subject, plan = self._subject, self._plan
        zero = await in_thread(subject.stop)
        self._recorder.zero = zero
        traffic.signaled()
        to = "group" if plan.group else "process"
        name = "stop command" if plan.stop_command is not None else plan.signal
        self._tell(Signal(name, 0.0, to))
        hit = sum(len(self._recorder.in_flight(each)) for each in (Purpose.CALL, Purpose.LOOP))
        self._recorder.phase(Phase.SIGNALED, f"{hit} calls in flight")
        ticking = asyncio.ensure_future(_tick(probes))
        timed = [asyncio.ensure_future(self._release(traffic, zero))]
        if plan.twice:
            timed.append(asyncio.ensure_future(self._second_signal(zero, name, to)))
        try:
            end = _End(await in_thread(subject.wait, zero + plan.grace))
            if end.at is None and not subject.problem:
                if subject.observed:
                    self._tell(Signal("SIGKILL", time.monotonic() - zero, to))
                await in_thread(subject.kill)
                late = await in_thread(subject.wait, time.monotonic() + _KILLED_SECONDS)
                end = _End(late, killed=subject.observed)
            # The end of a stop command is not that of the server; and what outlives the process
            # that was stopped may answer yet.
            until = max(zero + RELEASE_SECONDS, time.monotonic()) + _SETTLING_SECONDS
            until = until if subject.observed else max(until, zero + plan.grace)
            while (
                time.monotonic() < until
                and not subject.problem
                and (traffic.calling or not (subject.observed or self._recorder.disturbed()))
            ):
                await asyncio.sleep(POLL_SECONDS)
            await asyncio.sleep(_LAST_PROBES_SECONDS)
        finally:
            for task in (ticking, *timed):
                task.cancel()
            await asyncio.gather(ticking, *timed, return_exceptions=True)
        await traffic.settle(_SETTLING_SECONDS)
        over = "the budget was over" if end.killed or end.at is None else "the process had ended"
        self._recorder.cut_off(f"no answer when {over}")
        return end

    async def _afterwards(
        self,
        traffic: Traffic,
        before: Look,
        endpoint: HttpEndpoint,
        end: _End,
        probes: list[Probe],
    ) -> Timeline:
        zero = self._recorder.zero
        assert zero is not None
        leftovers = await in_thread(self._subject.leftovers)
        process = ProcessEnd(
            ended=None if end.at is None or not self._subject.observed else end.at - zero,
            exit_code=self._subject.exit_code,
            killed=end.killed,
            observed=self._subject.observed,
            leftovers=leftovers,
            stderr=self._subject.stderr(),
        )
        requests = self._recorder.requests()
        met = Company()
        if end.at is not None:
            by_command = self._plan.stop_command is not None
            met = company(requests, end.at - zero, self._plan.how, by_command=by_command)
        problem = self._subject.problem or met.unstopped
        # Who answers may be the very child that was left behind: that is no sibling.
        answers = problem or any(each.kind == "port" for each in leftovers)
        siblings = "" if answers else met.siblings
        if met.siblings or met.unstopped:
            place = Place.of(endpoint, endpoint.urls[0])
            await end_sessions(place, [each for probe in probes for each in probe.opened])
        afterwards = Afterwards(self._plan, self._subject, self._look, self._recorder)
        after = await afterwards.aftermath(
            traffic.clients, before, endpoint, zero, requests, look_on=not (problem or siblings)
        )
        self._recorder.phase(Phase.DONE)
        return Timeline(
            setting=self._setting,
            server=self._server,
            requests=requests,
            signals=tuple(self._signals),
            end=process,
            aftermath=after,
            siblings=siblings,
            problem=problem,
            started=self._started,
            seconds=time.monotonic() - self._began,
        )

    def _why_no_call(self, traffic: Traffic) -> str:
        call = self._plan.call
        if call is None:
            return (
                f"no call could be put in flight: {traffic.failed or 'each was answered at once'}"
            )
        if traffic.failed:
            return f"the call of {call.name} failed before the signal: {traffic.failed}"
        return f"{call.name} answers too quickly to be in flight: name a slow tool, or none"

    async def _unhealthy(self, endpoint: HttpEndpoint) -> str:
        """What is wrong with a health URL before anything is stopped."""
        scratch = Recorder(None)
        for purpose, place in health_places(self._plan, endpoint):
            probe = health_probe(purpose, place, scratch)
            await probe.once()
            answered = scratch.requests()[-1]
            if answered.outcome is not RequestOutcome.OK:
                told = answered.detail or answered.outcome
                where = place.path.partition("?")[0]
                return f"--{purpose} {where} was not well before the signal: {told}"
        return ""

    async def _release(self, traffic: Traffic, zero: float) -> None:
        stopped = zero
        if self._plan.stop_command is not None:
            # It may take its time until it signals, as Kubernetes does with a preStop hook.
            until = zero + min(_STOPPING_SECONDS, self._plan.grace / 3)
            while self._recorder.disturbed() is None and time.monotonic() < until:
                await asyncio.sleep(POLL_SECONDS)
            stopped = self._recorder.disturbed() or zero
        await asyncio.sleep(max(0.0, stopped + RELEASE_SECONDS - time.monotonic()))
        traffic.release()

    async def _second_signal(self, zero: float, name: str, to: str) -> None:
        await asyncio.sleep(max(0.0, zero + SECOND_SIGNAL_SECONDS - time.monotonic()))
        if self._subject.running():
            at = await in_thread(self._subject.stop_again)
            self._tell(Signal(name, at - zero, to))

    def _tell(self, signal: Signal) -> None:
        self._signals.append(signal)
        self._recorder.signal(signal)

    def _unmade(self, problem: str) -> Timeline:
        return Timeline(
            setting=self._setting,
            server=self._server,
            requests=(),
            signals=(),
            end=ProcessEnd(None, None, observed=False, stderr=self._subject.stderr()),
            problem=problem,
            started=self._started,
            seconds=time.monotonic() - self._began,
        )


async def _tick(probes: list[Probe]) -> None:
    due = time.monotonic()
    while True:
        for probe in probes:
            probe.tick()
        due = max(due + POLL_SECONDS, time.monotonic())
        await asyncio.sleep(due - time.monotonic())


def _setting(plan: TrialPlan, look: Look | None = None, skipped: tuple[str, ...] = ()) -> Setting:
    if not isinstance(plan.target.endpoint, HttpEndpoint):
        raise TargetInvalid("this trial is one over HTTP", "Give a URL, or a server over HTTP.")
    return Setting(
        target=plan.target.display,
        how=plan.how,
        transport=plan.target.transport if look is None else look.transport,
        eras=() if look is None else look.eras,
        grace=plan.grace,
        signal=plan.signal,
        group=plan.group,
        twice=plan.twice,
        pid1=plan.pid1,
        sessions=plan.sessions,
        rate=plan.rate,
        call=None if plan.call is None else plan.call.name,
        release=RELEASE_SECONDS if plan.call is None else None,
        poll=POLL_SECONDS,
        readiness=None if plan.readiness is None else masked_url(plan.readiness),
        liveness=None if plan.liveness is None else masked_url(plan.liveness),
        p99=plan.p99,
        skipped=skipped,
    )
