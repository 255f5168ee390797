"""Numbers: a range, steps to be a multiple of, and steps and values to miss."""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor, gcd, lcm
from typing import Final

from mcpverify.drift.containment.case import Case, Searcher
from mcpverify.drift.containment.form import exact, is_number
from mcpverify.drift.containment.outcome import (
    NOTHING,
    Above,
    Below,
    NoMultiple,
    Outcome,
    Unknown,
)
from mcpverify.drift.containment.world import SAFE

_MOST_TRIED: Final = 1_000
_FRACTIONS: Final = tuple(Fraction(n, 1000) for n in (500, 250, 100, 10, 1, 750, 333, 123))


class _Bounds:
    """A range that is narrowed step by step."""

    def __init__(self) -> None:
        self.low: Fraction | None = None
        self.low_open = False
        self.high: Fraction | None = None
        self.high_open = False

    def above(self, bound: Fraction, open_: bool) -> None:
        if self.low is None or (bound, open_) > (self.low, self.low_open):
            self.low, self.low_open = bound, open_

    def below(self, bound: Fraction, open_: bool) -> None:
        if self.high is None or (bound, not open_) < (self.high, not self.high_open):
            self.high, self.high_open = bound, open_

    @property
    def empty(self) -> bool:
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    def hold(self, number: Fraction) -> bool:
        low, high = self.low, self.high
        return (low is None or number > low or (number == low and not self.low_open)) and (
            high is None or number < high or (number == high and not self.high_open)
        )


def settled(search: Searcher, case: Case) -> Outcome:
    """A number for a case that is about numbers only."""
    bounds = _bounds(case)
    if bounds.empty:
        return NOTHING
    steps = [step for form in case.forms for step in form.multiples]
    steps += [Fraction(1) for form in case.forms if form.integral]
    missed = [each.step for each in case.demands if isinstance(each, NoMultiple)]
    listed = {exact(each) for each in case.listed() if is_number(each)}
    hints = [exact(each) for each in case.hints("number") if is_number(each)]
    if not steps:
        return _among_all(search, case, bounds, hints, missed, listed)
    step = _common(steps)
    if any((step / each).denominator == 1 for each in missed):
        return NOTHING
    return _among_multiples(search, case, bounds, step, steps, hints, missed, listed)


def _bounds(case: Case) -> _Bounds:
    bounds = _Bounds()
    for form in case.forms:
        low, low_open, high, high_open = form.range
        if low is not None:
            bounds.above(low, low_open)
        if high is not None:
            bounds.below(high, high_open)
    for demand in case.demands:
        match demand:
            case Above(bound, inclusive):
                bounds.above(bound, not inclusive)
            case Below(bound, inclusive):
                bounds.below(bound, not inclusive)
    # What is listed is produced, too, but a listing is settled value by value.
    if case.world.lowest is not None:
        bounds.above(case.world.lowest, False)
    if case.world.highest is not None:
        bounds.below(case.world.highest, False)
    return bounds


def _among_multiples(
    search: Searcher,
    case: Case,
    bounds: _Bounds,
    step: Fraction,
    steps: list[Fraction],
    hints: list[Fraction],
    missed: list[Fraction],
    listed: set[Fraction],
) -> Outcome:
    """A multiple of `step`. What is missed repeats, so one period of it tells all."""
    first = None if bounds.low is None else ceil(bounds.low / step)
    last = None if bounds.high is None else floor(bounds.high / step)
    if first is not None and not bounds.hold(first * step):
        first += 1
    if last is not None and not bounds.hold(last * step):
        last -= 1
    if first is not None and last is not None and first > last:
        return NOTHING
    period = 1
    for each in missed:
        period = lcm(period, (each / step).numerator)
    enough = period * (len(listed) + 1)
    complete = enough <= _MOST_TRIED
    for number in hints:
        if (number / step).denominator == 1 and bounds.hold(number):
            outcome = _tried(search, case, number, missed, listed)
            if outcome is not None:
                return outcome
    count = 0
    odd: Outcome | None = None
    for index in _outwards(first, last):
        if count >= min(enough, _MOST_TRIED):
            break
        count += 1
        outcome = _tried(search, case, index * step, missed, listed)
        if outcome is not None and _is_plain(index * step, steps):
            return outcome
        odd = odd or outcome
    if odd is not None:
        return odd
    size = None if first is None or last is None else last - first + 1
    if complete or (size is not None and size <= count):
        return NOTHING
    return Unknown("no multiple was found")


def _among_all(
    search: Searcher,
    case: Case,
    bounds: _Bounds,
    hints: list[Fraction],
    missed: list[Fraction],
    listed: set[Fraction],
) -> Outcome:
    """Any number of a range. It holds more than one as soon as its ends differ."""
    if bounds.low is not None and bounds.low == bounds.high:
        outcome = _tried(search, case, bounds.low, missed, listed)
        return NOTHING if outcome is None else outcome
    for number in (*hints, *_of_range(bounds, len(listed))):
        if bounds.hold(number):
            outcome = _tried(search, case, number, missed, listed)
            if outcome is not None:
                return outcome
    return Unknown("no number was found")


def _tried(
    search: Searcher,
    case: Case,
    number: Fraction,
    missed: list[Fraction],
    listed: set[Fraction],
) -> Outcome | None:
    """What `number` comes to; None if it is one of those to be missed."""
    search.budget.spend()
    if number in listed or any((number / each).denominator == 1 for each in missed):
        return None
    value = _json(number)
    return Unknown("no number of JSON is exact enough") if value is None else case.settled(value)


def _is_plain(number: Fraction, steps: list[Fraction]) -> bool:
    """Whether it is a multiple for those, too, who divide in binary: 0.07 is none of 0.01."""
    if number.denominator == 1 and all(step.denominator == 1 for step in steps):
        return True
    try:
        return all((float(number) / float(step)).is_integer() for step in steps)
    except (OverflowError, ZeroDivisionError):
        return False


def _outwards(first: int | None, last: int | None) -> Iterator[int]:
    """The whole numbers between two bounds, from the one that is nearest to 1."""
    up = 1 if first is None else max(1, first)
    up = up if last is None else min(up, last)
    down = up - 1
    while (more := last is None or up <= last) or first is None or down >= first:
        if more:
            yield up
            up += 1
        if first is None or down >= first:
            yield down
            down -= 1


def _of_range(bounds: _Bounds, ruled_out: int) -> Iterator[Fraction]:
    low, high = bounds.low, bounds.high
    if low is not None and low > -SAFE:
        yield low
        yield floor(low) + Fraction(1)
    if high is not None and high < SAFE:
        yield high
        yield ceil(high) - Fraction(1)
    for whole in (1, 0, 2, 10, -1):
        yield Fraction(whole)
        yield from (whole + each for each in _FRACTIONS)
    start = low if low is not None else high - 1 if high is not None else Fraction(0)
    width = (high - start) if high is not None else Fraction(1)
    for index in range(1, ruled_out + 40):
        yield start + width * Fraction(index, 2 ** (index.bit_length() + 2))


def _common(steps: list[Fraction]) -> Fraction:
    """The smallest number that is a multiple of all `steps`."""
    numerator, denominator = steps[0].numerator, steps[0].denominator
    for each in steps[1:]:
        numerator = lcm(numerator, each.numerator)
        denominator = gcd(denominator, each.denominator)
    return Fraction(numerator, denominator)


def _json(number: Fraction) -> int | float | None:
    if number.denominator == 1:
        return number.numerator
    try:
        close = float(number)
    except OverflowError:
        return None
    return close if exact(close) == number else None
