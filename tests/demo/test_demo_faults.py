"""Each fault of the demo server, as it shows on the wire."""

import json
import subprocess
import time
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import httpx
import pytest

from mcpverify.demo import definitions
from mcpverify.demo.faults.fault import Fault
from mcpverify.demo.options import DemoOptions
from mcpverify.demo.process import started
from mcpverify.facts.target import Transport

Listed = Mapping[Fault, list[dict[str, Any]]]


def named(tools: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(tool for tool in tools if tool["name"] == name)


def others(tools: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [tool for tool in tools if tool["name"] != name]


def test_renamed_tool_changes_one_name_only(listed: Listed) -> None:
    tools = listed[Fault.RENAMED_TOOL]
    assert {**named(tools, "make_tea"), "name": "brew"} == definitions.BREW
    assert others(tools, "make_tea") == others(list(definitions.TOOLS), "brew")


def test_changed_schema_narrows_one_enum_only(listed: Listed) -> None:
    tools = deepcopy(listed[Fault.CHANGED_SCHEMA])
    grind = named(tools, "place_order")["inputSchema"]["$defs"]["Grind"]
    assert grind["enum"] == ["leaf", "dust"]
    grind["enum"].insert(1, "broken")
    assert tools == list(definitions.TOOLS)


def test_changed_text_changes_one_description_only(listed: Listed) -> None:
    tools = deepcopy(listed[Fault.CHANGED_TEXT])
    brew = named(tools, "brew")
    assert brew["description"] != definitions.BREW["description"]
    brew["description"] = definitions.BREW["description"]
    assert tools == list(definitions.TOOLS)


def test_missing_outputschema_takes_away_nothing_else(listed: Listed) -> None:
    tools = listed[Fault.MISSING_OUTPUTSCHEMA]
    guide = named(tools, "brewing_guide")
    assert "outputSchema" not in guide
    assert {**guide, "outputSchema": definitions.BREWING_GUIDE["outputSchema"]} == (
        definitions.BREWING_GUIDE
    )


def test_invalid_schema_is_no_json_schema(listed: Listed) -> None:
    from jsonschema import Draft202012Validator, SchemaError

    tools = listed[Fault.INVALID_SCHEMA]
    with pytest.raises(SchemaError):
        Draft202012Validator.check_schema(named(tools, "brew")["inputSchema"])
    for tool in others(tools, "brew"):
        Draft202012Validator.check_schema(tool["inputSchema"])


def test_dangling_ref_leads_nowhere(listed: Listed) -> None:
    schema = named(listed[Fault.DANGLING_REF], "place_order")["inputSchema"]
    assert schema["properties"]["address"] == {"$ref": "#/$defs/Address"}
    assert "Address" not in schema["$defs"]


def test_duplicate_names_lists_two_different_tools_called_brew(listed: Listed) -> None:
    tools = listed[Fault.DUPLICATE_NAMES]
    first, second = (tool for tool in tools if tool["name"] == "brew")
    assert first != second


def test_no_tools_is_an_empty_list(listed: Listed) -> None:
    assert listed[Fault.NO_TOOLS] == []


def test_tools_list_error_is_a_json_rpc_error(misbehaving: Any) -> None:
    client = misbehaving(Fault.TOOLS_LIST_ERROR)
    client.open_session()
    for ask in (client.request, client.stateless):
        assert ask("tools/list").message["error"]["code"] == -32603
    assert client.request("prompts/list").result["prompts"]


def test_tools_list_hangs_and_nothing_else_does(misbehaving: Any) -> None:
    client = misbehaving(Fault.TOOLS_LIST_HANGS)
    client.open_session()
    client.http.timeout = httpx.Timeout(0.3)
    for ask in (client.request, client.stateless):
        with pytest.raises(httpx.ReadTimeout):
            ask("tools/list")
    client.http.timeout = httpx.Timeout(10)
    assert client.request("prompts/list").result["prompts"]


def test_cursor_loops_for_ever(misbehaving: Any) -> None:
    client = misbehaving(Fault.CURSOR_LOOPS)
    client.open_session()
    for ask in (client.request, client.stateless):
        cursor = ask("tools/list").result["nextCursor"]
        assert ask("tools/list", cursor=cursor).result["nextCursor"] == cursor


def test_slow_delays_the_listing_only(misbehaving: Any) -> None:
    client = misbehaving(Fault.SLOW)
    client.open_session()
    began = time.monotonic()
    assert client.request("tools/list").result["tools"] == list(definitions.TOOLS)
    assert time.monotonic() - began >= 0.6


def test_wrong_protocol_version_is_one_that_nobody_published(misbehaving: Any) -> None:
    client = misbehaving(Fault.WRONG_PROTOCOL_VERSION)
    assert client.initialize().result["protocolVersion"] == "1999-01-01"
    assert client.stateless("server/discover").result["supportedVersions"] == ["1999-01-01"]


def test_wrong_id_answers_another_request(misbehaving: Any) -> None:
    client = misbehaving(Fault.WRONG_ID)
    for message in (client.initialize().message, client.stateless("tools/list").message):
        assert "result" in message
        assert message["id"] == "of-another-request"
    assert client.initialized().status == 202


def test_session_forgotten_ends_a_session_at_its_second_request(misbehaving: Any) -> None:
    client = misbehaving(Fault.SESSION_FORGOTTEN)
    assert client.initialize().status == 200
    assert client.session["mcp-session-id"]
    assert client.initialized().status == 404
    assert client.request("tools/list").status == 404
    assert client.stateless("tools/list").status == 200


def test_delete_kills_the_server_for_everyone(misbehaving: Any, connect: Any) -> None:
    client = misbehaving(Fault.DELETE_KILLS)
    client.open_session()
    assert client.delete().status == 200
    assert client.request("ping").status == 500
    assert connect(client.url).initialize().status == 500


def test_html_page_is_a_success_in_the_wrong_language(misbehaving: Any) -> None:
    client = misbehaving(Fault.HTML_PAGE)
    for answer in (client.stateless("server/discover"), client.initialize(), client.delete()):
        assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "<title>" in answer.text


@pytest.mark.parametrize(
    ("fault", "status", "header"),
    [
        (Fault.UNAUTHORIZED, 401, "www-authenticate"),
        (Fault.UNAVAILABLE, 503, "retry-after"),
        (Fault.MISDIRECTED, 421, "content-type"),
    ],
)
def test_a_refusal_carries_its_status_and_header(
    misbehaving: Any, fault: Fault, status: int, header: str
) -> None:
    client = misbehaving(fault)
    for answer in (client.stateless("server/discover"), client.initialize()):
        assert answer.status == status
        assert answer.headers[header]


def test_flapping_replicas_alternate_by_session_and_by_connection(
    misbehaving: Any, connect: Any
) -> None:
    url = misbehaving(Fault.FLAPPING_REPLICAS).url
    sessions, connections = [], []
    for _ in range(4):
        client = connect(url)
        client.open_session()
        sessions.append(len(client.request("tools/list").result["tools"]))
        assert len(client.request("tools/list").result["tools"]) == sessions[-1]
        connections.append(len(client.stateless("tools/list").result["tools"]))
    assert sessions == connections == [4, 3, 4, 3]


def test_evil_text_is_everywhere_and_survives_the_wire(misbehaving: Any) -> None:
    client = misbehaving(Fault.EVIL_TEXT)
    handshake = client.initialize().result
    tools = client.tools_in_both_eras()
    stamped = client.stateless("tools/list").result["_meta"]["io.modelcontextprotocol/serverInfo"]
    assert stamped == handshake["serverInfo"]
    spoken = (
        *(handshake["serverInfo"]["name"], handshake["serverInfo"]["version"]),
        *(handshake["instructions"], tools[-1]["name"], named(tools, "brew")["description"]),
    )
    for text in spoken:
        for hostile in (
            "\x1b[2J",
            "[bold]",
            "\u202e",
            "\n::error ",
            "]]>",
            "\x00",
            "\u2028",
            "\uffff",
        ):
            assert hostile in text


def test_echoes_token_repeats_what_was_sent(misbehaving: Any) -> None:
    client = misbehaving(Fault.ECHOES_TOKEN, authorization="Bearer s3cret-of-mine")
    brew = named(client.tools_in_both_eras(), "brew")
    assert "Bearer s3cret-of-mine" in brew["description"]


def test_a_fault_of_the_listing_shows_over_stdio_too() -> None:
    request = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/list",
        "params": {
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
            }
        },
    }
    options = DemoOptions(transport=Transport.STDIO, fault=Fault.RENAMED_TOOL)
    with subprocess.Popen(
        options.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        process.stdin.close()
        assert process.wait(10) == 0
    assert named(answer["result"]["tools"], "make_tea")


def test_an_http_fault_shows_over_sse_too(connect: Any) -> None:
    options = DemoOptions(transport=Transport.SSE, fault=Fault.UNAVAILABLE)
    with started(options) as url:
        assert connect(url).http.get(url).status_code == 503
