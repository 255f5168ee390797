"""What `ready` asks of servers, what it makes of them, and that it leaves nothing behind."""

import os
import time
from collections.abc import Callable
from typing import Any

import pytest

from mcpverify.cli.ready import main
from tests.servers import hangs, honest_sse, is_no_mcp_server, redirects
from tests.servers.certificates import Authority
from tests.servers.dialog import Dialog
from tests.servers.honest import Call, Honest, Hook
from tests.servers.raw_http import RawServer, response

DISCOVER, INITIALIZE, INITIALIZED = "server/discover", "initialize", "notifications/initialized"
SESSION = [INITIALIZE, INITIALIZED, "delete"]
BOTH = ("handshake", "stateless")
TOKEN = "t0ken-3f1c9ab27de84056"


class Served(RawServer):
    """An honest server whose sessions can be counted; its hooks say where it is not."""

    def __init__(self, hooks: dict[str, Hook] | None = None, **dialog: Any) -> None:
        self.honest = Honest(Dialog(**dialog), hooks or {})
        super().__init__(self.honest)

    @property
    def sessions(self) -> int:
        with self.honest.lock:
            return len(self.honest.live)


Probe = Callable[..., tuple[int, str]]


@pytest.fixture
def probe(capfd: pytest.CaptureFixture[str]) -> Probe:
    """Runs `ready` in this process: its exit code, and what it says on stderr."""

    def asked(*words: str) -> tuple[int, str]:
        code = main(words, time.monotonic())
        said = capfd.readouterr()
        assert said.out == ""
        assert len(said.err.splitlines()) == (0 if code == 0 else 1 if code == 1 else 2)
        return code, said.err

    return asked


def quiet(call: Call) -> None:
    call.wire.hold()


def answers(status: int, body: bytes = b"") -> Hook:
    return lambda call: response(status, body, "text/plain")


@pytest.mark.parametrize(
    ("eras", "flags", "steps"),
    [
        (BOTH, (), [DISCOVER]),
        (("stateless",), (), [DISCOVER]),
        (("handshake",), (), [DISCOVER, *SESSION]),
        (("handshake",), ("--protocol", "2025-06-18"), SESSION),
        (BOTH, ("--protocol=2025-11-25",), SESSION),
        (BOTH, ("--protocol", "2026-07-28", "--tools"), [DISCOVER, "tools/list"]),
        (("handshake",), ("--keep-session",), [DISCOVER, INITIALIZE, INITIALIZED]),
    ],
)
def test_a_session_is_opened_in_the_era_of_the_server_and_ended(
    probe: Probe, eras: tuple[str, ...], flags: tuple[str, ...], steps: list[str]
) -> None:
    with Served(eras=eras) as server:
        assert probe(server.url, *flags) == (0, "")
        assert server.steps == steps
        assert server.connections == 1
        assert server.sessions == (1 if "--keep-session" in flags else 0)


def test_a_bare_origin_and_a_bare_address_are_completed(probe: Probe) -> None:
    with Served() as server:
        assert probe(server.origin) == (0, "")
        assert probe(f"127.0.0.1:{server.port}") == (0, "")
        assert server.sessions == 0


@pytest.mark.parametrize("flags", [(), ("--transport", "sse"), ("--transport", "sse", "--tools")])
def test_the_older_transport_is_found_or_asked_for(probe: Probe, flags: tuple[str, ...]) -> None:
    with honest_sse.serve() as server:
        assert probe(f"{server.origin}/sse", *flags) == (0, "")
        posts = [INITIALIZE, INITIALIZED]
        posts += ["tools/list"] if "--tools" in flags else []
        asked = [] if flags else [DISCOVER, INITIALIZE]
        assert server.steps == [*asked, "get", *posts]


def test_the_older_transport_is_not_tried_where_the_newer_is_asked_for(probe: Probe) -> None:
    with honest_sse.serve() as server:
        code, said = probe(f"{server.origin}/sse", "--transport", "streamable-http")
        assert "get" not in server.steps
    assert code == 1
    assert "HTTP 405" in said


@pytest.mark.parametrize(
    ("dialog", "words"),
    [
        ({"tools": []}, "it lists no tools"),
        ({"tools": None, "prompts": []}, "it offers no tools"),
    ],
)
def test_a_server_without_tools_is_ready_unless_they_are_asked_for(
    probe: Probe, dialog: dict[str, Any], words: str
) -> None:
    with Served(**dialog) as server:
        assert probe(server.url) == (0, "")
        code, said = probe(server.url, "--tools")
        assert server.sessions == 0
    assert code == 1
    assert words in said


