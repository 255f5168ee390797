"""No server that misbehaves gets through the gate, hangs it, or breaks it."""

from typing import Any

import pytest

from tests.conftest import Mcpverify
from tests.gate.judging import assert_inert, checked
from tests.servers import (
    breaks_at_close,
    honest,
    is_no_mcp_server,
    negotiates_badly,
    puts_on_a_show,
    registry,
    sends_dense_json,
)
from tests.servers.certificates import Authority
from tests.servers.registry import NEVER_GREEN, NO_VERDICT, Case

# The deadline of the run, the time that closing may take beyond it, and a slow machine's start.
DEADLINE, ALLOWED = "10s", 10 + 2 + 4
MEBIBYTES = 300


@pytest.mark.parametrize("case", NEVER_GREEN, ids=lambda case: case.name)
def test_a_bad_server_is_never_green(case: Case, mcpverify: Mcpverify) -> None:
    with case.serve() as server:
        limits = ("--timeout", case.timeout, "--deadline", DEADLINE)
        run, report = checked(mcpverify, *limits, *case.target(server))
    assert run.code == case.code, run.output
    if case.code == NO_VERDICT:
        assert report.not_observed[0] == case.blames
        assert report.failed == []
    else:
        assert case.blames in report.failed
    assert run.seconds < ALLOWED
    assert run.mebibytes < MEBIBYTES
    assert_inert(run.output)
    if server is not None and server.canary is not None:
        assert server.canary.connections == 0


def test_a_page_is_named_by_its_title(mcpverify: Mcpverify) -> None:
    with is_no_mcp_server.serve() as server:
        run, _ = checked(mcpverify, server.url)
    assert "an HTML page titled 'Welcome to nginx!'" in run.words


def test_a_health_endpoint_is_named_as_one(mcpverify: Mcpverify) -> None:
    with is_no_mcp_server.serve_health() as server:
        run, _ = checked(mcpverify, server.url)
    assert "a health endpoint's JSON" in run.words


@pytest.mark.parametrize("status", [401, 403, 404, 421, 429, 500, 502, 503])
def test_a_plain_error_is_shown_with_its_status_and_body(status: int, mcpverify: Mcpverify) -> None:
    body = b"gateway says: no upstream"
    with is_no_mcp_server.serve(status, body, "text/plain") as server:
        run, _ = checked(mcpverify, server.url)
    assert f"HTTP {status}" in run.words
    assert "gateway says: no upstream" in run.words


@pytest.mark.parametrize("status", [401, 403, 421, 429, 500, 502, 503])
def test_no_older_transport_is_tried_where_the_status_forbids_it(
    status: int, mcpverify: Mcpverify
) -> None:
    with is_no_mcp_server.serve(status, b"no", "text/plain") as server:
        checked(mcpverify, server.url)
    asked = [each for each in server.requests if not each.path.startswith("/.well-known/")]
    assert "GET" not in [each.method for each in asked]


def test_a_server_that_dies_of_a_delete_is_asked_for_it_last(mcpverify: Mcpverify) -> None:
    with breaks_at_close.serve() as server:
        _, report = checked(mcpverify, server.url)
    assert report.failed == ["session-lifecycle"]
    before = server.steps[: server.steps.index("delete")]
    assert before.count("tools/list") == 2


def test_a_session_is_kept_where_that_is_asked_for(mcpverify: Mcpverify) -> None:
    with breaks_at_close.serve() as server:
        checked(mcpverify, "--keep-session", server.url)
    assert "delete" not in server.steps


@pytest.mark.parametrize("text", puts_on_a_show.TEXTS, ids=range(len(puts_on_a_show.TEXTS)))
@pytest.mark.parametrize("verbosity", [(), ("-v",), ("--quiet",)], ids=str)
def test_a_failing_server_cannot_write_our_report(
    text: str, verbosity: tuple[str, ...], mcpverify: Mcpverify
) -> None:
    with puts_on_a_show.serve_failing(text) as server:
        run, _ = checked(mcpverify, *verbosity, server.url)
    assert run.code == registry.WRONG
    assert_inert(run.output)
    lines = run.stdout.splitlines()
    assert lines[0].startswith("FAIL")
    assert [line for line in lines if line.startswith(("PASS", "ok 99", "Verdict:"))] == []


@pytest.mark.parametrize("kind", ["no-versions", "versions-is-text", "without-supportedVersions"])
def test_a_discovery_without_a_usable_version_is_blamed_for_it(
    kind: str, mcpverify: Mcpverify
) -> None:
    with negotiates_badly.serve_discover(kind) as server:
        run, _ = checked(mcpverify, server.url)
    assert "supportedVersions" in run.words


def test_the_smallest_tools_in_the_largest_number_stay_within_the_memory(
    mcpverify: Mcpverify,
) -> None:
    with sends_dense_json.serve_tools() as server:
        run, _ = checked(mcpverify, "--deadline", DEADLINE, server.url)
    assert run.seconds < ALLOWED
    assert run.mebibytes < MEBIBYTES


_CERTIFICATES: dict[str, dict[str, Any]] = {
    "expired": {"days": -1},
    "not-yet-valid": {"started_days_ago": -1},
    "self-signed": {"self_signed": True},
    "client-wanted": {"client_authority": True},
}


@pytest.mark.parametrize("flaw", _CERTIFICATES)
def test_a_certificate_that_is_no_good_is_no_verdict(
    flaw: str, authority: Authority, mcpverify: Mcpverify
) -> None:
    with honest.serve(tls=authority.server(**_CERTIFICATES[flaw])) as server:
        run, report = checked(mcpverify, "--cacert", str(authority.bundle), server.url)
    assert run.code == NO_VERDICT
    assert report.not_observed[0] == "reachable"
    assert server.requests == []


def test_a_certificate_of_another_host_is_no_verdict(
    authority: Authority, mcpverify: Mcpverify
) -> None:
    with honest.serve(tls=authority.server("elsewhere.test")) as server:
        run, _ = checked(mcpverify, "--cacert", str(authority.bundle), server.url)
    assert run.code == NO_VERDICT
    assert server.requests == []


def test_tls_spoken_to_a_plain_port_is_no_verdict(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        run, report = checked(mcpverify, server.url.replace("http:", "https:"))
    assert run.code == NO_VERDICT
    assert report.not_observed[0] == "reachable"


def test_plain_http_spoken_to_a_tls_port_is_no_verdict(
    authority: Authority, mcpverify: Mcpverify
) -> None:
    with honest.serve(tls=authority.server()) as server:
        run, report = checked(mcpverify, server.url.replace("https:", "http:"))
    assert run.code == NO_VERDICT
    assert report.not_observed[0] == "reachable"
