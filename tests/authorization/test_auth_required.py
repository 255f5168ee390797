"""The check auth-required: without credentials there is a 401 that leads to a token."""

from typing import Any

import pytest

from mcpverify.facts.finding import Finding, Outcome
from mcpverify.facts.situation import Situation
from mcpverify.facts.target import Tls, Transport
from mcpverify.facts.transcript import Role
from tests.authorization.judging import Site, bearer, judged, served
from tests.conftest import Mcpverify
from tests.servers import hangs, honest, honest_sse, stdio
from tests.servers.authorization import Broken
from tests.servers.dialog import Dialog
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer, Request, Wire, response


def _asked(site: Site, **options: Any) -> Finding:
    found = judged(site.mcp.url, headers=bearer(site.token()), auth=True, **options)
    return found.finding("auth-required")


@pytest.mark.parametrize("eras", [("handshake",), ("stateless",)])
def test_a_server_that_sends_strangers_for_a_token_passes(eras: tuple[str, ...]) -> None:
    with served(eras=eras) as site:
        finding = _asked(site)
        told = {each.subject: each.text for each in finding.details}
        assert told["token endpoint"] == f"{site.issuing.origin}/token"
    assert finding.outcome is Outcome.PASSED


def test_it_passes_where_our_own_token_comes_from_client_credentials() -> None:
    with served() as site:
        found = judged(site.mcp.url, token=site.credentials(), auth=True)
    assert found.finding("auth-required").outcome is Outcome.PASSED


def test_it_passes_though_we_are_not_let_in_either() -> None:
    with served() as site:
        found = judged(site.mcp.url, auth=True)
    assert found.finding("auth-required").outcome is Outcome.PASSED


def test_the_older_transport_is_asked_as_itself() -> None:
    path = "/.well-known/oauth-protected-resource/sse"
    behavior = honest_sse.HonestSse(Dialog())
    with served(behavior=behavior, path="/sse", metadata_path=path) as site:
        assert _asked(site, transport=Transport.SSE).outcome is Outcome.PASSED


def test_a_server_that_lets_strangers_in_fails() -> None:
    with honest.serve() as server:
        found = judged(server.url, headers=bearer("whatever-token"), auth=True)
    finding = found.finding("auth-required")
    assert finding.outcome is Outcome.FAILED
    assert finding.message == "let in without credentials, and 2 tools are listed"
    assert found.report.situation is Situation.NOT_GUARDED
    assert found.headline == f"NOT GUARDED: {finding.message}"


def test_a_stream_that_lets_strangers_in_fails() -> None:
    with honest_sse.serve() as server:
        found = judged(server.url, transport=Transport.SSE, auth=True)
    assert found.finding("auth-required").message.endswith("and 2 tools are listed")


def test_a_server_that_guards_only_its_opening_fails() -> None:
    with served(eras=("stateless",), open_steps=("tools/list",)) as site:
        finding = _asked(site)
    assert finding.message == "let in without credentials, and 2 tools are listed"


def test_a_server_that_guards_only_its_tools_fails() -> None:
    with served(open_steps=("initialize", "notifications/initialized")) as site:
        finding = _asked(site)
    assert (finding.outcome, finding.message) == (Outcome.FAILED, "let in without credentials")


def test_the_stranger_sends_no_credential_and_closes_its_session() -> None:
    with honest.serve() as server:
        secret = {"Cookie": "sid=abc", "X-Api-Key": "k", "X-Opaque": "a1b2c3d4e5", "X-Plain": "yes"}
        url = f"{server.url.replace('://', '://jane:pw@')}?token=abc&tenant=acme"
        found = judged(url, headers=bearer("whatever-token") | secret, auth=True)
        asked = [each for each in server.requests if not each.header("X-Api-Key")]
    assert len(found.asked(Role.STRANGER)) == len(asked) == 4  # the last is the DELETE
    assert asked[-1].method == "DELETE"
    for request in asked:
        assert request.path == "/mcp?tenant=acme"
        assert request.header("X-Plain") == "yes"
        assert not [n for n in ("Authorization", "Cookie", "X-Opaque") if request.header(n)]


@pytest.mark.parametrize("status", [403, 404])
def test_another_status_than_401_fails(status: int) -> None:
    with served(status=status) as site:
        finding = _asked(site)
    assert finding.outcome is Outcome.FAILED
    assert finding.message == f"HTTP {status} without credentials, not 401"


