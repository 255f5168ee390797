"""A report for machines, read back: `report_in(render(report))` is what was rendered.

What the text does not hold is left out: recordings, and whole definitions of tools that differ.
"""

from typing import Final

from mcpverify.facts.change import Aspect, Change, ChangeKind, Part, Subject
from mcpverify.facts.compatibility import (
    Compatibility,
    EntryDrift,
    JudgedChange,
    Side,
    Witness,
)
from mcpverify.facts.contract import Digests
from mcpverify.facts.contradiction import contradiction
from mcpverify.facts.finding import Detail, Finding, Outcome, Severity
from mcpverify.facts.json_text import NotJson, parse
from mcpverify.facts.release import Descent, Release, ReleaseSearch
from mcpverify.facts.report import Report, ServerFacts, TargetReport, ToolReport
from mcpverify.facts.shard import Shard
from mcpverify.facts.situation import Situation
from mcpverify.facts.verdict import Verdict
from mcpverify.reporters.json_places import NotAReport, Place
from mcpverify.reporters.json_report import VERSION

__all__ = ["NotAReport", "report_in"]

_STATES: Final = {"identical", "text", "changed", "added", "missing", "listed"}


def report_in(text: bytes | str) -> tuple[Report, int]:
    """The report, and the exit code that it was written with. Raises NotAReport."""
    try:
        whole = Place(parse(text, trusted=True))
    except NotJson as error:
        raise NotAReport(_lowered(str(error))) from None
    value = whole.value
    if not isinstance(value, dict) or "report" not in value:
        raise NotAReport("it is no report of mcpverify")
    if value["report"] != VERSION or isinstance(value["report"], bool):
        raise NotAReport(f"it is no report of version {VERSION}")
    if "targets" not in value:
        raise NotAReport("it is not a report of check, but of another command")
    members = whole.members("report verdict exit_code shard missing warnings notes targets")
    report = Report(
        targets=tuple(_target(each) for each in members["targets"].items()),
        shard=_shard(members["shard"]),
        missing=members["missing"].texts(),
        warnings=members["warnings"].texts(),
        notes=members["notes"].texts(),
    )
    if members["verdict"].word(Verdict) is not report.verdict:
        raise NotAReport("its verdict is not the one of its targets")
    return report, members["exit_code"].integer(0)


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].rstrip(".")


def _shard(place: Place) -> Shard | None:
    if place.is_null:
        return None
    members = place.members("index count fleet run asked")
    index, count = members["index"].integer(1), members["count"].integer(1)
    if index > count:
        raise members["index"].wrong(f"{count} or less")
    fleet = members["fleet"].texts()
    if len(set(fleet)) < len(fleet):
        raise NotAReport("the fleet of its shard names a target twice")
    run, asked = members["run"].text_or_none(), members["asked"].digest()
    return Shard(index, count, fleet, run, asked)


def _target(place: Place) -> TargetReport:
    members = place.members(
        "target verdict situation headline checks tools others server snapshot snapshot_commit "
        "digests release attempts started seconds next again"
    )
    digests = members["digests"].members("live expected")
    target = TargetReport(
        target=members["target"].text(),
        verdict=members["verdict"].word(Verdict),
        situation=members["situation"].word(Situation),
        headline=members["headline"].text(),
        findings=tuple(_finding(each) for each in members["checks"].items()),
        server=_server(members["server"]),
        live=_digests(digests["live"]),
        expected=_digests(digests["expected"]),
        snapshot=members["snapshot"].text_or_none(),
        snapshot_commit=members["snapshot_commit"].text_or_none(),
        tools=tuple(_tool(each) for each in members["tools"].items()),
        others=tuple(_other(each) for each in members["others"].items()),
        release=_release(members["release"]),
        next_steps=members["next"].texts(),
        again=members["again"].text(),
        attempts=members["attempts"].integer(1),
        started=members["started"].time(),
        seconds=members["seconds"].seconds(),
    )
    opened = bool(target.server.eras)
    if odd := contradiction(target.verdict, target.situation, target.findings, opened=opened):
        raise NotAReport(f"{place.path}: {odd}")
    return target


def _finding(place: Place) -> Finding:
    members = place.members("id outcome severity message hint rule details")
    return Finding(
        check=members["id"].check_id(),
        outcome=members["outcome"].word(Outcome),
        severity=members["severity"].word(Severity),
        message=members["message"].text(),
        details=tuple(_detail(each) for each in members["details"].items()),
        hint=members["hint"].text(),
        rule=members["rule"].text(),
    )


def _detail(place: Place) -> Detail:
    members = place.members("text subject pointer snapshot live")
    return Detail(
        text=members["text"].text(),
        subject=members["subject"].text(),
        pointer=members["pointer"].text(),
        snapshot=members["snapshot"].text_or_none(),
        live=members["live"].text_or_none(),
    )


