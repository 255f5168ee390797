"""A check as a value: one question, one id, and the findings that answer it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from mcpverify.facts.finding import Detail, Finding, Outcome, Severity


class Stage(IntEnum):
    """When in a session, or in a trial of a shutdown, the question arises: the order of reports."""

    CONNECTION = 1
    HANDSHAKE = 2
    OFFER = 3
    TOOLS = 4
    CONTRACT = 5
    SESSION = 6
    SHUTDOWN = 7
    RESTART = 8
    AFTERWARDS = 9


@dataclass(frozen=True, slots=True)
class Check:
    """What a check file declares as `CHECK`, beside its function `judge(evidence)`.

    `module` is the file's `__name__`; the id is its last part, with hyphens. `severity`
    is what its failure means: a broken "must" is an error, a broken "should" a warning.
    `opt_in` checks run only where a flag asks for them. `needs_lists` says whether the
    check looks at prompts, resources or the contract, for which every list is asked.
    """

    module: str
    title: str
    stage: Stage
    severity: Severity
    rule: str = ""
    hint: str = ""
    opt_in: bool = False
    needs_lists: bool = True

    @property
    def id(self) -> str:
        return self.module.rpartition(".")[2].replace("_", "-")

    def passed(self, message: str, details: Iterable[Detail] = ()) -> Finding:
        return self._finding(Outcome.PASSED, message, details)

    def warned(self, message: str, details: Iterable[Detail] = (), hint: str = "") -> Finding:
        return self._finding(Outcome.WARNED, message, details, hint or self.hint)

    def failed(self, message: str, details: Iterable[Detail] = (), hint: str = "") -> Finding:
        """A failure, or only a warning where that is the check's severity."""
        outcome = Outcome.FAILED if self.severity is Severity.ERROR else Outcome.WARNED
        return self._finding(outcome, message, details, hint or self.hint)

    def not_applicable(self, message: str) -> Finding:
        return self._finding(Outcome.NOT_APPLICABLE, message)

    def not_observed(self, message: str, hint: str = "") -> Finding:
        """The question could not be asked. Never green where the severity is error."""
        return self._finding(Outcome.NOT_OBSERVED, message, (), hint)

    def _finding(
        self, outcome: Outcome, message: str, details: Iterable[Detail] = (), hint: str = ""
    ) -> Finding:
        return Finding(self.id, outcome, self.severity, message, tuple(details), hint, self.rule)
