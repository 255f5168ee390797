"""Which checks run, and what becomes of their answers where the user has a word on it."""

from dataclasses import dataclass, replace

from mcpverify.checks import CheckFile, all_checks
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Detail, Finding, Outcome, Severity
from mcpverify.facts.severity_override import SeverityOverride


@dataclass(frozen=True, slots=True)
class Selection:
    """Which checks run, by their ids, and how grave they are.

    `only` empty means all but the opt-in ones; `required` have to be answered, opt-in or not.
    """

    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    opted_in: tuple[str, ...] = ()
    strict: bool = False
    required: tuple[str, ...] = ()
    severities: tuple[SeverityOverride, ...] = ()

    def checks(self) -> tuple[CheckFile, ...]:
        return tuple(each for each in all_checks() if self._includes(each))

    def _includes(self, file: CheckFile) -> bool:
        check = file.check
        if check.id in self.skip:
            return False
        if self.only:
            return check.id in self.only
        return not check.opt_in or check.id in (*self.opted_in, *self.required)


def findings_of(selection: Selection, evidence: Evidence) -> tuple[Finding, ...]:
    """The answers of all selected checks, in the order of reports."""
    overrides = {each.check: each for each in selection.severities}
    return tuple(
        _settled(file.judge(evidence), selection, overrides.get(file.check.id))
        for file in selection.checks()
    )


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
