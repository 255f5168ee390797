"""The honest demo server: one contract over every transport and era, and a clean end."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from mcpverify.demo import definitions
from mcpverify.demo.faults.fault import Fault
from mcpverify.demo.faults.registry import FAULTS
from mcpverify.demo.options import DemoOptions
from mcpverify.demo.process import started
from mcpverify.errors import McpverifyError, UsageError
from mcpverify.facts.target import Transport

CLIENT = {"name": "raw", "version": "1"}
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": CLIENT},
}
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}
LIST_TOOLS = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
STATELESS_LIST_TOOLS = {
    **LIST_TOOLS,
    "params": {
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        }
    },
}
LISTS = {
    "tools/list": ("tools", definitions.TOOLS),
    "prompts/list": ("prompts", definitions.PROMPTS),
    "resources/list": ("resources", definitions.RESOURCES),
    "resources/templates/list": ("resourceTemplates", definitions.RESOURCE_TEMPLATES),
}


@pytest.fixture(scope="module")
def demo() -> Iterator[str]:
    with started(DemoOptions()) as url:
        yield url


@contextmanager
def child(options: DemoOptions) -> Iterator["subprocess.Popen[bytes]"]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(options.command, **pipes) as process:  # type: ignore[call-overload]
        watchdog = threading.Timer(20, process.kill)
        watchdog.start()
        try:
            yield process
        finally:
            watchdog.cancel()
            process.kill()


@pytest.mark.parametrize(
    "options",
    [DemoOptions(), DemoOptions(json_response=True), DemoOptions(stateless=True)],
    ids=["sessions", "json", "stateless"],
)
def test_streamable_http_offers_one_contract_in_both_eras(
    options: DemoOptions, connect: Any
) -> None:
    with started(options) as url:
        client = connect(url)
        assert "tools" in client.initialize().result["capabilities"]
        assert client.initialized().status == 202
        assert ("mcp-session-id" in client.session) is not options.stateless
        for method, (key, defined) in LISTS.items():
            assert client.request(method).result[key] == list(defined)
            answer = client.stateless(method).result
            assert answer[key] == list(defined)
            assert answer["resultType"] == "complete"
            assert answer["ttlMs"] >= 0
            assert answer["cacheScope"] in ("public", "private")


def test_it_says_who_it_is_in_both_eras(demo: str, connect: Any) -> None:
    client = connect(demo)
    handshake = client.initialize().result
    assert handshake["protocolVersion"] == "2025-11-25"
    assert (handshake["serverInfo"]["name"], handshake["serverInfo"]["version"]) == (
        "mcpverify-demo",
        "1.0.0",
    )
    discovered = client.stateless("server/discover").result
    assert discovered["supportedVersions"] == ["2026-07-28"]
    assert (
        discovered["_meta"]["io.modelcontextprotocol/serverInfo"]["name"]
        == handshake["serverInfo"]["name"]
    )


def test_a_made_up_session_gets_404_and_so_does_an_ended_one(demo: str, connect: Any) -> None:
    client = connect(demo)
    client.open_session()
    opened = client.session
    client.session = {**opened, "mcp-session-id": "made-up"}
    assert client.request("ping").status == 404
    client.session = opened
    assert client.request("ping").result == {}
    assert client.delete().status == 200
    assert client.request("ping").status == 404
    assert client.stateless("tools/list").status == 200


def test_http_and_sse_offers_the_same_tools() -> None:
    def messages(lines: Iterator[str]) -> Iterator[str]:
        return (line.removeprefix("data: ") for line in lines if line.startswith("data: "))

    with (
        started(DemoOptions(transport=Transport.SSE)) as url,
        httpx.Client(timeout=10, trust_env=False) as http,
        http.stream("GET", url, headers={"accept": "text/event-stream"}) as stream,
    ):
        assert url.endswith("/sse")
        received = messages(stream.iter_lines())
        endpoint = httpx.URL(url).join(next(received))
        assert http.post(endpoint, json=INITIALIZE).status_code == 202
        assert json.loads(next(received))["result"]["serverInfo"]["name"] == "mcpverify-demo"
        for message in (INITIALIZED, LIST_TOOLS):
            assert http.post(endpoint, json=message).status_code == 202
        assert json.loads(next(received))["result"]["tools"] == list(definitions.TOOLS)
        made_up = endpoint.copy_set_param("session_id", "0" * 32)
        assert http.post(made_up, json=LIST_TOOLS).status_code == 404


@pytest.mark.parametrize(
    "messages",
    [(INITIALIZE, INITIALIZED, LIST_TOOLS), (STATELESS_LIST_TOOLS,)],
    ids=["handshake", "stateless"],
)
def test_stdio_offers_the_same_tools_and_ends_with_its_input(
    messages: tuple[dict[str, Any], ...],
) -> None:
    with child(DemoOptions(transport=Transport.STDIO)) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        answer = b""
        for message in messages:
            process.stdin.write(json.dumps(message).encode() + b"\n")
            process.stdin.flush()
            if "id" in message:
                answer = process.stdout.readline()
        assert json.loads(answer)["result"]["tools"] == list(definitions.TOOLS)
        rest, errors = process.communicate(timeout=10)
        assert (process.returncode, rest, errors) == (0, b"", b"")


def test_the_reference_client_can_use_everything_that_is_offered(demo: str) -> None:
    async def use(mode: str) -> None:
        from mcp import Client, MCPError

        async with Client(demo, mode=mode, read_timeout_seconds=10) as client:
            assert [tool.name for tool in (await client.list_tools()).tools] == [
                tool["name"] for tool in definitions.TOOLS
            ]
            brewed = await client.call_tool("brew", {"tea": "assam", "seconds": 0})
            assert "assam" in str(brewed.content)
            guide = await client.call_tool("brewing_guide", {"tea": "sencha"})
            assert guide.structured_content == definitions.TEAS["sencha"]
            assert "rooibos" in str((await client.call_tool("list_teas", {})).content)
            order = {
                "lines": [{"tea": "oolong", "grind": "leaf", "grams": 100}],
                "address": {"street": "Leaf Lane 1", "city": "Leer", "country": "DE"},
            }
            assert "100 g" in str((await client.call_tool("place_order", order)).content)
            assert (await client.call_tool("brew", {"tea": "coffee"})).is_error
            with pytest.raises(MCPError, match="Unknown tool"):
                await client.call_tool("roast", {})
            note = await client.get_prompt("tasting_note", {"tea": "assam"})
            assert "assam" in str(note.messages[0].content)
            with pytest.raises(MCPError, match="No such prompt"):
                await client.get_prompt("tasting_note", {"tea": "coffee"})
            assert "oolong" in str((await client.read_resource("tea://menu")).contents)
            assert "75" in str((await client.read_resource("tea://teas/sencha")).contents)
            with pytest.raises(MCPError, match="not found"):
                await client.read_resource("tea://teas/coffee")

    for mode in ("auto", "legacy"):
        asyncio.run(use(mode))


def test_a_started_server_is_gone_when_its_caller_fails() -> None:
    addresses = []

    def fail_while_it_runs() -> None:
        with started(DemoOptions()) as url:
            addresses.append(httpx.URL(url))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_while_it_runs()
    (address,) = addresses
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.host, address.port or 0), timeout=5)


def test_a_server_on_a_lifeline_ends_when_the_other_end_is_closed() -> None:
    with child(DemoOptions(lifeline=True)) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline().startswith(b"listening http://127.0.0.1:")
        process.stdin.close()
        assert process.wait(timeout=5) == 0


def test_a_port_that_is_taken_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        options = DemoOptions(port=taken.getsockname()[1])
        with pytest.raises(McpverifyError) as refused, started(options):
            pass
    assert "did not start" in refused.value.message
    assert f"port {options.port}" in refused.value.hint
    assert "Traceback" not in refused.value.hint


@pytest.mark.parametrize(
    "options",
    [
        {"transport": Transport.AUTO},
        {"transport": Transport.SSE, "stateless": True},
        {"transport": Transport.STDIO, "json_response": True},
        {"transport": Transport.STDIO, "fault": Fault.HTML_PAGE},
        {"transport": Transport.STDIO, "fault": Fault.ECHOES_TOKEN},
        {"transport": Transport.SSE, "fault": Fault.DELETE_KILLS},
        {"stateless": True, "fault": Fault.SESSION_FORGOTTEN},
        {"transport": Transport.SSE, "fault": Fault.FAILS_AT_THE_LIMIT},
        {"lame_duck": 2.0, "drain_limit": 1.0},
        {"lame_duck": -1.0},
    ],
)
def test_options_that_contradict_each_other_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        DemoOptions(**options)


def test_a_wrong_invocation_exits_2_with_one_line() -> None:
    arguments = ("--transport", "stdio", "--fault", "unavailable")
    ended = subprocess.run(
        [sys.executable, "-m", "mcpverify.demo", *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=20,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("error: ")
    assert ended.stderr.count("\n") == 1


def test_every_fault_has_one_line_and_one_way_to_come_about() -> None:
    assert list(FAULTS) == list(Fault)
    for misbehavior in FAULTS.values():
        assert misbehavior.summary.endswith(".")
        assert len(misbehavior.summary) <= 100
        ways = (misbehavior.answers, misbehavior.http, misbehavior.drain)
        assert sum(way is not None for way in ways) == 1


def test_faults_can_be_listed_without_paying_for_the_server() -> None:
    loaded = "import sys, mcpverify.demo.process; print('mcp' in sys.modules)"
    command = [sys.executable, "-c", loaded]
    listed = subprocess.run(command, check=True, capture_output=True, timeout=20)
    assert listed.stdout.strip() == b"False"
