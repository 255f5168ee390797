"""What a signal must not cut in two."""

import signal
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType

import pytest

from mcpverify.wire.trial.undisturbed import closed_for_sure

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its signals are others")


class Stopped(BaseException):
    pass


class Kept:
    """Something that is signaled while it is made or closed, as often as it says."""

    def __init__(self, at: str) -> None:
        self.at = at
        self.closed = False
        self._signaled("birth")

    def close(self) -> None:
        self._signaled("end")
        self.closed = True

    def _signaled(self, at: str) -> None:
        if at == self.at:
            time.sleep(0.1)  # until it is waited for
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)
            _RAISED.wait(5.0)
            time.sleep(0.3)  # time for whoever does not wait to be gone


_RAISED = threading.Event()


@pytest.fixture(autouse=True)
def raising() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        _RAISED.set()
        raise Stopped

    _RAISED.clear()
    before = signal.signal(signal.SIGUSR1, stop)
    yield
    signal.signal(signal.SIGUSR1, before)


@pytest.mark.parametrize("at", ["birth", "end"])
def test_what_was_made_is_closed_though_a_signal_raises(at: str) -> None:
    made: list[Kept] = []

    def make() -> Kept:
        kept = Kept(at)
        made.append(kept)
        return kept

    with pytest.raises(Stopped), closed_for_sure(make):
        pass
    assert _RAISED.is_set()
    assert [kept.closed for kept in made] == [True]


def test_what_making_raises_is_raised() -> None:
    def make() -> Kept:
        raise ValueError("not today")

    with pytest.raises(ValueError, match="not today"), closed_for_sure(make):
        pass
