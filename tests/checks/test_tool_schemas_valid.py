"""tool-schemas-valid, asked of real servers."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Mcpverify
from tests.servers import (
    honest,
    lists_a_lot,
    lists_invalid_schemas,
    lists_malformed_tools,
    refers_to_itself,
    uses_patterns,
)
from tests.servers.dialog import schema, tool
from tests.servers.raw_http import RawServer

ID = "tool-schemas-valid"


def finding(mcpverify: Mcpverify, server: RawServer, *arguments: str) -> Any:
    """What the check says of a server that is up."""
    snapshot = () if "--snapshot" in arguments else ("--no-snapshot",)
    run = mcpverify("check", server.url, "--format", "json", *snapshot, *arguments)
    (found,) = [each for each in run.report["targets"][0]["checks"] if each["id"] == ID]
    return found


INVALID = sorted(set(lists_invalid_schemas.INPUTS) - {"unknown-dialect"})


@pytest.mark.parametrize("kind", [*INVALID, "none", "output"])
def test_an_invalid_schema_fails_and_its_tool_is_named(mcpverify: Mcpverify, kind: str) -> None:
    with lists_invalid_schemas.serve(kind) as server:
        found = finding(mcpverify, server, "--only", ID)
    assert found["outcome"] == "failed"
    which = "outputSchema" if kind == "output" else "inputSchema"
    assert found["message"] == f"bad has an invalid {which}"
    assert found["details"][0]["subject"] == "bad"
    assert found["details"][0]["pointer"].startswith(f"/{which}")


def test_an_unknown_dialect_warns(mcpverify: Mcpverify) -> None:
    with lists_invalid_schemas.serve("unknown-dialect") as server:
        found = finding(mcpverify, server, "--only", ID)
        strict = finding(mcpverify, server, "--only", ID, "--strict")
    assert found["outcome"] == "warned"
    assert found["message"] == "bad has an inputSchema that was not judged"
    assert strict["outcome"] == "failed"


@pytest.mark.parametrize("keyword", ["$ref", "$schema"])
def test_nothing_that_a_schema_names_is_fetched(mcpverify: Mcpverify, keyword: str) -> None:
    with lists_invalid_schemas.serve_remote_ref(keyword) as server:
        found = finding(mcpverify, server, "--only", ID)
        assert server.canary is not None
        assert server.canary.connections == 0
    assert found["outcome"] == ("failed" if keyword == "$ref" else "warned")


@pytest.mark.parametrize("what", ["depth", "enum", "tools"])
def test_large_and_deep_contracts_pass(mcpverify: Mcpverify, what: str) -> None:
    with lists_a_lot.serve(what) as server:
        assert finding(mcpverify, server, "--only", ID)["outcome"] == "passed"


@pytest.mark.parametrize("which", ["ecma", "catastrophic"])
def test_patterns_that_python_cannot_take_pass(mcpverify: Mcpverify, which: str) -> None:
    with uses_patterns.serve(which) as server:
        assert finding(mcpverify, server, "--only", ID)["outcome"] == "passed"


def test_a_reference_that_leads_back_passes(mcpverify: Mcpverify) -> None:
    with refers_to_itself.serve("in-turns") as server:
        assert finding(mcpverify, server, "--only", ID)["outcome"] == "passed"


@pytest.mark.parametrize("kind", ["not-objects", "without-name"])
def test_a_malformed_list_is_never_found_valid(mcpverify: Mcpverify, kind: str) -> None:
    with lists_malformed_tools.serve(kind) as server:
        assert finding(mcpverify, server, "--only", ID)["outcome"] == "not-observed"


def test_a_bad_header_annotation_fails_only_where_2026_07_28_is_spoken(
    mcpverify: Mcpverify,
) -> None:
    annotated = schema(a={"type": "number", "x-mcp-header": "Region"})
    tools = [tool(inputSchema=annotated)]
    with honest.serve(tools=tools, eras=("handshake", "stateless")) as server:
        assert finding(mcpverify, server)["outcome"] == "failed"
        pinned = finding(mcpverify, server, "--only", ID, "--protocol", "2025-11-25")
        assert pinned["outcome"] == "passed"


def test_a_tool_that_the_snapshot_records_as_valid_is_not_judged_again(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    path = str(tmp_path / "reviewed.json")
    tools = [tool("a"), tool("b")]
    with honest.serve(tools=tools) as server:
        assert mcpverify("snapshot", server.url, "--snapshot", path).code == 0
        found = finding(mcpverify, server, "--snapshot", path)
        assert found["message"] == "2 tools, 2 known from the snapshot"
    tools[1] = tool("b", inputSchema=schema(a={"type": "strin"}))
    with honest.serve(tools=tools) as server:
        found = finding(mcpverify, server, "--snapshot", path)
        assert found["message"] == "b has an invalid inputSchema"
