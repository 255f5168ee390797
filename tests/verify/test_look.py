"""A look at a server finds what a trial has to know, and does no harm to it."""

from pathlib import Path

import pytest

from mcpverify.errors import TargetInvalid
from mcpverify.facts.revision import Era
from mcpverify.facts.target import Header, HttpEndpoint, StdioCommand, Target, Transport
from mcpverify.facts.trial_plan import Look
from mcpverify.verify.look import look
from tests.servers import honest, honest_sse, redirects, stdio
from tests.servers.dialog import tool

BOTH = ("handshake", "stateless")
KEY = (Header("X-Api-Key", "sk-live-9f8e7d6c5b4a3928"),)


def looked(*urls: str) -> Look:
    return look(Target("it", HttpEndpoint(urls, headers=KEY, proxies=False)))


def test_the_eras_the_tools_and_the_server_are_seen() -> None:
    tools = [tool("sow"), tool("reap", annotations={"readOnlyHint": True}), tool("rot")]
    with honest.serve(tools=tools, eras=BOTH) as server:
        seen = looked(server.url)

    assert seen.eras == (Era.HANDSHAKE, Era.STATELESS)
    assert seen.transport is Transport.STREAMABLE_HTTP
    assert seen.tools == (("reap", True), ("rot", False), ("sow", False))
    assert (seen.server.name, seen.server.version) == ("honest", "1.0.0")
    assert seen.digests is not None
    assert seen.problem == ""


def test_no_session_is_ended() -> None:
    with honest.serve() as server:
        looked(server.url)
        assert "delete" not in {each.step for each in server.requests}


def test_the_address_that_was_used_is_kept_with_its_credentials() -> None:
    with honest.serve() as server:
        url = f"{server.url}?token=0123456789abcdef"
        assert looked(url).endpoint == HttpEndpoint((url,), headers=KEY, proxies=False)
        # Of a bare origin, the path that was found.
        guesses = (f"{server.origin}/mcp", f"{server.origin}/sse")
        assert looked(*guesses).endpoint == HttpEndpoint(guesses[:1], headers=KEY, proxies=False)


@pytest.mark.parametrize("absolute", [True, False])
def test_a_redirect_is_followed_once_and_for_all(absolute: bool) -> None:
    with redirects.serve_in_place(absolute=absolute) as server:
        seen = looked(server.url)
        led = f"{server.origin}/mcp/"

    assert seen.endpoint is not None
    assert seen.endpoint.urls == (led,)


def test_a_server_of_the_older_transport_is_found_at_its_second_address() -> None:
    with honest_sse.serve() as server:
        guesses = (f"{server.origin}/mcp", f"{server.origin}/sse")
        seen = looked(*guesses)

    assert seen.transport is Transport.SSE
    assert seen.eras == (Era.HANDSHAKE,)
    assert seen.endpoint is not None
    assert seen.endpoint.urls == guesses[1:]


def test_where_nothing_answers_the_reason_is_told() -> None:
    seen = looked("http://127.0.0.1:9/mcp")

    assert (seen.endpoint, seen.eras) == (None, ())
    assert "refused" in seen.problem


def test_a_list_that_cannot_be_read_leaves_the_contract_open() -> None:
    with honest.serve(tools=[{"description": "it has no name"}]) as server:
        seen = looked(server.url)

    assert seen.eras == (Era.HANDSHAKE,)
    assert seen.digests is None
    assert "has no name" in seen.problem


def test_a_command_is_looked_at_and_one_that_is_none_is_refused(tmp_path: Path) -> None:
    seen = look(Target("it", StdioCommand(stdio.command("honest")), Transport.STDIO))
    assert seen.transport is Transport.STDIO
    assert seen.digests is not None

    missing = StdioCommand((str(tmp_path / "no-such-command"),))
    with pytest.raises(TargetInvalid, match="cannot be started"):
        look(Target("it", missing, Transport.STDIO))
