"""Which checks run, and what becomes of their answers where the user has a word on it."""

from dataclasses import dataclass, replace

from mcpverify.checks import CheckFile, all_checks
from mcpverify.facts.evidence import Evidence, Expectations
from mcpverify.facts.finding import LEFT_OUT_BY, Detail, Finding, Outcome, Severity
from mcpverify.facts.severity_override import SeverityOverride


@dataclass(frozen=True, slots=True)
class Selection:
    """Which checks run, by their ids, and how grave they are.

    `only` empty means all but the opt-in ones; `required` have to be answered, opt-in or not.
    `tells` where the choice is the user's: what they expect, and no check looks at, is told then.
    """

    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    opted_in: tuple[str, ...] = ()
    strict: bool = False
    required: tuple[str, ...] = ()
    severities: tuple[SeverityOverride, ...] = ()
    tells: bool = False

    def checks(self) -> tuple[CheckFile, ...]:
        return tuple(each for each in all_checks() if self.includes(each))

    def includes(self, file: CheckFile) -> bool:
        check = file.check
        if check.id in self.skip:
            return False
        if self.only:
            return check.id in self.only
        return not check.opt_in or check.id in (*self.opted_in, *self.required)


def findings_of(selection: Selection, evidence: Evidence) -> tuple[Finding, ...]:
    """The answers of all selected checks, in the order of reports."""
    overrides = {each.check: each for each in selection.severities}
    idle = _idle(evidence.expected, selection) if selection.tells else {}
    found = []
    for file in all_checks():
        check = file.check
        if selection.includes(file):
            found.append(_settled(file.judge(evidence), selection, overrides.get(check.id)))
        elif check.id in idle:
            by = "skip" if check.id in selection.skip else "only"
            told = check.not_observed(f"{LEFT_OUT_BY}{by}, {idle[check.id]}")
            # It was said so: nothing fails for it, and nobody takes it for green.
            found.append(replace(told, severity=Severity.WARNING))
    return tuple(found)


def _idle(expected: Expectations, selection: Selection) -> dict[str, str]:
    """What is not done without a check, by the ids of the checks that would do it."""
    count = len(expected.calls)
    idle = {}
    if count:
        calls = "the configured call was" if count == 1 else f"{count} configured calls were"
        idle["golden-calls"] = f"{calls} not made"
    if expected.readiness is not None:
        idle["readiness"] = "the readiness address was not asked"
    if expected.liveness is not None:
        idle["liveness"] = "the liveness address was not asked"
    named = [
        what
        for what, wanted in (("name", expected.name), ("version", expected.version))
        if wanted is not None
    ]
    if named:
        idle["server-identity"] = f"the expected {' and '.join(named)} was not compared"
    told = {check: f"so {what}" for check, what in idle.items()}
    # A file can require what a flag leaves out: the flag holds, and says what it costs.
    return told | dict.fromkeys(selection.required, "though the configuration requires it")


def _settled(finding: Finding, selection: Selection, override: SeverityOverride | None) -> Finding:
    if override is not None:
        finding = _overridden(finding, override)
    if finding.check in selection.required:
        finding = _required(finding)
    if selection.strict and finding.outcome is Outcome.WARNED:
        finding = replace(finding, outcome=Outcome.FAILED)
    return finding


def _overridden(finding: Finding, override: SeverityOverride) -> Finding:
    """As grave as the user says. A failure that only warns says why."""
    outcome = finding.outcome
    if override.severity is Severity.WARNING and outcome is Outcome.FAILED:
        outcome = Outcome.WARNED
    elif override.severity is Severity.ERROR and outcome is Outcome.WARNED:
        outcome = Outcome.FAILED
    details = finding.details
    if outcome is not Outcome.PASSED and override.severity is not finding.severity:
        reason = f"configured as {override.severity}: {override.reason}"
        details = (Detail(reason, subject="severity"), *details)
    return replace(finding, outcome=outcome, severity=override.severity, details=details)


def _required(finding: Finding) -> Finding:
    """A check that had to be answered, and was not: no way to a green verdict."""
    if finding.outcome is Outcome.NOT_OBSERVED:
        return replace(finding, severity=Severity.ERROR)
    if finding.outcome is Outcome.NOT_APPLICABLE:
        message = f"it is required, and does not apply: {finding.message}"
        return replace(
            finding, outcome=Outcome.NOT_OBSERVED, severity=Severity.ERROR, message=message
        )
    return finding
