"""SIGINT and SIGTERM: the run is told once, closes what it opened, and exits 130 or 143.

It is the first thing that a run does, so nothing is imported here that takes time.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_hurry: Callable[[], object] | None = None


class Stopped(SystemExit):
    """The process was asked to stop. Carries the exit code to end with.

    A SystemExit, since asyncio lets that and KeyboardInterrupt through and swallows any other
    exception, and Typer turns KeyboardInterrupt into something else.
    """

    code: int
    hurried: bool = False


@contextmanager
def hurrying(hurry: Callable[[], object]) -> Iterator[None]:
    """While many runs go on: a second signal calls `hurry`, which waits for no server.

    One run alone closes in the time that a person needs to press twice; many may be slower.
    """
    global _hurry
    _hurry = hurry
    try:
        yield
    finally:
        _hurry = None


def stop_on_signals() -> None:
    """From now on the first SIGINT or SIGTERM raises Stopped; later ones wait for the closing."""
    told = False

    def stop(number: int, frame: FrameType | None) -> None:
        # Closing is bounded by itself; a second signal must not cut it short and leak a child.
        # It is not set to SIG_IGN: Python complains of one that is already on its way.
        nonlocal told
        if told:
            if _hurry is not None:
                Stopped.hurried = True
                _hurry()
            return
        told = True
        raise Stopped(128 + number)  # ExitCode.INTERRUPTED, ExitCode.TERMINATED

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    if hasattr(signal, "SIGHUP"):  # the terminal is gone: children must go, too
        signal.signal(signal.SIGHUP, stop)
