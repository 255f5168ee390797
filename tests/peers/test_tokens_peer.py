"""A server of fastmcp that wants tokens, and the gate that gets them, or says why not."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import Mcpverify
from tests.peers.conftest import CACHE, REQUIRED, absent
from tests.peers.install import HERE, python_of
from tests.peers.peering import outcomes
from tests.peers.roster import PEERS
from tests.peers.serving import announced
from tests.servers.authorization import CLIENT, SECRET, AuthorizationServer, serve_authorization

pytestmark = pytest.mark.peers

PEER = next(each for each in PEERS if each.name == "fastmcp-4.1.2")


@contextmanager
def guarded(folder: Path, *scopes: str) -> Iterator[tuple[str, AuthorizationServer]]:
    """The address of the peer, and the authorization server whose tokens it wants."""
    if reason := absent(PEER):
        (pytest.fail if REQUIRED else pytest.skip)(reason)
    issuing, issuer = serve_authorization(grants=("weather:list",))
    with issuing:
        key = folder / "key.pem"
        key.write_text(issuer.key.public)
        script = HERE / "servers" / "fastmcp_v4_tokens.py"
        argv = [str(python_of(CACHE, PEER)), str(script), issuer.issuer, str(key), *scopes]
        with announced(argv, f"{PEER.name}-tokens", folder, "/mcp") as url:
            yield url, issuer


def _flags(issuer: AuthorizationServer) -> tuple[str, ...]:
    issued_by = ("--oauth-issuer", issuer.issuer)
    return ("--oauth-client-id", CLIENT, *issued_by, "--oauth-secret-env", "SECRET")


def test_client_credentials_open_a_server_of_fastmcp(mcpverify: Mcpverify, tmp_path: Path) -> None:
    with guarded(tmp_path, "weather:list") as (url, issuer):
        run = mcpverify(
            *("check", url, *_flags(issuer), "--expect-auth", "--no-snapshot"),
            *("--format", "json"),
            env={"SECRET": SECRET},
        )
        wrong = mcpverify("check", url, "--bearer-env", "SECRET", env={"SECRET": "no-token"})
        none = mcpverify("check", url)
    assert run.code == 0, run.output
    assert outcomes(run)["auth-required"] == "passed"
    assert wrong.code == none.code == 3
    assert "NOT LET IN: HTTP 401: the server says invalid_token" in wrong.words
    assert "NOT LET IN: HTTP 401: no token was sent" in none.words
    assert f"--oauth-issuer {issuer.issuer}" in none.words


def test_a_scope_that_fastmcp_misses_is_named_in_the_first_line(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    with guarded(tmp_path, "weather:list", "weather:read") as (url, issuer):
        run = mcpverify("check", url, *_flags(issuer), env={"SECRET": SECRET})
    assert run.code == 3, run.output
    # To fastmcp's verifier a token without the scope is none: 401 where others say 403.
    missing = "HTTP 401: scope weather:read is missing; the token has weather:list"
    assert f"NOT LET IN: {missing}" in run.words
