"""A report for machines: a versioned contract, described by report.schema.json beside this file.

Its shape depends on nothing but the version in `report`. The text is ASCII and holds
nothing that a terminal or a CI log would obey; one line each for checks and tools keeps
it fast to write and easy to compare.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from mcpverify.facts.call_text import call_text
from mcpverify.facts.change import ChangeKind
from mcpverify.facts.comparison import Comparison, Source
from mcpverify.facts.compatibility import EntryDrift, JudgedChange, Witness
from mcpverify.facts.contract import Digests
from mcpverify.facts.finding import Detail, Finding
from mcpverify.facts.json_text import Json, canonical_text
from mcpverify.facts.release import ReleaseSearch
from mcpverify.facts.report import Report, ServerFacts, TargetReport, ToolReport
from mcpverify.reporters.presentation import Presentation

VERSION = 1
MAX_CALL = 4_000  # characters of a call as text; its value is there in full beside it

_HALF = re.compile(
    r"\\ud[89ab][0-9a-f]{2}(?!\\ud[c-f])|(?<!\\ud[89ab][0-9a-f]{2})\\ud[c-f][0-9a-f]{2}"
)


def render(report: Report | Comparison, how: Presentation) -> str:
    """The JSON text of `report`. Of `how` only the exit code counts."""
    if isinstance(report, Comparison):
        return "".join(_comparison(report, how.exit_code))
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


def _comparison(comparison: Comparison, exit_code: int) -> Iterator[str]:
    yield f'{{"report": {VERSION},\n'
    yield f' "verdict": {_text(comparison.verdict)},\n'
    yield f' "exit_code": {_text(exit_code)},\n'
    yield f' "headline": {_text(comparison.headline)},\n'
    yield f' "compatibility": {_text(comparison.compatibility)},\n'
    yield f' "old": {_text(_source(comparison.old))},\n'
    yield f' "new": {_text(_source(comparison.new))},\n'
    yield f' "tools": {_lines(map(_tool, comparison.tools))},\n'
    yield f' "others": {_lines(map(_other, comparison.others))},\n'
    yield f' "fail_on": {_text(comparison.fail_on)},\n'
    yield f' "open_world": {_text(comparison.open_world)},\n'
    yield f' "notes": {_text(list(comparison.notes))},\n'
    yield f' "started": {_text(_time(comparison.started))},\n'
    yield f' "seconds": {_text(_seconds(comparison.seconds))},\n'
    yield f' "next": {_text(list(comparison.next_steps))},\n'
    yield f' "again": {_text(comparison.again)}}}\n'


def _source(source: Source) -> Json:
    return {
        "name": source.name,
        "kind": source.kind,
        "detail": source.detail,
        "digests": _digests(source.digests),
        "tools": source.tools,
        "problem": source.problem,
    }


def _target(target: TargetReport) -> Iterator[str]:
    yield f'  {{"target": {_text(target.target)},\n'
    yield f'   "verdict": {_text(target.verdict)},\n'
    yield f'   "situation": {_text(target.situation)},\n'
    yield f'   "headline": {_text(target.headline)},\n'
    yield f'   "checks": {_lines(map(_check, target.findings))},\n'
    yield f'   "tools": {_lines(map(_tool, target.tools))},\n'
    yield f'   "others": {_lines(map(_other, target.others))},\n'
    yield f'   "server": {_text(_server(target.server))},\n'
    yield f'   "snapshot": {_text(target.snapshot)},\n'
    digests: Json = {"live": _digests(target.live), "expected": _digests(target.expected)}
    yield f'   "digests": {_text(digests)},\n'
    yield f'   "release": {_text(_release(target.release))},\n'
    yield f'   "attempts": {_text(target.attempts)},\n'
    yield f'   "started": {_text(_time(target.started))},\n'
    yield f'   "seconds": {_text(_seconds(target.seconds))},\n'
    yield f'   "next": {_text(list(target.next_steps))},\n'
    yield f'   "again": {_text(target.again)}}}'


def _release(search: ReleaseSearch | None) -> Json:
    if search is None:
        return None
    found = search.found
    return {
        "searched": search.searched,
        "problem": search.problem,
        "path": None if found is None else found.path,
        "commit": None if found is None else found.commit,
        "committed": None if found is None else _time(found.committed),
        "descent": None if found is None else found.descent,
    }


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
        "compatibility": tool.compatibility,
        "renamed_to": tool.renamed_to or None,
        "digest": None if digests is None else digests.digest,
        "contract": None if digests is None else digests.contract,
        "prompt": None if digests is None else digests.prompt,
        "changes": [_change(each) for each in tool.changes],
        "cut": tool.cut,
    }


def _other(entry: EntryDrift) -> Json:
    return {
        "subject": entry.subject,
        "name": entry.name,
        "compatibility": entry.compatibility,
        "renamed_to": entry.renamed_to or None,
        "changes": [_change(each) for each in entry.changes],
        "cut": entry.cut,
    }


def _change(judged: JudgedChange) -> Json:
    """A side that has nothing at this place has no key, so that null always is a value."""
    change = judged.change
    value: dict[str, Json] = {
        "kind": change.kind,
        "aspect": change.aspect,
        "part": change.part,
        "pointer": change.pointer,
        "renamed_to": change.renamed_to or None,
        "compatibility": judged.compatibility,
        "reason": judged.reason,
        "witness": None if judged.witness is None else _witness(change.name, judged.witness),
    }
    if change.kind is not ChangeKind.ADDED:
        value["snapshot"] = change.snapshot
    if change.kind is not ChangeKind.REMOVED:
        value["live"] = change.live
    return value


def _witness(name: str, witness: Witness) -> Json:
    return {
        "side": witness.side,
        "value": witness.value,
        "call": call_text(name, witness, MAX_CALL),
        "refusal": witness.refusal,
    }


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


def _time(started: float) -> str:
    text = datetime.fromtimestamp(started, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


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
