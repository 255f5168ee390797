"""A 401 or 403 is explained: in the headline, the finding, and what to do next."""

import re
from pathlib import Path
from typing import Any

import pytest

from mcpverify.facts.authorization import BearerFile, Scheme
from mcpverify.facts.finding import Outcome
from mcpverify.facts.golden_call import GoldenCall
from mcpverify.facts.situation import Situation
from mcpverify.facts.target import Transport
from mcpverify.facts.transcript import Role, Step
from mcpverify.facts.transcript_text import recording_of, transcript_text
from tests.authorization.judging import Judged, Site, bearer, judged, served
from tests.servers import honest, honest_sse, is_no_mcp_server
from tests.servers.authorization import Broken
from tests.servers.dialog import Dialog

READ = ("weather:read",)


def _refused(url: str, **options: Any) -> Judged:
    found = judged(url, **options)
    assert found.report.situation is Situation.NOT_LET_IN, found.headline
    return found


def _sent(site: Site, token: str, **options: Any) -> Judged:
    return _refused(site.mcp.url, headers=bearer(token), **options)


def test_a_missing_scope_is_named_in_the_first_line() -> None:
    with served(wanted=READ) as site:
        found = _sent(site, site.token("weather:list"))
    assert found.headline == (
        "NOT LET IN: HTTP 403: scope weather:read is missing; the token has weather:list"
    )
    assert found.hints == "Get a token that has weather:read, too."


def test_a_scope_that_is_wanted_for_the_list_alone_is_named_likewise() -> None:
    with served(wanted_for={"tools/list": READ}) as site:
        found = _sent(site, site.token("weather:list"))
    assert found.headline == (
        "NOT LET IN: tools/list: HTTP 403: scope weather:read is missing; "
        "the token has weather:list"
    )
    assert found.finding("tools-listed").outcome is Outcome.NOT_OBSERVED


def test_a_scope_that_is_wanted_for_a_call_alone_is_named_likewise() -> None:
    call = GoldenCall("add", "add two", {"a": 1, "b": 2}, mutates=True)
    with served(wanted_for={"tools/call": READ}) as site:
        found = _sent(site, site.token("weather:list"), calls=(call,))
    assert found.headline == (
        "NOT LET IN: add two: HTTP 403: scope weather:read is missing; the token has weather:list"
    )
    assert found.hints == "Get a token that has weather:read, too."


def test_a_scope_that_the_client_may_not_have_is_told_with_the_flag_for_it() -> None:
    with served({"grants": ("weather:list",)}, wanted=("weather:list", *READ)) as site:
        found = _refused(site.mcp.url, token=site.credentials())
    assert "scope weather:read is missing; the token has weather:list" in found.headline
    assert "--oauth-scope weather:read" in found.hints


def test_a_scope_that_no_challenge_names_is_taken_from_the_metadata() -> None:
    with served(wanted=READ, names_scope=False) as site:
        found = _sent(site, site.token("weather:list"))
    assert "scope weather:read is missing" in found.headline


def test_an_opaque_token_is_told_what_is_wanted() -> None:
    with served({"opaque": True, "grants": ("weather:list",)}, wanted=READ) as site:
        site.issuer.issued.append("opaque-token-1")
        found = _sent(site, "opaque-token-1")
    assert found.headline == "NOT LET IN: HTTP 403: scope weather:read is wanted"


def test_an_expired_token_says_since_when() -> None:
    with served() as site:
        found = _sent(site, site.token(seconds=-3 * 3600 - 60))
    said = r"NOT LET IN: HTTP 401: the token expired 3 h ago, at 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ"
    assert re.fullmatch(said, found.headline)
    assert "--oauth-client-id" in found.hints


def test_an_expired_token_of_a_file_points_at_what_keeps_the_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    with served() as site:
        file.write_text(site.token(seconds=-90))
        found = _refused(site.mcp.url, token=BearerFile(str(file)))
    assert "the token expired 1 min ago" in found.headline
    assert found.hints == "What keeps the file of --bearer-file fresh has stopped."


def test_a_token_for_another_server_says_for_which() -> None:
    with served() as site:
        found = _sent(site, site.issuer.token("https://other.example/mcp", "weather:read"))
        mine = site.mcp.url
    assert found.headline == (
        f"NOT LET IN: HTTP 401: the token is for https://other.example/mcp, not for {mine}"
    )


def test_without_a_token_it_is_said_how_to_get_one() -> None:
    with served() as site:
        found = _refused(site.mcp.url)
        issuer = site.issuer.issuer
    assert found.headline == (
        "NOT LET IN: HTTP 401: no token was sent; scope weather:list is wanted"
    )
    assert f"--oauth-client-id ID --oauth-issuer {issuer} --oauth-secret-env NAME" in found.hints
    assert "--bearer-file FILE" in found.hints


def test_a_token_that_is_none_is_told_in_the_words_of_the_server() -> None:
    with served() as site:
        found = _sent(site, "no-token-of-theirs")
    assert found.headline == "NOT LET IN: HTTP 401: the server says invalid_token"


