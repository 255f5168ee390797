"""Which of the things that go wrong with a deploy has gone wrong, and one line that says so."""

from typing import Final

from mcpverify.checks.auth_required import REFUSED
from mcpverify.checks.handshake import NO_MCP
from mcpverify.facts.affinity import lost_in, lost_samples
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Finding, Outcome, Severity
from mcpverify.facts.refusal import REFUSALS
from mcpverify.facts.release import Descent
from mcpverify.facts.situation import Situation
from mcpverify.facts.transcript import Step
from mcpverify.facts.verdict import Verdict

_IS_REVIEWED: Final = "the server is the one that was reviewed"
_NO_AFFINITY: Final = "NO SESSION AFFINITY"

# What a failed check means for the deploy; the first that failed speaks.
_MEANINGS: Final = (
    ("handshake", Situation.BROKEN_SERVER, "BROKEN HANDSHAKE"),
    ("protocol-version", Situation.WRONG_REVISION, "WRONG PROTOCOL REVISION"),
    ("auth-required", Situation.NOT_GUARDED, "NOT GUARDED"),
    ("tools-listed", Situation.BROKEN_SERVER, "BROKEN: the tools are not listed"),
    ("pagination-terminates", Situation.BROKEN_SERVER, "BROKEN: a list never ends"),
    ("tool-names", Situation.BROKEN_SERVER, "BROKEN: tools without a usable name"),
    (
        "session-lifecycle",
        Situation.BROKEN_SERVER,
        "BROKEN: closing a session harms the server",
    ),
    ("replicas-agree", Situation.REPLICAS_DIFFER, "REPLICAS DIFFER"),
    ("server-identity", Situation.WRONG_SERVER, "NOT THE EXPECTED SERVER"),
    ("session-affinity", Situation.NO_SESSION_AFFINITY, _NO_AFFINITY),
    ("matches-snapshot", Situation.CONTRACT_DIFFERS, "NOT THE REVIEWED CONTRACT"),
    ("readiness", Situation.NOT_HEALTHY, "NOT READY"),
    ("liveness", Situation.NOT_HEALTHY, "NOT ALIVE"),
    ("tool-schemas-valid", Situation.BROKEN_SERVER, "BROKEN: invalid tool schemas"),
    ("capabilities", Situation.BROKEN_SERVER, "BROKEN: an advertised list fails"),
    ("golden-calls", Situation.GOLDEN_CALL_FAILED, "A CALL FAILS"),
    ("latency", Situation.TOO_SLOW, "TOO SLOW"),
)
_COMPARED: Final = "matches-snapshot"
# What a session that was let in may yet be refused, and the check that tells of it.
_ASKING: Final = {"tools-listed": Step.TOOLS, "golden-calls": Step.CALL}
_RELEASES: Final = {
    Descent.OLDER: (Situation.OLD_RELEASE, "NOT DEPLOYED: an old release is serving"),
    Descent.NEWER: (
        Situation.NEWER_RELEASE,
        "NOT THIS RELEASE: a newer one than the snapshot's is serving",
    ),
    Descent.ELSEWHERE: (
        Situation.OTHER_RELEASE,
        "NOT THIS RELEASE: one of another branch is serving",
    ),
}
_REFUSALS: Final = {
    401: (Situation.NOT_LET_IN, "NOT LET IN"),
    403: (Situation.NOT_LET_IN, "NOT LET IN"),
    407: (Situation.NOT_LET_IN, "NOT LET IN"),
    421: (Situation.NOT_LET_IN, "NOT LET IN"),
    429: (Situation.TURNED_AWAY, "TURNED AWAY"),
}


def situation_of(
    verdict: Verdict, evidence: Evidence, findings: tuple[Finding, ...]
) -> tuple[Situation, str]:
    """What `verdict` means for the deploy, and that in one line."""
    if verdict is Verdict.PASSED:
        situation, headline = _green(evidence, findings)
        return situation, headline + _replicas_met(evidence, findings)
    if verdict is Verdict.INCONCLUSIVE:
        return _unseen(evidence, findings)
    blamed = {each.check: each for each in findings if each.outcome is Outcome.FAILED}
    if _COMPARED in blamed and "replicas-agree" not in blamed and evidence.serving is not None:
        situation, meaning = _RELEASES[evidence.serving.descent]
        return situation, f"{meaning}; {blamed[_COMPARED].message}"
    if "session-affinity" in blamed and _is_lost(evidence):
        # Whatever else failed did so under a session that the next replica did not know.
        told = blamed["session-affinity"].message
        return Situation.NO_SESSION_AFFINITY, f"{_NO_AFFINITY}: {told}"
    for check_id, situation, meaning in _MEANINGS:
        finding = blamed.get(check_id)
        if finding is None:
            continue
        if check_id == "auth-required" and finding.message.startswith(REFUSED):
            return Situation.NO_WAY_TO_A_TOKEN, f"NO WAY TO A TOKEN: {finding.message}"
        if finding.message.startswith(NO_MCP):
            told_instead = finding.message.removeprefix(NO_MCP)
            return Situation.NO_MCP_SERVER, f"NO MCP SERVER: {told_instead}"
        if check_id == "server-identity" and not _has_other_name(evidence):
            return Situation.WRONG_VERSION, f"NOT THE EXPECTED VERSION: {finding.message}"
        if check_id == _COMPARED and evidence.release is not None and evidence.release.is_unknown:
            return Situation.UNREVIEWED_CHANGE, f"UNREVIEWED CHANGE: {finding.message}"
        return situation, f"{meaning}: {finding.message}"
    return Situation.BROKEN_SERVER, f"BROKEN: {next(iter(blamed.values())).message}"


