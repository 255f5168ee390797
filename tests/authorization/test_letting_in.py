"""The token of a run: read from a file, or got for client credentials by the discovery."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mcpverify.facts.authorization import Authorization, BearerFile, Scheme
from mcpverify.facts.target import Transport
from mcpverify.facts.transcript import Role, Step
from mcpverify.facts.verdict import Verdict
from mcpverify.verify.waiting import Waiting
from tests.authorization.judging import Judged, Site, judged, served
from tests.servers import honest, honest_sse
from tests.servers.authorization import SCOPES, SECRET, Broken
from tests.servers.dialog import Dialog, tool
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer, Request, Wire, response


def _passed(site: Site, **options: Any) -> Judged:
    found = judged(site.mcp.url, token=options.pop("token", site.credentials()), **options)
    assert found.report.verdict is Verdict.PASSED, found.headline
    return found


def test_client_credentials_get_a_token_by_the_prescribed_discovery() -> None:
    with served() as site:
        found = _passed(site)
        metadata = f"{site.mcp.origin}/.well-known/oauth-protected-resource/mcp"
        assert [each.step for each in found.asked(Role.AUTHORIZATION)] == [
            Step.DISCOVER,
            Step.RESOURCE_METADATA,
            Step.SERVER_METADATA,
            Step.TOKEN,
        ]
        assert site.issuer.asked == [
            {
                "grant_type": "client_credentials",
                "resource": site.mcp.url,
                "scope": "weather:list",
            }
        ]
        expires = found.known.expires
        assert expires is not None
        assert expires == pytest.approx(time.time() + 3600, abs=60)
        assert found.known == Authorization(
            scheme=Scheme.CLIENT_CREDENTIALS,
            resource_metadata=metadata,
            resource=site.mcp.url,
            authorization_servers=(site.issuer.issuer,),
            server_metadata=f"{site.issuing.origin}/.well-known/oauth-authorization-server",
            token_endpoint=f"{site.issuing.origin}/token",
            scopes_offered=SCOPES,
            scopes_wanted=("weather:list",),
            scopes_held=("weather:list",),
            audience=(site.mcp.url,),
            expires=expires,
        )


def test_one_token_serves_the_whole_run() -> None:
    with served() as site:
        _passed(site)
        assert len(site.issuer.issued) == 1


def test_the_expiry_is_told_where_all_is_well() -> None:
    with served() as site:
        message = _passed(site).finding("handshake").message
    assert "; the token expires in " in message
    assert message.endswith("Z")


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_secret_goes_the_way_that_the_server_takes(method: str) -> None:
    with served({"methods": (method,)}) as site:
        _passed(site)
        (form,) = site.issuer.asked
        assert ("client_secret" in form) == (method == "client_secret_post")


def test_a_key_signs_in_place_of_a_secret() -> None:
    with served({"methods": ("private_key_jwt",)}) as site:
        _passed(site, token=site.signing())
        (form,) = site.issuer.asked
        assert "client_assertion" in form


def test_scopes_that_the_user_names_go_before_those_of_the_server() -> None:
    with served() as site:
        _passed(site, token=site.credentials(scopes=SCOPES))
        assert site.issuer.asked[0]["scope"] == "weather:list weather:read"


@pytest.mark.parametrize(
    ("issuer", "path"),
    [
        ({"tenant": "/tenant"}, "/.well-known/oauth-authorization-server/tenant"),
        ({"openid": True}, "/.well-known/openid-configuration"),
        ({"openid": True, "tenant": "/tenant"}, "/tenant/.well-known/openid-configuration"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_metadata_of_the_authorization_server_is_found(issuer: dict[str, Any], path: str) -> None:
    with served(issuer) as site:
        assert _passed(site).known.server_metadata == site.issuing.origin + path


@pytest.mark.parametrize("challenges", [True, False])
def test_metadata_is_found_at_the_root_where_nothing_names_it(challenges: bool) -> None:
    path = "/.well-known/oauth-protected-resource"
    with served(metadata_path=path, names=False, challenges=challenges) as site:
        assert _passed(site).known.resource_metadata == site.mcp.origin + path


def test_a_token_without_claims_is_as_good() -> None:
    with served({"opaque": True}) as site:
        found = _passed(site)
    assert found.known.scopes_held == ("weather:list",)
    assert found.known.expires is not None


@pytest.mark.parametrize("eras", [("handshake",), ("stateless",), ("handshake", "stateless")])
def test_every_era_is_let_in(eras: tuple[str, ...]) -> None:
    with served(eras=eras) as site:
        _passed(site)


def test_the_older_transport_is_let_in_by_its_stream() -> None:
    path = "/.well-known/oauth-protected-resource/sse"
    behavior = honest_sse.HonestSse(Dialog())
    with served(behavior=behavior, path="/sse", metadata_path=path) as site:
        found = _passed(site, transport=Transport.SSE)
        first = found.asked(Role.AUTHORIZATION)[0]
        assert (first.method, first.step) == ("GET", Step.OPEN_STREAM)


def test_of_the_guesses_for_an_origin_the_one_that_is_there_is_taken() -> None:
    with served() as site:
        urls = (f"{site.mcp.origin}/nothing", site.mcp.url)
        site.guard.open_steps = ()
        guesses = tuple(reversed(urls))
        found = judged(site.mcp.origin, urls=guesses, token=site.credentials())
        assert found.report.verdict is Verdict.PASSED


def test_a_server_that_wants_no_token_gets_none_and_it_is_said() -> None:
    with served() as site, honest.serve() as open_server:
        found = judged(open_server.url, token=site.credentials())
        assert found.report.verdict is Verdict.PASSED
        assert site.issuing.requests == []
        assert not any(each.header("Authorization") for each in open_server.requests)
    message = found.finding("handshake").message
    assert "no token was sent: the server asks for none: without one it answered" in message


@pytest.mark.parametrize(
    "told",
    [
        {"expires_in": 10**400},
        {"expires_in": -5},
        {"expires_in": "soon"},
        {"expires_in": [3600]},
        {"expires_in": None, "scope": None, "refresh_token": 7},
        {"token_type": None, "scope": ["weather:list"]},
        {"token_type": "bearer", "scope": {"weather": "list"}},
    ],
    ids=range(7),
)
def test_whatever_is_said_beside_a_token_it_is_used(told: dict[str, Any]) -> None:
    with served({"told": told}) as site:
        found = _passed(site)
        assert found.known.problem == ""
        # What cannot be read leaves the expiry that the token tells by itself.
        assert found.known.expires == pytest.approx(time.time() + 3600, abs=60)


@pytest.mark.parametrize("seconds", [7200.5, "7200", "7200.5"])
def test_a_lifetime_need_not_be_a_whole_number(seconds: object) -> None:
    with served({"told": {"expires_in": seconds}}) as site:
        assert _passed(site).known.expires == pytest.approx(time.time() + 7200, abs=60)


def test_scopes_in_a_list_are_those_of_the_token() -> None:
    with served({"opaque": True, "told": {"scope": ["weather:list", "weather:read"]}}) as site:
        assert _passed(site).known.scopes_held == SCOPES


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"access_token": 7}, "gave an access_token that is no text"),
        ({"access_token": ["a"]}, "gave an access_token that is no text"),
        ({"access_token": "two words"}, "gave an access_token that no header can carry"),
        ({"token_type": "mac"}, "gave a token_type that is not Bearer"),
        ({"token_type": 7}, "gave a token_type that is not Bearer"),
        ({"expires_in": float("nan")}, "answered what is no JSON object"),
    ],
    ids=range(6),
)
def test_what_is_wrong_with_a_token_is_said_of_the_token_endpoint(
    told: dict[str, Any], said: str
) -> None:
    with served({"told": told}) as site:
        assert f"the token endpoint {site.issuing.origin}/token {said}" in _problem(site)


GUARDS_LATE = ("server/discover", "initialize", "notifications/initialized")


@pytest.mark.parametrize("eras", [("handshake",), ("stateless",), ("handshake", "stateless")])
def test_a_server_that_guards_its_tools_alone_names_its_metadata_there(
    eras: tuple[str, ...],
) -> None:
    path = "/.well-known/oauth-protected-resource/elsewhere"
    with served(eras=eras, open_steps=GUARDS_LATE, metadata_path=path) as site:
        found = _passed(site)
        assert found.known.resource_metadata == site.mcp.origin + path
        assert found.known.scopes_wanted == ("weather:list",)


def test_a_server_that_answers_no_401_is_asked_for_its_metadata_where_that_has_to_lie() -> None:
    with served(open_steps=(*GUARDS_LATE, "tools/list")) as site:
        found = _passed(site)
        assert found.known.problem == ""
        assert len(site.issuer.issued) == 1
    assert any(each.header("Authorization") for each in site.mcp.requests)


def _problem(site: Site, **options: Any) -> str:
    """Why there was no token, as the headline says it; the run went on without one."""
    token = options.pop("token", site.credentials())
    found = judged(site.mcp.url, token=token, **options)
    assert found.report.verdict is Verdict.INCONCLUSIVE
    begins = "NOT LET IN: HTTP 401: no token: "
    assert found.headline.startswith(begins), found.headline
    assert found.headline.removeprefix(begins) == found.known.problem
    return found.known.problem


def test_a_wrong_secret_is_said_by_the_authorization_server() -> None:
    with served() as site:
        problem = _problem(site, token=site.credentials(secret="wrong"))
        origin = site.issuing.origin
    assert problem == f"the authorization server {origin} says invalid_client: Unknown client"


def test_a_scope_that_nobody_knows_is_said_by_the_authorization_server() -> None:
    with served() as site:
        problem = _problem(site, token=site.credentials(scopes=("weather:write",)))
    assert "says invalid_scope: No scope weather:write" in problem


def test_a_key_that_the_authorization_server_does_not_know_gets_no_token() -> None:
    with served() as site, served() as other:
        token = site.credentials(secret=None, key=other.issuer.client_key.private)
        assert "says invalid_client" in _problem(site, token=token)


PROBLEMS = {
    Broken.WRONG_ISSUER: "names https://elsewhere.example as its issuer, not {issuer}",
    Broken.HTML: "oauth-authorization-server: is no JSON",
    Broken.NO_TOKEN_ENDPOINT: "has no token_endpoint that is a URL",
    Broken.FAILS: "the authorization server {issuer} answered HTTP 503 without a token",
    Broken.NO_TOKEN: "the authorization server {issuer} answered HTTP 200 without a token",
    Broken.CLOSES: "{issuer}/token: the server closed the connection without an answer",
    Broken.REDIRECTS_AWAY: "redirects to another origin, http://127.0.0.1:9/token: not followed",
}


@pytest.mark.parametrize("broken", PROBLEMS)
def test_a_broken_authorization_server_is_named_and_the_run_goes_on(broken: Broken) -> None:
    with served({"broken": broken}) as site:
        assert PROBLEMS[broken].format(issuer=site.issuer.issuer) in _problem(site)


@pytest.mark.parametrize("broken", [Broken.HANGS_AT_METADATA, Broken.HANGS_AT_TOKEN])
def test_an_authorization_server_that_hangs_costs_no_more_than_a_step(broken: Broken) -> None:
    with served({"broken": broken}) as site:
        began = time.monotonic()
        problem = _problem(site, step=0.3)
        assert time.monotonic() - began < 10
    assert "was not answered within 0.3 s" in problem


def test_an_authorization_server_that_is_down_for_a_moment_is_waited_for() -> None:
    def mend() -> None:
        site.issuing.wait_for("post")
        site.issuer.broken = None

    with served({"broken": Broken.FAILS}) as site, ThreadPoolExecutor(1) as pool:
        mended = pool.submit(mend)
        token = site.credentials()
        found = judged(site.mcp.url, token=token, auth=True, waiting=Waiting(10.0, 1))
        mended.result(5)
    assert (found.report.verdict, found.report.attempts) == (Verdict.PASSED, 2)


def test_a_wrong_secret_is_not_waited_for() -> None:
    with served() as site:
        token = site.credentials(secret="wrong")
        found = judged(site.mcp.url, token=token, waiting=Waiting(10.0, 1))
    assert found.report.attempts == 1


def test_a_server_that_starts_is_waited_for_though_strangers_are_refused() -> None:
    def starting(call: Call) -> bytes:
        return response(503) if len(site.issuer.issued) < 2 else call.honest

    with served(hooks={"*": starting}) as site:
        token = site.credentials()
        found = judged(site.mcp.url, token=token, auth=True, waiting=Waiting(10.0, 1))
    assert (found.report.verdict, found.report.attempts) == (Verdict.PASSED, 2)


def test_an_authorization_server_that_hangs_leaves_time_for_the_server() -> None:
    with served({"broken": Broken.HANGS_AT_TOKEN}) as site:
        problem = _problem(site, run=2.0)
    assert problem.endswith("/token: asking for a token took half of the run's deadline")


def test_an_authorization_server_that_is_gone_is_told() -> None:
    with served() as site:
        token, origin = site.credentials(), site.issuing.origin
        site.guard.metadata = {"authorization_servers": [origin]}
        site.issuing.stop()
        problem = _problem(site, token=token)
    assert f"the authorization server's metadata at {origin}/.well-known" in problem
    assert "refused" in problem


def test_another_authorization_server_than_the_named_one_is_handed_nothing() -> None:
    with served() as site, served() as other:
        problem = _problem(site, token=site.credentials(issuer=other.issuer.issuer))
        assert problem == (
            f"the server's authorization server is {site.issuer.issuer}, "
            f"not --oauth-issuer {other.issuer.issuer}"
        )
        asked = [*site.issuing.requests, *other.issuing.requests]
        assert {each.method for each in asked} == {"GET"}  # its metadata, for the explanation


def test_headers_of_the_user_go_to_no_other_origin() -> None:
    with served() as site:
        judged(site.mcp.url, token=site.credentials(), headers={"X-Api-Key": "k3y-of-ours-1"})
        assert all(each.header("X-Api-Key") for each in site.mcp.requests)
        assert not any(each.header("X-Api-Key") for each in site.issuing.requests)


def test_metadata_of_another_origin_is_not_asked_for() -> None:
    def tell(request: Request, wire: Wire) -> bool:
        wire.send(response(200, b"{}", "application/json"))
        return True

    with RawServer(tell) as elsewhere, served(named=elsewhere.url) as site:
        _passed(site)  # by the well-known address
        assert elsewhere.requests == []


def test_a_file_is_read_anew_for_each_attempt(tmp_path: Path) -> None:
    file = tmp_path / "token"
    with served() as site:
        file.write_text("stale\n")
        refused = judged(site.mcp.url, token=BearerFile(str(file)))
        file.write_text(site.token() + "\n")
        found = _passed(site, token=BearerFile(str(file)))
    assert refused.report.verdict is Verdict.INCONCLUSIVE
    assert found.known.scheme is Scheme.FILE
    assert found.known.scopes_held == ("weather:list",)


def test_a_file_is_read_anew_while_a_run_waits(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("stale")

    def refresh() -> None:
        site.mcp.wait_for("server/discover")
        file.write_text(site.token())

    with served() as site, ThreadPoolExecutor(1) as pool:
        refreshed = pool.submit(refresh)
        found = judged(site.mcp.url, token=BearerFile(str(file)), waiting=Waiting(10.0, 1))
        refreshed.result(5)
    assert found.report.verdict is Verdict.PASSED
    assert found.report.attempts == 2


@pytest.mark.parametrize(
    ("octets", "why"),
    [(None, "No such file"), (b"", "it is empty"), (b"a\nb\n", "it has several lines")],
    ids=["gone", "empty", "lines"],
)
def test_a_file_that_holds_no_token_later_is_what_explains_the_401(
    tmp_path: Path, octets: bytes | None, why: str
) -> None:
    file = tmp_path / "token"
    if octets is not None:
        file.write_bytes(octets)
    with served() as site:
        assert why in _problem(site, token=BearerFile(str(file)))


@pytest.mark.parametrize("signs", [False, True])
def test_what_the_client_says_of_itself_is_hidden_where_it_comes_back(signs: bool) -> None:
    with served({"broken": Broken.ECHOES}) as site:
        token = site.signing() if signs else site.credentials()
        problem = _problem(site, token=token)
        form = site.issuer.asked[0]
        (post,) = (each for each in site.issuing.requests if each.method == "POST")
        header = post.header("Authorization")
    assert problem.endswith(" says invalid_client: ***")
    assert ("client_assertion" in form, header is None) == (signs, signs)


def test_a_token_that_is_too_short_to_be_an_echo_is_hidden_all_the_same(tmp_path: Path) -> None:
    def echo(call: Call) -> bytes:
        return call.answer({"tools": [tool(description="You are t0k3n.")]})

    file = tmp_path / "token"
    file.write_text("t0k3n")
    with served({"opaque": True}, hooks={"tools/list": echo}) as site:
        site.issuer.issued.append("t0k3n")
        found = _passed(site, token=BearerFile(str(file)))
    assert "You are ***." in repr(found.report)
    assert "t0k3n" not in repr(found.report)


def test_no_secret_is_among_what_is_kept() -> None:
    with served() as site:
        found = _passed(site)
        (token,) = site.issuer.issued
    (exchange,) = (e for e in found.asked(Role.AUTHORIZATION) if e.step is Step.TOKEN)
    assert (exchange.sent, exchange.body) == (None, b"")
    assert token not in repr(found.report)
    assert SECRET not in repr(found.report)


def test_a_file_that_has_become_a_pipe_keeps_nobody_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "token")
    with honest.serve() as server:
        found = judged(server.url, token=BearerFile(str(tmp_path / "token")))
    assert "it is a pipe" in found.known.problem