def test_one_page_of_tools_is_enough(probe: Probe) -> None:
    with Served(page_size=1) as server:
        assert probe(server.url, "--tools") == (0, "")
        assert server.steps.count("tools/list") == 1


@pytest.mark.parametrize(
    ("step", "hook", "words"),
    [
        (INITIALIZED, answers(500), "HTTP 500"),
        ("tools/list", lambda call: call.error(-32603, "no database"), "no database"),
        ("tools/list", lambda call: call.answer({"tools": "many"}), "the result is no list"),
        ("tools/list", answers(503), "tools/list: HTTP 503"),
        ("tools/list", quiet, "tools/list: there was no answer in time (--timeout 0.5s)"),
        (INITIALIZE, lambda call: call.answer(call.result | {"protocolVersion": "1999"}), "1999"),
    ],
)
def test_a_session_that_goes_wrong_is_ended_too(
    probe: Probe, step: str, hook: Hook, words: str
) -> None:
    with Served({step: hook}) as server:
        code, said = probe(server.url, "--tools", "--timeout", "500ms")
        assert server.steps[-1] == "delete"
        assert server.sessions == 0
    assert code == 1
    assert words in said


@pytest.mark.parametrize("at", ["accept", "*"])
def test_a_server_that_hangs_is_not_ready(probe: Probe, at: str) -> None:
    began = time.monotonic()
    with hangs.serve(at) as server:
        code, said = probe(server.url, "--timeout", "0.5")
    assert code == 1
    assert "no answer in time (--timeout 0.5s)" in said
    assert time.monotonic() - began < 10


def test_an_old_server_may_never_answer_the_newer_era(probe: Probe) -> None:
    with Served({DISCOVER: quiet}) as server:
        assert probe(server.url, "--timeout", "1.5") == (0, "")
        assert server.steps == [DISCOVER, *SESSION]
        assert server.sessions == 0


def test_a_server_that_is_slow_in_the_only_era_it_has_is_asked_again(probe: Probe) -> None:
    asked: list[Call] = []

    def slow_once(call: Call) -> bytes | None:
        asked.append(call)
        if len(asked) > 1:
            return call.honest
        call.wire.hold()
        return None

    with Served({DISCOVER: slow_once}, eras=("stateless",)) as server:
        assert probe(server.url, "--timeout", "1.5") == (0, "")
        assert server.steps == [DISCOVER, INITIALIZE, DISCOVER]


def test_what_fails_in_the_only_era_of_a_server_is_what_is_told(probe: Probe) -> None:
    with Served({DISCOVER: answers(502)}, eras=("stateless",)) as server:
        code, said = probe(server.url)
    assert code == 1
    assert "HTTP 502" in said


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "HTTP 401: the credential is missing, wrong or expired"),
        (403, "HTTP 403: the credential does not suffice"),
        (421, "HTTP 421: the server does not serve this host name"),
        (404, "HTTP 404: an HTML page titled 'Welcome to nginx!'"),
        (500, "the end of a session may have broken it: see --keep-session"),
        (503, "HTTP 503"),
        (200, "neither JSON nor an event stream: an HTML page titled 'Welcome to nginx!'"),
    ],
)
def test_what_turns_us_away_or_is_no_mcp_is_named(probe: Probe, status: int, words: str) -> None:
    with is_no_mcp_server.serve(status) as server:
        code, said = probe(server.url)
    assert code == 1
    assert said.startswith(f"mcpverify: not ready: {server.url}: ")
    assert words in said


def test_a_server_that_is_gone_is_not_ready(probe: Probe) -> None:
    with Served() as server:
        url = server.url
    code, said = probe(url)
    assert code == 1
    assert "refused the connection" in said


def test_a_reason_that_nobody_reads_is_not_given(probe: Probe) -> None:
    with is_no_mcp_server.serve() as server:
        assert main([server.url, "-q"], time.monotonic()) == 1
        assert main(["-kq", server.url], time.monotonic()) == 1


