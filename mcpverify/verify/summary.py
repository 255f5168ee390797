"""From findings to a report: what the verdict means for the deploy, and what to do next."""

from mcpverify.checks.handshake import NO_MCP
from mcpverify.checks.latency import slowest
from mcpverify.checks.tls_certificate import days_left
from mcpverify.facts.change import Subject
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Finding, Outcome, Severity
from mcpverify.facts.report import ServerFacts, TargetReport, ToolReport
from mcpverify.facts.transcript import Exchange
from mcpverify.facts.verdict import Verdict, verdict_of
from mcpverify.verify.gate import Gate
from mcpverify.verify.tool_reports import tool_reports

_REQUEST_IDS = (
    "x-request-id",
    "x-amzn-requestid",
    "x-amz-cf-id",
    "cf-ray",
    "x-cloud-trace-context",
)

_REFUSALS = {
    401: "NOT LET IN",
    403: "NOT LET IN",
    407: "NOT LET IN",
    421: "NOT LET IN",
    429: "TURNED AWAY",
}

# What a failed check means for the deploy; the first that failed speaks.
_MEANINGS = (
    ("handshake", "BROKEN HANDSHAKE"),
    ("protocol-version", "WRONG PROTOCOL REVISION"),
    ("tools-listed", "BROKEN: the tools are not listed"),
    ("pagination-terminates", "BROKEN: a list never ends"),
    ("tool-names", "BROKEN: tools without a usable name"),
    ("session-lifecycle", "BROKEN: closing a session harms the server"),
    ("replicas-agree", "REPLICAS DIFFER"),
    ("server-identity", "NOT THE EXPECTED SERVER"),
    ("matches-snapshot", "NOT THE REVIEWED CONTRACT"),
    ("tool-schemas-valid", "BROKEN: invalid tool schemas"),
    ("capabilities", "BROKEN: an advertised list fails"),
    ("latency", "TOO SLOW"),
)


def target_report(gate: Gate, evidence: Evidence, findings: tuple[Finding, ...]) -> TargetReport:
    """The report on one attempt. Nothing in it is redacted yet."""
    verdict = verdict_of(findings)
    if verdict is Verdict.PASSED and not evidence.primary.opened and not _saw_something(findings):
        # Whatever was chosen with --only: nothing seen of a server is nothing passed.
        verdict = Verdict.INCONCLUSIVE
    contract = evidence.contract
    reviewed = None if evidence.snapshot is None else evidence.snapshot.contract
    return TargetReport(
        target=gate.target.display,
        verdict=verdict,
        headline=_headline(verdict, evidence, findings),
        findings=findings,
        server=_server_facts(evidence),
        live=None if contract is None else contract.digests,
        expected=None if reviewed is None else reviewed.digests,
        snapshot=evidence.snapshot_path,
        tools=_tools(evidence),
        next_steps=_next_steps(gate, evidence, findings),
        again=gate.again,
        attempts=1,
        started=evidence.recording.started,
        seconds=evidence.recording.seconds,
        recording=evidence.recording,
        others=tuple(each for each in evidence.drift if each.subject is not Subject.TOOL),
    )


def _saw_something(findings: tuple[Finding, ...]) -> bool:
    return any(finding.outcome in (Outcome.PASSED, Outcome.WARNED) for finding in findings)


def _headline(verdict: Verdict, evidence: Evidence, findings: tuple[Finding, ...]) -> str:
    by_id = {finding.check: finding for finding in findings}
    if verdict is Verdict.PASSED:
        return _green(evidence, by_id)
    if verdict is Verdict.INCONCLUSIVE:
        return _undecided(evidence, findings)
    blamed = [finding for finding in findings if finding.outcome is Outcome.FAILED]
    for check_id, meaning in _MEANINGS:
        finding = by_id.get(check_id)
        if finding is not None and finding in blamed:
            if finding.message.startswith(NO_MCP):
                return f"NO MCP SERVER: {finding.message.removeprefix(NO_MCP)}"
            return f"{meaning}: {finding.message}"
    return f"BROKEN: {blamed[0].message}"


