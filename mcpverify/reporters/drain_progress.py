"""What `drain` shows on stderr while a trial goes on: what is in flight, what the signal did to it.

On a terminal a few live lines, drawn by rich and gone when the report comes; elsewhere a line
when something new happens. A watcher is told of thousands of requests by several threads: it
only counts, and what is drawn is drawn elsewhere or a few times a second.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import floor
from threading import Lock
from time import monotonic
from types import TracebackType
from typing import Final, Self, TextIO

from mcpverify.facts.timeline import (
    Moment,
    Phase,
    Purpose,
    Request,
    RequestOutcome,
    Signal,
    Watcher,
)
from mcpverify.reporters.inert import inert
from mcpverify.reporters.layout import clipped
from mcpverify.reporters.live_text import Display
from mcpverify.reporters.timeline_rows import word_for

MAX_TEXT: Final = 120  # characters
_PAUSE: Final = 0.25  # seconds for which what happens at about the same time is told at once
_REFRESHES: Final = 8  # a second
_PROBES: Final = (Purpose.NEW_SESSION, Purpose.READINESS, Purpose.LIVENESS)
# Nobody can say that these were in flight: they may have been sent after the signal.
_TURNED_AWAY: Final = (RequestOutcome.HTTP_503, RequestOutcome.REFUSED)
_PHASES: Final = {
    Phase.STARTING: "starting",
    Phase.FILLING: "putting calls in flight",
    Phase.SIGNALED: "signaled",
    Phase.RESTARTING: "waiting for the server to come back",
    Phase.AFTERWARDS: "looking at the restarted server",
    Phase.DONE: "done",
}


@contextmanager
def watching_on(stream: TextIO, quiet: bool = False, dumb: bool = False) -> Iterator[Watcher]:
    """A watcher that shows on `stream` what suits it, and leaves it tidy.

    `dumb` is a terminal that cannot redraw a line (TERM=dumb).
    """
    if quiet:
        yield _ignore
        return
    kind = Animated if stream.isatty() and not dumb else Plain
    with kind(stream) as watching:
        yield watching


def _ignore(event: Moment | Request | Signal) -> None:
    return None


class _Counting:
    """What is known so far of one trial after the other."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.lock = Lock()
        self.trial = 0
        self._begin()

    def _begin(self) -> None:
        self.phase: Phase | None = None
        self.detail = ""
        self.signal = ""
        self.signaled: float | None = None  # on the clock
        self.answered = 0
        self.calls: Counter[str] = Counter()  # words for how they ended
        self.probes: dict[str, str] = {}  # of each client, the last word

    def note(self, event: Moment | Request | Signal) -> None:
        match event:
            case Moment():
                if event.phase is Phase.STARTING:
                    self.trial += 1
                    self._begin()
                self.phase = event.phase
                self.detail = inert(event.detail, MAX_TEXT)
            case Signal():
                again = " again" if event.name == self.signal else ""
                self.signal = event.name
                self.detail = f"{_done(event.name)}{again}"
                if self.signaled is None:
                    self.signaled = self.clock() - event.at
            case Request():
                if event.outcome is RequestOutcome.OK:
                    self.answered += 1
                if self.signaled is not None and _was_in_flight(event):
                    self.calls["answered" if event.outcome is RequestOutcome.OK else "lost"] += 1
                if event.purpose in _PROBES:
                    self.probes[event.client] = word_for(event)

    @property
    def since(self) -> float | None:
        """Seconds from the signal."""
        return None if self.signaled is None else self.clock() - self.signaled


