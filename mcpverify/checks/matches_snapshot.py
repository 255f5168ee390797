"""Does the live contract equal the snapshot that was reviewed?

The tools, prompts and resource templates that the server lists are brought into canonical form
and compared with the snapshot file by digest. Where they differ, every change is judged: breaking
with a call that the snapshot takes and the live server refuses, compatible with a proof,
behavioral where no call is lost but a model or a client is told something else, or undecided. By
default a difference in names, schemas or flags fails, whatever its verdict, and one in titles and
descriptions warns, unless it shows that another release is serving; with `--fail-on breaking` only
what breaks callers, or may, fails.

A difference is not always a fault of the new release: an old one may still be serving, or the
snapshot was not updated with the change. Inside a git checkout the last 50 versions of the
snapshot are searched for the live contract, and the report says which release it belongs to.

What `--ignore-field` left out of the snapshot, or `ignore` of a configuration leaves out, is not
compared, and the answer names it. A snapshot that leaves out more than the configuration warns.

To mend it: if callers break, restore what they rely on, or offer the new shape under a new name.
If the change was meant, run `mcpverify snapshot` and commit the file.
"""

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from mcpverify.facts.call_text import call_text
from mcpverify.facts.change import Change, ChangeKind, Part, Subject
from mcpverify.facts.check import Check, Stage
from mcpverify.facts.compatibility import Compatibility, EntryDrift, JudgedChange, Side
from mcpverify.facts.contract import Contract
from mcpverify.facts.evidence import Evidence, FailOn
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.json_text import canonical_text
from mcpverify.facts.release import MOST_VERSIONS, Descent

CHECK = Check(
    __name__,
    title="The live contract equals the snapshot",
    stage=Stage.CONTRACT,
    severity=Severity.ERROR,
    hint="If the change was meant, update the snapshot with `mcpverify snapshot` and commit it.",
)

_BREAKS: Final = (
    "Restore what callers rely on, or offer the new shape under a new name. If the change was "
    "meant all the same, accept it with `mcpverify snapshot` and commit the file."
)
_KEPT_OUT: Final = (
    "Record the snapshot again, so that it holds these fields, or add them to `ignore` of the "
    "configuration."
)
_CALL: Final = 300  # characters of a call


def judge(evidence: Evidence) -> Finding:
    expected = evidence.expected
    if evidence.snapshot is None and expected.digest is None:
        if not expected.snapshot_wanted:
            return CHECK.not_applicable("no snapshot is wanted (--no-snapshot)")
        if not evidence.primary.opened:
            return CHECK.not_observed(evidence.unopened)
        nothing = f"nothing was compared: {expected.snapshot_note}"
        hint = "Record one with `mcpverify snapshot`, review it and commit it."
        if expected.snapshot_required:
            return CHECK.not_observed(f"it is required, and {nothing}", hint)
        return CHECK.warned(nothing, hint=hint)
    live = evidence.contract
    if live is None:
        return CHECK.not_observed(
            evidence.unopened or f"the contract was not fully seen: {evidence.contract_problem}"
        )
    if expected.digest is not None and expected.digest != live.digests.digest:
        difference = Detail("digest", snapshot=expected.digest, live=live.digests.digest)
        return CHECK.failed("the live digest is not the expected one", [difference])
    if evidence.snapshot is None:
        return CHECK.passed(f"the live digest is the expected one{_beyond(evidence)}")
    return _compared(evidence, evidence.snapshot.contract, live)


def _compared(evidence: Evidence, reviewed: Contract, live: Contract) -> Finding:
    found, left_out = evidence.drift, evidence.left_out
    globs = evidence.scope.tools
    if globs and not reviewed.tools and not live.tools:
        # Equal, as nothing is equal to nothing.
        return CHECK.failed(
            f"nothing was compared: no tool, here or there, is within --tool {', '.join(globs)}",
            hint="Record the snapshot anew, with globs that match: delete the file first.",
        )
    aside = f" ({', '.join(left_out)} left out: this era cannot carry it)" if left_out else ""
    aside += _beyond(evidence)
    if not found and not left_out and reviewed.digests != live.digests:
        # Never green on a digest that does not fit, even where no difference can be named.
        difference = Detail("digest", "", "", reviewed.digests.digest, live.digests.digest)
        return CHECK.failed("the digests differ: not the same lists were compared", [difference])
    if not found:
        equal = f"{len(live.tools)} tools, {reviewed.digests.digest[:19]}{aside}"
        if evidence.kept_out:
            return CHECK.warned(f"{equal}, beyond what the configuration says", hint=_KEPT_OUT)
        return CHECK.passed(equal)
    renamed = {(entry.subject, entry.renamed_to) for entry in found if entry.renamed_to}
    names = {(tool.subject, tool.name) for tool in (*reviewed.tools, *live.tools)}
    # What was renamed is one thing that changed, under its old name.
    told = [entry for entry in found if (entry.subject, entry.name) not in renamed]
    message = _summary(told, len(names - renamed)) + aside
    changes = [each.change for entry in found for each in entry.changes]
    if all(change.part is Part.PROMPT for change in changes):
        message = f"text only: {message}"
    fails = any(evidence.expected.fail_on.objects_to(entry) for entry in found)
    # Texts alone are let through, but not where they show that another release is serving.
    fails |= evidence.expected.fail_on is FailOn.CONTRACT and evidence.serving is not None
    return (CHECK.failed if fails else CHECK.warned)(
        message,
        [*_release(evidence), *_details(found)],
        _release_hint(evidence) or _restless_hint(evidence, changes) or _hint(found),
    )


