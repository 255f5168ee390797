"""Proxies from the environment: used, authenticated, left out, blamed; and never fed our token."""

import base64
from collections.abc import Mapping

import pytest

from tests.cli.reading import Judged, judged
from tests.conftest import Mcpverify
from tests.running import Run
from tests.servers import honest, honest_sse, proxy
from tests.servers.certificates import Authority
from tests.servers.raw_http import RawServer, Request, Wire, response

ONE = ("--no-snapshot", "--samples", "1", "--timeout", "3s", "--format", "json")
NAME = "http://mcp.example.test/mcp"


def checked(
    mcpverify: Mcpverify, url: str, env: Mapping[str, str], *arguments: str
) -> tuple[Run, Judged]:
    run = mcpverify("check", url, *ONE, *arguments, env=env)
    return run, judged(run)


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "ALL_PROXY"])
def test_http_goes_through_the_proxy(mcpverify: Mcpverify, variable: str) -> None:
    with (
        honest.serve() as server,
        proxy.serve({"mcp.example.test:80": f"127.0.0.1:{server.port}"}) as between,
    ):
        run, _ = checked(mcpverify, NAME, {variable: between.origin})

    assert run.code == 0
    assert {request.path for request in between.requests} == {NAME}
    assert {request.header("Host") for request in server.requests} == {"mcp.example.test"}


def test_https_goes_through_a_tunnel(mcpverify: Mcpverify, authority: Authority) -> None:
    with (
        honest.serve(tls=authority.server("mcp.example.test")) as server,
        proxy.serve({"mcp.example.test:443": f"127.0.0.1:{server.port}"}) as between,
    ):
        run, report = checked(
            mcpverify,
            "https://mcp.example.test/mcp",
            {"HTTPS_PROXY": between.origin},
            *("--cacert", str(authority.bundle), "-H", "Authorization: Bearer for-the-server"),
        )

        assert run.code == 0
        assert set(between.tunnels) == {"mcp.example.test:443"}
        seen = [value for request in between.requests for _, value in request.headers]
        assert not any("for-the-server" in value for value in seen), "it sees no credential"
    assert report.outcome("tls-certificate") == "passed"


def test_sse_goes_through_the_proxy(mcpverify: Mcpverify) -> None:
    with (
        honest_sse.serve() as server,
        proxy.serve({"mcp.example.test:80": f"127.0.0.1:{server.port}"}) as between,
    ):
        run, _ = checked(
            mcpverify,
            "http://mcp.example.test/sse",
            {"http_proxy": between.origin},
            *("--transport", "sse"),
        )

    assert run.code == 0


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_proxy_gets_its_own_credentials_and_the_server_does_not(
    mcpverify: Mcpverify, authority: Authority, scheme: str
) -> None:
    tls = authority.server("mcp.example.test") if scheme == "https" else None
    port = 443 if scheme == "https" else 80
    with (
        honest.serve(tls=tls) as server,
        proxy.serve({f"mcp.example.test:{port}": f"127.0.0.1:{server.port}"}) as between,
    ):
        address = between.origin.replace("://", "://jane:p%40ss-of-proxy@")
        run, _ = checked(
            mcpverify,
            f"{scheme}://mcp.example.test/mcp",
            {f"{scheme}_proxy": address},
            *("--cacert", str(authority.bundle)),
        )

    assert run.code == 0
    expected = "Basic " + base64.b64encode(b"jane:p@ss-of-proxy").decode()
    assert between.requests
    assert {each.header("Proxy-Authorization") for each in between.requests} == {expected}
    assert {each.header("Proxy-Authorization") for each in server.requests} == {None}
    assert "ss-of-proxy" not in run.output


def test_a_dead_proxy_is_named(mcpverify: Mcpverify) -> None:
    with RawServer(_never) as closed:
        port = closed.port
    env = {"http_proxy": f"http://jane:secret-of-proxy@127.0.0.1:{port}"}
    run, report = checked(mcpverify, NAME, env)

    assert run.code == 3
    assert f"the proxy 127.0.0.1:{port} cannot be reached" in report.message("reachable")
    assert "--no-proxy" in report.finding("reachable")["hint"]
    assert "secret-of-proxy" not in run.output


