"""Members of fleets as tests want them: gates of real servers, built without a command line."""

from pathlib import Path
from typing import Any

from mcpverify.facts.evidence import Expectations
from mcpverify.facts.target import HttpEndpoint, Limits, StdioCommand, Target, Transport
from mcpverify.verify.fleet import Member
from mcpverify.verify.gate import Gate, Selection
from mcpverify.verify.waiting import Waiting

# One request settles each: what a fleet does with its targets is asked here, not what they are.
BRIEFLY = Selection(only=("reachable", "handshake"))


def over_http(
    name: str, url: str, *, waiting: Waiting = Waiting(), seconds: float = 30.0, **gate: Any
) -> Member:
    target = Target(name, HttpEndpoint((url,)), limits=Limits(step_seconds=seconds))
    return Member(_gate(target, gate), waiting)


def over_stdio(name: str, *command: str, **gate: Any) -> Member:
    target = Target(name, StdioCommand(command), Transport.STDIO)
    return Member(_gate(target, gate))


def _gate(target: Target, given: dict[str, Any]) -> Gate:
    settings = {
        "expected": Expectations(snapshot_wanted=False),
        "selection": BRIEFLY,
        "again": f"mcpverify check {target.display}",
    }
    return Gate(target, **settings | given)


def written_pids(path: Path) -> list[int]:
    """The process ids that a child has written to `path`; none before it has."""
    text = path.read_text() if path.exists() else ""
    return [int(word) for word in text.split()] if text.endswith("\n") else []