def test_another_revision_than_the_pinned_one_is_not_ready(probe: Probe) -> None:
    def newest(call: Call) -> bytes:
        return call.answer(call.result | {"protocolVersion": "2025-11-25"})

    with Served({INITIALIZE: newest}) as server:
        code, said = probe(server.url, "--protocol", "2025-03-26")
        assert server.sessions == 0
    assert code == 1
    assert "2025-11-25 was negotiated, not 2025-03-26" in said


def test_a_redirect_to_another_origin_is_not_followed(probe: Probe) -> None:
    with redirects.serve("other-origin") as server:
        code, said = probe(server.url, "-H", f"Authorization: Bearer {TOKEN}")
        assert server.canary is not None
        assert server.canary.requests == []
    assert code == 1
    assert "another origin" in said


@pytest.mark.parametrize("way", ["header", "environment", "file"])
def test_the_token_is_sent_and_never_shown(
    probe: Probe, way: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("MCP_TOKEN", TOKEN)
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n", encoding="utf-8")
    flags = {
        "header": ("-H", f"Authorization: Bearer {TOKEN}"),
        "environment": ("--bearer-env", "MCP_TOKEN"),
        "file": (f"--bearer-file={file}",),
    }[way]

    def repeats(call: Call) -> bytes:
        return call.error(-32001, f"{call.request.header('Authorization')} is unknown", 400)

    with Served({"*": repeats}) as server:
        code, said = probe(server.url, *flags)
        headers = {each.header("Authorization") for each in server.requests}
    assert headers == {f"Bearer {TOKEN}"}
    assert code == 1
    assert "is unknown" in said
    assert TOKEN not in said


def test_certificates_are_verified(probe: Probe, authority: Authority) -> None:
    with RawServer(Honest(Dialog()), tls=authority.server()) as server:
        assert probe(server.url, "--cacert", str(authority.bundle)) == (0, "")
        assert probe(server.url, "-k") == (0, "")
        code, said = probe(server.url)
    assert code == 1
    assert "not trusted" in said


def test_a_route_leads_elsewhere(probe: Probe) -> None:
    with Served() as server:
        route = f"mcp.example.com:80:127.0.0.1:{server.port}"
        assert probe("http://mcp.example.com/mcp", "--connect-to", route) == (0, "")
        assert server.requests[0].header("Host") == "mcp.example.com"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "no TARGET was given"),
        (("--", "server"), "ready takes no COMMAND"),
        (("http://h/mcp", "--", "server"), "ready takes no COMMAND"),
        (("http://h/mcp", "http://i/mcp"), "there is more than one TARGET"),
        (("http://h/mcp", "-H", "Authorization:", TOKEN), "there is more than one TARGET"),
        (("ftp://h/mcp",), "unknown scheme ftp://"),
        (("http://h/mcp", "--timeout"), "--timeout needs a value"),
        (("http://h/mcp", "--timeout", "soon"), "--timeout: 'soon' is no duration"),
        (("http://h/mcp", "--timeout=0"), "--timeout: '0' is not between"),
        (("http://h/mcp", "--transport", "stdio"), "--transport: no such way"),
        (("http://h/mcp", "--protocol", "2024-01-01"), "--protocol 2024-01-01: no such revision"),
        (("http://h/sse", "--transport=sse", "--protocol=2026-07-28"), "sse knows no 2026-07-28"),
        (("http://h/mcp", "--wait", "3s"), "ready has no option --wait"),
        (("http://h/mcp", "--tools=yes"), "ready has no option --tools"),
        (("http://h/mcp", "-x"), "ready has no option -x"),
        (("http://h/mcp", "--key", "k.pem"), "--key needs --cert"),
        (("http://h/mcp", "--bearer-env", "UNSET_TOKEN"), "UNSET_TOKEN is not set"),
        (("http://h/mcp", "--bearer-file", TOKEN), "there is no file of that name"),
        (("http://h/mcp", "--bearer-file", os.devnull), "--bearer-file: that is no regular file"),
        (("weather",), "Give a URL such as https://host/mcp, or host:port."),
        (("http://h/mcp", "--bearer-env", "A", "--bearer-file", "b"), "both say who we are"),
        (("http://h/mcp", "--resolve", "i:80:127.0.0.1"), "but the target is h:80"),
    ],
)
def test_a_wrong_call_is_told_apart(probe: Probe, words: tuple[str, ...], message: str) -> None:
    code, said = probe(*words)
    assert code == 2
    assert message in said
    assert TOKEN not in said
