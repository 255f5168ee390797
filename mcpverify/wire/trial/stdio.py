"""One trial of a server over stdio: calls in flight, then the end of its input, and what follows.

The client ends such a server as the specification says: it closes the server's standard input,
waits, and sends a signal where the server does not end within a reasonable time, then SIGKILL.
Time 0 is the close: "the primary graceful-shutdown signal", as 2026-07-28 has it.

https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#stdio
https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio#shutdown
"""

import math
import signal
import time
from contextlib import AbstractContextManager
from dataclasses import replace

from mcpverify.facts.revision import Era
from mcpverify.facts.target import StdioCommand, Target, Transport
from mcpverify.facts.timeline import (
    Aftermath,
    Phase,
    ProcessEnd,
    Purpose,
    RequestOutcome,
    Setting,
    Signal,
    Timeline,
    Watcher,
)
from mcpverify.facts.transcript import FailureKind
from mcpverify.facts.trial_plan import Look, Looker, TrialPlan
from mcpverify.wire.deadline import Broken, Deadline, broken
from mcpverify.wire.processes import marking
from mcpverify.wire.revisions.envelope import Envelope
from mcpverify.wire.revisions.handshake import Handshake
from mcpverify.wire.revisions.stateless import Stateless
from mcpverify.wire.trial.clients.pipe_client import PipeClient
from mcpverify.wire.trial.process.family import lives, marked, new_mark
from mcpverify.wire.trial.process.leftovers import ended, left_behind
from mcpverify.wire.trial.process.undisturbed import closed_for_sure
from mcpverify.wire.trial.recorder import Draft, Recorder

STDIN_CLOSED = "stdin closed"
SIGKILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows knows one way only
_CALLS = 8
_HEAD_START = 0.3  # for a called tool to have begun when the input ends
_LONGEST_WITHOUT_SIGNAL = 10.0
_AFTER_THE_ANSWER = 2.0
_BETWEEN_SIGNALS = 0.5
_LAST_WORDS = 0.5


def conduct_stdio(plan: TrialPlan, look: Looker, watcher: Watcher | None = None) -> Timeline:
    """Start the command, put calls in flight, end it, and start it again.

    Nothing that was started is left, Ctrl-C included. A server that cannot be tried is a
    timeline with a problem.
    """
    began, clock = time.time(), time.monotonic()
    recorder = Recorder(watcher)
    recorder.phase(Phase.STARTING)
    before = _seen(look, plan.target)
    trial = _Trial(plan, before, recorder)
    problem = "" if before.eras else before.problem or "it speaks no MCP over standard streams"
    if not problem:
        try:
            trial.conduct(look)
        except Broken as error:
            problem = error.failure.detail
    recorder.phase(Phase.DONE)
    return Timeline(
        setting=trial.setting(),
        server=replace(before.server, program=before.server.program or trial.program),
        requests=tuple(each for each in recorder.requests() if each.purpose is Purpose.CALL),
        signals=tuple(trial.signals),
        end=trial.end,
        aftermath=trial.aftermath,
        problem=problem,
        started=began,
        seconds=time.monotonic() - clock,
    )


