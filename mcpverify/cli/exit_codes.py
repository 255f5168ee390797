"""Exit codes, the same for every command, decided here and nowhere else."""

from enum import IntEnum
from typing import TYPE_CHECKING

from mcpverify.errors import McpverifyError
from mcpverify.facts.situation import Situation
from mcpverify.facts.verdict import Verdict

if TYPE_CHECKING:
    from mcpverify.facts.report import Report  # a probe has none, and pays for none


class ExitCode(IntEnum):
    """Precedence, where several would fit: 70, 2, 1, 3, 0."""

    PASSED = 0
    WRONG = 1
    USAGE = 2
    NO_VERDICT = 3
    BUG = 70
    INTERRUPTED = 130
    TERMINATED = 143

    @property
    def rolls_back(self) -> bool:
        """Whether a deploy that ends in it is to be rolled back: what serves is wrong, or unseen.

        Never where the mistake is ours or our caller's: the release before would meet it, too.
        """
        return self in (ExitCode.WRONG, ExitCode.NO_VERDICT)


MEANINGS = {
    ExitCode.PASSED: "passed",
    ExitCode.WRONG: "observed, and wrong: no MCP server, wrong after a handshake, contract "
    "differs, a call lost in a shutdown",
    ExitCode.USAGE: "we were called wrongly: usage, configuration, an unset or empty variable, "
    "an unusable snapshot",
    ExitCode.NO_VERDICT: "no verdict: no answer (refused, timed out, TLS, DNS, 401/403, 429, 5xx), "
    "a gating check that could not be observed, or a shutdown that could not be tried",
    ExitCode.BUG: "a bug of mcpverify",
    ExitCode.INTERRUPTED: "SIGINT, after closing sessions and children",
    ExitCode.TERMINATED: "SIGTERM, after closing sessions and children",
}


_OF_SITUATIONS = (
    (Situation.OUR_BUG, ExitCode.BUG),
    (Situation.CALLED_WRONGLY, ExitCode.USAGE),
)


def is_to_roll_back(verdict: Verdict, code: ExitCode) -> bool:
    """Whether a run that reached a verdict on some targets asks to roll back.

    What was observed to be wrong is so even where `code` speaks of another target, which we were
    called wrongly on or failed at ourselves. One that was merely not seen beside that may have met
    the same mistake, and is no reason.
    """
    return verdict is Verdict.FAILED or code.rolls_back


def exit_code(outcome: "Verdict | Report | BaseException") -> ExitCode:
    """The exit code of a verdict, of a report, or of the exception that kept us from one.

    Of many targets one that we could not ask, by our own fault or our caller's, goes before what
    was seen of the others.
    """
    match outcome:
        case Verdict.PASSED:
            return ExitCode.PASSED
        case Verdict.FAILED:
            return ExitCode.WRONG
        case Verdict.INCONCLUSIVE:
            return ExitCode.NO_VERDICT
        case McpverifyError():
            return ExitCode.USAGE
        case KeyboardInterrupt():
            return ExitCode.INTERRUPTED
        case BaseException():
            return ExitCode.BUG
    situations = {target.situation for target in outcome.targets}
    for situation, code in _OF_SITUATIONS:
        if situation in situations:
            return code
    return exit_code(outcome.verdict)
