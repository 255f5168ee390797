"""From findings to a report: what the verdict means for the deploy, and what to do next."""

from mcpverify.checks.latency import slowest
from mcpverify.checks.tls_certificate import days_left
from mcpverify.facts.answerer import request_id
from mcpverify.facts.change import Subject
from mcpverify.facts.contradiction import saw_something
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Finding
from mcpverify.facts.report import ServerFacts, TargetReport, ToolReport
from mcpverify.facts.transcript import Exchange
from mcpverify.facts.verdict import Verdict, verdict_of
from mcpverify.facts.version_told import shown_version
from mcpverify.verify.advice import next_steps
from mcpverify.verify.gate import Gate
from mcpverify.verify.situations import situation_of
from mcpverify.verify.tool_reports import tool_reports


def target_report(gate: Gate, evidence: Evidence, findings: tuple[Finding, ...]) -> TargetReport:
    """The report on one attempt. Nothing in it is redacted yet."""
    verdict = verdict_of(findings)
    if verdict is Verdict.PASSED and not evidence.primary.opened and not saw_something(findings):
        # Whatever was chosen with --only: nothing seen of a server is nothing passed.
        verdict = Verdict.INCONCLUSIVE
    situation, headline = situation_of(verdict, evidence, findings)
    contract = evidence.contract
    reviewed = None if evidence.snapshot is None else evidence.snapshot.contract
    return TargetReport(
        target=gate.target.display,
        verdict=verdict,
        situation=situation,
        headline=headline,
        findings=findings,
        server=_server_facts(evidence),
        live=None if contract is None else contract.digests,
        expected=None if reviewed is None else reviewed.digests,
        snapshot=evidence.snapshot_name,
        snapshot_commit=evidence.snapshot_commit,
        tools=_tools(evidence),
        next_steps=next_steps(gate, situation, evidence, findings),
        again=gate.again,
        attempts=1,
        started=evidence.recording.started,
        seconds=evidence.recording.seconds,
        recording=evidence.recording,
        others=tuple(each for each in evidence.drift if each.subject is not Subject.TOOL),
        release=evidence.release,
    )


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
        version=shown_version(evidence.expected.version_from, primary),
        revision=primary.revision,
        eras=tuple(sorted(set(eras))),
        transport=primary.transport.value,
        transport_reason=evidence.recording.transport_reason,
        url=primary.url,
        address=primary.peer,
        certificate_days=days,
        request_id=next((found for e in reversed(exchanges) if (found := request_id(e))), None),
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
