"""Does the liveness address say that the process is alive?

Asked only with `--liveness URL`, or where the configuration names the address. Where it is no 2xx,
Kubernetes and other supervisors kill the server and start it again, with all sessions that it
holds, for as long as it stays so.

To mend it: a liveness address says that the process runs, and nothing else. One that waits for a
database restarts every instance when the database is gone.
"""

from mcpverify.checks.readiness import health_finding
from mcpverify.facts.check import Check, Stage
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Finding, Severity
from mcpverify.facts.transcript import Step

CHECK = Check(
    __name__,
    title="The liveness address says alive",
    stage=Stage.CONNECTION,
    severity=Severity.ERROR,
    hint="Whoever watches the address restarts the server: look what it waits for.",
    needs_lists=False,
)


def judge(evidence: Evidence) -> Finding:
    probe = evidence.expected.liveness
    if probe is None:
        return CHECK.not_applicable("no liveness address was named (--liveness)")
    return health_finding(CHECK, Step.LIVENESS, probe, evidence, {})