def test_what_was_found_of_the_metadata_is_told() -> None:
    with served() as site:
        details = {
            each.subject: each.text for each in _refused(site.mcp.url).finding("handshake").details
        }
        assert details["resource metadata"] == (
            f"{site.mcp.origin}/.well-known/oauth-protected-resource/mcp"
        )
        assert details["authorization server"] == site.issuer.issuer
        assert details["its metadata"] == (
            f"{site.issuing.origin}/.well-known/oauth-authorization-server"
        )
        assert details["scopes wanted"] == "weather:list"


@pytest.mark.parametrize(
    ("issuer", "guard", "said"),
    [
        ({}, {"metadata": None}, "{mcp}/.well-known/oauth-protected-resource/mcp: HTTP 404"),
        ({}, {"metadata": {"resource": "https://a.example"}}, "of https://a.example, not of {mcp}"),
        ({}, {"metadata": {"authorization_servers": None}}, "names no authorization_servers"),
        ({"broken": Broken.HTML}, {}, "the authorization server metadata at {issuer}/.well-known/"),
    ],
    ids=["gone", "other", "no-servers", "html"],
)  # fmt: skip
def test_metadata_that_leads_nowhere_is_told(
    issuer: dict[str, Any], guard: dict[str, Any], said: str
) -> None:
    with served(issuer, **guard) as site:
        found = _refused(site.mcp.url)
        wanted = said.format(mcp=site.mcp.origin, issuer=site.issuing.origin)
    assert wanted in found.known.metadata_problem
    details = {each.subject: each.text for each in found.finding("handshake").details}
    assert details["metadata"] in found.known.metadata_problem or "..." in details["metadata"]


def test_a_plain_403_says_no_more_than_it_knows() -> None:
    with is_no_mcp_server.serve(403, b"<html>forbidden</html>") as server:
        found = _refused(server.url, headers=bearer("some-opaque-token"))
    assert found.headline == (
        "NOT LET IN: HTTP 403: the token was refused; it is an HTML page without a title"
    )
    assert "this Host or Origin" in found.hints


def test_a_403_without_a_word_on_tokens_is_not_taken_for_a_lack_of_one() -> None:
    with is_no_mcp_server.serve(403, b"<title>Blocked</title>") as server:
        found = _refused(server.url)
    assert found.headline == (
        "NOT LET IN: HTTP 403: no token was sent; it is an HTML page titled 'Blocked'"
    )
    assert "this Host or Origin" in found.hints


def test_the_stream_of_the_older_transport_is_explained_likewise() -> None:
    path = "/.well-known/oauth-protected-resource/sse"
    behavior = honest_sse.HonestSse(Dialog())
    with served(behavior=behavior, path="/sse", metadata_path=path, wanted=READ) as site:
        found = _sent(site, site.token("weather:list"), transport=Transport.SSE)
    assert "HTTP 403: scope weather:read is missing" in found.headline


def test_metadata_is_asked_for_without_credentials() -> None:
    with served() as site:
        headers = bearer("no-token-of-theirs") | {"X-Api-Key": "k3y-of-ours-1", "X-Tenant": "acme"}
        _refused(site.mcp.url, headers=headers)
        asked = [each for each in site.mcp.requests if each.path.startswith("/.well-known")]
        assert asked
        assert not any(each.header("Authorization") for each in asked)
        assert not any(each.header("X-Api-Key") for each in asked)
        assert all(each.header("X-Tenant") for each in asked)


@pytest.mark.parametrize("padding", range(0, 60, 12))
def test_a_token_in_the_metadata_is_hidden_before_it_is_cut(padding: int) -> None:
    token = "abcdefghijklmnopqrstuvwxyz0123456789"
    with served() as site:
        site.guard.metadata = {"resource": f"https://a.example/{'x' * padding}{token}"}
        found = _sent(site, token)
    assert token[:8] not in repr(found.report)
    assert "***" in found.known.metadata_problem


def test_a_server_that_lets_us_in_is_asked_for_no_metadata() -> None:
    with served() as site:
        found = judged(site.mcp.url, headers=bearer(site.token()))
        assert not [each for each in site.mcp.requests if each.path.startswith("/.well-known")]
    assert found.known.scheme is Scheme.HEADER
    assert "; the token expires in 59 min, at " in found.finding("handshake").message


def test_a_server_without_tokens_is_asked_nothing_more() -> None:
    with honest.serve() as server:
        found = judged(server.url)
        assert not [each for each in server.requests if each.method == "GET"]
    assert found.recording.authorization is None


def test_a_replay_explains_as_the_run_did() -> None:
    from mcpverify.facts.refusal import refusal_of

    with served(wanted=READ) as site:
        found = _sent(site, site.token("weather:list"))
    again = recording_of(transcript_text(found.recording).encode())
    assert again == found.recording
    assert again.authorization is not None
    reason = refusal_of(403, again.authorization, found.recording.transcripts[0].url, 0.0).reason
    assert reason in found.headline


def test_the_exchanges_of_an_explanation_are_kept() -> None:
    with served() as site:
        asked = _refused(site.mcp.url).asked(Role.AUTHORIZATION)
    assert [each.step for each in asked] == [Step.RESOURCE_METADATA, Step.SERVER_METADATA]
