"""A report for machines: a versioned contract, described by report.schema.json beside this file.

Its shape depends on nothing but the version in `report`. The text is ASCII and holds
nothing that a terminal or a CI log would obey; one line each for checks and tools keeps
it fast to write and easy to compare.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from mcpverify.facts.change import Change, ChangeKind
from mcpverify.facts.contract import Digests
from mcpverify.facts.finding import Detail, Finding
from mcpverify.facts.json_text import Json, canonical_text
from mcpverify.facts.report import Report, ServerFacts, TargetReport, ToolReport
from mcpverify.reporters.presentation import Presentation

VERSION = 1

_HALF = re.compile(
    r"\\ud[89ab][0-9a-f]{2}(?!\\ud[c-f])|(?<!\\ud[89ab][0-9a-f]{2})\\ud[c-f][0-9a-f]{2}"
)


def render(report: Report, how: Presentation) -> str:
    """The JSON text of `report`. Of `how` only the exit code counts."""
    return "".join(_document(report, how.exit_code))


def schema() -> dict[str, Json]:
    """The JSON Schema of what `render` returns."""
    from importlib.resources import files

    text = files(__package__).joinpath("report.schema.json").read_text("utf-8")
    loaded: dict[str, Json] = json.loads(text)
    return loaded


def _document(report: Report, exit_code: int) -> Iterator[str]:
    yield f'{{"report": {VERSION},\n'
    yield f' "verdict": {_text(report.verdict)},\n'
    yield f' "exit_code": {_text(exit_code)},\n'
    yield ' "targets": ['
    comma = ""
    for target in report.targets:
        yield f"{comma}\n"
        yield from _target(target)
        comma = ","
    yield "]}\n"


def _target(target: TargetReport) -> Iterator[str]:
    yield f'  {{"target": {_text(target.target)},\n'
    yield f'   "verdict": {_text(target.verdict)},\n'
    yield f'   "headline": {_text(target.headline)},\n'
    yield f'   "checks": {_lines(map(_check, target.findings))},\n'
    yield f'   "tools": {_lines(map(_tool, target.tools))},\n'
    yield f'   "server": {_text(_server(target.server))},\n'
    yield f'   "snapshot": {_text(target.snapshot)},\n'
    digests: Json = {"live": _digests(target.live), "expected": _digests(target.expected)}
    yield f'   "digests": {_text(digests)},\n'
    yield f'   "attempts": {_text(target.attempts)},\n'
    started = datetime.fromtimestamp(target.started, UTC).isoformat(timespec="milliseconds")
    yield f'   "started": {_text(started.replace("+00:00", "Z"))},\n'
    yield f'   "seconds": {_text(_seconds(target.seconds))},\n'
    yield f'   "next": {_text(list(target.next_steps))},\n'
    yield f'   "again": {_text(target.again)}}}'


def _lines(items: Iterable[Json]) -> str:
    texts = [_text(item) for item in items]
    return "[\n    " + ",\n    ".join(texts) + "]" if texts else "[]"


def _check(finding: Finding) -> Json:
    return {
        "id": finding.check,
        "outcome": finding.outcome,
        "severity": finding.severity,
        "message": finding.message,
        "hint": finding.hint,
        "rule": finding.rule,
        "details": [_detail(detail) for detail in finding.details],
    }


def _detail(detail: Detail) -> Json:
    return {
        "text": detail.text,
        "subject": detail.subject,
        "pointer": detail.pointer,
        "snapshot": detail.snapshot,
        "live": detail.live,
    }


def _tool(tool: ToolReport) -> Json:
    digests = tool.digests
    return {
        "name": tool.name,
        "state": tool.state,
        "digest": None if digests is None else digests.digest,
        "contract": None if digests is None else digests.contract,
        "prompt": None if digests is None else digests.prompt,
        "changes": [_change(each.change) for each in tool.changes],
    }


def _change(change: Change) -> Json:
    """A side that has nothing at this place has no key, so that null always is a value."""
    value: dict[str, Json] = {
        "kind": change.kind,
        "part": change.part,
        "pointer": change.pointer,
    }
    if change.kind is not ChangeKind.ADDED:
        value["snapshot"] = change.snapshot
    if change.kind is not ChangeKind.REMOVED:
        value["live"] = change.live
    return value


def _server(server: ServerFacts) -> Json:
    return {
        "name": server.name,
        "version": server.version,
        "revision": server.revision,
        "eras": list(server.eras),
        "transport": server.transport,
        "transport_reason": server.transport_reason,
        "url": server.url,
        "address": server.address,
        "certificate_days": server.certificate_days,
        "request_id": server.request_id,
        "slowest_step": server.slowest_step,
        "slowest_seconds": _seconds(server.slowest_seconds),
    }


def _digests(digests: Digests | None) -> Json:
    if digests is None:
        return None
    return {
        "digest": digests.digest,
        "contract": digests.contract,
        "prompt": digests.prompt,
    }


def _seconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 6)


def _text(value: Json) -> str:
    """`value` as ASCII JSON on one line, in which nothing is a command."""
    try:
        text = json.dumps(value, check_circular=False)
    except RecursionError:  # of values a thousand levels deep
        text = "".join(_ascii(character) for character in canonical_text(value))
    # "##[" anywhere in a line is a command to CI systems. No other `#` stands outside strings.
    text = text.replace("##", "#\\u0023").replace("\x7f", "\\u007f")
    return _without_halves(text) if "\\ud" in text else text


def _ascii(character: str) -> str:
    return character if character.isascii() else json.dumps(character)[1:-1]


def _without_halves(text: str) -> str:
    """Half of a surrogate pair becomes the replacement character: many parsers refuse it."""
    escaped_backslash = "\\\\"
    parts = text.split(escaped_backslash)
    return escaped_backslash.join(_HALF.sub(r"\\ufffd", part) for part in parts)