class Plain:
    """A line when something new happens, for logs: what happens at about the same time is one."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = monotonic) -> None:
        self._stream = stream
        self._known = _Counting(clock)
        self._waiting: Counter[str] = Counter()
        self._first: float | None = None  # when the first of those that wait came

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._known.lock:
            self._tell_waiting()

    def __call__(self, event: Moment | Request | Signal) -> None:
        known = self._known
        with known.lock:
            self._tell_waiting(_PAUSE)
            known.note(event)
            match event:
                case Moment():
                    self._tell_waiting()
                    self._moment(event)
                case Signal():
                    self._tell_waiting()
                    if event.at <= 0:
                        self._tell(None, f"{_answered(known.answered)} before the signal")
                    self._tell(event.at, known.detail)
                case Request() if known.signaled is not None and _was_in_flight(event):
                    answered = event.outcome is RequestOutcome.OK
                    self._waiting["answered" if answered else "lost"] += 1
                    self._first = known.clock() if self._first is None else self._first

    def _moment(self, moment: Moment) -> None:
        if moment.phase is Phase.DONE:
            return
        number = f" trial {self._known.trial:,}" if self._known.trial > 1 else ""
        what = f"{_PHASES[moment.phase]}{number if moment.phase is Phase.STARTING else ''}"
        detail = self._known.detail
        if moment.phase is Phase.SIGNALED:
            if not detail or detail == inert(self._known.signal, MAX_TEXT):
                return  # the signal has been told
            what, detail = detail, ""
        self._tell(moment.at, f"{what}: {detail}" if detail else what)

    def _tell_waiting(self, pause: float = 0.0) -> None:
        """Say what became of calls, once `pause` has gone by since the first of them."""
        if self._first is None or self._known.clock() - self._first < pause:
            return
        at = None if self._known.signaled is None else self._first - self._known.signaled
        told = (
            f"{count:,} {'call' if count == 1 else 'calls'} {word}"
            for word, count in self._waiting.items()
        )
        self._tell(at, ", ".join(told))
        self._waiting.clear()
        self._first = None

    def _tell(self, at: float | None, text: str) -> None:
        when = "" if at is None else f"{_offset(at)}  "
        try:
            self._stream.write(f"{when}{text}\n")
            self._stream.flush()
        except (OSError, ValueError):
            return  # nobody reads along any more: the trial is what matters


class Animated(Display):
    """A few lines that follow the trial, and leave nothing behind."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = monotonic) -> None:
        super().__init__(stream, self._text, _REFRESHES)
        self._known = _Counting(clock)

    def __enter__(self) -> Self:
        # Before the trial: loading rich in the middle of it would delay what is measured.
        self.show()
        return self

    def __call__(self, event: Moment | Request | Signal) -> None:
        with self._known.lock:
            self._known.note(event)

    def lines(self, width: int) -> list[str]:
        """What is shown now, each line of at most `width` columns."""
        with self._known.lock:
            return [clipped(line, width) for line in self._lines()]

    def _lines(self) -> Iterator[str]:
        known = self._known
        if known.phase is None:
            yield "drain"
            return
        trial = f"trial {known.trial:,}  " if known.trial > 1 else ""
        phase = _PHASES[known.phase]
        since = known.since
        if since is not None and known.phase is Phase.SIGNALED:
            phase = f"{inert(known.signal, MAX_TEXT)} {_offset(since)}"
        elif since is not None:
            phase = f"{phase} {_offset(since)}"
        detail = "" if known.detail in phase else known.detail
        yield f"drain  {'  '.join(filter(None, (f'{trial}{phase}', detail)))}"
        calls = [f"{count:,} {word}" for word, count in sorted(known.calls.items())]
        told = f"calls: {', '.join(calls)}  " if calls else ""
        yield f"       {told}{_answered(known.answered)}"
        if known.probes and since is not None:
            words = Counter(known.probes.values())
            now = ", ".join(f"{count:,} {word}" for word, count in sorted(words.items()))
            yield f"       probes now: {now}"

    def _text(self, width: int) -> str:
        return "\n".join(self.lines(width))


def _was_in_flight(request: Request) -> bool:
    """Whether it is one of the calls of which the number is told at the signal."""
    loop = request.purpose is Purpose.LOOP and request.hit
    return request.purpose is Purpose.CALL or (loop and request.outcome not in _TURNED_AWAY)


def _done(name: str) -> str:
    """What was done at second 0: signals are sent, and the rest has words of its own."""
    if name == "stdin closed":
        return name
    return f"{inert(name, MAX_TEXT)} {'started' if name == 'stop command' else 'sent'}"


def _answered(count: int) -> str:
    return f"{count:,} {'request' if count == 1 else 'requests'} answered"


def _offset(seconds: float) -> str:
    """+0.4 s"""
    return f"+{floor(max(seconds, 0.0) * 10) / 10:.1f} s"
