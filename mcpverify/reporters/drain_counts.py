"""How many requests of a trial ended how, and how far several trials lie apart."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from mcpverify.facts.calls import counted, cut_by_second, lost
from mcpverify.facts.drain import DrainReport, Shutdown
from mcpverify.facts.timeline import Purpose, RequestOutcome, Timeline

_Number = TypeVar("_Number", int, float)


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one trial. What was in flight is `calls` and `loop_hit`, and in other words
    `answered`, `lost` and `forced`: cut by the second signal, which may do that.

    A request of the loop that was turned away was not in flight. `outcomes` are those of what
    was, the worst first.
    """

    sessions: int
    requests: int
    loop: int
    calls: int
    loop_hit: int
    answered: int
    lost: int
    forced: int
    outcomes: tuple[tuple[RequestOutcome, int], ...]

    @property
    def in_flight(self) -> int:
        return self.calls + self.loop_hit


def counts_of(timeline: Timeline) -> Counts:
    counted_ones, forced = counted(timeline), cut_by_second(timeline)
    in_flight = (*counted_ones, *forced)
    missed = len(lost(timeline))
    calls = sum(each.purpose is Purpose.CALL for each in in_flight)
    outcomes = Counter(each.outcome for each in in_flight)
    return Counts(
        sessions=timeline.setting.sessions,
        requests=len(timeline.requests),
        loop=len(timeline.of(Purpose.LOOP)),
        calls=calls,
        loop_hit=len(in_flight) - calls,
        answered=len(counted_ones) - missed,
        lost=missed,
        forced=len(forced),
        outcomes=tuple(
            (each, outcomes[each]) for each in reversed(RequestOutcome) if outcomes[each]
        ),
    )


@dataclass(frozen=True, slots=True)
class Spread:
    """Over all trials. The pairs are the least and the most, None where nothing is known."""

    shutdowns: tuple[tuple[Shutdown, int], ...]  # worst first, those that occurred
    not_made: int
    lost: tuple[int, int] | None
    in_flight: tuple[int, int] | None
    ended: tuple[float, float] | None


def spread_of(report: DrainReport) -> Spread:
    made = [each.timeline for each in report.trials if each.shutdown is not None]
    counted = [counts_of(each) for each in made]
    shutdowns = Counter(each.shutdown for each in report.trials)
    return Spread(
        tuple((each, shutdowns[each]) for each in reversed(Shutdown) if shutdowns[each]),
        shutdowns[None],
        _range(each.lost for each in counted),
        _range(each.in_flight for each in counted),
        _range(each.end.ended for each in made if each.end.ended is not None),
    )


def spread_text(report: DrainReport) -> str:
    """`3 trials: 2 lossy, 1 degraded; lost 0-2 of 4 in flight; ended after 0.45-1.51 s`."""
    spread = spread_of(report)
    return f"{len(report.trials):,} trials: {'; '.join(_told(spread))}"


def _told(spread: Spread) -> Iterator[str]:
    kinds = [f"{count:,} {shutdown}" for shutdown, count in spread.shutdowns]
    if spread.not_made:
        kinds.append(f"{spread.not_made:,} not made")
    yield ", ".join(kinds)
    if spread.lost is not None and spread.in_flight is not None:
        yield f"lost {_between(*spread.lost)} of {_between(*spread.in_flight)} in flight"
    if spread.ended is not None:
        yield f"ended after {seconds_between(*spread.ended)}"


def seconds_between(least: float, most: float) -> str:
    """`0.45 s` or `0.45-1.51 s`."""
    low, high = exact(least), exact(most)
    return f"{high} s" if low == high else f"{low}-{high} s"


def exact(seconds: float) -> str:
    """To the hundredth, of what may be told apart: shutdowns differ by less than a second."""
    return f"{seconds:.2f}" if abs(seconds) < 9.995 else f"{seconds:.1f}"


def _between(least: int, most: int) -> str:
    return f"{least:,}" if least == most else f"{least:,}-{most:,}"


def _range(values: Iterable[_Number]) -> tuple[_Number, _Number] | None:
    known = list(values)
    return (min(known), max(known)) if known else None
