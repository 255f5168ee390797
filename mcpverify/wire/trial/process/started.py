"""The subject that is ours: a COMMAND, of which everything is seen and nothing outlives us."""

import time

from mcpverify.facts.timeline import Leftover
from mcpverify.wire.trial.process.launched import (
    COMMAND,
    SAME_COMMAND,
    Launched,
    by_restart_command,
)
from mcpverify.wire.trial.process.leftovers import ended, left_behind
from mcpverify.wire.trial.process.own_process import OwnProcess
from mcpverify.wire.trial.process.subject import Listening

_EVERY = 0.01


class Started:
    """`number` is the signal's. With a `restart_line` that is what starts it again."""

    def __init__(
        self,
        command: tuple[str, ...],
        number: int,
        group: bool = False,
        pid1: bool = False,
        restart_line: str | None = None,
    ) -> None:
        self._command = command
        self._number = number
        self._group = group
        self._pid1 = pid1
        self._restart_line = restart_line
        self._now = self._launched(COMMAND)

    @property
    def observed(self) -> bool:
        return True

    @property
    def exit_code(self) -> int | None:
        return self._now.process.exit_code

    @property
    def problem(self) -> str:
        # How the command ends is what the trial is about; how it starts again must be well.
        return "" if self._now.how == COMMAND else self._now.problem

    def start(self) -> None:
        self._now.process.start()

    def listening(self) -> tuple[Listening, ...]:
        return self._now.listening()

    def program(self) -> str:
        return self._now.program()

    def running(self) -> bool:
        return self._now.running()

    def stop(self) -> float:
        self._now.process.note()
        return self.stop_again()

    def stop_again(self) -> float:
        at = time.monotonic()
        self._now.process.signal(self._number, self._group)
        return at

    def wait(self, until: float) -> float | None:
        at, family = self._now.process.wait(until), self._now.process.family
        while at is not None and self._group and family is not None and family.living():
            # Who signals the group waits for the group, as systemd does.
            if time.monotonic() > until:
                return None
            time.sleep(_EVERY)
            at = time.monotonic()
        return at

    def kill(self) -> None:
        self._now.process.kill()

    def leftovers(self) -> tuple[Leftover, ...]:
        family = self._now.process.family
        if family is None:
            return ()
        found = left_behind(family)
        self._now.process.kill()
        ended(family.living, 1.0)
        return found

    def stderr(self) -> tuple[str, ...]:
        return self._now.process.output()

    def restart(self) -> str:
        self._now.close()
        if self._restart_line is None:
            self._now = self._launched(SAME_COMMAND)
        else:
            self._now = by_restart_command(self._restart_line, ours=True)
        self._now.start_again()
        return self._now.how

    def close(self) -> None:
        self._now.close()

    def _launched(self, how: str) -> Launched:
        return Launched(OwnProcess(self._command, lifeline=True, pid1=self._pid1), how)
