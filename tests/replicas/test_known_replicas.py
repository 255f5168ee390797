"""Replicas that are known one by one: by URLs of their own, or by the addresses of a name."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from mcpverify.facts.situation import Situation
from mcpverify.facts.target import Header, Route, Tls, Transport
from mcpverify.facts.transcript import Role
from tests.cli.reading import judged
from tests.conftest import Mcpverify
from tests.replicas import releases
from tests.replicas.asking import lines, looked_at, told
from tests.servers import honest, honest_sse
from tests.servers.certificates import Authority
from tests.servers.dialog import tool
from tests.servers.raw_http import RawServer

ID = "replicas-agree"
NAME = "replicas.test"
ADDRESSES = ("127.0.0.1", "127.0.0.2", "127.0.0.3")


def has_several_loopbacks() -> bool:
    try:
        with socket.socket() as probe:
            probe.bind((ADDRESSES[-1], 0))
    except OSError:
        return False
    return True


needs_loopbacks = pytest.mark.skipif(
    not has_several_loopbacks(), reason="THIS MACHINE HAS ONLY 127.0.0.1: not tested"
)


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses of `replicas.test`: no resolver that we may use here knows such a name."""
    addresses: list[str] = list(ADDRESSES)
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *arguments: Any, **options: Any) -> Any:
        if host != NAME:
            return real(host, port, *arguments, **options)
        # As resolvers do: in no order, and each once for every protocol.
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]
        return [*found[1:], *found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return addresses


@contextmanager
def replicas(*versions: str, **options: Any) -> Iterator[list[RawServer]]:
    """Replicas at the addresses of the name, all on one port, which is any."""
    with ExitStack() as stack:
        servers: list[RawServer] = []
        for address, version in zip(ADDRESSES, versions, strict=False):
            port = servers[0].port if servers else 0
            server = releases.serve(version, host=address, port=port, **options)
            servers.append(stack.enter_context(server))
        yield servers


def at_name(servers: list[RawServer], scheme: str = "http") -> str:
    return f"{scheme}://{NAME}:{servers[0].port}/mcp"


def test_each_url_is_asked() -> None:
    with releases.serve() as target, releases.serve() as one, releases.serve() as other:
        report = looked_at(target.url, urls=(one.url, other.url))

        for server in (target, one, other):
            assert server.steps.count("tools/list") == 1
    assert told(report, ID) == ("passed", "all 2 known addresses agree")
    assert report.verdict.value == "passed"


def test_the_one_that_differs_is_named() -> None:
    stale = [tool("sum")]
    with (
        releases.serve() as one,
        releases.serve() as other,
        releases.serve("2.3.9", tools=stale, named="web-3") as old,
    ):
        report = looked_at(one.url, urls=(one.url, other.url, old.url))

    outcome, message = told(report, ID)
    assert outcome == "failed"
    assert message == (f"4 connections met 2 different lists of tools: {old.url} has its own")
    assert report.headline == f"REPLICAS DIFFER: {message}"
    text = lines(report, ID)
    assert "3 of 4 connections" in text
    assert f"at {other.url}" in text
    assert f"at {old.url}, request id web-3-" in text


def test_a_version_that_differs_fails_where_it_was_asked_for() -> None:
    with releases.serve("2.4.1") as one, releases.serve("2.3.9") as old:
        urls = (one.url, old.url)
        asked = looked_at(one.url, "header:X-Version", urls=urls)
        expected = looked_at(one.url, "header:X-Version", "2.4.1", urls=urls)
        unasked = looked_at(one.url, urls=urls)

    words = (
        "3 connections met 2 distinct answers: 2 say '2.4.1', 1 says '2.3.9', with the same tools"
    )
    assert told(asked, ID) == told(expected, ID) == ("failed", words)
    assert asked.situation is expected.situation is Situation.REPLICAS_DIFFER
    assert f"at {old.url}" in lines(asked, ID)
    assert told(unasked, ID) == ("passed", "all 2 known addresses agree")


def test_serverinfo_alone_that_differs_warns() -> None:
    with releases.serve(server_info="1.0") as one, releases.serve(server_info="1.1") as other:
        report = looked_at(one.url, urls=(other.url,))
        demanded = looked_at(one.url, None, "1.0", urls=(other.url,))

    assert told(report, ID)[0] == "warned"
    assert "1 says '1.0', 1 says '1.1'" in told(report, ID)[1]
    assert told(demanded, ID)[0] == "failed"


def test_a_replica_that_nobody_runs_is_no_green() -> None:
    with releases.serve() as closed:
        gone = closed.url
    with releases.serve() as one:
        report = looked_at(one.url, urls=(one.url, gone))

    outcome, message = told(report, ID)
    assert outcome == "not-observed"
    assert message.startswith(f"1 of 2 known addresses got no list: {gone}: 127.0.0.1:")
    assert message.endswith("refused the connection")
    assert report.verdict.value == "inconclusive"


def test_a_replica_that_is_broken_fails() -> None:
    broken = releases.serve(hooks={"tools/list": lambda call: call.error(-32603, "no database")})
    with releases.serve() as one, broken as other:
        report = looked_at(one.url, urls=(one.url, other.url))

    outcome, message = told(report, ID)
    assert outcome == "failed"
    assert f"127.0.0.1:{other.port}: error -32603: no database" in message


def test_one_that_differs_is_not_hidden_by_one_that_is_gone() -> None:
    with releases.serve() as closed:
        gone = closed.url
    with releases.serve() as one, releases.serve(tools=[tool("sum")]) as old:
        report = looked_at(one.url, urls=(gone, old.url))

    assert told(report, ID)[0] == "failed"
    assert f"no list {gone}" in lines(report, ID)


def test_a_replica_without_a_path_gets_that_of_the_target() -> None:
    with honest.serve(path="/team/mcp") as one, honest.serve(path="/team/mcp") as other:
        report = looked_at(f"{one.url}?tenant=blue", urls=(other.origin,))

        assert {each.path for each in other.requests} == {"/team/mcp?tenant=blue"}
    assert told(report, ID) == ("passed", "the known address agrees")


def test_the_credentials_of_the_target_go_to_a_replica_that_is_named() -> None:
    token = Header("Authorization", "Bearer f3a9c27e51d84b06")
    with releases.serve() as one, releases.serve() as other:
        looked_at(one.url, urls=(other.url,), headers=(token,))

        assert {each.header("Authorization") for each in other.requests} == {token.value}


def test_the_version_of_a_replica_is_asked_at_its_own_address() -> None:
    with releases.serve("2.4.1") as one, releases.serve("2.3.9") as old:
        for source in ("health:/version", f"health:{one.origin}/version"):
            report = looked_at(one.url, f"{source}#/build/version", "2.4.1", urls=(old.url,))

            outcome, message = told(report, "server-identity")
            assert outcome == "failed"
            assert "is '2.3.9', expected '2.4.1'" in message


def test_over_http_and_sse_replicas_are_asked_too() -> None:
    with honest_sse.serve() as one, honest_sse.serve(tools=[tool("sum")]) as other:
        report = looked_at(one.url, urls=(other.url,), transport=Transport.SSE)

    assert told(report, ID)[0] == "failed"


def test_the_session_is_not_asked_for_at_another_replica() -> None:
    with honest.serve() as one, honest.serve() as other:
        report = looked_at(one.url, urls=(one.url, other.url))

        assert "ping" not in [each.step for each in other.requests]
    assert told(report, "session-affinity")[0] == "passed"


@needs_loopbacks
def test_every_address_of_a_name_is_asked(resolver: list[str]) -> None:
    with replicas("2.4.1", "2.4.1", "2.4.1") as servers:
        report = looked_at(at_name(servers), resolve_all=True)

        for server in servers:
            assert server.steps.count("tools/list") >= 1
            assert {each.header("Host") for each in server.requests} == {
                f"{NAME}:{servers[0].port}"
            }
    assert report.recording is not None
    known = report.recording.of(Role.REPLICA)
    peers = [each.exchanges[0].peer for each in known]
    assert peers == [f"{each}:{servers[0].port}" for each in ADDRESSES]
    assert told(report, ID) == ("passed", "all 3 known addresses agree")


@needs_loopbacks
def test_a_stale_address_is_named(resolver: list[str]) -> None:
    with replicas("2.4.1", "2.3.9", "2.4.1") as servers:
        report = looked_at(at_name(servers), "header:X-Version", "2.4.1", resolve_all=True)

    text = lines(report, ID)
    assert told(report, ID)[0] == "failed"
    assert "version 2.3.9" in text
    assert f"at 127.0.0.2:{servers[0].port}" in text


@needs_loopbacks
def test_an_address_that_nobody_serves_is_no_green(resolver: list[str]) -> None:
    with replicas("2.4.1", "2.4.1") as servers:
        report = looked_at(at_name(servers), resolve_all=True)

    assert told(report, ID)[0] == "not-observed"
    assert f"127.0.0.3:{servers[0].port} refused the connection" in told(report, ID)[1]


@needs_loopbacks
def test_tls_holds_the_name_at_every_address(resolver: list[str], authority: Authority) -> None:
    tls = Tls(cacert=str(authority.bundle))
    with replicas("2.4.1", "2.4.1", "2.4.1", tls=authority.server(NAME)) as servers:
        report = looked_at(at_name(servers, "https"), resolve_all=True, tls=tls)
        plain = looked_at(f"https://127.0.0.1:{servers[0].port}/mcp", tls=tls)

    assert told(report, ID) == ("passed", "all 3 known addresses agree")
    assert told(report, "tls-certificate")[0] == "passed"
    assert plain.verdict.value == "inconclusive", "the certificate is for the name alone"


@needs_loopbacks
def test_the_user_s_own_routes_go_before(resolver: list[str]) -> None:
    with replicas("2.4.1", "2.4.1", "2.4.1") as servers:
        port = servers[0].port
        url = f"http://front.test:{port + 1}/mcp"
        route = Route("front.test", port + 1, NAME, port)
        routed = looked_at(url, resolve_all=True, routes=(route,))
        pinned = looked_at(
            url, resolve_all=True, routes=(Route("front.test", None, "127.0.0.2", port),)
        )

        assert {each.header("Host") for each in servers[2].requests} == {f"front.test:{port + 1}"}
    assert told(routed, ID) == ("passed", "all 3 known addresses agree")
    assert told(pinned, ID) == ("passed", "the known address agrees")


@needs_loopbacks
def test_a_session_is_asked_for_at_every_address_of_the_name(resolver: list[str]) -> None:
    with replicas("2.4.1", "2.4.1", "2.4.1", sessions=True) as servers:
        report = looked_at(at_name(servers), resolve_all=True)

    outcome, message = told(report, "session-affinity")
    assert outcome == "failed"
    assert message.startswith("4 of 6 requests on the issued session got 404")
    assert f"127.0.0.1:{servers[0].port} 2 times HTTP 404" in lines(report, "session-affinity")
    assert told(report, "session-lifecycle")[0] == "passed", "it is ended where it was issued"


def test_too_many_addresses_are_not_asked(resolver: list[str]) -> None:
    with releases.serve() as server:
        url = f"http://{NAME}:{server.port}/mcp"
        resolver[:] = ["127.0.0.1", *(f"198.51.100.{each}" for each in range(1, 65))]
        report = looked_at(url, resolve_all=True, routes=())

    outcome, message = told(report, ID)
    assert outcome == "not-observed"
    assert f"{NAME} has 65 addresses, and at most 64 are asked" in message


def test_the_flags_reach_the_run_and_its_transcript(mcpverify: Mcpverify) -> None:
    told_version = ("--version-from", "header:X-Version", "--no-snapshot", "--format", "json")
    with releases.serve() as one, releases.serve("2.3.9") as other:
        run = mcpverify(
            *("check", one.url, *told_version, "--transcript", "run.json"),
            *("--replica", one.origin, "--replica", f"127.0.0.1:{other.port}"),
        )
    again = mcpverify("check", "--replay", "run.json", *told_version)

    assert (run.code, again.code) == (1, 1)
    assert "1 says '2.3.9'" in judged(run).headline
    assert judged(run).finding(ID) == judged(again).finding(ID)
