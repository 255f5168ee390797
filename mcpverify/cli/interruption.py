"""SIGINT and SIGTERM: the run is told once, closes what it opened, and exits 130 or 143."""

import signal
from types import FrameType

from mcpverify.cli.exit_codes import ExitCode


class Stopped(BaseException):
    """The process was asked to stop. Carries the exit code to end with."""

    def __init__(self, code: ExitCode) -> None:
        super().__init__(code)
        self.code = code


def stop_on_signals() -> None:
    """From now on the first SIGINT or SIGTERM raises Stopped; later ones wait for the closing."""
    told = False

    def stop(number: int, frame: FrameType | None) -> None:
        # Closing is bounded by itself; a second signal must not cut it short and leak a child.
        # It is not set to SIG_IGN: Python complains of one that is already on its way.
        nonlocal told
        if told:
            return
        told = True
        raise Stopped(ExitCode.TERMINATED if number == signal.SIGTERM else ExitCode.INTERRUPTED)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
