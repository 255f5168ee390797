"""What reports for machines say of the trials of a shutdown, in one wording for all such formats.

A timeline has the fields of `facts.timeline`, as it has in the file that `--record` writes.
"""

from dataclasses import replace
from typing import cast

from mcpverify.facts.drain import DrainReport, Recommended, Remedy
from mcpverify.facts.json_text import Json
from mcpverify.facts.records_text import plain
from mcpverify.facts.timeline import Request, Timeline
from mcpverify.reporters.drain_counts import Counts, Spread
from mcpverify.reporters.json_values import seconds_value


def request_value(request: Request) -> Json:
    return _rounded(plain(request))


def timeline_value(timeline: Timeline) -> dict[str, Json]:
    """All but its requests, which take most of the room and are told one by one."""
    value = cast(dict[str, Json], _rounded(plain(replace(timeline, requests=()))))
    del value["requests"]
    return value


def counts_value(counts: Counts) -> Json:
    return {
        "sessions": counts.sessions,
        "requests": counts.requests,
        "in_flight": counts.in_flight,
        "calls": counts.calls,
        "loop_hit": counts.loop_hit,
        "answered": counts.answered,
        "lost": counts.lost,
        "forced": counts.forced,
        "loop": counts.loop,
        "outcomes": {outcome.value: count for outcome, count in counts.outcomes},
    }


def spread_value(spread: Spread) -> Json:
    return {
        "shutdowns": {shutdown.value: count for shutdown, count in spread.shutdowns},
        "not_made": spread.not_made,
        "in_flight": _range(spread.in_flight),
        "lost": _range(spread.lost),
        "ended": _range(spread.ended),
    }


def remedy_value(remedy: Remedy) -> Json:
    return {"cause": remedy.cause, "steps": list(remedy.steps)}


def recommended_value(recommended: Recommended | None) -> Json:
    return None if recommended is None else _rounded(plain(recommended))


def shutdown_value(report: DrainReport) -> Json:
    shutdown = report.trial.shutdown
    return None if shutdown is None else shutdown.value


def _range(pair: tuple[float, float] | None) -> Json:
    if pair is None:
        return None
    least, most = pair
    return {"least": _rounded(least), "most": _rounded(most)}


def _rounded(value: Json) -> Json:
    """Clocks have more digits than anybody reads."""
    match value:
        case float():
            return seconds_value(value)
        case dict():
            return {name: _rounded(each) for name, each in value.items()}
        case list():
            return [_rounded(each) for each in value]
        case _:
            return value
