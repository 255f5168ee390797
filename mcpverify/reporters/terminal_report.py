"""A report for the person who reads it under an incident.

The verdict comes first, then what it means for the deploy, the findings worst first, the
facts one asks for, and what to do next. Every line can be read without color.
"""

from collections.abc import Iterator

from mcpverify.facts.comparison import Comparison
from mcpverify.facts.drain import DrainReport
from mcpverify.facts.finding import Outcome
from mcpverify.facts.report import Report, TargetReport
from mcpverify.facts.target import Transport
from mcpverify.facts.verdict import Verdict
from mcpverify.reporters.comparisons import comparison_lines
from mcpverify.reporters.drifted import drifted
from mcpverify.reporters.exchanges import exchange_lines
from mcpverify.reporters.findings import finding_lines
from mcpverify.reporters.frame import (
    LABELS,
    MAX_TEXT,
    headline_lines,
    next_lines,
    time_of_day,
    verdict_lines,
)
from mcpverify.reporters.inert import inert, never_a_command
from mcpverify.reporters.layout import duration, hung, joined
from mcpverify.reporters.presentation import Presentation

MAX_FACT = 100


def render(report: Report | Comparison | DrainReport, how: Presentation) -> str:
    """The text of `report`, lines ended by LF."""
    match report:
        case Comparison():
            lines = comparison_lines(report, how)
        case DrainReport():
            from mcpverify.reporters.drain_lines import drain_lines  # the gate does without it

            lines = drain_lines(report, how)
        case Report():
            lines = _report(report, how)
    return "".join(f"{never_a_command(line)}\n" for line in lines)


def _report(report: Report, how: Presentation) -> Iterator[str]:
    if report.is_of_one and not report.notes:
        yield from _target(report.targets[0], how, exit_code=how.exit_code)
        return
    from mcpverify.reporters.fleet_lines import note_lines, overview_lines, told_in_full

    if report.is_of_one:
        yield from _target(report.targets[0], how, exit_code=how.exit_code)
        if how.verbosity >= 0:
            yield from ("", *note_lines(report, how))
        return

    yield from overview_lines(report, how)
    targets, others = told_in_full(report, how)
    for target in targets:
        yield ""
        yield from _target(target, how)
    if others:
        yield ""
        yield others


def _target(target: TargetReport, how: Presentation, exit_code: int | None = None) -> Iterator[str]:
    yield from _header(target, how, exit_code)
    quiet = how.verbosity < 0
    warned = any(finding.outcome is Outcome.WARNED for finding in target.findings)
    if not quiet or target.verdict is not Verdict.PASSED or warned:
        yield from headline_lines(target.headline, how)
    entries = drifted(target.tools, target.others)
    steps = target.next_steps
    found = finding_lines(target.findings, how, entries=entries, next_steps=steps)
    findings = list(found)
    if findings:
        yield ""
    yield from findings
    if quiet:
        return
    yield ""
    yield from _facts(target, how.width)
    yield from next_lines(target.next_steps, target.again, how.width)
    if how.verbosity > 0 and target.recording is not None:
        yield ""
        yield from exchange_lines(target.recording, how.width)


def _header(target: TargetReport, how: Presentation, exit_code: int | None) -> Iterator[str]:
    who = [inert(target.target, MAX_TEXT)]
    url = inert(target.server.url or "", MAX_TEXT)
    if url and url not in who[0]:
        who.append(url)
    facts = [time_of_day(target.started), duration(target.seconds)]
    if target.attempts > 1:
        facts.append(f"{target.attempts:,} attempts")
    if exit_code is not None:
        facts.append(f"exit {exit_code}")
    return verdict_lines(target.verdict, who, facts, how)


# -- the facts


def _facts(target: TargetReport, width: int) -> Iterator[str]:
    for label, items in (
        ("server", _server(target)),
        ("network", _network(target)),
        ("contract", _contract(target)),
    ):
        lines = joined(items, width - LABELS)
        yield from hung(label, lines, LABELS)


def _server(target: TargetReport) -> Iterator[str]:
    server = target.server
    known = " ".join(filter(None, (server.name, server.version)))
    yield inert(known, MAX_FACT) or ("not seen" if server.revision is None else "gave no name")
    if server.revision:
        yield inert(server.revision, MAX_FACT)
    if len(server.eras) > 1:
        yield inert(f"eras {' '.join(server.eras)}", MAX_FACT)
    if server.transport:
        reason = f" ({server.transport_reason})" if server.transport_reason else ""
        yield inert(f"{server.transport}{reason}", MAX_TEXT)


def _network(target: TargetReport) -> Iterator[str]:
    server = target.server
    if server.transport == Transport.STDIO:
        yield "none: a child process"
    else:
        yield inert(server.address or "no connection", MAX_FACT)
        if (server.url or "").lower().startswith("https:"):
            days = server.certificate_days
            yield "no certificate seen" if days is None else f"cert {days:,} days"
        if server.request_id is not None:
            yield inert(f"request id {server.request_id}", MAX_FACT)
    if server.slowest_step is not None and server.slowest_seconds is not None:
        slowest = inert(server.slowest_step, MAX_FACT)
        yield f"slowest {slowest} {duration(server.slowest_seconds)}"


def _contract(target: TargetReport) -> Iterator[str]:
    live, expected = target.live, target.expected
    if live is None:
        yield "live not fully seen"
    else:
        count = sum(tool.state != "missing" for tool in target.tools)
        yield f"{count:,} {'tool' if count == 1 else 'tools'}"
        yield f"live {_short(live.digest)}"
    source = "expected" if target.snapshot is None else "snapshot"
    if expected is None:
        yield "no snapshot"
    elif live is not None and live.digest == expected.digest:
        yield inert(f"equal to {target.snapshot or 'the expected digest'}", MAX_TEXT)
    else:
        at = f" at {inert(target.snapshot_commit[:7])}" if target.snapshot_commit else ""
        yield f"{source} {_short(expected.digest)}{at}"


def _short(digest: str) -> str:
    return digest[: len("sha256:") + 12]
