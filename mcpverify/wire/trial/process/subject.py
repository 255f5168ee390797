"""The process that is stopped: started or found, signaled, watched to its end, started again.

All methods block, are called from threads, and may be called in any order after `start`; times
are those of `time.monotonic()`. After `restart` everything tells of what it started: `exit_code`,
`stderr` and `leftovers` of the one that was stopped are to be taken before. `close` also works
where an exception left `start` or `restart` half done.
"""

from dataclasses import dataclass
from typing import Protocol

from mcpverify.facts.timeline import Leftover


@dataclass(frozen=True, slots=True)
class Listening:
    """An address to connect to, where the process or one of its children listens.

    One that listens everywhere is given by its loopback address.
    """

    host: str
    port: int


class Subject(Protocol):
    """The server under trial, as a process. What cannot be done raises McpverifyError.

    How it is stopped makes a difference to what can be seen of it:

    - A COMMAND of ours: everything. Nothing of it outlives `close`.
    - `--pid`: its end, its children, what it listens on; no exit code and no output.
    - `--stop-command`: the end of that command only, which `wait` then returns, and `observed` is
      False. Beside a pid it is the process whose end is waited for, as with `--pid`.

    Of what we did not start only the one process is ever killed, and only by `kill`.
    """

    def start(self) -> None:
        """Start it, where we do; else find it. Raises UsageError for what must not be stopped."""
        ...

    def listening(self) -> tuple[Listening, ...]:
        """What the process and its children listen on now; () where that cannot be seen."""
        ...

    def program(self) -> str:
        """The file name of what runs, a server behind a wrapper before it; "" where not known."""
        ...

    def running(self) -> bool:
        """False only where it is known to have ended."""
        ...

    def stop(self) -> float:
        """Send the signal, or start the stop command; returns when. Notes the children it has."""
        ...

    def stop_again(self) -> float:
        """Send the signal once more, which a stop command without a pid cannot do."""
        ...

    def wait(self, until: float) -> float | None:
        """Wait for its end; returns when that was, or None where it has not ended by `until`.

        None comes early where `problem` says that it was never told to stop.
        """
        ...

    def kill(self) -> None:
        """SIGKILL, once the budget is over: to our whole group, else to the one process.

        A stop command without a pid is ended itself: there is nothing else to kill.
        """
        ...

    @property
    def observed(self) -> bool:
        """Whether its end can be seen at all."""
        ...

    @property
    def exit_code(self) -> int | None:
        """Negative for a signal; None where it goes on, or where nobody tells us."""
        ...

    @property
    def problem(self) -> str:
        """Why a stop command, a restart command or a restart failed, so far; "" if none did."""
        ...

    def leftovers(self) -> tuple[Leftover, ...]:
        """The children that outlived it, and what still listens; ours are then ended.

        Those that are about to end by themselves get a moment for it.
        """
        ...

    def stderr(self) -> tuple[str, ...]:
        """The last lines of its stderr, or of its stdout where it says nothing there."""
        ...

    def restart(self) -> str:
        """Start it again; returns how (Aftermath.restart), "" where there is no way.

        Where that fails, `problem` tells and `running` is False. A restart command that ends with
        0 is taken to have started the server elsewhere; one that goes on is the server.
        """
        ...

    def close(self) -> None:
        """End all that was started, quickly, whatever happened before.

        What a restart command left running stays, where the server was not started by us; where it
        was, its process group is ended, and what left that is the affair of whoever took it.
        """
        ...
