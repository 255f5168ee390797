"""`drain`: stops a server with calls in flight, and reports what became of them and of it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from mcpverify.errors import McpverifyError, UsageError
from mcpverify.facts.calls import lost
from mcpverify.facts.credentials import secrets_of
from mcpverify.facts.drain import DrainReport, Shutdown, Trial
from mcpverify.facts.redacted_timeline import Hiding
from mcpverify.facts.redaction import Redactor
from mcpverify.facts.target import StdioCommand, Target, Transport
from mcpverify.facts.timeline import (
    How,
    Moment,
    ProcessEnd,
    Request,
    RequestOutcome,
    ServerKind,
    Setting,
    Signal,
    Timeline,
    Watcher,
)
from mcpverify.facts.trial_plan import Look, Looker, TrialPlan
from mcpverify.facts.verdict import Verdict
from mcpverify.rollout.headline import headline
from mcpverify.rollout.judgement import judged
from mcpverify.rollout.remedies import remedies_for
from mcpverify.rollout.settings import recommended
from mcpverify.verify.drain_advice import next_steps

_RANK = (Verdict.PASSED, Verdict.INCONCLUSIVE, Verdict.FAILED)
_SHOWN_TOOLS = 8


@dataclass(frozen=True, slots=True)
class Question:
    """What `drain` was asked.

    `may_be_stdio` says that nothing tells over what the command serves. `again` is the command
    that repeats the run, without credentials.
    """

    plan: TrialPlan
    trials: int = 1
    strict: bool = False
    may_be_stdio: bool = False
    again: str = ""
    redactor: Redactor = field(default_factory=lambda: Redactor(()))


def drain(question: Question, watcher: Watcher | None = None) -> DrainReport:
    """Make the trials, one after another. Raises UsageError where it was asked wrongly."""
    began, clock = time.time(), time.monotonic()
    hiding = Hiding(question.redactor)
    watching = None if watcher is None else _Watching(watcher, hiding)
    timelines: list[Timeline] = []
    plan = question.plan
    while len(timelines) < question.trials:
        try:
            if not timelines and question.may_be_stdio:
                plan = _of_its_kind(plan)
            timeline = _conducted(plan, watching, hiding)
        except UsageError:
            raise
        except McpverifyError as error:
            timeline = _unmade(plan, error)
        timelines.append(hiding.of(timeline))
        if _cannot_go_on(timelines[-1]):
            break
    report = _judged(timelines, question.strict, question.redactor.text(question.again))
    if len(timelines) < question.trials:
        made = f"{len(timelines)} of {question.trials} trials were made"
        cut = f"{made}: the server was not seen to come back."
        report = replace(report, next_steps=(cut, *report.next_steps))
    return replace(report, started=began, seconds=time.monotonic() - clock)


def replay(timelines: Sequence[Timeline], strict: bool = False, again: str = "") -> DrainReport:
    """Judge recorded trials again, one or more, with no server."""
    return _judged(timelines, strict, again)


@dataclass(frozen=True, slots=True)
class _Watching:
    """Tells a watcher of a trial while it goes on, without credentials."""

    watcher: Watcher
    hiding: Hiding

    def __call__(self, event: Moment | Request | Signal) -> None:
        self.watcher(self.hiding.of(event))


def _of_its_kind(plan: TrialPlan) -> TrialPlan:
    """The plan with the transport of its command, where only a try can tell."""
    from mcpverify.wire.trial.kind import kind_of_server

    if plan.command is None or kind_of_server(plan) is not Transport.STDIO:
        return plan
    endpoint = StdioCommand(plan.command)
    return replace(plan, target=replace(plan.target, endpoint=endpoint, transport=Transport.STDIO))


def _conducted(plan: TrialPlan, watcher: Watcher | None, hiding: Hiding) -> Timeline:
    if plan.target.transport is Transport.STDIO:
        from mcpverify.wire.trial.stdio import conduct_stdio

        return _with_program(plan, conduct_stdio(plan, _looker(plan, hiding), watcher))
    from mcpverify.wire.trial.conductor import conduct

    return _with_program(plan, conduct(plan, _looker(plan, hiding), watcher))


def _unmade(plan: TrialPlan, error: McpverifyError) -> Timeline:
    """The trial that could not be made."""
    display, transport = plan.target.display, plan.target.transport
    setting = Setting(display, plan.how, transport, (), plan.grace, plan.signal)
    nothing = ProcessEnd(None, None, observed=False)
    problem = error.message.rstrip(".")
    return Timeline(setting, ServerKind(), (), (), nothing, problem=problem, started=time.time())


def _with_program(plan: TrialPlan, timeline: Timeline) -> Timeline:
    if timeline.server.program or plan.command is None:
        return timeline
    program = PurePath(plan.command[0]).name
    return replace(timeline, server=replace(timeline.server, program=program))


def _looker(plan: TrialPlan, hiding: Hiding) -> Looker:
    """Looks at the server, and at first whether it has the tool that is to be called.

    What a token is got for goes along in the endpoint that was looked at.
    """
    from mcpverify.verify.look import look
    from mcpverify.wire.authorization.letting_in import let_in_once

    asked = False

    def looker(target: Target) -> Look:
        nonlocal asked
        admitted, secrets, problem = let_in_once(target)
        hiding.learn(secrets_of(secrets))
        seen = look(admitted)
        if problem and not seen.eras:
            seen = replace(seen, problem=f"{seen.problem}; no token: {problem}")
        if seen.eras and not asked:
            asked = True
            _require_tool(plan, seen)
        return seen

    return looker


def _require_tool(plan: TrialPlan, seen: Look) -> None:
    if plan.call is None or seen.digests is None:
        return  # a list that was not fully seen does not show that it lacks a tool
    names = [name for name, _ in seen.tools]
    if plan.call.name not in names:
        shown = ", ".join(names[:_SHOWN_TOOLS]) + (", ..." if len(names) > _SHOWN_TOOLS else "")
        raise UsageError(
            f"--call {plan.call.name}: the server has no such tool",
            f"It has {shown}." if names else "It has none.",
        )


def _cannot_go_on(timeline: Timeline) -> bool:
    """Whether no server is there for another trial. A command is started anew for each."""
    if timeline.problem or timeline.setting.how is How.COMMAND:
        return bool(timeline.problem)
    first = timeline.aftermath.first_handshake
    return first is None or first.outcome is not RequestOutcome.OK


def _judged(timelines: Sequence[Timeline], strict: bool, again: str) -> DrainReport:
    trials = tuple(judged(each, strict=strict) for each in timelines)
    worst = max(range(len(trials)), key=lambda at: _badness(trials[at]))
    remedies = remedies_for(trials[worst])
    return DrainReport(
        target=timelines[0].setting.target,
        trials=trials,
        worst=worst,
        headline=headline(trials[worst]),
        remedies=remedies,
        recommended=recommended(timelines),
        next_steps=next_steps(trials[worst], len(trials), bool(remedies)),
        again=again,
        started=timelines[0].started,
        seconds=sum(each.seconds for each in timelines),
    )


def _badness(trial: Trial) -> tuple[int, int, int]:
    """How bad a trial is beside others: of equal ones the first counts."""
    shutdown = trial.shutdown or Shutdown.GRACEFUL
    return _RANK.index(trial.verdict), shutdown.badness, len(lost(trial.timeline))