class _Trial:
    def __init__(self, plan: TrialPlan, before: Look, recorder: Recorder) -> None:
        self.signals: list[Signal] = []
        self.end = ProcessEnd(None, None, observed=False)
        self.aftermath = Aftermath()
        self.program = ""
        self._plan = plan
        self._before = before
        self._recorder = recorder
        self._limits = plan.target.limits
        self._envelope = _envelope(plan.target, before)
        self._zero = 0.0

    def setting(self) -> Setting:
        plan, era = self._plan, self._envelope.era
        one = f"a process over stdio has one client; it had {_CALLS} requests in flight"
        if plan.call is not None:
            one = "a process over stdio has one client; it had one call in flight"
        return Setting(
            target=plan.target.display,
            how=plan.how,
            transport=Transport.STDIO,
            eras=(era,),
            grace=plan.grace,
            signal=plan.signal,
            group=plan.group,
            twice=plan.twice,
            pid1=plan.pid1,
            sessions=1,
            call=None if plan.call is None else plan.call.name,
            release=None,
            p99=plan.p99,
            skipped=(one, f"the {era.other} era: a process over stdio is spoken to in one"),
        )

    def conduct(self, look: Looker) -> None:
        """Raises Broken where the trial cannot be made."""
        with self._started(self._plan.target) as client:
            try:
                opening = client.open(None, self._plan.start_seconds)
                if problem := _not_opened(client, opening):
                    raise broken(FailureKind.PROCESS_EXITED, problem)
                self.program = client.program
                self._recorder.phase(Phase.FILLING)
                self._stop(client)
            except Broken:
                self.end = replace(self.end, stderr=client.stderr())
                raise
        self._start_again(look)

    def _started(self, target: Target) -> AbstractContextManager[PipeClient]:
        argv, envelope, recorder = _argv(target), self._envelope, self._recorder
        pid1 = self._plan.pid1
        return closed_for_sure(
            lambda: PipeClient(argv, envelope, recorder, self._limits, pid1=pid1)
        )

    def _stop(self, client: PipeClient) -> None:
        call = self._fill(client)
        self._zero = self._recorder.zero = client.close_input(
            self._reading(), behind=_CALLS if call is None else 0
        )
        self._recorder.phase(Phase.SIGNALED)
        self._note(STDIN_CLOSED, self._zero)
        self._wait(client, call)
        gone, killed = client.exited, client.exited is None
        if killed:
            client.give_up(RequestOutcome.TIMEOUT, f"no answer within {self._plan.grace:g} s")
            client.family.living()
            client.child.signal(SIGKILL, group=True)
            self._note("SIGKILL", to="group")
            client.child.wait(self._limits.closing_seconds)
        client.take_in_the_rest(_LAST_WORDS)
        leftovers = left_behind(client.family)
        ended(client.family.living, self._limits.closing_seconds)
        self.end = ProcessEnd(
            ended=None if gone is None else gone - self._zero,
            exit_code=client.exit_code,
            killed=killed,
            leftovers=leftovers,
            stderr=client.stderr(),
        )

    def _reading(self) -> Deadline:
        seconds = self._limits.step_seconds
        return Deadline.after(seconds, f"it did not read its standard input for {seconds:g} s")

    def _fill(self, client: PipeClient) -> Draft | None:
        """The call of the named tool, begun and not awaited; None where no tool is named."""
        client.family.living()
        if self._plan.call is None:
            return None
        name, arguments = self._plan.call.name, self._plan.call.arguments
        call = client.call(name, arguments, self._reading())
        until = time.monotonic() + _HEAD_START
        while call.outcome is None and time.monotonic() < until:
            client.take_in()
        if client.exited is not None or call.outcome is RequestOutcome.ENDED_WITHOUT_REPLY:
            raise client.child.exited()
        if call.outcome is None:
            return call
        if call.outcome is not RequestOutcome.OK or call.detail:
            why = call.detail or str(call.outcome)
            raise broken(FailureKind.BAD_MESSAGE, f"{name} failed before anything was ended: {why}")
        # A tool that is quicker than we thought: one has to be in flight.
        return client.call(name, arguments, self._reading())

    def _wait(self, client: PipeClient, call: Draft | None) -> None:
        """Wait for the end: by itself, then after a signal, and no longer than the budget."""
        plan = self._plan
        while client.exited is None and time.monotonic() < self._patience(call):
            client.take_in()
        if client.exited is not None:
            return
        client.family.living()
        self._signal(client)
        again = time.monotonic() + _BETWEEN_SIGNALS if plan.twice else math.inf
        while client.exited is None and time.monotonic() < self._zero + plan.grace:
            client.take_in()
            if client.exited is None and time.monotonic() >= again:
                self._signal(client)
                again = math.inf

    def _patience(self, call: Draft | None) -> float:
        """Until when the server may end by itself, before it is sent a signal.

        A part of the budget. Where a called tool still runs: as long as there remains time for
        the server to act upon the signal.
        """
        part = min(self._plan.grace / 3, _LONGEST_WITHOUT_SIGNAL)
        least, most = self._zero + part, self._zero + self._plan.grace - part
        if call is None:
            return least
        if call.ended is None:
            return most
        return min(most, max(least, call.ended + min(part, _AFTER_THE_ANSWER)))

    def _signal(self, client: PipeClient) -> None:
        client.signal(getattr(signal, self._plan.signal), group=self._plan.group)
        self._note(self._plan.signal, to="group" if self._plan.group else "process")

    def _note(self, name: str, at: float | None = None, to: str = "process") -> None:
        at = time.monotonic() if at is None else at
        self.signals.append(Signal(name, at - self._zero, to))
        self._recorder.signal(self.signals[-1])

    def _start_again(self, look: Looker) -> None:
        self._recorder.phase(Phase.RESTARTING)
        plan, restart = self._plan, "the same command"
        target = plan.target
        if plan.restart_command is not None:
            restart = "the restart command"
            command = StdioCommand(("sh", "-c", plan.restart_command))
            target = replace(target, endpoint=command)
        began = time.monotonic() - self._zero
        self.aftermath = Aftermath(restart, began, before=self._before.digests)
        try:
            with self._started(target) as client:
                opening = client.open(Purpose.FIRST_HANDSHAKE, plan.start_seconds)
                problem = _not_opened(client, opening)
        except Broken as error:
            self.aftermath = replace(self.aftermath, problem=error.failure.detail)
            return
        first = opening.request(self._zero)
        self.aftermath = replace(self.aftermath, first_handshake=first)
        if problem:
            self.aftermath = replace(self.aftermath, problem=problem)
            return
        self._recorder.phase(Phase.AFTERWARDS)
        after = _seen(look, target)
        unseen = next((each for each in (self._before, after) if each.digests is None), None)
        self.aftermath = replace(
            self.aftermath,
            after=after.digests,
            contract_problem="" if unseen is None else unseen.problem,
        )


def _seen(look: Looker, target: Target) -> Look:
    """What a look shows, which starts the server for itself. Daemons that this leaves are ended."""
    mark, since = new_mark(), time.time()
    try:
        with marking(mark):
            return look(target)
    finally:
        ended(lambda: tuple(filter(lives, marked(mark, since))), target.limits.closing_seconds)


def _not_opened(client: PipeClient, opening: Draft) -> str:
    """Why it cannot be used, "" where it can."""
    match opening.outcome:
        case RequestOutcome.OK:
            return ""
        case RequestOutcome.ENDED_WITHOUT_REPLY:
            why = str(client.child.exited())
        case _:
            why = opening.detail
    return f"{opening.method} failed: {why}"


def _argv(target: Target) -> tuple[str, ...]:
    assert isinstance(target.endpoint, StdioCommand)
    return target.endpoint.argv


def _envelope(target: Target, before: Look) -> Envelope:
    """Of the eras that it speaks, the one with the handshake: a process is spoken to in one."""
    if before.eras and Era.HANDSHAKE not in before.eras:
        return Stateless()
    pinned = target.protocol
    return Handshake(pinned if pinned is not None and pinned.era is Era.HANDSHAKE else None)
