"""What reports for machines say of the parts of a report, in one wording for all such formats.

The text is ASCII and holds nothing that a terminal or a CI log would obey.
"""

import json
import re
from datetime import UTC, datetime

from mcpverify.facts.call_text import call_text
from mcpverify.facts.change import ChangeKind
from mcpverify.facts.comparison import Source
from mcpverify.facts.compatibility import EntryDrift, JudgedChange, Witness
from mcpverify.facts.contract import Digests
from mcpverify.facts.finding import Detail, Finding
from mcpverify.facts.json_text import Json, canonical_text
from mcpverify.facts.release import ReleaseSearch
from mcpverify.facts.report import ServerFacts, ToolReport
from mcpverify.facts.shard import Shard

MAX_CALL = 4_000  # characters of a call as text; its value is there in full beside it

_HALF = re.compile(
    r"\\ud[89ab][0-9a-f]{2}(?!\\ud[c-f])|(?<!\\ud[89ab][0-9a-f]{2})\\ud[c-f][0-9a-f]{2}"
)


def shard_value(shard: Shard | None) -> Json:
    if shard is None:
        return None
    return {
        "index": shard.index,
        "count": shard.count,
        "fleet": list(shard.fleet),
        "run": shard.run,
        "asked": shard.asked,
    }


def release_value(search: ReleaseSearch | None) -> Json:
    if search is None:
        return None
    found = search.found
    return {
        "searched": search.searched,
        "problem": search.problem,
        "path": None if found is None else found.path,
        "commit": None if found is None else found.commit,
        "committed": None if found is None else time_text(found.committed),
        "descent": None if found is None else found.descent,
    }


def source_value(source: Source) -> Json:
    return {
        "name": source.name,
        "kind": source.kind,
        "detail": source.detail,
        "digests": digests_value(source.digests),
        "tools": source.tools,
        "problem": source.problem,
    }


def check_value(finding: Finding) -> Json:
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


def tool_value(tool: ToolReport) -> Json:
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


def other_value(entry: EntryDrift) -> Json:
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


def server_value(server: ServerFacts) -> Json:
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
        "slowest_seconds": seconds_value(server.slowest_seconds),
    }


def digests_value(digests: Digests | None) -> Json:
    if digests is None:
        return None
    return {
        "digest": digests.digest,
        "contract": digests.contract,
        "prompt": digests.prompt,
    }


def time_text(when: float) -> str:
    """In UTC, to the millisecond, of seconds since the epoch."""
    text = datetime.fromtimestamp(when, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def seconds_value(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 6)


def json_line(value: Json) -> str:
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
