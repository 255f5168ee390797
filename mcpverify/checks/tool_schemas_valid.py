"""Are the schemas of every tool valid, and complete in themselves?

Clients check arguments against `inputSchema` and results against `outputSchema`. A schema that
is not valid under the dialect it declares (2020-12 by default) makes some of them refuse the
tool, and some the whole list. The root of an inputSchema must say `"type": "object"`; so must
that of an outputSchema up to revision 2025-11-25.

Every `$ref` must lead to something in the same schema: mcpverify never fetches one, nor may
clients. In revision 2026-07-28 a wrong `x-mcp-header` makes clients leave the tool out.

It is a warning where a schema could not be judged, because its dialect is not known or it is
too large, and where only some clients refuse it, as for a pattern in Python's own syntax.
"""

from collections.abc import Iterable, Iterator, Sequence

from mcpverify.drift.validity.schema_problem import ProblemKind, SchemaProblem
from mcpverify.drift.validity.schema_validity import Which, tool_problems
from mcpverify.facts.change import Subject
from mcpverify.facts.check import Check, Stage
from mcpverify.facts.contract import Entry, contract_of, malformed_items
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.json_text import Json
from mcpverify.facts.observation import ListState, Observation
from mcpverify.facts.revision import (
    LATEST_HANDSHAKE,
    LATEST_STATELESS,
    Era,
    Revision,
    known_revision,
)

CHECK = Check(
    __name__,
    title="Tool schemas are valid",
    stage=Stage.TOOLS,
    severity=Severity.ERROR,
    rule="https://modelcontextprotocol.io/specification/2025-11-25/basic#json-schema-usage",
    hint="Mend the schema where the pointer leads: until then clients may refuse every tool.",
    needs_lists=False,
)

_SHOWN = 20
_WORST = {kind: rank for rank, kind in enumerate(ProblemKind)}

_Faulty = tuple[str, tuple[tuple[Which, SchemaProblem], ...]]


def judge(evidence: Evidence) -> Finding:
    primary = evidence.primary
    if not primary.opened:
        return CHECK.not_observed(evidence.unopened)
    listing = primary.tools
    if listing.state is ListState.NOT_ASKED and "tools" not in primary.capabilities:
        return CHECK.not_applicable("the server does not advertise tools")
    if not listing.complete:
        return CHECK.not_observed(f"the tools were not fully listed: {listing.problem}")
    if not listing.items:
        return CHECK.not_applicable("no tools are listed")
    # As sent: clients see the fields that a snapshot ignores, and the tools beyond its scope.
    tools = {
        str(item["name"]): item
        for item in listing.items
        if isinstance(item, dict) and not malformed_items(Subject.TOOL, [item])
    }
    in_scope = {entry.name: entry for entry in _in_scope(evidence, list(tools.values()))}
    known = _known_as_valid(evidence)
    unknown = [
        name
        for name in tools
        if name not in in_scope or (name, in_scope[name].digests.digest) not in known
    ]
    revisions = _revisions(evidence)
    judged = ((name, tool_problems(tools[name], *revisions)) for name in unknown)
    faulty = sorted((each for each in judged if each[1]), key=lambda each: _WORST[_kind(each)])
    invalid = [each for each in faulty if _kind(each) is ProblemKind.INVALID]
    if any(name in in_scope for name, _ in invalid):
        return CHECK.failed(_message(invalid), _details(faulty))
    malformed = malformed_items(Subject.TOOL, list(listing.items))
    if malformed:
        return CHECK.not_observed(malformed[0])
    if faulty:
        return CHECK.warned(_message(faulty), _details(faulty))
    count = len(tools)
    aside = f", {count - len(unknown)} known from the snapshot" if len(unknown) < count else ""
    return CHECK.passed(f"{count} tool{'' if count == 1 else 's'}{aside}")


def _in_scope(evidence: Evidence, items: Sequence[Json]) -> tuple[Entry, ...]:
    """The tools that the snapshot is about; other lists than tools may have failed."""
    if evidence.contract is not None:
        return evidence.contract.tools
    return contract_of(items, scope=evidence.scope).tools


def _known_as_valid(evidence: Evidence) -> set[tuple[str, str]]:
    """Names and digests of the tools that were found valid when the snapshot was taken."""
    snapshot = evidence.snapshot
    if snapshot is None or snapshot.era is not evidence.era or snapshot.scope.ignored:
        return set()  # with fields left out, an equal digest is no equal schema
    return {
        (tool.name, tool.digests.digest)
        for tool in snapshot.contract.tools
        if tool.name in snapshot.valid
    }


def _revisions(evidence: Evidence) -> list[Revision]:
    """The revisions that clients see these tools in."""
    observed = [evidence.primary]
    other = evidence.other_era
    if other is not None and other.opened and other.tools.complete:
        observed.append(other)
    return [_revision(observation) for observation in observed]


def _revision(observation: Observation) -> Revision:
    latest = LATEST_STATELESS if observation.era is Era.STATELESS else LATEST_HANDSHAKE
    return known_revision(observation.revision) or latest


def _kind(faulty: _Faulty) -> ProblemKind:
    """The worst of a tool's problems."""
    return min((problem.kind for _, problem in faulty[1]), key=lambda kind: _WORST[kind])


_SAID = {
    ProblemKind.INVALID: ("has an invalid {}", "tools have invalid schemas"),
    ProblemKind.UNDECIDED: ("has an {} that was not judged", "tools have schemas in doubt"),
    ProblemKind.DOUBTFUL: ("has an {} that some clients refuse", "tools have schemas in doubt"),
}


def _message(faulty: list[_Faulty]) -> str:
    """A sentence about tools whose worst comes first."""
    name, problems = faulty[0]
    worst = _kind(faulty[0])
    one, many = _SAID[worst]
    if len(faulty) > 1:
        return f"{len(faulty)} {many}"
    which = next(which for which, problem in problems if problem.kind is worst)
    return f"{name} {one.format(which)}"


def _details(faulty: Iterable[_Faulty]) -> Iterator[Detail]:
    lines = [
        Detail(problem.text, subject=name, pointer=f"/{which}{problem.pointer}")
        for name, problems in faulty
        for which, problem in problems
    ]
    yield from lines[:_SHOWN]
    if len(lines) > _SHOWN:
        yield Detail(f"and {len(lines) - _SHOWN:,} more")
