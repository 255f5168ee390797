"""Ending runs from another thread: what a signal does to the run of the main thread, for many.

A thread that waits for a server says how it can be woken. Once it is, it meets `Cut`, which
unwinds its run: sessions are ended and children with them, as where a signal comes.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

Action = Callable[[], object]


class Cut(BaseException):
    """The run goes no further. No Exception: nothing that mends one may swallow it."""


class Stop:
    """Ends all that runs under it, in whichever threads. Reentrant: a signal may come in between.

    `cut` lets each run close what it has opened; `hurry` kills its children and waits for nothing.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._wakes: dict[object, Action] = {}
        self._kills: dict[object, Action] = {}
        self.is_cut = False
        self.is_hurried = False

    @contextmanager
    def over(self) -> Iterator[None]:
        """What goes on inside, in this thread, ends with it: by Cut, raised once."""
        token = _RUN.set(_Run(self))
        try:
            check()
            yield
        finally:
            _RUN.reset(token)

    def cut(self) -> None:
        with self._lock:
            self.is_cut = True
            wakes = tuple(self._wakes.values())
        for wake in wakes:
            wake()

    def hurry(self) -> None:
        self.cut()
        with self._lock:
            self.is_hurried = True
            kills = tuple(self._kills.values())
        for kill in kills:
            kill()

    @contextmanager
    def waking(self, wake: Action) -> Iterator[None]:
        key = object()
        with self._lock:
            self._wakes[key] = wake
        try:
            # Only now, or a cut that came between the two would wake nobody.
            check()
            yield
        finally:
            with self._lock:
                del self._wakes[key]
            check()

    def killing(self, kill: Action) -> Callable[[], None]:
        key = object()
        with self._lock:
            self._kills[key] = kill
        return lambda: self._forget(key)

    def _forget(self, key: object) -> None:
        with self._lock:
            self._kills.pop(key, None)


@dataclass(slots=True)
class _Run:
    stop: Stop
    told: bool = False


_RUN: ContextVar[_Run | None] = ContextVar("_RUN", default=None)


def check() -> None:
    """Raises Cut where the run of this thread has been cut, and was not told so yet.

    Once only: what it still asks to close its sessions has to go through.
    """
    run = _RUN.get()
    if run is not None and run.stop.is_cut and not run.told:
        run.told = True
        raise Cut


@contextmanager
def woken_by(wake: Action) -> Iterator[None]:
    """While this thread waits for something that `wake`, called by another one, brings to an end.

    Raises Cut in place of whatever comes of it.
    """
    run = _RUN.get()
    if run is None:
        yield
        return
    with run.stop.waking(wake):
        yield


def killed_by(kill: Action) -> Callable[[], None]:
    """What this run has started is ended by `kill` where there is no time left to close it.

    Returns what to call once it has ended by itself.
    """
    run = _RUN.get()
    return _nothing if run is None else run.stop.killing(kill)


def _nothing() -> None:
    return None
