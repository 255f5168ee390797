"""A report for machines: a versioned contract, described by report.schema.json beside this file.

Its shape depends on nothing but the version in `report`. One line each for checks and tools
keeps it fast to write and easy to compare.
"""

import json
from collections.abc import Iterable, Iterator

from mcpverify.facts.comparison import Comparison
from mcpverify.facts.drain import DrainReport, Trial
from mcpverify.facts.json_text import Json
from mcpverify.facts.report import Report, TargetReport
from mcpverify.reporters.drain_counts import counts_of, spread_of
from mcpverify.reporters.drain_values import (
    counts_value,
    recommended_value,
    remedy_value,
    request_value,
    shutdown_value,
    spread_value,
    timeline_value,
)
from mcpverify.reporters.json_values import (
    check_value,
    digests_value,
    json_line,
    other_value,
    release_value,
    seconds_value,
    server_value,
    shard_value,
    source_value,
    time_text,
    tool_value,
)
from mcpverify.reporters.presentation import Presentation

VERSION = 1


def render(report: Report | Comparison | DrainReport, how: Presentation) -> str:
    """The JSON text of `report`. Of `how` only the exit code counts."""
    match report:
        case Comparison():
            pieces = _comparison(report, how.exit_code)
        case DrainReport():
            pieces = _drain(report, how.exit_code)
        case Report():
            pieces = _document(report, how.exit_code)
    return "".join(pieces)


def schema() -> dict[str, Json]:
    """The JSON Schema of what `render` returns."""
    from importlib.resources import files

    text = files(__package__).joinpath("report.schema.json").read_text("utf-8")
    loaded: dict[str, Json] = json.loads(text)
    return loaded


def _document(report: Report, exit_code: int) -> Iterator[str]:
    yield f'{{"report": {VERSION},\n'
    yield f' "verdict": {json_line(report.verdict)},\n'
    yield f' "exit_code": {json_line(exit_code)},\n'
    yield f' "shard": {json_line(shard_value(report.shard))},\n'
    yield f' "missing": {json_line(list(report.missing))},\n'
    yield f' "warnings": {json_line(list(report.warnings))},\n'
    yield f' "notes": {json_line(list(report.notes))},\n'
    yield ' "targets": ['
    comma = ""
    for target in report.targets:
        yield f"{comma}\n"
        yield from _target(target)
        comma = ","
    yield "]}\n"


def _comparison(comparison: Comparison, exit_code: int) -> Iterator[str]:
    yield f'{{"report": {VERSION},\n'
    yield f' "verdict": {json_line(comparison.verdict)},\n'
    yield f' "exit_code": {json_line(exit_code)},\n'
    yield f' "headline": {json_line(comparison.headline)},\n'
    yield f' "compatibility": {json_line(comparison.compatibility)},\n'
    yield f' "old": {json_line(source_value(comparison.old))},\n'
    yield f' "new": {json_line(source_value(comparison.new))},\n'
    yield f' "tools": {_lines(map(tool_value, comparison.tools))},\n'
    yield f' "others": {_lines(map(other_value, comparison.others))},\n'
    yield f' "fail_on": {json_line(comparison.fail_on)},\n'
    yield f' "open_world": {json_line(comparison.open_world)},\n'
    yield f' "notes": {json_line(list(comparison.notes))},\n'
    yield f' "started": {json_line(time_text(comparison.started))},\n'
    yield f' "seconds": {json_line(seconds_value(comparison.seconds))},\n'
    yield f' "next": {json_line(list(comparison.next_steps))},\n'
    yield f' "again": {json_line(comparison.again)}}}\n'


def _drain(report: DrainReport, exit_code: int) -> Iterator[str]:
    yield f'{{"report": {VERSION},\n'
    yield f' "verdict": {json_line(report.verdict)},\n'
    yield f' "exit_code": {json_line(exit_code)},\n'
    yield f' "shutdown": {json_line(shutdown_value(report))},\n'
    yield f' "target": {json_line(report.target)},\n'
    yield f' "headline": {json_line(report.headline)},\n'
    yield ' "trials": ['
    comma = ""
    for trial in report.trials:
        yield f"{comma}\n"
        yield from _trial(trial)
        comma = ","
    yield "],\n"
    yield f' "worst": {json_line(report.worst)},\n'
    yield f' "spread": {json_line(spread_value(spread_of(report)))},\n'
    yield f' "counts": {json_line(counts_value(counts_of(report.trial.timeline)))},\n'
    yield f' "remedies": {_lines(map(remedy_value, report.remedies))},\n'
    yield f' "recommended": {json_line(recommended_value(report.recommended))},\n'
    yield f' "started": {json_line(time_text(report.started))},\n'
    yield f' "seconds": {json_line(seconds_value(report.seconds))},\n'
    yield f' "next": {json_line(list(report.next_steps))},\n'
    yield f' "again": {json_line(report.again)}}}\n'


def _trial(trial: Trial) -> Iterator[str]:
    yield f'  {{"shutdown": {json_line(trial.shutdown)},\n'
    yield f'   "verdict": {json_line(trial.verdict)},\n'
    yield f'   "checks": {_lines(map(check_value, trial.findings))},\n'
    yield f'   "counts": {json_line(counts_value(counts_of(trial.timeline)))},\n'
    yield '   "timeline": {'
    for name, value in timeline_value(trial.timeline).items():
        yield f"{json_line(name)}: {json_line(value)},\n    "
    yield f'"requests": {_lines(map(request_value, trial.timeline.requests))}}}}}'


def _target(target: TargetReport) -> Iterator[str]:
    yield f'  {{"target": {json_line(target.target)},\n'
    yield f'   "verdict": {json_line(target.verdict)},\n'
    yield f'   "situation": {json_line(target.situation)},\n'
    yield f'   "headline": {json_line(target.headline)},\n'
    yield f'   "checks": {_lines(map(check_value, target.findings))},\n'
    yield f'   "tools": {_lines(map(tool_value, target.tools))},\n'
    yield f'   "others": {_lines(map(other_value, target.others))},\n'
    yield f'   "server": {json_line(server_value(target.server))},\n'
    yield f'   "snapshot": {json_line(target.snapshot)},\n'
    yield f'   "snapshot_commit": {json_line(target.snapshot_commit)},\n'
    digests: Json = {"live": digests_value(target.live), "expected": digests_value(target.expected)}
    yield f'   "digests": {json_line(digests)},\n'
    yield f'   "release": {json_line(release_value(target.release))},\n'
    yield f'   "attempts": {json_line(target.attempts)},\n'
    yield f'   "started": {json_line(time_text(target.started))},\n'
    yield f'   "seconds": {json_line(seconds_value(target.seconds))},\n'
    yield f'   "next": {json_line(list(target.next_steps))},\n'
    yield f'   "again": {json_line(target.again)}}}'


def _lines(items: Iterable[Json]) -> str:
    texts = [json_line(item) for item in items]
    return "[\n    " + ",\n    ".join(texts) + "]" if texts else "[]"