def test_a_redirect_to_sign_in_fails() -> None:
    def sign_in(request: Request, wire: Wire) -> bool:
        wire.send(response(302, headers=(("Location", "https://login.example/"),)))
        return True

    with RawServer(sign_in) as server:
        finding = judged(server.url, auth=True).finding("auth-required")
    assert finding.outcome is Outcome.FAILED
    assert finding.message.startswith("no HTTP 401 without credentials: HTTP 302 redirects to ")


@pytest.mark.parametrize("status", [429, 503])
def test_a_status_of_the_moment_is_no_answer(status: int) -> None:
    with served(status=status) as site:
        assert _asked(site).outcome is Outcome.NOT_OBSERVED


UNUSABLE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("HTTP 404", {}, {"metadata": None}),
    ("HTTP 404", {}, {"named": "{origin}/.well-known/nowhere"}),
    ("has no resource", {}, {"metadata": {"resource": None}}),
    (
        "is of https://other.example/mcp",
        {},
        {"metadata": {"resource": "https://other.example/mcp"}},
    ),
    ("names no authorization_servers", {}, {"metadata": {"authorization_servers": []}}),
    ("is no URL", {}, {"metadata": {"authorization_servers": ["auth"]}}),
    ("is no JSON", {"broken": Broken.HTML}, {}),
    ("has no token_endpoint", {"broken": Broken.NO_TOKEN_ENDPOINT}, {}),
    ("as its issuer", {"broken": Broken.WRONG_ISSUER}, {}),
]


@pytest.mark.parametrize(("said", "issuer", "guard"), UNUSABLE, ids=range(len(UNUSABLE)))
def test_metadata_that_leads_to_no_token_fails(
    said: str, issuer: dict[str, Any], guard: dict[str, Any]
) -> None:
    with served(issuer, **guard) as site:
        if site.guard.named:
            site.guard.named = site.guard.named.format(origin=site.mcp.origin)
        finding = _asked(site)
    assert finding.outcome is Outcome.FAILED
    assert finding.message.startswith("HTTP 401, but the ")
    assert said in finding.message


def test_who_is_kept_out_and_told_of_no_token_is_not_called_unguarded() -> None:
    with served(metadata=None) as site:
        found = judged(site.mcp.url, headers=bearer(site.token()), auth=True)
    assert found.report.situation is Situation.NO_WAY_TO_A_TOKEN
    assert found.headline.startswith("NO WAY TO A TOKEN: HTTP 401, but the ")


def test_an_authorization_server_that_is_down_is_no_fault_of_the_deploy() -> None:
    with served(metadata={"authorization_servers": ["http://127.0.0.1:9"]}) as site:
        finding = _asked(site)
    assert finding.outcome is Outcome.NOT_OBSERVED
    assert "refused the connection" in finding.message


def test_metadata_of_a_parent_address_is_a_warning() -> None:
    with served() as site:
        site.guard.metadata = {"resource": site.mcp.origin}
        finding = _asked(site)
        assert f"not of {site.mcp.url}" in finding.message
    assert finding.outcome is Outcome.WARNED


def test_the_header_need_not_name_the_metadata_today() -> None:
    with served(names=False) as site:
        assert _asked(site).outcome is Outcome.PASSED


def test_no_header_at_all_is_a_warning() -> None:
    with served(challenges=False) as site:
        finding = _asked(site)
    assert finding.outcome is Outcome.WARNED
    assert finding.message == "HTTP 401, but without WWW-Authenticate"


def test_the_header_must_name_the_metadata_in_2025_06_18() -> None:
    def older(call: Call) -> bytes:
        return call.answer(call.result | {"protocolVersion": "2025-06-18"})

    with served(names=False, hooks={"initialize": older}) as site:
        finding = _asked(site)
    assert finding.outcome is Outcome.FAILED
    assert "names resource_metadata, which 2025-06-18 demands" in finding.message


def test_silence_is_not_observed() -> None:
    with hangs.serve("*") as server:
        found = judged(server.url, auth=True, step=0.2)
    assert found.finding("auth-required").outcome is Outcome.NOT_OBSERVED


def test_it_does_not_apply_to_a_command(mcpverify: Mcpverify) -> None:
    run = mcpverify(
        *("check", "--expect-auth", "--no-snapshot", "--only", "auth-required", "--format", "json"),
        *("--", *stdio.command("honest")),
    )
    (check,) = run.report["targets"][0]["checks"]
    assert (check["id"], check["outcome"]) == ("auth-required", "not-applicable")


def test_it_is_asked_only_where_a_flag_says_so() -> None:
    with served() as site:
        found = judged(site.mcp.url, headers=bearer(site.token()))
    assert "auth-required" not in [each.check for each in found.report.findings]
    assert found.asked(Role.STRANGER) == []


