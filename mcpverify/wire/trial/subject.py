"""The process that is stopped: started or found, signaled, watched to its end, started again.

Nothing that it starts outlives `close`. All its methods block and are called from threads; times
are those of `time.monotonic()`.
"""

from dataclasses import dataclass
from typing import Protocol

from mcpverify.facts.timeline import Leftover


@dataclass(frozen=True, slots=True)
class Listening:
    """An address that the process, or one of its children, listens on."""

    host: str
    port: int


class Subject(Protocol):
    """The server under trial, as a process. What cannot be done raises McpverifyError."""

    def start(self) -> None:
        """Start it, where we do."""
        ...

    def listening(self) -> tuple[Listening, ...]:
        """What the process and its children listen on now; () where that cannot be seen."""
        ...

    def running(self) -> bool: ...

    def stop(self) -> float:
        """Send the signal, or start the stop command; returns when. Notes the children it has."""
        ...

    def stop_again(self) -> float: ...

    def wait(self, until: float) -> float | None:
        """Wait for its end; returns when that was, or None where it has not ended by `until`."""
        ...

    def kill(self) -> None:
        """SIGKILL, once the budget is over."""
        ...

    @property
    def observed(self) -> bool:
        """Whether its end can be seen at all."""
        ...

    @property
    def exit_code(self) -> int | None: ...

    def leftovers(self) -> tuple[Leftover, ...]:
        """The children that outlived it, and what still listens; they are then ended."""
        ...

    def stderr(self) -> tuple[str, ...]: ...

    def restart(self) -> str:
        """Start it again; returns how (Aftermath.restart), "" where there is no way."""
        ...

    def close(self) -> None:
        """End all that was started, quickly, whatever happened before."""
        ...
