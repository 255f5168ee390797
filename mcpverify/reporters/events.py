"""What happens in a run, one JSON object a line: a versioned contract, described by
events.schema.json beside this file.

An event is text that ends in a line feed. Those of a report can be told from it at any time;
`exchange_ended` and `attempt_ended` only while the run goes on. Names and values are those of
the report for machines, and its checks, tools and others stand in events as they are there.
"""

from collections.abc import Iterable, Iterator, Set

from mcpverify.facts.comparison import Comparison
from mcpverify.facts.compatibility import Compatibility
from mcpverify.facts.drain import DrainReport, Trial
from mcpverify.facts.json_text import Json
from mcpverify.facts.report import Report, TargetReport, ToolReport
from mcpverify.facts.revision import Era
from mcpverify.facts.transcript import Exchange, Role
from mcpverify.facts.verdict import Verdict
from mcpverify.reporters.drain_counts import counts_of, spread_of
from mcpverify.reporters.drain_values import (
    counts_value,
    recommended_value,
    remedy_value,
    request_value,
    shutdown_value,
    spread_value,
    timeline_value,
)
from mcpverify.reporters.json_values import (
    check_value,
    digests_value,
    json_line,
    other_value,
    release_value,
    seconds_value,
    source_value,
    time_text,
    tool_value,
)

VERSION = 1


def run_started(targets: Iterable[str], again: str | None, when: float) -> str:
    """A run begins. `when` is seconds since the epoch, here as elsewhere.

    `again` None: there is no single command that repeats it.
    """
    return _event("run-started", when, {"targets": list(targets), "again": again})


def exchange_ended(
    target: str, attempt: int, role: Role, era: Era, exchange: Exchange, when: float
) -> str:
    """A request has its answer, or has failed. Nothing here is the server's own text."""
    return _event(
        "exchange",
        when,
        {
            "target": target,
            "attempt": attempt,
            "role": role,
            "era": era,
            "step": exchange.step,
            "status": exchange.status,
            "seconds": seconds_value(exchange.timing.total),
            "failure": None if exchange.failure is None else exchange.failure.kind,
        },
    )


def attempt_ended(number: int, report: TargetReport, pause: float, when: float) -> str:
    """An attempt of --wait ended, and another begins after `pause` seconds."""
    return _event(
        "attempt",
        when,
        {
            "target": report.target,
            "number": number,
            "verdict": report.verdict,
            "situation": report.situation,
            "headline": report.headline,
            "pause": seconds_value(pause),
        },
    )


def run_ended(verdict: Verdict | None, exit_code: int, when: float) -> str:
    """The last event; without a verdict where an error or a signal kept the run from one."""
    return _event("run-ended", when, {"verdict": verdict, "exit_code": exit_code})


def beginning(report: Report | Comparison | DrainReport) -> str:
    """How a run began that has ended."""
    if isinstance(report, DrainReport):
        return run_started((report.target,), report.again, report.started)
    if isinstance(report, Comparison):
        named: dict[str, Json] = {"old": report.old.name, "new": report.new.name}
        return _event("run-started", report.started, {**named, "again": report.again})
    agains = {each.again for each in report.targets}
    return _event(
        "run-started",
        min((each.started for each in report.targets), default=0.0),
        {
            "targets": [each.target for each in report.targets],
            "again": agains.pop() if len(agains) == 1 else None,
        },
    )


def outcome(
    report: Report | Comparison | DrainReport, exit_code: int, told: Set[str] = frozenset()
) -> Iterator[str]:
    """What is known at the end: findings, what differs, the verdicts; of targets not `told` yet."""
    match report:
        case Comparison():
            yield from _compared(report)
            ended = report.started + report.seconds
        case DrainReport():
            yield from _drained(report)
            ended = report.started + report.seconds
        case Report():
            for target in report.targets:
                if target.target not in told:
                    yield from verified(target)
            ended = max((each.started + each.seconds for each in report.targets), default=0.0)
            for text in report.missing:
                yield _event("missing", ended, {"text": text})
    yield run_ended(report.verdict, exit_code, ended)


def verified(target: TargetReport) -> Iterator[str]:
    """What is known of one target at its end."""
    when = target.started + target.seconds
    named: dict[str, Json] = {"target": target.target}
    for finding in target.findings:
        yield _event("finding", when, named | {"check": check_value(finding)})
    for tool in filter(_differs, target.tools):
        yield _event("tool", when, named | {"tool": tool_value(tool)})
    for other in target.others:
        yield _event("other", when, named | {"other": other_value(other)})
    yield _event(
        "target",
        when,
        {
            **named,
            "verdict": target.verdict,
            "situation": target.situation,
            "headline": target.headline,
            "snapshot": target.snapshot,
            "snapshot_commit": target.snapshot_commit,
            "digests": {
                "live": digests_value(target.live),
                "expected": digests_value(target.expected),
            },
            "release": release_value(target.release),
            "attempts": target.attempts,
            "started": time_text(target.started),
            "seconds": seconds_value(target.seconds),
            "next": list(target.next_steps),
            "again": target.again,
        },
    )


def _compared(comparison: Comparison) -> Iterator[str]:
    when = comparison.started + comparison.seconds
    for tool in filter(_differs, comparison.tools):
        yield _event("tool", when, {"tool": tool_value(tool)})
    for other in comparison.others:
        yield _event("other", when, {"other": other_value(other)})
    yield _event(
        "comparison",
        when,
        {
            "verdict": comparison.verdict,
            "headline": comparison.headline,
            "compatibility": comparison.compatibility,
            "old": source_value(comparison.old),
            "new": source_value(comparison.new),
            "fail_on": comparison.fail_on,
            "open_world": comparison.open_world,
            "notes": list(comparison.notes),
            "started": time_text(comparison.started),
            "seconds": seconds_value(comparison.seconds),
            "next": list(comparison.next_steps),
            "again": comparison.again,
        },
    )


def _drained(report: DrainReport) -> Iterator[str]:
    when = report.started + report.seconds
    for number, trial in enumerate(report.trials, start=1):
        yield from _tried(trial, {"target": report.target, "trial": number})
    yield _event(
        "drain",
        when,
        {
            "target": report.target,
            "verdict": report.verdict,
            "shutdown": shutdown_value(report),
            "headline": report.headline,
            "worst": report.worst,
            "spread": spread_value(spread_of(report)),
            "counts": counts_value(counts_of(report.trial.timeline)),
            "remedies": [remedy_value(each) for each in report.remedies],
            "recommended": recommended_value(report.recommended),
            "started": time_text(report.started),
            "seconds": seconds_value(report.seconds),
            "next": list(report.next_steps),
            "again": report.again,
        },
    )


def _tried(trial: Trial, named: dict[str, Json]) -> Iterator[str]:
    timeline = trial.timeline
    when = timeline.started + timeline.seconds
    for request in timeline.requests:
        yield _event("request", when, named | {"request": request_value(request)})
    for finding in trial.findings:
        yield _event("finding", when, named | {"check": check_value(finding)})
    told: dict[str, Json] = {
        "shutdown": trial.shutdown,
        "verdict": trial.verdict,
        "counts": counts_value(counts_of(timeline)),
        "timeline": timeline_value(timeline),
    }
    yield _event("trial", when, named | told)


def _differs(tool: ToolReport) -> bool:
    return tool.compatibility not in (None, Compatibility.IDENTICAL)


def _event(name: str, when: float, members: dict[str, Json]) -> str:
    head: dict[str, Json] = {"events": VERSION, "event": name, "time": time_text(when)}
    return f"{json_line(head | members)}\n"