def _server(place: Place) -> ServerFacts:
    members = place.members(
        "name version revision eras transport transport_reason url address certificate_days "
        "request_id slowest_step slowest_seconds"
    )
    days, slowest = members["certificate_days"], members["slowest_seconds"]
    return ServerFacts(
        name=members["name"].text_or_none(),
        version=members["version"].text_or_none(),
        revision=members["revision"].text_or_none(),
        eras=members["eras"].texts(),
        transport=members["transport"].text_or_none(),
        transport_reason=members["transport_reason"].text(),
        url=members["url"].text_or_none(),
        address=members["address"].text_or_none(),
        certificate_days=None if days.is_null else days.integer(),
        request_id=members["request_id"].text_or_none(),
        slowest_step=members["slowest_step"].text_or_none(),
        slowest_seconds=None if slowest.is_null else slowest.seconds(),
    )


def _digests(place: Place) -> Digests | None:
    if place.is_null:
        return None
    members = place.members("digest contract prompt")
    return Digests(
        members["digest"].digest(), members["contract"].digest(), members["prompt"].digest()
    )


def _release(place: Place) -> ReleaseSearch | None:
    if place.is_null:
        return None
    members = place.members("searched problem path commit committed descent")
    path, commit = members["path"].text_or_none(), members["commit"].text_or_none()
    committed, descent = members["committed"], members["descent"]
    found = None
    if path is not None and commit is not None:
        found = Release(path, commit, committed.time(), descent.word(Descent))
    elif not (path is commit is committed.value is descent.value):
        raise place.wrong("a release that was found, nor one that was not")
    return ReleaseSearch(members["searched"].integer(0), found, members["problem"].text())


def _tool(place: Place) -> ToolReport:
    members = place.members(
        "name state compatibility renamed_to digest contract prompt changes cut"
    )
    name, state = members["name"].text(), members["state"].text()
    if state not in _STATES:
        raise members["state"].wrong(f"one of {', '.join(sorted(_STATES))}")
    compatibility, digest = members["compatibility"], members["digest"]
    digests = None
    if not (digest.is_null and members["contract"].is_null and members["prompt"].is_null):
        digests = Digests(digest.digest(), members["contract"].digest(), members["prompt"].digest())
    return ToolReport(
        name=name,
        state=state,
        digests=digests,
        compatibility=None if compatibility.is_null else compatibility.word(Compatibility),
        changes=tuple(_judged(each, Subject.TOOL, name) for each in members["changes"].items()),
        renamed_to=members["renamed_to"].text_or_none() or "",
        cut=members["cut"].text(),
    )


def _other(place: Place) -> EntryDrift:
    members = place.members("subject name compatibility renamed_to changes cut")
    subject, name = members["subject"].word(Subject), members["name"].text()
    if subject is Subject.TOOL:
        raise members["subject"].wrong("what stands here: tools have a list of their own")
    entry = EntryDrift(
        subject=subject,
        name=name,
        changes=tuple(_judged(each, subject, name) for each in members["changes"].items()),
        renamed_to=members["renamed_to"].text_or_none() or "",
        cut=members["cut"].text(),
    )
    if members["compatibility"].word(Compatibility) is not entry.compatibility:
        raise members["compatibility"].wrong("the worst of its changes")
    return entry


def _judged(place: Place, subject: Subject, name: str) -> JudgedChange:
    members = place.members(
        "kind aspect part pointer renamed_to compatibility reason witness",
        optional="snapshot live",
    )
    kind = members["kind"].word(ChangeKind)
    sides = {side for side in ("snapshot", "live") if side in members}
    lacking = {ChangeKind.ADDED: "snapshot", ChangeKind.REMOVED: "live"}.get(kind)
    if sides != {"snapshot", "live"} - {lacking}:
        raise place.wrong(f"a change of kind {kind} with these sides")
    change = Change(
        subject=subject,
        name=name,
        kind=kind,
        part=members["part"].word(Part),
        pointer=members["pointer"].text(),
        snapshot=members["snapshot"].value if "snapshot" in members else None,
        live=members["live"].value if "live" in members else None,
        aspect=members["aspect"].word(Aspect),
        renamed_to=members["renamed_to"].text_or_none() or "",
    )
    witness = members["witness"]
    return JudgedChange(
        change,
        members["compatibility"].word(Compatibility),
        members["reason"].text(),
        None if witness.is_null else _witness(witness),
    )


def _witness(place: Place) -> Witness:
    members = place.members("side value call refusal")
    members["call"].text()  # it is made anew from the value
    return Witness(members["side"].word(Side), members["value"].value, members["refusal"].text())
