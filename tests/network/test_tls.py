"""TLS as deployments have it: own authorities, bad certificates, client certificates."""

import ssl
from pathlib import Path

import pytest

from tests.cli.reading import Judged, judged
from tests.conftest import Mcpverify
from tests.running import Run
from tests.servers import honest, honest_sse
from tests.servers.certificates import Authority
from tests.servers.raw_http import RawServer

ONE = ("--no-snapshot", "--samples", "1", "--format", "json")


def checked(mcpverify: Mcpverify, server: RawServer, *arguments: str) -> tuple[Run, Judged]:
    run = mcpverify("check", server.url, *ONE, *arguments)
    return run, judged(run)


def test_an_own_authority_is_trusted_with_cacert(
    mcpverify: Mcpverify, authority: Authority
) -> None:
    with honest.serve(tls=authority.server()) as server:
        run, report = checked(mcpverify, server, "--cacert", str(authority.bundle))

    assert run.code == 0
    assert report.outcome("tls-certificate") == "passed"
    assert report.target["server"]["certificate_days"] in (89, 90)


def test_an_own_authority_is_trusted_over_sse(mcpverify: Mcpverify, authority: Authority) -> None:
    with honest_sse.serve(tls=authority.server()) as server:
        run, report = checked(mcpverify, server, "--cacert", str(authority.bundle))

    assert run.code == 0
    assert report.outcome("tls-certificate") == "passed"


def test_the_environment_may_name_the_authority(mcpverify: Mcpverify, authority: Authority) -> None:
    with honest.serve(tls=authority.server()) as server:
        environment = {"SSL_CERT_FILE": str(authority.bundle)}
        run = mcpverify("check", server.url, *ONE, env=environment)

    assert run.code == 0


@pytest.mark.parametrize(
    ("flaw", "words"),
    [
        ({}, "unable to get local issuer certificate"),
        ({"self_signed": True}, "self-signed certificate"),
        ({"days": -1}, "certificate has expired"),
        ({"started_days_ago": -2}, "certificate is not yet valid"),
        ({"hosts": ("elsewhere.test",)}, "IP address mismatch"),
    ],
    ids=["unknown-authority", "self-signed", "expired", "not-yet-valid", "wrong-host"],
)
def test_an_untrusted_certificate_gives_no_verdict(
    mcpverify: Mcpverify, authority: Authority, flaw: dict[str, object], words: str
) -> None:
    hosts = flaw.pop("hosts", ()) if "hosts" in (flaw := dict(flaw)) else ()
    trust = ("--cacert", str(authority.bundle)) if flaw or hosts else ()
    with honest.serve(tls=authority.server(*hosts, **flaw)) as server:  # type: ignore[arg-type, misc]
        run, report = checked(mcpverify, server, *trust)

        assert server.steps == [], "nothing was sent, and no credential with it"
    assert run.code == 3
    assert words in report.message("reachable")
    assert "--cacert" in report.finding("reachable")["hint"]
    assert report.outcome("tls-certificate") == "not-observed"


@pytest.mark.parametrize("flaw", [{}, {"days": -1}, {"self_signed": True}], ids=repr)
def test_insecure_is_a_warning(
    mcpverify: Mcpverify, authority: Authority, flaw: dict[str, float]
) -> None:
    with honest.serve(tls=authority.server(**flaw)) as server:  # type: ignore[arg-type]
        run, report = checked(mcpverify, server, "-k")
        strict, _ = checked(mcpverify, server, "-k", "--strict")

    assert (run.code, strict.code) == (0, 1)
    assert report.outcome("tls-certificate") == "warned"
    assert "-k" in report.message("tls-certificate")


@pytest.mark.parametrize(("days", "outcome"), [(5.5, "warned"), (13.9, "warned"), (14.1, "passed")])
def test_a_certificate_that_soon_expires_is_a_warning(
    mcpverify: Mcpverify, authority: Authority, days: float, outcome: str
) -> None:
    with honest.serve(tls=authority.server(days=days)) as server:
        run, report = checked(mcpverify, server, "--cacert", str(authority.bundle))

    assert run.code == 0
    assert report.outcome("tls-certificate") == outcome
    assert f"{int(days)} days" in report.message("tls-certificate")


