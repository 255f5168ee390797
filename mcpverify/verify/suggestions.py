"""`calls suggest`: golden calls for the tools that a server lists. Nothing is called."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from mcpverify.facts.evidence import Expectations
from mcpverify.facts.golden_call import only_reads
from mcpverify.facts.json_text import Json
from mcpverify.facts.observation import Observation, observe
from mcpverify.facts.report import TargetReport
from mcpverify.facts.slug import slug
from mcpverify.facts.suggestion import Home, SuggestedCall, Suggestions
from mcpverify.facts.transcript import Role
from mcpverify.facts.verdict import Verdict
from mcpverify.golden.arguments import arguments_for
from mcpverify.verify.check import check
from mcpverify.verify.gate import Gate
from mcpverify.verify.selection import Selection

# What tells why tools were not seen.
_TELLING: Final = (
    "reachable",
    "handshake",
    "protocol-version",
    "tools-listed",
    "pagination-terminates",
)
_NAME: Final = "server"


def suggestions_for(
    gate: Gate,
    name: str | None,
    place: dict[str, Json],
    *,
    home: Home | None = None,
    called: Collection[str] = (),
) -> Suggestions | TargetReport:
    """What is proposed for the target of `gate`; or the report on why its tools are not seen.

    `name` is the target's in a configuration, which has calls of the tools `called`; without one,
    `place` says where it is. `home` is the configuration in force.
    """
    expected = Expectations(protocol=gate.target.protocol, min_tools=0, snapshot_wanted=False)
    looking = replace(
        gate,
        expected=expected,
        selection=Selection(only=_TELLING),
        snapshot_path=None,
        samples=1,
    )
    report = check(looking).targets[0]
    if report.verdict is not Verdict.PASSED or report.recording is None:
        return report
    seen = observe(report.recording.of(Role.PRIMARY)[0])
    calls, others = _by_hint(seen)
    wanted = name or slug(seen.server_name or "") or _NAME
    free = name or _free(wanted, () if home is None else home.names)
    return Suggestions(
        name=free,
        display=gate.target.display,
        calls=tuple(each for each in calls if each.tool not in called),
        others=tuple(each for each in others if each not in called),
        place=place,
        called=tuple(each.tool for each in calls if each.tool in called),
        taken="" if free == wanted else wanted,
        home=home,
    )


def _free(wanted: str, names: Collection[str]) -> str:
    """A name that no target has. Two that make one file name would share a snapshot."""
    taken = {slug(each) for each in names}
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return next(each for each in (wanted, *numbered) if slug(each) not in taken)


def _by_hint(seen: Observation) -> tuple[tuple[SuggestedCall, ...], tuple[str, ...]]:
    """Calls of the tools that only read, and the names of the others."""
    calls: dict[str, SuggestedCall] = {}
    others: dict[str, None] = {}
    for tool in seen.tools.items:
        name = tool.get("name") if isinstance(tool, dict) else None
        if not isinstance(tool, dict) or not isinstance(name, str):
            continue
        if not only_reads(tool):
            others[name] = None
        elif name not in calls:
            calls[name] = SuggestedCall(name, *arguments_for(tool.get("inputSchema")))
    # Of namesakes each has to say that it only reads.
    return tuple(each for name, each in calls.items() if name not in others), tuple(others)
