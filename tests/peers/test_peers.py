"""The gate on servers that nobody here wrote: green on what was reviewed, red on what was not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.peers.peering import CASES, Peering, closing_kills, failed, outcomes
from tests.peers.roster import EVERYTHING, Mode, Peer
from tests.peers.serving import Endpoint
from tests.running import Run

pytestmark = pytest.mark.peers

# The client of mcp 2.3 asks before it says hello, which ends the session at this release.
UNREACHABLE_FOR_THE_REFERENCE = ("mcp-1.6.0",)

OVER_HTTP = [case for case in CASES if case.mode is not Mode.STDIO]
KILLED_BY_CLOSING = [case for case in CASES if closing_kills(case)]


def test_the_gate_is_green_on_a_server_that_is_as_reviewed(peering: Peering) -> None:
    run = peering.run(
        "check", "--snapshot", str(peering.snapshot), "--format", "json", *peering.sparing
    )
    assert run.code == 0, run.output
    assert run.report["verdict"] == "passed"
    assert outcomes(run)["matches-snapshot"] == "passed"
    assert failed(run) == []


def test_two_recordings_have_the_same_bytes(peering: Peering) -> None:
    again = peering.recorded("again.json")
    assert again.read_bytes() == peering.snapshot.read_bytes()


@pytest.mark.parametrize("case", OVER_HTTP, indirect=True, ids=str)
def test_the_transport_leaves_no_trace_in_a_snapshot(
    peering: Peering, stdio_snapshot: Callable[[Peer], Path]
) -> None:
    over_stdio = stdio_snapshot(peering.case.peer)
    assert peering.snapshot.read_text() == over_stdio.read_text()


def test_a_snapshot_holds_the_tools_that_the_reference_client_lists(
    peering: Peering, reference: Callable[[Endpoint], Any]
) -> None:
    case = peering.case
    # That client ends its session too: where this kills, it gets a server of its own.
    listed = reference(peering.another() if closing_kills(case) else peering.endpoint)
    if case.peer.name in UNREACHABLE_FOR_THE_REFERENCE:
        assert listed["tools"] is None, "it connects now: compare the tools"
        assert listed["problem"] == "MCPError: Connection closed"
        return
    assert listed["tools"] is not None, listed["problem"]
    recorded = json.loads(peering.snapshot.read_text())["tools"]
    assert [tool["name"] for tool in recorded] == sorted(tool["name"] for tool in listed["tools"])
    assert _understood(tool["definition"] for tool in recorded) == _understood(listed["tools"])


def _understood(tools: Any) -> dict[str, Any]:
    """What both sides must agree on, by name; lists that are sets in JSON Schema are sorted."""
    return {
        tool["name"]: (tool.get("description"), _ordered(tool["inputSchema"])) for tool in tools
    }


def _ordered(schema: Any) -> Any:
    match schema:
        case dict():
            return {key: _ordered(value) for key, value in schema.items()}
        case list():
            return sorted((_ordered(each) for each in schema), key=json.dumps)
    return schema


def test_a_renamed_tool_turns_the_gate_red(peering: Peering) -> None:
    if peering.case.peer is EVERYTHING:
        run = _checked_with_an_edited_snapshot(peering, _rename_the_first_tool)
    else:
        run = _checked_with_another_server(peering, "renamed")
    assert run.code == 1, run.output
    assert failed(run) == ["matches-snapshot"]


def test_a_changed_schema_turns_the_gate_red(peering: Peering) -> None:
    if peering.case.peer is EVERYTHING:
        run = _checked_with_an_edited_snapshot(peering, _drop_an_argument_of_the_first_tool)
    else:
        run = _checked_with_another_server(peering, "changed")
    assert run.code == 1, run.output
    assert failed(run) == ["matches-snapshot"]


def _checked_with_another_server(peering: Peering, variant: str) -> Run:
    return peering.run(
        "check",
        *("--snapshot", str(peering.snapshot), "--format", "json", *peering.sparing),
        at=peering.another(variant),
    )


def _checked_with_an_edited_snapshot(peering: Peering, edit: Callable[[Any], None]) -> Run:
    """As if the server had changed: a snapshot of another contract, with digests that fit."""
    snapshot = json.loads(peering.snapshot.read_text())
    edit(snapshot["tools"][0])
    path = peering.folder / f"{edit.__name__}.json"
    path.write_text(json.dumps(snapshot))
    rehashed = peering.run_bare("snapshot", "--rehash", str(path))
    assert rehashed.code == 0, rehashed.output
    return peering.run("check", "--snapshot", str(path), "--format", "json")


def _rename_the_first_tool(tool: Any) -> None:
    tool["name"] = tool["definition"]["name"] = "an-earlier-name"


def _drop_an_argument_of_the_first_tool(tool: Any) -> None:
    schema = tool["definition"]["inputSchema"]
    gone = min(schema["properties"])
    del schema["properties"][gone]
    schema["required"] = [name for name in schema.get("required", []) if name != gone]


@pytest.mark.parametrize("case", KILLED_BY_CLOSING, indirect=True, ids=str)
def test_a_server_that_dies_of_a_closed_session_is_blamed_for_it(peering: Peering) -> None:
    run = peering.run(
        "check",
        *("--snapshot", str(peering.snapshot), "--format", "json"),
        at=peering.another(),
    )
    assert run.code == 1, run.output
    assert failed(run) == ["session-lifecycle"]
