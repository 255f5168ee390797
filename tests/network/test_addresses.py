"""What TARGET may look like, and what of it reaches the server."""

import json
import socket
import sys
from pathlib import Path

import pytest

from tests.cli.reading import judged
from tests.conftest import Mcpverify
from tests.servers import honest, honest_sse, redirects
from tests.servers.honest import Call
from tests.servers.raw_http import response

ONE = ("--no-snapshot", "--samples", "1", "--format", "json")


def has_ipv6_loopback() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6_loopback(), reason="THIS MACHINE HAS NO ::1: not tested")
@pytest.mark.parametrize("form", ["{url}", "[::1]:{port}", "http://[::1]:{port}"])
def test_an_ipv6_literal_is_an_address(mcpverify: Mcpverify, form: str) -> None:
    with honest.serve(host="::1") as server:
        port = server.port
        run = mcpverify("check", form.format(url=server.url, port=port), *ONE)

    assert run.code == 0
    assert {each.header("Host") for each in server.requests} == {f"[::1]:{port}"}
    assert judged(run).target["server"]["address"] == f"[::1]:{port}"


@pytest.mark.skipif(not has_ipv6_loopback(), reason="THIS MACHINE HAS NO ::1: not tested")
def test_a_closed_ipv6_port_is_named_as_people_write_it(mcpverify: Mcpverify) -> None:
    with socket.socket(socket.AF_INET6) as bound:
        bound.bind(("::1", 0))
        port = bound.getsockname()[1]
        run = mcpverify("check", f"http://[::1]:{port}/mcp", *ONE)

    assert run.code == 3
    assert judged(run).message("reachable") == f"[::1]:{port} refused the connection"


def test_path_prefix_and_query_are_kept(mcpverify: Mcpverify) -> None:
    path = "/team%20a/v1/mcp"
    with honest.serve(path=path) as server:
        run = mcpverify("check", f"{server.origin}{path}?tenant=blue&k=%2Fx", *ONE)

    assert run.code == 0
    assert {each.path for each in server.requests} == {f"{path}?tenant=blue&k=%2Fx"}
    assert "delete" in server.steps


def test_a_fragment_is_not_sent(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        run = mcpverify("check", f"{server.url}#part", *ONE)

    assert run.code == 0
    assert {each.path for each in server.requests} == {"/mcp"}


@pytest.mark.parametrize(
    ("host", "form"),
    [
        ("127.0.0.1", "{host}:{port}"),
        ("localhost", "{host}:{port}"),
        ("127.0.0.1", "http://{host}:{port}?a=b"),
    ],
)
def test_a_bare_origin_is_completed(mcpverify: Mcpverify, host: str, form: str) -> None:
    with honest.serve() as server:
        port = server.port
        run = mcpverify("check", form.format(host=host, port=port), *ONE)

    assert run.code == 0
    assert {each.path.partition("?")[0] for each in server.requests} == {"/mcp"}
    reason = judged(run).target["server"]["transport_reason"]
    assert f"completed to http://{host}:{port}/mcp" in reason


def test_a_bare_origin_may_speak_the_older_transport(mcpverify: Mcpverify) -> None:
    with honest_sse.serve() as server:
        run = mcpverify("check", server.origin, *ONE)

    assert run.code == 0
    assert judged(run).target["server"]["transport"] == "sse"
    assert "/sse" in judged(run).target["server"]["transport_reason"]


def test_a_bare_origin_where_nothing_speaks_mcp_says_what_was_asked(mcpverify: Mcpverify) -> None:
    with honest.serve(path="/elsewhere") as server:
        run = mcpverify("check", server.origin, *ONE)

    assert run.code == 1
    assert "404" in judged(run).headline
    assert {"/mcp", "/sse"} <= {each.path for each in server.requests}


def test_a_name_with_a_port_elsewhere_means_https(mcpverify: Mcpverify) -> None:
    run = mcpverify("check", "no-such-host.invalid:8443", *ONE)

    assert run.code == 3
    assert judged(run).target["target"].startswith("https://no-such-host.invalid:8443")


def test_the_target_may_stand_anywhere(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        assert mcpverify("check", "--no-snapshot", server.url, "--samples", "1").code == 0


def test_a_redirect_on_the_same_origin_is_followed_with_its_header(mcpverify: Mcpverify) -> None:
    for status in (307, 308):
        with redirects.serve_in_place(status, absolute=status == 308) as server:
            run = mcpverify("check", server.url, *ONE, "-H", "Authorization: Bearer of-a-test")

        assert run.code == 0
        assert {each.header("Authorization") for each in server.requests} == {"Bearer of-a-test"}
        at_home = [each for each in server.requests if each.path == "/mcp/"]
        assert {each.method for each in at_home} == {"POST", "DELETE"}


@pytest.mark.parametrize("at", ["*", "tools/list", "delete"])
def test_a_redirect_elsewhere_gets_neither_request_nor_token(mcpverify: Mcpverify, at: str) -> None:
    with redirects.serve("other-origin", at) as server:
        run = mcpverify("check", server.url, *ONE, "-H", "Authorization: Bearer of-a-test")

        assert server.canary is not None
        assert server.canary.connections == 0
    if at != "delete":
        assert run.code == 1
        assert "another origin" in run.output
    assert "of-a-test" not in run.output


@pytest.mark.parametrize(
    "location",
    ["http://xn--/mcp", "http://①/mcp", "//[::1"],
)
def test_a_redirect_to_nonsense_is_a_finding(mcpverify: Mcpverify, location: str) -> None:
    def redirect(call: Call) -> bytes:
        return response(307, headers=(("Location", location),))

    with honest.serve({"*": redirect}) as server:
        run = mcpverify("check", server.url, *ONE)

    assert run.code == 1, run.output
    assert "redirect" in judged(run).headline


def test_a_command_gets_its_arguments_as_they_are(mcpverify: Mcpverify, tmp_path: Path) -> None:
    script = tmp_path / "note.py"
    script.write_text(
        "import json, os, sys\n"
        "json.dump([sys.argv[1:], os.getcwd(), os.environ.get('NOTE')], open('seen', 'w'))\n"
    )

    arguments = ["-v", "--", "a b", "$HOME", "--help", "ü"]
    run = mcpverify(
        *("check", "--no-snapshot", "--", sys.executable, str(script), *arguments),
        env={"NOTE": "inherited"},
    )

    assert run.code == 1
    assert json.loads((tmp_path / "seen").read_text()) == [arguments, str(tmp_path), "inherited"]