def _beyond(evidence: Evidence) -> str:
    return f"; {evidence.beyond_scope}" if evidence.beyond_scope else ""


_RELEASE_HINTS: Final = {
    Descent.OLDER: "A roll-back harms nobody and mends nothing: what is serving was reviewed, and "
    "the new release gets no traffic. Look at the image that runs, and at how far the rollout "
    "came.",
    Descent.NEWER: "What is serving is newer than this snapshot. If this was a roll-back, it did "
    "not take.",
    Descent.ELSEWHERE: "What is serving was built from a commit of a branch, which nobody may have "
    "approved: look at what was deployed.",
}


def _release(evidence: Evidence) -> Iterator[Detail]:
    """What the history of the snapshot tells of the live contract."""
    search = evidence.release
    if search is None:
        return
    if search.found is not None:
        release = search.found
        told = f"live equals {release.told(evidence.now)}"
        yield Detail(f"{told}: {release.descent.release} is serving")
    elif search.searched:
        of = f"of {evidence.snapshot_path} in git"
        if search.searched == 1:
            yield Detail(f"live does not equal the other version {of} either")
        else:
            last = "last " if search.searched >= MOST_VERSIONS else ""
            yield Detail(f"live equals none of the {last}{search.searched} other versions {of}")
    elif not search.problem:
        of = f"git has no other version of {evidence.snapshot_path}"
        yield Detail(f"{of}: whether an old release is serving cannot be told")
    if search.found is None and search.problem:
        yield Detail(f"whether an old release is serving is not known: {search.problem}")


def _release_hint(evidence: Evidence) -> str:
    if evidence.serving is not None:
        return _RELEASE_HINTS[evidence.serving.descent]
    if evidence.release is not None and evidence.release.problem:
        return f"This may be an old release: {evidence.release.problem}. Mend that and ask again."
    return ""


_VERBS: Final = {
    Compatibility.BREAKING: ("breaks callers", "break callers"),
    Compatibility.UNDECIDED: ("may break callers", "may break callers"),
    Compatibility.BEHAVIORAL: ("changes behavior", "change behavior"),
    Compatibility.COMPATIBLE: ("changes compatibly", "change compatibly"),
}


def _summary(found: Sequence[EntryDrift], total: int) -> str:
    """`2 of 12 tools break callers; 1 changes behavior`: each entry once, worst first."""
    counts = Counter((entry.compatibility, entry.subject) for entry in found)
    told: list[str] = []
    tools_told = False
    for verdict, verbs in _VERBS.items():
        for subject in Subject:
            count = counts[verdict, subject]
            if not count:
                continue
            noun = f" {subject}{'' if count == 1 else 's'}"
            if subject is Subject.TOOL:
                noun = "" if tools_told else f" of {total:,} tool{'' if total == 1 else 's'}"
                tools_told = True
            told.append(f"{count:,}{noun} {verbs[count > 1]}")
    return "; ".join(told)


def _hint(found: Sequence[EntryDrift]) -> str:
    alarming = (Compatibility.BREAKING, Compatibility.UNDECIDED)
    return _BREAKS if any(entry.compatibility in alarming for entry in found) else CHECK.hint


# What some servers fill anew at every start: a directory, a time zone, a set in no order.
_RESTLESS = ("/default", "/examples", "/description", "/title")


def _restless_hint(evidence: Evidence, found: Sequence[Change]) -> str:
    """How to mute a difference that may be no change at all; "" where it surely is one."""
    found = [each for each in found if each.part is Part.CONTRACT] or found
    if not all(
        each.kind is ChangeKind.CHANGED
        and each.subject is Subject.TOOL
        and any(f"{end}/" in f"{each.pointer}/" for end in _RESTLESS)
        for each in found
    ):
        return ""
    field = f"{found[0].name}:{found[0].pointer}"
    how = f"mcpverify snapshot --ignore-field {shlex.quote(field)}"
    if evidence.configured is not None:
        how = f"add {canonical_text(field)} to `ignore` of the configuration"
    return f"{CHECK.hint} If it differs at every start, leave it out: {how}"


def _details(found: Sequence[EntryDrift]) -> Iterator[Detail]:
    """All changes, worst first; the entries are in that order, and the changes of each."""
    for verdict in reversed(Compatibility):
        for entry in found:
            for each in entry.changes:
                if each.compatibility is verdict:
                    yield _detail(each)


def _detail(judged: JudgedChange) -> Detail:
    change = judged.change
    whole = change.pointer == ""
    return Detail(
        f"{judged.compatibility}: {_told(judged)}",
        subject=change.name,
        pointer=change.pointer,
        snapshot=None
        if whole or change.kind is ChangeKind.ADDED
        else canonical_text(change.snapshot),
        live=None if whole or change.kind is ChangeKind.REMOVED else canonical_text(change.live),
    )


def _told(judged: JudgedChange) -> str:
    """The call that breaks, and its refusal; else the reason of the verdict."""
    change, witness = judged.change, judged.witness
    if witness is not None:
        call = call_text(change.name, witness, _CALL)
        if witness.side is Side.INPUT:
            return f"the snapshot takes {call}, live refuses it: {witness.refusal}"
        return f"live may return {call}, the snapshot rules it out: {witness.refusal}"
    if change.pointer == "" and change.kind is not ChangeKind.ADDED:
        return f"missing from the live server: {judged.reason}"
    if change.pointer == "":
        return f"not in the snapshot: {judged.reason}"
    return judged.reason
