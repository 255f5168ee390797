"""Does the server say who it is, and is it who was expected?

`--expect-name` and `--expect-version` compare with serverInfo, exactly. Mind that the version
there is often that of the SDK, or a constant: look before you rely on it.

To mend it: look whether the address leads where you think, and whether the new release gets the
traffic. If the server was renamed on purpose, expect its new name.
"""

from mcpverify.facts.check import Check, Stage
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Detail, Finding, Severity

CHECK = Check(
    __name__,
    title="The server is the expected one, by name and version",
    stage=Stage.OFFER,
    severity=Severity.ERROR,
    rule="https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#initialization",
    needs_lists=False,
)


def judge(evidence: Evidence) -> Finding:
    if not evidence.primary.opened:
        return CHECK.not_observed(evidence.unopened)
    expected, primary = evidence.expected, evidence.primary
    wanted = (
        ("name", expected.name, primary.server_name),
        ("version", expected.version, primary.server_version),
    )
    wrong = [(what, want, got) for what, want, got in wanted if want not in (None, got)]
    if wrong:
        told = "; ".join(f"{what} {_shown(got)}, expected {want!r}" for what, want, got in wrong)
        details = [Detail(f"expected {want!r}, live {got!r}", what) for what, want, got in wrong]
        return CHECK.failed(told, details)
    if not primary.server_name:
        return CHECK.warned("the server gives no name")
    return CHECK.passed(f"{primary.server_name} {primary.server_version or ''}".strip())


def _shown(value: str | None) -> str:
    return "is missing" if value is None else f"is {value!r}"
