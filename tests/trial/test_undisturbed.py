"""A signal that comes while something is begun or ended does not cut that in two."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

from mcpverify.wire.trial.process.undisturbed import closed_for_sure

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Unix has timers")


class Told(BaseException):
    pass


class Slow:
    """It takes a while to begin, or to end: until `told` is set, and a little longer."""

    def __init__(self, told: threading.Event, *, at_birth: bool) -> None:
        self._told = told
        self._at_birth = at_birth
        self.closed = False
        if at_birth:
            self._linger()

    def close(self) -> None:
        if not self._at_birth:
            self._linger()
        self.closed = True

    def _linger(self) -> None:
        self._told.wait(10)
        threading.Event().wait(0.3)


@contextmanager
def signaled_soon(told: threading.Event) -> Iterator[None]:
    def tell(number: int, frame: FrameType | None) -> None:
        told.set()
        raise Told

    before = signal.signal(signal.SIGALRM, tell)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("at_birth", [True, False], ids=["birth", "end"])
def test_a_signal_in_the_middle_waits_until_all_is_closed(at_birth: bool) -> None:
    told = threading.Event()
    made: list[Slow] = []

    def make() -> Slow:
        made.append(Slow(told, at_birth=at_birth))
        return made[0]

    with pytest.raises(Told), signaled_soon(told), closed_for_sure(make):
        pass

    assert [each.closed for each in made] == [True]
