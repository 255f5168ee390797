"""Do fresh connections meet the same tools, of the same version?

Behind a load balancer one connection meets one replica. When a rollout leaves an old replica
behind, some agents see the old tools and some the new ones. The gate lists the tools on
`--samples N` connections (2 by default over Streamable HTTP) and compares what they answer.
`--replicas N` takes as many connections as miss one of N replicas at most 1 time in 100, if each
meets one of them at random. Either way it says how many different answers it met, and never that
it met every replica. Only `--replica URL`, for each, and `--resolve-all`, for every address of
the host, know them: then a replica that does not answer is told, too.

Versions that differ beside equal tools fail where the version matters to you, which
`--version-from` or `--expect-version` say. Otherwise they warn: what serverInfo holds is often
made by an SDK, and may differ for reasons of its own. Without tools the versions alone are
compared.

Prompts and resources are listed on the first connection only: replicas that differ in those go
unseen here.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from mcpverify.drift.changes import changes
from mcpverify.facts.affinity import lost_samples
from mcpverify.facts.answerer import answerer, request_id
from mcpverify.facts.change import Subject
from mcpverify.facts.check import Check, Stage
from mcpverify.facts.contract import Contract, contract_of, malformed_items
from mcpverify.facts.credentials import masked_url
from mcpverify.facts.evidence import Evidence, says_nothing
from mcpverify.facts.finding import Detail, Finding, Outcome, Severity
from mcpverify.facts.json_text import canonical_text, parse
from mcpverify.facts.observation import ListState, Observation
from mcpverify.facts.recorded_address import is_recorded
from mcpverify.facts.replica_address import completed
from mcpverify.facts.replica_count import connections_for
from mcpverify.facts.transcript import RUN_IS_OVER, Role
from mcpverify.facts.version_told import VersionTold, version_of_listing

CHECK = Check(
    __name__,
    title="Fresh connections meet the same tools, of the same version",
    stage=Stage.CONTRACT,
    severity=Severity.ERROR,
    rule="https://modelcontextprotocol.io/specification/2025-11-25/server/tools",
    hint="Wait for the rollout to finish (--wait 2m), or find the replica that is behind.",
    needs_lists=False,
)

_SHOWN = 5
_PLACES = 3  # of one answer
_IDS = 3


@dataclass(frozen=True, slots=True)
class _Answer:
    """What some of the connections agree on."""

    sessions: tuple[Observation, ...]
    version: VersionTold
    contract: Contract

    @property
    def digest(self) -> str:
        return self.contract.digests.digest


def judge(evidence: Evidence) -> Finding:
    primary = evidence.primary
    if not primary.opened:
        return CHECK.not_observed(evidence.unopened)
    unmet = _unmet(evidence)
    if not evidence.samples:
        if unmet:
            return CHECK.not_observed(unmet)
        return CHECK.not_applicable("only one connection was opened")
    if not _is_told(primary):
        return CHECK.not_observed(f"the first listing failed: {primary.tools.problem}")
    sessions = (primary, *filter(_is_told, evidence.samples))
    silent = [each for each in evidence.samples if not _is_told(each)]
    compared = _compared(evidence, sessions)
    if silent and compared.outcome in (Outcome.PASSED, Outcome.WARNED):
        return _without_list(silent, evidence)
    if unmet and compared.outcome in (Outcome.PASSED, Outcome.WARNED):
        return CHECK.not_observed(unmet)
    told = [Detail(_told_problem(each), subject="no list") for each in silent[:_SHOWN]]
    return replace(compared, details=(*compared.details, *told)) if told else compared


def _is_told(session: Observation) -> bool:
    """Whether a session told its tools: all of them, or that it has none."""
    if session.tools.state is ListState.NOT_ASKED:
        return session.opened and "tools" not in session.capabilities
    return session.tools.complete


def _unmet(evidence: Evidence) -> str:
    """What was to be asked and was not: a recording may be of a run that asked for less."""
    known = [each for each in evidence.samples if each.role is Role.REPLICA]
    if evidence.replicas.resolve_all:
        return "" if known else "no address of the host was asked by itself (--resolve-all)"
    if evidence.replicas.urls:
        missing = _never_asked(evidence, {each.url for each in known})
        return f"{missing[0]} was never asked" if missing else ""
    replicas, total = evidence.expected.replicas or 1, 1 + len(evidence.samples)
    wanted = max(connections_for(replicas), evidence.connections or 1)
    if total >= wanted:
        return ""
    made = f"{total} connection{' was' if total == 1 else 's were'} made"
    return (
        f"{made}, and {replicas} replicas want {wanted}"
        if replicas > 1
        else (f"{made}, and {wanted} were to be")
    )


def _never_asked(evidence: Evidence, met: set[str]) -> list[str]:
    """Of the replicas that were named, those that are none of `met`."""
    home = evidence.primary.url
    named = [completed(each, home) for each in evidence.replicas.urls]
    asked = [each for each in named if any(is_recorded(each, url) for url in met)]
    return [masked_url(each) for each in named if each not in asked]


def _compared(evidence: Evidence, sessions: Sequence[Observation]) -> Finding:
    by_text: dict[tuple[str, str | None], list[Observation]] = {}
    unknown: list[VersionTold] = []
    for session in sessions:
        # Equal answers are told by their text: taking digests costs ten times as much.
        text = canonical_text(list(session.tools.items))
        version = version_of_listing(evidence.expected.version_from, session)
        by_text.setdefault((text, version.version), []).append(session)
        if version.version is None:
            unknown.append(version)
    if len(by_text) == 1:
        return CHECK.passed(_agreement(evidence, len(sessions)))
    contracts: dict[str, Contract] = {}
    for text in dict.fromkeys(text for text, _ in by_text):
        items = parse(text)
        malformed = malformed_items(Subject.TOOL, items)
        if malformed:
            return CHECK.not_observed(f"a listing cannot be compared: {malformed[0]}")
        tools = items if isinstance(items, list) else ()
        contracts[text] = contract_of(tools, scope=evidence.scope)
    alike: dict[tuple[str, str | None], tuple[list[Observation], Contract]] = {}
    for (text, said), members in by_text.items():
        contract = contracts[text]
        alike.setdefault((contract.digests.digest, said), ([], contract))[0].extend(members)
    # A version that is unknown is one and the same, whatever the words, unless all were silent.
    unknown.sort(key=lambda each: each.unanswered)
    none = unknown[0] if unknown else VersionTold(None)
    answers = [
        _Answer(tuple(who), none if said is None else VersionTold(said), contract)
        for (_, said), (who, contract) in alike.items()
    ]
    answers.sort(key=lambda each: -len(each.sessions))
    return _judged(evidence, answers)


def _judged(evidence: Evidence, answers: Sequence[_Answer]) -> Finding:
    total = sum(len(each.sessions) for each in answers)
    digests = dict.fromkeys(each.digest for each in answers)
    versions = dict.fromkeys(each.version for each in answers)
    if len(answers) == 1:
        return CHECK.passed(_agreement(evidence, total))
    met = f"{total} connections met {len(answers)} distinct answers"
    if len(versions) == 1:
        met = f"{total} connections met {len(digests)} different lists of tools"
    where = len({_places(each) for each in answers}) > 1 or any(map(_is_traced, answers))
    details: list[Detail] = []
    for each in answers:
        details.append(_counted(each, evidence, total, tell_version=len(versions) > 1))
        details += _where(each) if where else ()
    if len(digests) > 1:
        one, other = (_first(answers, digest) for digest in list(digests)[:2])
        details += _differences(one.contract, other.contract)
        by_version = f": {_by_version(answers)}" if len(versions) > 1 else _whose(answers)
        return CHECK.failed(met + by_version, details)
    if any(each.unanswered for each in versions) and len(versions) == 2:
        told = next(each for each in versions if each.unanswered)
        return CHECK.not_observed(f"{met}: the version of some {told.problem}")
    message = f"{met}: {_by_version(answers)}, with the same tools"
    expected = evidence.expected
    if expected.version_from is None and expected.version is None:
        return CHECK.warned(message, details)
    return CHECK.failed(message, details)


def _agreement(evidence: Evidence, total: int) -> str:
    if not evidence.primary.tools.complete:
        return f"{_alike(evidence, total)}; there are no tools to compare"
    return _alike(evidence, total)


def _alike(evidence: Evidence, total: int) -> str:
    known = sum(each.role is Role.REPLICA for each in evidence.samples)
    if known:
        return f"all {known} known addresses agree" if known > 1 else "the known address agrees"
    replicas = evidence.expected.replicas
    if replicas is None or replicas == 1:
        return f"{total} connections, 1 distinct answer"
    return (
        f"{total} connections met 1 distinct answer; of {replicas} replicas met at random, one "
        "that differs would be missed at most 1 time in 100"
    )


def _by_version(answers: Sequence[_Answer]) -> str:
    counts: Counter[str] = Counter()
    for each in answers:
        version = each.version.version
        counts["no version" if version is None else repr(version)] += len(each.sessions)
    most = counts.most_common(_SHOWN)
    return ", ".join(f"{count} say{'s' if count == 1 else ''} {said}" for said, count in most)


def _whose(answers: Sequence[_Answer]) -> str:
    """Where the rarest answer came from, if that is an address of its own."""
    rarest = answers[-1].sessions
    if len(rarest) == 1 and rarest[0].role is Role.REPLICA:
        return f": {_place(rarest[0])} has its own"
    return ""


def _first(answers: Sequence[_Answer], digest: str) -> _Answer:
    return next(each for each in answers if each.digest == digest)


def _counted(answer: _Answer, evidence: Evidence, total: int, *, tell_version: bool) -> Detail:
    """An answer: its digest, how often it was met, and which release gives it."""
    words = [_release(evidence, answer.digest)]
    if tell_version:
        told = answer.version
        words.insert(0, f"version {told.version or told.problem}")
    about = ", ".join(filter(None, words))
    count = f"{len(answer.sessions)} of {total} connections"
    return Detail(f"{count}: {about}" if about else count, subject=answer.digest[:19])


def _where(answer: _Answer) -> Iterator[Detail]:
    """Who gave an answer: a line for each place, with the ids that its log knows."""
    places = _places(answer)
    for place in places[:_PLACES]:
        sessions = [each for each in answer.sessions if _place(each) == place]
        yield Detail(f"at {place}{_ids(sessions)}")
    if len(places) > _PLACES:
        yield Detail(f"and at {len(places) - _PLACES} more")


def _places(answer: _Answer) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_place, answer.sessions)))


def _is_traced(answer: _Answer) -> bool:
    return any(map(_ids, ([each] for each in answer.sessions)))


def _place(session: Observation) -> str:
    """Who answered, as exactly as the answer tells: a name, an address, a URL."""
    last = session.tools.last or session.opening
    named = None if last is None else answerer(last)
    at = (None if last is None else last.peer) or session.peer or "an unknown address"
    if session.role is Role.REPLICA:
        is_told = urlsplit(session.url).netloc.rpartition("@")[2] == at
        at = session.url if is_told else f"{at} ({session.url})"
    return f"{at}{f', {named}' if named else ''}"


def _ids(sessions: Sequence[Observation]) -> str:
    lasts = (each.tools.last for each in sessions)
    ids = [found for each in lasts if each is not None and (found := request_id(each))]
    if not ids:
        return ""
    more = f" and {len(ids) - _IDS} more" if len(ids) > _IDS else ""
    return f", request id{'' if len(ids) == 1 else 's'} {', '.join(ids[:_IDS])}{more}"


def _release(evidence: Evidence, digest: str) -> str:
    """Which release lists the tools of this digest, as far as that is known."""
    snapshot, release = evidence.snapshot, evidence.serving
    if snapshot is not None:
        tools = [entry.definition for entry in snapshot.contract.tools]
        if contract_of(tools, scope=evidence.scope).digests.digest == digest:
            return "as in the snapshot"
    if release is not None and digest == evidence.released:
        return f"{release.descent.release}, {release.told(evidence.now)}"
    return ""


def _differences(one: Contract, other: Contract) -> list[Detail]:
    """Which tools the two most frequent answers differ in, a line each."""
    first = {change.name: change for change in reversed(list(changes(one, other)))}
    return [
        Detail(
            "listed on some connections only" if not change.pointer else "differs",
            name,
            change.pointer,
        )
        for name, change in list(first.items())[:_SHOWN]
    ]


def _without_list(silent: Sequence[Observation], evidence: Evidence) -> Finding:
    """Some connections got no list, while the others agree."""
    total = 1 + len(evidence.samples)
    # Whoever lost a session is not behind, as far as that tells.
    lost = lost_samples(silent)
    silent = [each for each in silent if each not in lost]
    if not silent:
        return CHECK.not_observed(
            f"{len(lost)} of {total} connections lost their session before they got a list"
        )
    known = any(each.role is Role.REPLICA for each in silent)
    total = len(evidence.samples) if known else total
    what = "known addresses" if known else "connections"
    message = f"{len(silent)} of {total} {what} got no list: {_told_problem(silent[0])}"
    details = [Detail(_told_problem(each)) for each in silent[1 : 1 + _SHOWN]] if known else []
    if all(map(_is_cut_off, silent)):
        return CHECK.not_observed(message, "Give the run more time with --deadline.")
    # An address of its own that never answered has not shown what it is.
    if all(_says_nothing(each) for each in silent):
        return CHECK.not_observed(message)
    return CHECK.failed(message, details)


def _told_problem(session: Observation) -> str:
    problem = session.tools.problem if session.opened else session.problem
    if session.role is not Role.REPLICA:
        return problem
    return f"{session.peer or session.url}: {problem}"


def _says_nothing(session: Observation) -> bool:
    last = session.tools.last or session.opening
    replica = session.role is Role.REPLICA and not _answered(session)
    return last is not None and says_nothing(last, opened=not replica)


def _is_cut_off(session: Observation) -> bool:
    last = session.tools.last or session.opening
    failure = None if last is None else last.failure
    return failure is not None and failure.detail.startswith(RUN_IS_OVER)


def _answered(session: Observation) -> bool:
    return any(each.result is not None for each in session.exchanges)