def _is_lost(evidence: Evidence) -> bool:
    return lost_in(evidence.primary) is not None or bool(lost_samples(evidence.samples))


def _has_other_name(evidence: Evidence) -> bool:
    met = (evidence.primary, *evidence.samples)
    names = {evidence.primary.server_name, *(each.server_name for each in met if each.server_name)}
    return evidence.expected.name is not None and names != {evidence.expected.name}


def _unseen(evidence: Evidence, findings: tuple[Finding, ...]) -> tuple[Situation, str]:
    unseen = [f for f in findings if f.outcome is Outcome.NOT_OBSERVED]
    if not unseen:
        return Situation.NOT_FULLY_SEEN, f"NOT FULLY SEEN: {evidence.unopened}"
    gating = {f.check: f for f in unseen if f.severity is Severity.ERROR}
    ranked = [gating[each] for each in _by_rank() if each in gating]
    first = next(iter([*ranked, *gating.values()]), unseen[0])
    opening = evidence.primary.opening
    status = None if opening is None else opening.status
    if first.check == "reachable":
        return Situation.UNREACHABLE, f"UNREACHABLE: {first.message}"
    if not evidence.primary.opened and status is None:
        return Situation.NO_ANSWER, f"NO ANSWER: {first.message}"
    refused = {e.step for e in evidence.primary.exchanges if e.status in REFUSALS}
    if _ASKING.get(first.check) in refused:
        return Situation.NOT_LET_IN, f"NOT LET IN: {first.message}"
    if status is None or evidence.primary.opened:
        return Situation.NOT_FULLY_SEEN, f"NOT FULLY SEEN: {first.check}: {first.message}"
    other = (Situation.NOT_FULLY_SEEN, "NOT FULLY SEEN")
    if status >= 500:
        other = (Situation.UNAVAILABLE, "UNAVAILABLE")
    situation, words = _REFUSALS.get(status, other)
    return situation, f"{words}: {first.message}"


def _by_rank() -> tuple[str, ...]:
    return ("reachable", *(check_id for check_id, _, _ in _MEANINGS))


def _replicas_met(evidence: Evidence, findings: tuple[Finding, ...]) -> str:
    """What a green says of replicas, for whoever asked for them."""
    asked = (evidence.expected.replicas or 1) > 1 or evidence.replicas.known
    told = next((each for each in findings if each.check == "replicas-agree"), None)
    passed = told is not None and told.outcome is Outcome.PASSED
    return f"; {told.message}" if asked and told is not None and passed else ""


def _green(evidence: Evidence, findings: tuple[Finding, ...]) -> tuple[Situation, str]:
    count = len(evidence.contract.tools) if evidence.contract is not None else 0
    tools = f"{count:,} tool{'' if count == 1 else 's'}"
    beyond = f"; {evidence.beyond_scope}" if evidence.beyond_scope else ""
    match next((each for each in findings if each.check == _COMPARED), None):
        case Finding(outcome=Outcome.PASSED) if evidence.snapshot is not None:
            return Situation.REVIEWED, f"{_IS_REVIEWED}: {tools} as in the snapshot{beyond}"
        case Finding(outcome=Outcome.PASSED):
            return Situation.REVIEWED, f"the server has the expected digest: {tools}{beyond}"
        case Finding(outcome=Outcome.WARNED) if _is_equal(evidence) and evidence.kept_out:
            return Situation.REVIEWED, f"{_IS_REVIEWED}: {tools} as in the snapshot{beyond}"
        case Finding(outcome=Outcome.WARNED, message=message) if evidence.snapshot is not None:
            who = "the server differs from the snapshot"
            if evidence.serving is not None:
                who = f"{evidence.serving.descent.release} is serving"
            return Situation.TOLERATED, f"{who}, which does not fail: {message}"
        case _:
            return (
                Situation.USABLE,
                f"an agent can use the server: {tools}; no snapshot was compared",
            )


def _is_equal(evidence: Evidence) -> bool:
    """Whether something was compared, and nothing of it differs."""
    snapshot, live = evidence.snapshot, evidence.contract
    if snapshot is None or live is None or evidence.drift or not live.tools:
        return False
    return bool(evidence.left_out) or snapshot.contract.digests == live.digests
