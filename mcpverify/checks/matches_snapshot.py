"""Does the live contract equal the snapshot that was reviewed?

The tools, prompts and resource templates that the server lists are brought into canonical form
and compared with the snapshot file by digest. Where they differ, the finding names each tool that
was added, removed or changed, with JSON pointers and both values. By default a difference in
names, schemas or flags fails and one in titles and descriptions warns; `--fail-on` chooses.

A difference is not always a fault of the new release: an old one may still be serving, or the
snapshot was not updated with the change. If the change was meant, run `mcpverify snapshot` and
commit the file.
"""

import shlex
from collections.abc import Iterable, Sequence

from mcpverify.facts.change import Change, ChangeKind, Part, Subject
from mcpverify.facts.check import Check, Stage
from mcpverify.facts.contract import Contract
from mcpverify.facts.evidence import Evidence, FailOn
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.json_text import canonical_text

CHECK = Check(
    __name__,
    title="The live contract equals the snapshot",
    stage=Stage.CONTRACT,
    severity=Severity.ERROR,
    hint="If the change was meant, update the snapshot with `mcpverify snapshot` and commit it.",
)


def judge(evidence: Evidence) -> Finding:
    expected = evidence.expected
    if evidence.snapshot is None and expected.digest is None:
        if not expected.snapshot_wanted:
            return CHECK.not_applicable("no snapshot is wanted (--no-snapshot)")
        if not evidence.primary.opened:
            return CHECK.not_observed(evidence.unopened)
        return CHECK.warned(
            f"nothing was compared: {expected.snapshot_note}",
            hint="Record one with `mcpverify snapshot`, review it and commit it.",
        )
    live = evidence.contract
    if live is None:
        return CHECK.not_observed(
            evidence.unopened or f"the contract was not fully seen: {evidence.contract_problem}"
        )
    if expected.digest is not None and expected.digest != live.digests.digest:
        difference = Detail("digest", snapshot=expected.digest, live=live.digests.digest)
        return CHECK.failed("the live digest is not the expected one", [difference])
    if evidence.snapshot is None:
        return CHECK.passed("the live digest is the expected one")
    return _compared(evidence, evidence.snapshot.contract, live)


def _compared(evidence: Evidence, reviewed: Contract, live: Contract) -> Finding:
    found, left_out = evidence.changes, evidence.left_out
    aside = f" ({', '.join(left_out)} left out: this era cannot carry it)" if left_out else ""
    count = len(live.tools)
    if not found and not left_out and reviewed.digests != live.digests:
        # Never green on a digest that does not fit, even where no difference can be named.
        difference = Detail("digest", "", "", reviewed.digests.digest, live.digests.digest)
        return CHECK.failed("the digests differ: not the same lists were compared", [difference])
    if not found:
        return CHECK.passed(f"{count} tools, {reviewed.digests.digest[:19]}{aside}")
    contract = [change for change in found if change.part is Part.CONTRACT]
    details = [_detail(change) for change in (*contract, *_texts(found))]
    message = _summary(contract or found) + aside
    if not contract:
        message = f"text only: {message}"
    fails = {
        FailOn.ANY: bool(found),
        FailOn.CONTRACT: bool(contract),
        FailOn.BREAKING: bool(contract),  # as long as nothing is judged here
        FailOn.NONE: False,
    }[evidence.expected.fail_on]
    hint = _restless_hint(contract or list(found))
    return (CHECK.failed if fails else CHECK.warned)(message, details, hint)


# What some servers fill anew at every start: a directory, a time zone, a set in no order.
_RESTLESS = ("/default", "/examples", "/description", "/title")


def _restless_hint(found: Sequence[Change]) -> str:
    """How to mute a difference that may be no change at all; "" where it surely is one."""
    if not all(
        each.kind is ChangeKind.CHANGED
        and each.subject is Subject.TOOL
        and any(f"{end}/" in f"{each.pointer}/" for end in _RESTLESS)
        for each in found
    ):
        return ""
    first = found[0]
    return (
        f"{CHECK.hint} If it differs at every start, leave it out: "
        f"mcpverify snapshot --ignore-field {shlex.quote(f'{first.name}:{first.pointer}')}"
    )


def _texts(found: Iterable[Change]) -> list[Change]:
    return [change for change in found if change.part is Part.PROMPT]


def _summary(found: Iterable[Change]) -> str:
    """`1 tool missing, 2 tools changed`: entries counted once, by the worst thing about each."""
    kinds: dict[tuple[str, str], str] = {}
    for change in found:
        key = (change.subject.value, change.name)
        whole = change.pointer == ""
        state = "changed"
        if whole and change.kind is ChangeKind.ADDED:
            state = "added"
        elif whole and change.kind in (ChangeKind.REMOVED, ChangeKind.RENAMED):
            state = "missing"
        kinds[key] = state
    told = []
    for state in ("missing", "changed", "added"):
        for subject in dict.fromkeys(subject for subject, _ in kinds):
            count = sum(1 for (s, _), st in kinds.items() if s == subject and st == state)
            if count:
                told.append(f"{count} {subject}{'' if count == 1 else 's'} {state}")
    return ", ".join(told)


def _detail(change: Change) -> Detail:
    if change.pointer == "":
        said = "missing from the live server"
        if change.kind is ChangeKind.ADDED:
            said = "not in the snapshot"
        elif change.kind is ChangeKind.RENAMED:
            said = f"renamed to {change.renamed_to}"
        return Detail(said, subject=change.name)
    return Detail(
        "text differs" if change.part is Part.PROMPT else str(change.kind),
        subject=change.name,
        pointer=change.pointer,
        snapshot=None if change.kind is ChangeKind.ADDED else canonical_text(change.snapshot),
        live=None if change.kind is ChangeKind.REMOVED else canonical_text(change.live),
    )
