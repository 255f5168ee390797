"""What the platform should be set to, as far as something measured says so.

Two inequalities tie the settings of a deployment together: the drain limit is at least the P99
of tool calls and 5 seconds, and the grace period at least preStop, drain limit and 5 seconds. A
tools/list says nothing about tools: only --call, or what --p99 gives, makes numbers of them.
"""

import math
from collections.abc import Sequence

from mcpverify.facts.drain import Recommended
from mcpverify.facts.finding import Outcome
from mcpverify.facts.lame_duck import lame_duck_seen
from mcpverify.facts.target import Transport
from mcpverify.facts.timeline import Purpose, RequestOutcome, Timeline
from mcpverify.rollout.moments import still_running
from mcpverify.rollout.points import lame_duck
from mcpverify.rollout.words import count, seconds

MARGIN = 5.0


def recommended(timelines: Sequence[Timeline]) -> Recommended | None:
    """From all trials together; None where no platform is involved, or no trial could be made.

    How long a lame duck has to be, no trial can say: that is the platform's period and threshold
    of readiness. For the grace period the longest that was seen counts, which takes the place of a
    preStop. That of a process that hung says nothing.
    """
    made = [each for each in timelines if not each.problem]
    if not made or all(each.setting.transport is Transport.STDIO for each in made):
        return None
    p99, source = _p99(made)
    drain_limit = None if p99 is None else float(math.ceil(p99 + MARGIN))
    seen = _lame_duck(made)
    grace = None
    if drain_limit is not None and seen is not None:
        grace = float(math.ceil(seen + drain_limit + MARGIN))
    return Recommended(p99, source, drain_limit, grace)


def _p99(made: Sequence[Timeline]) -> tuple[float | None, str]:
    given = next((each.setting.p99 for each in made if each.setting.p99 is not None), None)
    if given is not None:
        return given, "given with --p99"
    measured = [
        call
        for each in made
        if each.setting.call is not None
        for call in each.of(Purpose.CALL)
        if call.outcome is RequestOutcome.OK
    ]
    if not measured:
        return None, ""
    longest = max(call.ended - call.began for call in measured)
    name = next(each.setting.call for each in made if each.setting.call is not None)
    if len(measured) == 1:
        return longest, f"the one call of {name} that was answered took {seconds(longest)}"
    return (
        longest,
        f"the longest of {count(len(measured), 'call')} of {name} took {seconds(longest)}",
    )


def _lame_duck(made: Sequence[Timeline]) -> float | None:
    seen = [
        lasted
        for each in made
        if not still_running(each)
        and lame_duck.judge(each).outcome is Outcome.PASSED
        and (lasted := lame_duck_seen(each)) is not None
    ]
    return round(max(seen), 2) if seen else None
