"""What a signal must not cut in two: the birth of a process that we have to end, and its end.

A signal raises in the main thread, wherever that is. What happens in another thread goes on, and
is waited for before the exception goes its way.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar


class Closable(Protocol):
    def close(self) -> None: ...


C = TypeVar("C", bound=Closable)


@contextmanager
def closed_for_sure(make: Callable[[], C]) -> Iterator[C]:
    """What `make` returns, closed when the block is left, however and whenever that happens."""
    made: list[C] = []
    try:
        _undisturbed(lambda: made.append(make()))
        yield made[0]
    finally:
        for each in made:
            _undisturbed(each.close)


def _undisturbed(function: Callable[[], None]) -> None:
    """Run it to its end. Raises what it raises, and then whatever came meanwhile."""
    raised: list[BaseException] = []
    # Not a join: one that was interrupted takes the thread for ended in Python 3.11, so that the
    # next one returns at once.
    over = threading.Event()

    def run() -> None:
        try:
            function()
        except BaseException as error:
            raised.append(error)
        finally:
            over.set()

    thread = threading.Thread(target=run, daemon=True)
    try:
        thread.start()
        over.wait()
    except BaseException:
        if thread.ident is not None:
            over.wait()
        raise
    if raised:
        raise raised[0]