def test_a_gateway_that_forbids_a_method_to_all_is_no_answer_of_the_guard() -> None:
    def forbidden(call: Call) -> bytes:
        return response(403)

    with served(hooks={"server/discover": forbidden}) as site:
        assert _asked(site).outcome is Outcome.PASSED


BOTH = ("handshake", "stateless")


def _is_stateless(request: Request) -> bool:
    return request.header("MCP-Protocol-Version") == "2026-07-28"


@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("era", BOTH)
def test_a_server_that_guards_one_of_its_eras_fails(era: str, ours: bool) -> None:
    def let_pass(request: Request) -> bool:
        return _is_stateless(request) == (era == "stateless")

    with served(eras=BOTH, let_pass=let_pass) as site:
        headers = bearer(site.token()) if ours else {}
        found = judged(site.mcp.url, headers=headers, auth=True, only=("auth-required",))
    finding = found.finding("auth-required")
    assert finding.outcome is Outcome.FAILED
    assert finding.message == (
        f"let in without credentials, and 2 tools are listed in the {era} era"
    )


def test_a_server_that_guards_both_of_its_eras_passes_and_it_is_said() -> None:
    with served(eras=BOTH) as site:
        finding = _asked(site)
    assert finding.outcome is Outcome.PASSED
    told = {each.subject: each.text for each in finding.details}
    assert told["strangers"] == "1 in the handshake era, 1 in the stateless era"
    assert told["left out"] == "header Authorization"


def test_an_era_that_the_server_does_not_speak_is_held_against_nobody() -> None:
    def unknown(call: Call) -> bytes:
        return response(404)

    with served(hooks={"server/discover": unknown}, open_steps=("server/discover",)) as site:
        assert _asked(site).outcome is Outcome.PASSED
        found = judged(site.mcp.url, auth=True, only=("auth-required",))
    assert found.finding("auth-required").outcome is Outcome.PASSED


def test_a_replica_that_lets_strangers_in_is_named() -> None:
    with served() as site, honest.serve() as forgotten:
        finding = _asked(site, replicas=(site.mcp.url, forgotten.url))
    assert finding.outcome is Outcome.FAILED
    assert finding.message == (
        f"let in without credentials, and 2 tools are listed, at {forgotten.url}"
    )


def test_a_replica_that_is_silent_to_strangers_is_not_green() -> None:
    with served() as site:
        finding = _asked(site, replicas=(site.mcp.url, "http://127.0.0.1:9/mcp"))
    assert finding.outcome is Outcome.NOT_OBSERVED
    assert "at http://127.0.0.1:9/mcp" in finding.message


def test_an_open_replica_is_met_by_as_many_strangers_as_there_are_samples() -> None:
    openings = []

    def let_pass(request: Request) -> bool:
        openings.append(request.step == "initialize" and not request.header("Authorization"))
        return sum(openings) == 6 and not request.header("Authorization")

    with served(let_pass=let_pass) as site:
        assert _asked(site, samples=5).outcome is Outcome.PASSED
        openings.clear()
        finding = _asked(site, samples=15)
    assert finding.outcome is Outcome.FAILED
    assert finding.message == "let in without credentials, and 2 tools are listed"
    assert sum(openings) == 6  # nobody is sent after the one that was let in


def test_a_moment_of_silence_among_strangers_by_chance_is_not_the_answer() -> None:
    openings = []

    def busy(request: Request) -> bool:
        openings.append(request.step == "initialize" and not request.header("Authorization"))
        site.guard.status = 503 if sum(openings) == 3 else 401
        return False

    with served(let_pass=busy) as site:
        finding = _asked(site, samples=15)
    assert sum(openings) == 3
    assert finding.outcome is Outcome.PASSED


def test_what_a_stranger_leaves_out_and_shows_is_told() -> None:
    with served() as site:
        url = f"{site.mcp.url}?token=a1b2c3d4e5f6&tenant=acme"
        headers = bearer(site.token()) | {"X-Api-Key": "k-1", "X-Plain": "yes"}
        found = judged(url, headers=headers, auth=True)
    told = {each.subject: each.text for each in found.finding("auth-required").details}
    assert told["left out"] == (
        "header Authorization, header X-Api-Key, query value token of the URL"
    )
    assert "shown all the same" not in told


def test_a_client_certificate_that_strangers_show_is_told() -> None:
    with served() as site:
        finding = _asked(site, tls=Tls(cert="client.pem"))  # of no use without https
    assert "the client certificate" in [each.text for each in finding.details]
