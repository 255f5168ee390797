"""The subject that something else started and we stop: `--pid`.

Nothing of it is ended but by the signal, and by SIGKILL once the budget is over.
"""

import time

from mcpverify.errors import McpverifyError
from mcpverify.facts.timeline import Leftover
from mcpverify.wire.trial.process.family import Family
from mcpverify.wire.trial.process.found_process import FoundProcess
from mcpverify.wire.trial.process.launched import Launched, by_restart_command, listener
from mcpverify.wire.trial.process.leftovers import left_behind
from mcpverify.wire.trial.process.ports import bound, reachable
from mcpverify.wire.trial.process.subject import Listening


class Attached:
    """`number` is the signal's. Without a `restart_line` it can only start again by itself."""

    def __init__(
        self, pid: int, number: int, group: bool = False, restart_line: str | None = None
    ) -> None:
        self._pid = pid
        self._number = number
        self._group = group
        self._restart_line = restart_line
        self._process: FoundProcess | None = None
        self._family: Family | None = None
        self._again: Launched | None = None

    @property
    def observed(self) -> bool:
        return True

    @property
    def exit_code(self) -> int | None:
        return None if self._again is None else self._again.process.exit_code

    @property
    def problem(self) -> str:
        return "" if self._again is None else self._again.problem

    def start(self) -> None:
        self._process = FoundProcess(self._pid, self._group)
        self._family = Family(self._process.process, grouped=False)

    def listening(self) -> tuple[Listening, ...]:
        if self._again is not None:
            return self._again.listening()
        process, family = self._found()
        return reachable(bound((process.process, *family.living())))

    def program(self) -> str:
        if self._again is not None:
            return self._again.program()
        process, family = self._found()
        return listener((process.process, *family.living()))

    def running(self) -> bool:
        return self._again.running() if self._again is not None else self._found()[0].running

    def stop(self) -> float:
        self.note()
        return self.stop_again()

    def note(self) -> None:
        """Look at what children it has, before it goes."""
        self._found()[1].living()

    def stop_again(self) -> float:
        at = time.monotonic()
        self._found()[0].signal(self._number)
        return at

    def wait(self, until: float) -> float | None:
        return self._found()[0].wait(until)

    def kill(self) -> None:
        self._found()[0].kill()

    def leftovers(self) -> tuple[Leftover, ...]:
        return left_behind(self._found()[1])

    def stderr(self) -> tuple[str, ...]:
        return () if self._again is None else self._again.process.output()

    def restart(self) -> str:
        if self._restart_line is None:
            return ""
        self._again = by_restart_command(self._restart_line, ours=False)
        self._again.start_again()
        return self._again.how

    def close(self) -> None:
        if self._process is not None:
            self._process.close()
        if self._again is not None:
            self._again.close()

    def _found(self) -> tuple[FoundProcess, Family]:
        if self._process is None or self._family is None:
            raise McpverifyError(f"Process {self._pid} was never looked for.")
        return self._process, self._family
