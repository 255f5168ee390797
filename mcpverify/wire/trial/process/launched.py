"""A server that a command of ours brings up: the COMMAND itself, or what starts it again."""

from collections.abc import Sequence
from contextlib import suppress

import psutil

from mcpverify.errors import McpverifyError
from mcpverify.wire.trial.process.family import program
from mcpverify.wire.trial.process.own_process import OwnProcess
from mcpverify.wire.trial.process.ports import bound, reachable
from mcpverify.wire.trial.process.subject import Listening

COMMAND = "the command"
SAME_COMMAND = "the same command"
RESTART_COMMAND = "the restart command"


class Launched:
    """One launch. `how` names the command; a restart command may leave the server to others.

    Where it was not `ours` that was stopped, what a restart command leaves running stays.
    """

    def __init__(self, process: OwnProcess, how: str, ours: bool = True) -> None:
        self.process = process
        self.how = how
        self._ours = ours

    def start_again(self) -> None:
        """Start it; where that fails, `problem` tells."""
        with suppress(McpverifyError):
            self.process.start()

    def listening(self) -> tuple[Listening, ...]:
        return reachable(bound(self.process.relatives))

    def program(self) -> str:
        return listener(self.process.relatives)

    def running(self) -> bool:
        if self.process.running:
            return True
        return self.how == RESTART_COMMAND and self.process.exit_code == 0

    @property
    def problem(self) -> str:
        return self.process.failure(self.how)

    def close(self) -> None:
        """What a restart command handed over to others, such as a service manager, stays theirs."""
        handed_over = self.how == RESTART_COMMAND and not self.process.running
        self.process.close(descendants=not handed_over, group=self._ours or not handed_over)


def by_restart_command(line: str, ours: bool) -> Launched:
    return Launched(OwnProcess(("sh", "-c", line), lifeline=True), RESTART_COMMAND, ours)


def listener(processes: Sequence[psutil.Process]) -> str:
    """The program of the first of `processes` that listens, or else of the first."""
    for process in processes:
        if bound((process,)):
            return program(process)
    return program(processes[0]) if processes else ""
