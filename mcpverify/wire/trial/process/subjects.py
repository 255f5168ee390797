"""Which subject a plan is about.

psutil comes with the subjects, so they are imported where one is made: only a trial needs it.
"""

import signal

from mcpverify.errors import UsageError
from mcpverify.facts.trial_plan import TrialPlan
from mcpverify.wire.trial.process.subject import Subject


def subject_for(plan: TrialPlan) -> Subject:
    """The process of `plan`, not started yet. Raises UsageError where there is none to stop."""
    from mcpverify.wire.trial.process.attached import Attached
    from mcpverify.wire.trial.process.started import Started
    from mcpverify.wire.trial.process.stopped_by_command import StoppedByCommand

    number = _number(plan.signal)
    if plan.command is not None:
        return Started(plan.command, number, plan.group, plan.pid1, plan.restart_command)
    found = None
    if plan.pid is not None:
        found = Attached(plan.pid, number, plan.group, plan.restart_command)
    if plan.stop_command is not None:
        if plan.twice and found is None:
            raise UsageError(
                "--twice needs a process to signal, and a stop command is run once.",
                "Add --pid, or leave --twice out.",
            )
        return StoppedByCommand(plan.stop_command, found, plan.restart_command)
    if found is None:
        raise UsageError(
            "There is nothing to stop.", "Give a COMMAND after --, or --pid, or --stop-command."
        )
    return found


def _number(name: str) -> int:
    number = getattr(signal, name, None)
    if not isinstance(number, signal.Signals):
        raise UsageError(f"{name} is no signal here.", "SIGTERM and SIGINT are.")
    return int(number)
