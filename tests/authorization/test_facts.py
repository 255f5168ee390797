"""What headers, tokens and metadata say, read without a server."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpverify.facts.authorization import Authorization, Scheme
from mcpverify.facts.authorization_metadata import (
    Fit,
    bare_url,
    fit_of,
    resource_metadata_urls,
    server_metadata_urls,
)
from mcpverify.facts.bearer_token import Claims, claims_of, token_in
from mcpverify.facts.challenge import Challenge, bearer_challenge, challenges_in
from mcpverify.facts.credentials import without_credentials
from mcpverify.facts.refusal import expiry_words, refusal_of


def _challenges(*values: str) -> tuple[Challenge, ...]:
    return challenges_in([("www-authenticate", value) for value in values])


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("Bearer", [Challenge("Bearer")]),
        ('Bearer realm="a, b"', [Challenge("Bearer", {"realm": "a, b"})]),
        (
            'Bearer error="x", error_description="say \\"no\\""',
            [Challenge("Bearer", {"error": "x", "error_description": 'say "no"'})],
        ),
        (
            'Basic realm="r", Bearer scope="a b" , resource_metadata = https://h/x',
            [
                Challenge("Basic", {"realm": "r"}),
                Challenge("Bearer", {"scope": "a b", "resource_metadata": "https://h/x"}),
            ],
        ),
        ("Negotiate YII+/a==, Bearer", [Challenge("Negotiate"), Challenge("Bearer")]),
        ("Negotiate, Basic realm=r", [Challenge("Negotiate"), Challenge("Basic", {"realm": "r"})]),
        ("bearer ERROR=x", [Challenge("bearer", {"error": "x"})]),
        ('Bearer scope="open', [Challenge("Bearer")]),
        ("", []),
        (",,,", []),
    ],
)
def test_challenges_are_taken_apart(value: str, wanted: list[Challenge]) -> None:
    assert [each for each in _challenges(value) if each.scheme[:3] != "YII"] == wanted


def test_the_bearer_challenge_is_found_in_any_of_the_headers() -> None:
    headers = [("WWW-Authenticate", "Basic realm=r"), ("www-authenticate", 'BEARER scope="a b"')]
    found = bearer_challenge(headers)
    assert found is not None
    assert found.scopes == ("a", "b")
    assert found.resource_metadata is None
    assert found.error == ""


@given(st.text(max_size=60))
def test_whatever_a_header_holds_is_read(value: str) -> None:
    for challenge in _challenges(value, f"Bearer {value}"):
        assert challenge.scheme


def _jwt(claims: object) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{body}.c2ln"


@pytest.mark.parametrize(
    ("claims", "wanted"),
    [
        ({}, Claims()),
        ({"exp": 1_800_000_000, "scope": "a b"}, Claims(1.8e9, ("a", "b"))),
        ({"scp": ["a", "b"], "aud": "x"}, Claims(None, ("a", "b"), ("x",))),
        ({"scp": "a b", "aud": ["x", 7, "y"]}, Claims(None, ("a", "b"), ("x", "y"))),
        ({"exp": "soon", "scope": 7}, Claims(None, ())),
        ({"exp": True}, Claims()),
        ({"exp": 10**400}, Claims()),
        ({"exp": -1}, Claims()),
        ([], None),
    ],
)
def test_a_jwt_tells_its_claims(claims: object, wanted: Claims | None) -> None:
    assert claims_of(_jwt(claims)) == wanted


@given(st.text(max_size=40))
def test_any_text_may_stand_for_a_token(text: str) -> None:
    claims_of(text)
    claims_of(f"{text}.{text}.{text}")


def test_a_file_holds_one_token() -> None:
    assert token_in(b"\xef\xbb\xbf abc.def \r\n") == "abc.def"


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b" \n", "empty"),
        (b"\xff\xfe", "UTF-8"),
        (b"one\ntwo", "several lines"),
        (b"Bearer one", "blanks"),
        (b"one\x01two", "control"),
    ],
)
def test_a_file_that_holds_anything_else_is_refused_and_not_repeated(
    octets: bytes, why: str
) -> None:
    with pytest.raises(ValueError, match=why) as raised:
        token_in(octets)
    assert "one" not in str(raised.value)


def test_the_documents_lie_where_the_specification_says() -> None:
    known = "https://h:8443/.well-known"
    assert resource_metadata_urls("https://me:pw@h:8443/a/mcp?key=1#x") == (
        f"{known}/oauth-protected-resource/a/mcp",
        f"{known}/oauth-protected-resource",
    )
    assert resource_metadata_urls("https://h:8443/") == (f"{known}/oauth-protected-resource",)
    assert server_metadata_urls("https://h:8443/") == (
        f"{known}/oauth-authorization-server",
        f"{known}/openid-configuration",
    )
    assert server_metadata_urls("https://h:8443/t/") == (
        f"{known}/oauth-authorization-server/t",
        f"{known}/openid-configuration/t",
        "https://h:8443/t/.well-known/openid-configuration",
    )


@pytest.mark.parametrize(
    ("resource", "fit"),
    [
        ("https://h/mcp", Fit.SAME),
        ("HTTPS://H:443/mcp/", Fit.SAME),
        ("https://h", Fit.PARENT),
        ("https://h/mc", Fit.OTHER),
        ("https://h/mcp/more", Fit.OTHER),
        ("http://h/mcp", Fit.OTHER),
        ("https://h:444/mcp", Fit.OTHER),
        ("urn:mcp", Fit.OTHER),
        ("https://[", Fit.OTHER),
    ],
)
def test_a_resource_fits_its_own_address_and_those_below(resource: str, fit: Fit) -> None:
    assert fit_of(resource, "https://h/mcp?x=1") is fit


def test_an_address_without_credentials_leads_to_the_same_place() -> None:
    url = "https://jane:pw@h:1/a@b/mcp?token=t&page=2&a1b2c3d4e5#top"
    assert without_credentials(url) == "https://h:1/a@b/mcp?page=2"
    assert without_credentials("https://h/mcp?key=k") == "https://h/mcp"
    assert bare_url(url) == "https://h:1/a@b/mcp"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-59, "expired 59 s ago"), (-86_400 * 3, "expired 3 d ago"), (7_199, "expires in 1 h")],
)
def test_an_expiry_is_told_in_one_unit_and_in_utc(seconds: int, words: str) -> None:
    now = 1_795_000_000.0
    assert expiry_words(now + seconds, now).startswith(f"the token {words}, at 2026-11-")


def test_what_a_server_says_is_kept_short() -> None:
    scopes = tuple(f"scope-{number}-{'x' * 90}" for number in range(40))
    known = Authorization(scheme=Scheme.HEADER, scopes_wanted=scopes, scopes_held=())
    refusal = refusal_of(403, known, "https://h/mcp", 0.0)
    assert "and 34 more are missing; the token has none" in refusal.reason
    assert len(refusal.reason) < 500
    loud = Authorization(scheme=Scheme.HEADER, error="e" * 900)
    assert len(refusal_of(401, loud, "https://h/mcp", 0.0).reason) < 120
