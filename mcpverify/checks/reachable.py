"""Does anything answer at the target?

Before a server can be wrong it has to be there. A name that does not resolve, a refused
connection, a TLS handshake that fails or a deadline that passes says nothing about the
release that was deployed: the gate reports that no verdict was reached (exit code 3).

To mend it: compare the address with the one your agents use, look whether the new
instances are up and behind the load balancer, and try the same command from where the
agents run.
"""

from mcpverify.facts.check import Check, Stage
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Finding, Severity
from mcpverify.facts.observation import UNANSWERED
from mcpverify.facts.transcript import FailureKind

CHECK = Check(
    __name__,
    title="Something answers at the target",
    stage=Stage.CONNECTION,
    severity=Severity.ERROR,
    needs_lists=False,
)

_HINTS = {
    FailureKind.DNS: "Check the host name and the resolver of this machine.",
    FailureKind.REFUSED: "Check the port; a server that still starts is met by `check --wait 2m`.",
    FailureKind.TIMEOUT: "Check firewalls, and the load of the server; `check --wait 2m` waits.",
    FailureKind.TLS_UNTRUSTED: "Trust its authority with --cacert FILE; -k skips verification.",
    FailureKind.TLS: "Check that this port speaks TLS, and the scheme of the URL.",
    FailureKind.PROXY: "The environment sets a proxy; --no-proxy goes past it.",
    FailureKind.RESET: "Check that the scheme fits the port, and the server's own log.",
}


def judge(evidence: Evidence) -> Finding:
    primary = evidence.primary
    opening = primary.opening
    if opening is None:
        return CHECK.not_observed("nothing was sent")
    failure = opening.failure
    answered = next((e for o in evidence.observations for e in o.exchanges if e.status), None)
    if failure is not None and failure.kind in UNANSWERED and answered is None:
        hint = _HINTS.get(failure.kind, "")
        if failure.kind is FailureKind.TLS and "certificate required" in failure.detail:
            hint = "The server wants a client certificate: --cert FILE --key FILE."
        return CHECK.not_observed(failure.detail, hint)
    if opening.method == "stdio":
        if failure is not None and failure.kind is FailureKind.PROCESS_EXITED:
            return CHECK.passed("the command was started")
        return CHECK.passed("the command runs")
    first = answered or opening
    where = f"{first.peer} answered" if first.peer else "an answer came"
    return CHECK.passed(f"{where} in {first.timing.total * 1000:.0f} ms")