def test_a_client_certificate_is_shown(mcpverify: Mcpverify, authority: Authority) -> None:
    certificate, key = authority.issue("client.test")
    trust = ("--cacert", str(authority.bundle))
    with honest.serve(tls=authority.server(client_authority=True)) as server:
        without, refused = checked(mcpverify, server, *trust)
        given, report = checked(
            mcpverify, server, *trust, "--cert", str(certificate), "--key", str(key)
        )

    assert without.code == 3
    assert "certificate required" in refused.message("reachable")
    assert "--cert" in refused.finding("reachable")["hint"]
    assert given.code == 0
    assert report.outcome("tls-certificate") == "passed"


def test_a_client_certificate_and_its_key_may_share_a_file(
    mcpverify: Mcpverify, authority: Authority, tmp_path: Path
) -> None:
    certificate, key = authority.issue("client.test")
    both = tmp_path / "both.pem"
    both.write_bytes(certificate.read_bytes() + key.read_bytes())
    with honest.serve(tls=authority.server(client_authority=True)) as server:
        run, _ = checked(mcpverify, server, "--cacert", str(authority.bundle), "--cert", str(both))

    assert run.code == 0


def test_a_client_certificate_that_cannot_be_used_is_a_mistake(
    mcpverify: Mcpverify, authority: Authority, tmp_path: Path
) -> None:
    from cryptography.hazmat.primitives import serialization

    certificate, key = authority.issue("client.test")
    _, other_key = authority.issue("other.test")
    locked = tmp_path / "locked.key"
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    locked.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"passphrase"),
        )
    )
    for flags in (
        ("--cert", str(certificate)),
        ("--cert", str(certificate), "--key", str(other_key)),
        ("--cert", str(certificate), "--key", str(locked)),
    ):
        run = mcpverify("check", "https://127.0.0.1:9/mcp", "--no-snapshot", *flags)
        assert run.code == 2, run.output
        assert run.stdout == ""
        assert len(run.stderr.splitlines()) == 2
        assert run.stderr.startswith("mcpverify: --cert")


def test_plain_http_behind_https_gives_no_verdict(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        run = mcpverify("check", server.url.replace("http:", "https:"), *ONE)

    assert run.code == 3
    assert "TLS" in judged(run).message("reachable")
    assert "scheme" in judged(run).finding("reachable")["hint"]


def test_https_behind_plain_http_gives_no_verdict(
    mcpverify: Mcpverify, authority: Authority
) -> None:
    with honest.serve(tls=authority.server()) as server:
        run = mcpverify("check", server.url.replace("https:", "http:"), *ONE)

    assert run.code in (1, 3)
    assert run.seconds < 10


def test_a_wrong_path_to_the_authority_in_the_environment_is_no_crash(
    mcpverify: Mcpverify, authority: Authority
) -> None:
    with honest.serve(tls=authority.server()) as server:
        run = mcpverify("check", server.url, *ONE, env={"SSL_CERT_FILE": "/no/such/file.pem"})

    assert run.code == 2
    assert "SSL_CERT_FILE" in run.stderr


def _named(authority: Authority, asked: list[str | None]) -> ssl.SSLContext:
    """A context for mcp.example.test that remembers which name clients asked for."""
    context = authority.server("mcp.example.test")
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    return context


@pytest.mark.parametrize("flag", ["--resolve", "--connect-to"])
def test_a_route_keeps_host_and_sni(mcpverify: Mcpverify, authority: Authority, flag: str) -> None:
    asked: list[str | None] = []
    with honest.serve(tls=_named(authority, asked)) as server:
        port = server.port
        if flag == "--resolve":
            url, route = (
                f"https://mcp.example.test:{port}/mcp",
                f"mcp.example.test:{port}:127.0.0.1",
            )
        else:
            url, route = "https://mcp.example.test/mcp", f"mcp.example.test:443:127.0.0.1:{port}"
        run = mcpverify("check", url, *ONE, flag, route, "--cacert", str(authority.bundle))

    host = "mcp.example.test" + (f":{port}" if flag == "--resolve" else "")
    assert run.code == 0
    assert set(asked) == {"mcp.example.test"}
    assert {request.header("Host") for request in server.requests} == {host}
    assert judged(run).target["server"]["address"] == f"127.0.0.1:{port}"


def test_a_route_without_names_takes_every_connection(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        run = mcpverify(
            "check", "http://green.test/mcp", *ONE, "--connect-to", f"::127.0.0.1:{server.port}"
        )

    assert run.code == 0
    assert {request.header("Host") for request in server.requests} == {"green.test"}
