"""What a trial means: every point judged, what the shutdown was like, and the verdict.

The shutdown is the first of these that fits:

- none, where the trial could not be made, or where no call was in flight and nothing hung: what
  was not tried is called nothing (where the second signal cut all of them, that was tried);
- **hung**: the process did not end by itself inside its budget, whatever became of the calls;
- **abrupt**: a call got no result, and the process ended within 0.25 s of the signal;
- **lossy**: a call was lost: it was in flight at the signal and got no result, or got it from
  what outlived the process. An error is a lost call; one that was cut as the second signal of
  --twice forced the exit is not (`facts.calls`);
- **graceful**: every point passed or does not apply. Some points may also not be observed: the
  drain limit, which few calls outlast; what the process left and its exit code, where its end
  was seen; a second signal that came too late to be sent; an idle stream that was closed
  before; and all that needs a restart;
- **degraded**: the rest. A lame duck or new sessions that could not be observed are among it,
  and an end that was not seen: nobody can say that all was in order.

The verdict is failed where any point failed: calls-complete does with every lost call, and
exit-in-budget with every process that hung, so that lossy, abrupt and hung always fail; degraded
fails with a child left behind or an old session that got 400, and passes with warnings alone.
Else it is inconclusive where there is no shutdown to speak of, and else passed. `strict` makes
warnings failures, and what is degraded for want of observation inconclusive.
"""

from collections.abc import Iterable
from dataclasses import replace

from mcpverify.facts.calls import counted, cut_by_second, lost, unanswered
from mcpverify.facts.drain import Shutdown, Trial
from mcpverify.facts.finding import Finding, Outcome
from mcpverify.facts.timeline import Timeline
from mcpverify.facts.verdict import Verdict
from mcpverify.rollout.moments import ABRUPT, still_running
from mcpverify.rollout.points import all_points

_FINE = {Outcome.PASSED, Outcome.NOT_APPLICABLE}
# Without these nobody can say that new work was turned away in good order, and the process gone.
_MUST_BE_SEEN = {"lame-duck", "new-sessions", "calls-complete"}


def judged(timeline: Timeline, strict: bool = False) -> Trial:
    """The judgement on one trial. Never raises, and is the same for the same timeline."""
    findings = tuple(_findings(timeline))
    shutdown = _shutdown(timeline, findings)
    if strict:
        findings = tuple(_strictly(findings))
    return Trial(timeline, shutdown, _verdict(timeline, shutdown, findings, strict), findings)


def _findings(timeline: Timeline) -> Iterable[Finding]:
    for point in all_points():
        if timeline.problem:
            yield point.check.not_observed(timeline.problem)
        else:
            yield point.judge(timeline)


def _shutdown(timeline: Timeline, findings: tuple[Finding, ...]) -> Shutdown | None:
    if timeline.problem:
        return None
    if still_running(timeline):
        return Shutdown.HUNG
    if not counted(timeline) and not cut_by_second(timeline):
        return None
    if lost(timeline):
        ended = timeline.end.ended
        at_once = ended is not None and ended < ABRUPT and unanswered(timeline)
        return Shutdown.ABRUPT if at_once else Shutdown.LOSSY
    if unseen(timeline, findings) or any(_disturbs(each) for each in findings):
        return Shutdown.DEGRADED
    return Shutdown.GRACEFUL


def unseen(timeline: Timeline, findings: Iterable[Finding]) -> tuple[str, ...]:
    """The points that had to be seen for a shutdown to be graceful, and were not."""
    missing = [
        each.check
        for each in findings
        if each.outcome is Outcome.NOT_OBSERVED and each.check in _MUST_BE_SEEN
    ]
    if timeline.end.ended is None and not still_running(timeline):
        missing.append("exit-in-budget")
    return tuple(missing)


def _disturbs(finding: Finding) -> bool:
    return finding.outcome not in (*_FINE, Outcome.NOT_OBSERVED)


def _strictly(findings: Iterable[Finding]) -> Iterable[Finding]:
    for finding in findings:
        failed = finding.outcome is Outcome.WARNED
        yield replace(finding, outcome=Outcome.FAILED) if failed else finding


def _verdict(
    timeline: Timeline, shutdown: Shutdown | None, findings: tuple[Finding, ...], strict: bool
) -> Verdict:
    if any(each.outcome is Outcome.FAILED for each in findings):
        return Verdict.FAILED
    if shutdown is None or (strict and unseen(timeline, findings)):
        return Verdict.INCONCLUSIVE
    return Verdict.PASSED
