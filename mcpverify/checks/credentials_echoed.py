"""Does the server send our credentials back?

A server that repeats the token it was given, in a description, an error or a header, leaks it to
every log and model context on the way. The gate never prints a credential, wherever it came
from; an echo is a warning, and `snapshot` refuses to record it.
"""

from mcpverify.facts.check import Check, Stage
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Detail, Finding, Severity

CHECK = Check(
    __name__,
    title="No credential of ours comes back",
    stage=Stage.CONTRACT,
    severity=Severity.WARNING,
    rule="https://modelcontextprotocol.io/specification/2025-11-25/basic/security_best_practices",
    hint="Find where the server repeats request headers, and rotate the credential.",
)


def judge(evidence: Evidence) -> Finding:
    if all(not each.body for o in evidence.observations for each in o.exchanges):
        return CHECK.not_observed("nothing came back")
    echoed = {
        (exchange.step.value, name): None
        for observation in evidence.observations
        for exchange in observation.exchanges
        for name in exchange.echoes
    }
    if not echoed:
        return CHECK.passed("none was seen in an answer")
    details = [Detail(f"the answer holds the value of {name}", step) for step, name in echoed]
    count = len({name for _, name in echoed})
    return CHECK.failed(
        f"the server repeats {count} credential{'' if count == 1 else 's'}", details
    )
