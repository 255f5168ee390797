"""The subject that somebody else stops for us, such as `docker stop` or `kubectl delete pod`.

Beside a pid, the process is watched as with `--pid`, and only the signal is another's. Without
one, the end of the stop command is the only end that is seen: the orchestrator is done by then.
"""

import time

from mcpverify.errors import McpverifyError
from mcpverify.facts.timeline import Leftover
from mcpverify.wire.trial.process.attached import Attached
from mcpverify.wire.trial.process.launched import Launched, by_restart_command
from mcpverify.wire.trial.process.own_process import OwnProcess
from mcpverify.wire.trial.process.subject import Listening

# A stop command that failed may still have sent its signal.
_FAILED_PATIENCE = 1.0
_EVERY = 0.05


class StoppedByCommand:
    """`process` is what the stop command ends, where that is known."""

    def __init__(
        self, line: str, process: Attached | None = None, restart_line: str | None = None
    ) -> None:
        self._command = OwnProcess(("sh", "-c", line), lifeline=False)
        self._process = process
        self._restart_line = restart_line
        self._again: Launched | None = None
        self._cut = False

    @property
    def observed(self) -> bool:
        return self._process is not None

    @property
    def exit_code(self) -> int | None:
        return None if self._again is None else self._again.process.exit_code

    @property
    def problem(self) -> str:
        if self._cut:
            return "the stop command had not ended when the budget was over"
        again = "" if self._again is None else self._again.problem
        return self._command.failure("the stop command") or again

    def start(self) -> None:
        if self._process is not None:
            self._process.start()

    def listening(self) -> tuple[Listening, ...]:
        if self._again is not None:
            return self._again.listening()
        return () if self._process is None else self._process.listening()

    def program(self) -> str:
        if self._again is not None:
            return self._again.program()
        return "" if self._process is None else self._process.program()

    def running(self) -> bool:
        if self._again is not None:
            return self._again.running()
        return True if self._process is None else self._process.running()

    def stop(self) -> float:
        if self._process is not None:
            self._process.note()
        at = time.monotonic()
        self._command.start()
        return at

    def stop_again(self) -> float:
        if self._process is None:
            raise McpverifyError(
                "A stop command is run once: a second signal needs a process.",
                "Add --pid, or leave --twice out.",
            )
        return self._process.stop_again()

    def wait(self, until: float) -> float | None:
        if self._process is None:
            return self._command.wait(until)
        while time.monotonic() < until:
            ended = self._process.wait(min(until, time.monotonic() + _EVERY))
            if ended is not None or not self._process.running():
                return ended
            if self._command.failure("it"):
                return self._process.wait(min(until, time.monotonic() + _FAILED_PATIENCE))
        return self._process.wait(until)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
        elif self._command.running:
            self._cut = True
            self._command.kill()

    def leftovers(self) -> tuple[Leftover, ...]:
        return () if self._process is None else self._process.leftovers()

    def stderr(self) -> tuple[str, ...]:
        return () if self._again is None else self._again.process.output()

    def restart(self) -> str:
        if self._restart_line is None:
            return ""
        self._again = by_restart_command(self._restart_line, ours=False)
        self._again.start_again()
        return self._again.how

    def close(self) -> None:
        # As with a restart command: what it handed over, such as the next server, is not ours.
        running = self._command.running
        self._command.close(descendants=running, group=running)
        for each in (self._process, self._again):
            if each is not None:
                each.close()
