"""All golden calls of a session together: what is said of them, in one sentence and in details."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mcpverify.facts.finding import Detail
from mcpverify.facts.golden_call import GoldenCall, is_cut_off
from mcpverify.facts.json_text import Json
from mcpverify.facts.transcript import Exchange, Step
from mcpverify.golden.excerpts import Excerpts, excerpts_for
from mcpverify.golden.judgement import JudgedCall, State, judged, span


@dataclass(frozen=True, slots=True)
class Told:
    """One call that was judged, and the line about it."""

    judged: JudgedCall
    excerpts: Excerpts

    @property
    def detail(self) -> Detail:
        each = self.judged
        what = f" -> {each.came}" if each.state is State.MET else f": {each.reason}"
        effort = ", ".join(_effort(each))
        return Detail(
            f"{self.excerpts.called(each.call)}{what}{f' ({effort})' if effort else ''}",
            each.call.label,
        )


@dataclass(frozen=True, slots=True)
class Account:
    """The calls by what became of them, in the order of the configuration."""

    met: tuple[Told, ...]
    failed: tuple[Told, ...]
    unseen: tuple[Told, ...]

    @property
    def message(self) -> str:
        total = len(self.met) + len(self.failed) + len(self.unseen)
        troubled = self.failed or self.unseen
        if not troubled:
            slowest = max((each.judged for each in self.met), key=lambda each: each.seconds or 0.0)
            took = span(slowest.seconds or 0.0)
            return f"{total} of {total} calls as expected; slowest {slowest.call.label} {took}"
        first, others = troubled[0].judged, len(troubled) - 1
        more = f"; and {others} more of {total} calls" if others else ""
        return f"{first.call.label}: {first.reason}{more}"

    @property
    def hint(self) -> str:
        """What to do about the first failure, "" where that is what is always to be done."""
        return self.failed[0].judged.hint if self.failed else ""


def account_of(
    calls: Sequence[GoldenCall], tools: Sequence[Json], exchanges: Sequence[Exchange]
) -> Account:
    """The account of `calls`, at least one, by the exchanges of the session they were made in."""
    made = [each for each in exchanges if each.step is Step.CALL]
    excerpts = excerpts_for(calls)
    told = []
    for index, call in enumerate(calls):
        own = [each for each in made if each.call == index]
        each = judged(call, tools, own, excerpts)
        told.append(Told(_explained(each, calls, made), excerpts))
    return Account(*(tuple(each for each in told if each.judged.state is s) for s in State))


def _effort(each: JudgedCall) -> Iterator[str]:
    """How long it took, and in how many attempts."""
    if each.seconds is not None:
        yield span(each.seconds)
    if each.attempts > 1:
        yield f"attempt {each.attempts}"


def _explained(
    each: JudgedCall, calls: Sequence[GoldenCall], made: Sequence[Exchange]
) -> JudgedCall:
    """Why a call was not made that might have been: the session or the run's time had ended."""
    if each.state is not State.UNSEEN or each.attempts:
        return each
    last = made[-1] if made else None
    if (
        last is None
        or last.failure is None
        or is_cut_off(last)
        or last.call is None
        or last.call >= len(calls)
    ):
        return replace(each, reason=f"{each.reason}: the run's time was used up")
    after = f"nothing was heard after {calls[last.call].label}: {last.failure.detail}"
    return replace(each, reason=f"{each.reason}: {after}")