def _never(request: Request, wire: Wire) -> bool:
    raise AssertionError("nobody is served here")


def test_a_silent_proxy_ends_at_the_deadline(mcpverify: Mcpverify) -> None:
    with proxy.serve(silent=True) as between:
        run = mcpverify(
            *("check", NAME, "--no-snapshot", "--timeout", "1s", "--protocol", "2025-11-25"),
            env={"http_proxy": between.origin},
        )

    assert run.code == 3
    assert run.seconds < 5


@pytest.mark.parametrize(("scheme", "status"), [("http", 407), ("https", 403), ("https", 502)])
def test_a_proxy_that_refuses_gives_no_verdict(
    mcpverify: Mcpverify, scheme: str, status: int
) -> None:
    with proxy.serve(refusal=status) as between:
        url = f"{scheme}://mcp.example.test/mcp"
        run, report = checked(mcpverify, url, {f"{scheme}_proxy": between.origin})

    assert run.code == 3
    assert str(status) in report.headline
    if scheme == "https":
        assert "proxy" in report.message("reachable")


@pytest.mark.parametrize(
    ("no_proxy", "goes_past"),
    [
        ("127.0.0.1", True),
        ("*", True),
        ("example.test, 127.0.0.1", True),
        ("example.test", False),
        ("", False),
    ],
)
def test_no_proxy_is_respected(mcpverify: Mcpverify, no_proxy: str, goes_past: bool) -> None:
    with honest.serve() as server, proxy.serve() as between:
        env = {"http_proxy": between.origin, "no_proxy": no_proxy}
        run, _ = checked(mcpverify, server.url, env)

    assert run.code == 0
    assert (between.requests == []) is goes_past


def test_the_flag_goes_past_every_proxy(mcpverify: Mcpverify) -> None:
    with honest.serve() as server, proxy.serve() as between:
        run, _ = checked(mcpverify, server.url, {"ALL_PROXY": between.origin}, "--no-proxy")

    assert run.code == 0
    assert between.requests == []


def test_a_route_goes_past_the_proxy(mcpverify: Mcpverify) -> None:
    with honest.serve() as server, proxy.serve() as between:
        run, _ = checked(
            mcpverify,
            "http://green.test/mcp",
            {"ALL_PROXY": between.origin},
            *("--connect-to", f"green.test:80:127.0.0.1:{server.port}"),
        )

    assert run.code == 0
    assert between.requests == []


@pytest.mark.parametrize(
    "address",
    ["socks5://127.0.0.1:1", "http://", "http://[::1", "http://h:99999", "ftp://h", "\x01"],
)
def test_a_proxy_that_makes_no_sense_is_told(mcpverify: Mcpverify, address: str) -> None:
    run = mcpverify("check", NAME, "--no-snapshot", env={"http_proxy": address})

    assert run.code == 2
    assert "proxy" in run.stderr
    assert "Traceback" not in run.output


def test_a_proxy_that_echoes_its_credentials_does_not_leak_them(mcpverify: Mcpverify) -> None:
    def echo(request: Request, wire: Wire) -> bool:
        told = request.header("Proxy-Authorization") or "nothing"
        wire.send(response(407, f"not with {told}".encode(), "text/plain", (("X-Seen", told),)))
        return True

    with RawServer(echo, path="") as between:
        address = between.origin.replace("://", "://jane:secret-of-proxy@")
        run = mcpverify(
            *("check", NAME, "--no-snapshot", "-vv", "--transcript", "transcript.json"),
            env={"http_proxy": address},
        )

    encoded = base64.b64encode(b"jane:secret-of-proxy").decode()
    assert run.code == 3
    with open("transcript.json", encoding="utf-8") as file:
        shown = run.output + file.read()
    assert "not with" in shown
    assert encoded not in shown
    assert "secret-of-proxy" not in shown