def _undecided(evidence: Evidence, findings: tuple[Finding, ...]) -> str:
    unseen = [f for f in findings if f.outcome is Outcome.NOT_OBSERVED]
    if not unseen:
        return f"NOT FULLY SEEN: {evidence.unopened}"
    gating = {f.check: f for f in unseen if f.severity is Severity.ERROR}
    ranked = [gating[each] for each in ("reachable", *dict(_MEANINGS)) if each in gating]
    first = next(iter([*ranked, *gating.values()]), unseen[0])
    opening = evidence.primary.opening
    status = None if opening is None else opening.status
    if first.check == "reachable":
        return f"UNREACHABLE: {first.message}"
    if not evidence.primary.opened and status is None:
        return f"NO ANSWER: {first.message}"
    if status is None or evidence.primary.opened:
        return f"NOT FULLY SEEN: {first.check}: {first.message}"
    kind = _REFUSALS.get(status, "UNAVAILABLE" if status >= 500 else "NOT FULLY SEEN")
    return f"{kind}: {first.message}"


def _green(evidence: Evidence, by_id: dict[str, Finding]) -> str:
    count = len(evidence.contract.tools) if evidence.contract is not None else 0
    tools = f"{count:,} tool{'' if count == 1 else 's'}"
    match by_id.get("matches-snapshot"):
        case Finding(outcome=Outcome.PASSED) if evidence.snapshot_path is not None:
            return f"the server is the one that was reviewed: {tools} as in the snapshot"
        case Finding(outcome=Outcome.PASSED):
            return f"the server has the expected digest: {tools}"
        case Finding(outcome=Outcome.WARNED, message=message) if evidence.snapshot is not None:
            return f"the server differs from the snapshot, which does not fail: {message}"
        case _:
            return f"an agent can use the server: {tools}; no snapshot was compared"


def _server_facts(evidence: Evidence) -> ServerFacts:
    primary = evidence.primary
    exchanges: list[Exchange] = [e for each in evidence.observations for e in each.exchanges]
    worst = slowest(primary)
    certificate = primary.certificate
    days = None
    if certificate is not None and certificate.not_after is not None:
        days = days_left(certificate.not_after, evidence.now)
    eras = [each.era.value for each in evidence.observations if each.opened]
    return ServerFacts(
        name=primary.server_name,
        version=primary.server_version,
        revision=primary.revision,
        eras=tuple(sorted(set(eras))),
        transport=primary.transport.value,
        transport_reason=evidence.recording.transport_reason,
        url=primary.url,
        address=primary.peer,
        certificate_days=days,
        request_id=next(
            (found for e in reversed(exchanges) for h in _REQUEST_IDS if (found := e.header(h))),
            None,
        ),
        slowest_step=None if worst is None else worst.step.value,
        slowest_seconds=None if worst is None else worst.timing.total,
    )


def _tools(evidence: Evidence) -> tuple[ToolReport, ...]:
    if evidence.contract is None:
        return ()
    if evidence.snapshot is None:
        tools = evidence.contract.tools
        return tuple(ToolReport(entry.name, "listed", entry.digests) for entry in tools)
    return tool_reports(evidence.snapshot.contract, evidence.contract, evidence.drift)


def _next_steps(gate: Gate, evidence: Evidence, findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """The hints of what failed, or else of what was not observed, or else of what warned.

    A difference comes with the command that accepts it.
    """
    for outcome in (Outcome.FAILED, Outcome.NOT_OBSERVED, Outcome.WARNED):
        hints: dict[str, None] = {}
        for finding in findings:
            if finding.outcome is outcome and finding.hint:
                hints[finding.hint] = None
                if finding.check == "matches-snapshot" and evidence.drift:
                    command = gate.accepting(evidence.snapshot_path or "")
                    hints |= dict.fromkeys([command] if command else [])
        if hints:
            return tuple(hints)
    return ()
