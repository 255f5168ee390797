"""What to do after a trial of a shutdown, by what was wrong with it: sentences and commands."""

from collections.abc import Iterator
from typing import Final

from mcpverify.facts.drain import Shutdown, Trial
from mcpverify.facts.finding import Finding, Outcome
from mcpverify.facts.target import Transport
from mcpverify.facts.timeline import How

_MANY: Final = 5


def next_steps(trial: Trial, count: int, remedied: bool) -> tuple[str, ...]:
    """The hints of what failed, else of what warned, and how to see what was not seen.

    `count` is how many trials there were; `remedied` says that the report has a remedy.
    """
    return tuple(dict.fromkeys(_steps(trial, count, remedied)))


def _steps(trial: Trial, count: int, remedied: bool) -> Iterator[str]:
    if trial.timeline.problem:
        yield "Nothing was concluded about the shutdown. Mend this, and run it again."
        return
    concerned = _concerned(trial.findings)
    if remedied:
        yield "Apply the remedy above, and run it again."
    else:
        yield from (each.hint for each in concerned if each.hint)
    if concerned:
        yield f"mcpverify explain {concerned[0].check}"
    if concerned and trial.shutdown is not Shutdown.GRACEFUL:
        yield "What a graceful server does: docs/draining.md, in the repository."
    yield from _unseen(trial)
    if trial.shutdown is Shutdown.GRACEFUL and count == 1:
        yield f"Outcomes differ from run to run: --trials {_MANY} shows by how much."


def _concerned(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    for outcome in (Outcome.FAILED, Outcome.WARNED):
        found = tuple(each for each in findings if each.outcome is outcome)
        if found:
            return found
    return ()


def _unseen(trial: Trial) -> Iterator[str]:
    setting = trial.timeline.setting
    if not trial.timeline.aftermath.restart and setting.how is not How.COMMAND:
        yield "To see what comes after, say how it is started again: --restart-command LINE."
    if setting.how is How.STOP_COMMAND and not trial.timeline.end.observed:
        yield "Add --pid N, and the end of the process is seen."
    # What outlived a command of ours is named, and is no instance beside it.
    if trial.timeline.siblings and setting.how is not How.COMMAND:
        yield "Others answer at this address: give the address of the one process that is stopped."
    if setting.transport is not Transport.STDIO and setting.readiness is None:
        yield "With --readiness PATH the lame duck is seen as a load balancer sees it."
