"""What a trial means in one line: the class of the shutdown first, then what it comes from."""

from collections.abc import Iterable

from mcpverify.facts.calls import counted, cut_by_second, lost, outlived, unanswered
from mcpverify.facts.drain import Shutdown, Trial
from mcpverify.facts.finding import Finding, Outcome
from mcpverify.facts.target import Transport
from mcpverify.facts.timeline import Request, Timeline
from mcpverify.rollout.judgement import unseen
from mcpverify.rollout.words import NO_TOOL, count, era_words, seconds, span, stopping

# Of points that went wrong, this one is told first: the rest often comes of it.
_WORST = (Outcome.FAILED, Outcome.WARNED)


def headline(trial: Trial) -> str:
    """One line. It may hold what the server sent."""
    if trial.shutdown is not None:
        told = f"{trial.shutdown.upper()}: {_told(trial)}"
    else:
        wrong = _first_wrong(trial.findings)
        also = f"; {wrong.check}: {wrong.message}" if wrong is not None else ""
        reason = trial.timeline.problem or _message(trial, "calls-complete")
        told = f"NOT TRIED: {reason}{also}"
    return " ".join(told.split())


def _message(trial: Trial, point: str) -> str:
    return next(each.message for each in trial.findings if each.check == point)


def _told(trial: Trial) -> str:
    timeline = trial.timeline
    match trial.shutdown:
        case Shutdown.HUNG:
            return _hung(timeline)
        case Shutdown.ABRUPT:
            ended = timeline.end.ended or 0.0
            after = f"{seconds(ended)} after {stopping(timeline)}"
            return f"the process was gone {after}, and {_losses(timeline)} with it"
        case Shutdown.LOSSY if not unanswered(timeline):
            late, ended = outlived(timeline), timeline.end.ended or 0.0
            when = f"{span(each.ended - ended for each in late)} after the process had ended"
            return f"{_some(timeline, len(late))} answered {when}, by what outlived it"
        case Shutdown.LOSSY:
            missed = lost(timeline)
            when = f"{span(each.ended for each in missed)} after {stopping(timeline)}"
            return f"{_losses(timeline)} {when}{_in_common(timeline, missed)}{_zero(timeline)}"
        case _:
            return f"{_answered(timeline)}{_order(trial)}"


def _hung(timeline: Timeline) -> str:
    after = f"{seconds(timeline.setting.grace)} after {stopping(timeline)}"
    killed = " and was killed" if timeline.end.killed else ""
    if not counted(timeline):
        return f"the process had not ended {after}{killed}"
    became = _losses(timeline) if lost(timeline) else _answered(timeline)
    return f"the process had not ended {after}{killed}; {became}"


def _losses(timeline: Timeline) -> str:
    return f"{_some(timeline, len(lost(timeline)))} lost"


def _some(timeline: Timeline, number: int) -> str:
    calls = count(len(counted(timeline)), "call")
    return f"{number} of {calls} in flight {'was' if number == 1 else 'were'}"


def _answered(timeline: Timeline) -> str:
    calls, cut = len(counted(timeline)), len(cut_by_second(timeline))
    if not calls:
        return f"the second signal cut all {cut} calls in flight"
    noun, note = "call", ""
    if timeline.setting.call is None:
        noun, note = "request", f" ({NO_TOOL})"
    told = f"the {noun}" if calls == 1 else f"all {calls} {noun}s"
    told += f" in flight {'was' if calls == 1 else 'were'} answered{note}"
    return f"{told}, beside {cut} that the second signal cut" if cut else told


def _in_common(timeline: Timeline, missed: tuple[Request, ...]) -> str:
    """What all lost calls share, where it tells them from those that were answered."""
    eras = {each.era for each in missed}
    answers = {each.answered_by for each in missed}
    shared = []
    if len(eras) == 1 and len({each.era for each in counted(timeline)}) > 1:
        shared.append(era_words(missed[0].era))
    if timeline.setting.transport is Transport.SSE:
        shared.append("HTTP+SSE")
    elif answers == {"sse"}:
        shared.append("SSE answers")
    statuses = {each.status for each in missed}
    if len(statuses) == 1 and (missed[0].status or 0) >= 400:
        shared.append(f"HTTP {missed[0].status}")
    return f" ({', '.join(shared)})" if shared else ""


def _zero(timeline: Timeline) -> str:
    return ", and the exit code is 0" if timeline.end.exit_code == 0 else ""


def _order(trial: Trial) -> str:
    """How the rest went where no call was lost."""
    timeline = trial.timeline
    wrong = _first_wrong(trial.findings)
    if wrong is not None:
        return f", but {wrong.message}"
    missing = unseen(timeline, trial.findings)
    if missing and counted(timeline):
        return f", but {_message(trial, missing[0])}"
    ended, code = timeline.end.ended, timeline.end.exit_code
    if ended is None:
        return ""
    with_code = "" if code is None else f" with exit code {code}"
    return f", and it ended after {seconds(ended)}{with_code}"


def _first_wrong(findings: Iterable[Finding]) -> Finding | None:
    findings = tuple(findings)
    return next((each for outcome in _WORST for each in findings if each.outcome is outcome), None)
