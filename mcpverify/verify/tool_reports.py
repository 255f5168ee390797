"""What a report says of each tool, from two contracts and the verdicts on what differs."""

from collections.abc import Iterable

from mcpverify.facts.change import ChangeKind, Part, Subject
from mcpverify.facts.compatibility import Compatibility, EntryDrift
from mcpverify.facts.contract import Contract
from mcpverify.facts.report import ToolReport


def tool_reports(
    snapshot: Contract, live: Contract, drifts: Iterable[EntryDrift]
) -> tuple[ToolReport, ...]:
    """All tools of both sides by name, those that are identical too."""
    reviewed = {entry.name: entry for entry in snapshot.tools}
    current = {entry.name: entry for entry in live.tools}
    differing = {each.name: each for each in drifts if each.subject is Subject.TOOL}
    reports = []
    for name in sorted({*reviewed, *current}):
        digests = (current.get(name) or reviewed[name]).digests
        drift = differing.get(name)
        if drift is None:
            reports.append(ToolReport(name, "identical", digests, Compatibility.IDENTICAL))
            continue
        report = ToolReport(
            name=name,
            state=_state(drift),
            digests=digests,
            compatibility=drift.compatibility,
            changes=drift.changes,
            renamed_to=drift.renamed_to,
            cut=drift.cut,
            snapshot=reviewed[name].definition if name in reviewed else None,
            live=current[name].definition if name in current else None,
        )
        reports.append(report)
    return tuple(reports)


def _state(drift: EntryDrift) -> str:
    changes = [each.change for each in drift.changes]
    whole = {change.kind for change in changes if change.pointer == ""}
    if whole & {ChangeKind.REMOVED, ChangeKind.RENAMED}:
        return "missing"
    if ChangeKind.ADDED in whole:
        return "added"
    return "changed" if any(each.part is Part.CONTRACT for each in changes) else "text"
