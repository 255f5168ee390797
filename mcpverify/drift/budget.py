"""How much work a judgement may cost, counted in steps so that every machine agrees."""

import time
from collections.abc import Callable
from typing import Final

STEPS: Final = 20_000
SECONDS: Final = 0.25


class Exhausted(Exception):
    """The budget is spent; `by_time` where the safety net of time cut before the steps did."""

    def __init__(self, by_time: bool) -> None:
        super().__init__("the time is up" if by_time else "too many steps")
        self.by_time = by_time


class Budget:
    """Steps that may still be spent, and processor seconds as the net beneath them.

    A step is about as much work as looking at one keyword of a schema, or taking one
    transition of an automaton.
    """

    __slots__ = ("_clock", "_end", "_next_look", "spent", "steps")

    def __init__(
        self,
        steps: int = STEPS,
        seconds: float = SECONDS,
        clock: Callable[[], float] = time.thread_time,
    ) -> None:
        self.steps = steps
        self.spent = 0
        self._clock = clock
        self._end = clock() + seconds
        self._next_look = 100 if seconds > 0 else 0

    def spend(self, steps: int = 1) -> None:
        """Raises Exhausted."""
        self.spent += steps
        if self.spent > self.steps:
            raise Exhausted(by_time=False)
        if self.spent >= self._next_look:
            self._next_look = self.spent + 100
            if self._clock() > self._end:
                raise Exhausted(by_time=True)
