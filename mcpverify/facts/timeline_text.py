"""Timelines as JSON text, and back: what `drain --record` writes and `drain --replay` reads.

One JSON object, `{"timeline": 1, "trials": [...]}`, with the fields of `facts.timeline`. What was
recorded is judged again from it, with the same result, so nothing is left out.
"""

from collections.abc import Iterator, Sequence

from mcpverify.facts.records_text import NotARecord, document_of, document_text, made
from mcpverify.facts.timeline import Request, Timeline

FORMAT = 1
_NAME = "timeline"
_TRIALS = "trials"
# No trial lasts a month. Beyond it, times are those of a file that was made to do harm.
_LONGEST = 31 * 24 * 3600.0
_YEAR_10000 = 253_402_300_800.0  # dates end there
_MOST_TRIALS = 1_000


class NotATimeline(ValueError):
    """The text holds no timelines of ours. The message says why."""


def timelines_text(timelines: Sequence[Timeline]) -> str:
    """The JSON text of the trials of a run: ASCII, indented, with a final line end."""
    return document_text(_NAME, FORMAT, {_TRIALS: tuple(timelines)})


def timelines_of(text: bytes) -> tuple[Timeline, ...]:
    """The timelines that `timelines_text` wrote, one or more. Raises NotATimeline."""
    try:
        trials = document_of(text, _NAME, FORMAT).get(_TRIALS)
        if not isinstance(trials, list) or not trials:
            raise NotATimeline("it holds no trials")
        if len(trials) > _MOST_TRIALS:
            raise NotATimeline(f"it holds more than {_MOST_TRIALS:,} trials")
        timelines = tuple(
            made(Timeline, each, f"{_TRIALS}[{number}]") for number, each in enumerate(trials)
        )
    except NotARecord as error:
        raise NotATimeline(str(error)) from None
    for number, timeline in enumerate(timelines):
        _refuse_impossible(timeline, f"{_TRIALS}[{number}]")
    return timelines


def _refuse_impossible(timeline: Timeline, at: str) -> None:
    if not all(-_LONGEST <= time <= _LONGEST for time in _times(timeline)):
        raise NotATimeline(f"{at} holds a time that is more than a month away")
    if not 0 <= timeline.started < _YEAR_10000:
        raise NotATimeline(f"{at}.started is no date")
    setting = timeline.setting
    if setting.grace <= 0 or setting.poll <= 0 or setting.sessions < 0:
        raise NotATimeline(f"{at}.setting: no trial is set up so")
    for request in _requests(timeline):
        if request.ended < request.began:
            raise NotATimeline(f"{at} holds a request that ended before it began")


def _requests(timeline: Timeline) -> Iterator[Request]:
    after = timeline.aftermath
    yield from (*timeline.requests, *after.old_sessions, *after.resumptions)
    if after.first_handshake is not None:
        yield after.first_handshake


def _times(timeline: Timeline) -> Iterator[float]:
    setting = timeline.setting
    found = [timeline.seconds, timeline.end.ended, timeline.aftermath.began]
    found += [setting.grace, setting.release, setting.poll, setting.p99]
    found += [signal.at for signal in timeline.signals]
    for each in _requests(timeline):
        found += [each.began, each.sent, each.first_byte, each.ended]
    return (time for time in found if time is not None)
