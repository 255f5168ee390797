"""Every check passes on one real server and fails, or warns, on another."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mcpverify.checks import check_ids
from mcpverify.demo.faults.fault import Fault
from mcpverify.demo.options import DemoOptions
from tests.conftest import Mcpverify
from tests.gate.judging import JsonReport
from tests.running import demo
from tests.servers import hangs, honest

SNAPSHOT = Path(__file__).parents[2] / "snapshots" / "demo.json"

# A fault of the demo server that the check objects to, with the flags that it takes.
OBJECTIONS: dict[str, tuple[Fault | None, tuple[str, ...], str]] = {
    "reachable": (None, ("--resolve", "127.0.0.1:{port}:127.0.0.9"), "not-observed"),
    "readiness": (None, ("--health", "/nothing"), "failed"),
    "liveness": (None, ("--liveness", "/nothing"), "failed"),
    "handshake": (Fault.HTML_PAGE, (), "failed"),
    "protocol-version": (Fault.WRONG_PROTOCOL_VERSION, (), "failed"),
    "server-identity": (None, ("--expect-version", "1.0.1"), "failed"),
    "tools-listed": (Fault.NO_TOOLS, (), "failed"),
    "pagination-terminates": (Fault.CURSOR_LOOPS, (), "failed"),
    "tool-names": (Fault.DUPLICATE_NAMES, (), "failed"),
    "tool-schemas-valid": (Fault.DANGLING_REF, (), "failed"),
    "replicas-agree": (Fault.FLAPPING_REPLICAS, (), "failed"),
    "matches-snapshot": (Fault.RENAMED_TOOL, (), "failed"),
    "latency": (Fault.SLOW, ("--max-latency", "300ms"), "failed"),
    "session-lifecycle": (Fault.DELETE_KILLS, (), "failed"),
    "credentials-echoed": (
        Fault.ECHOES_TOKEN,
        ("-H", "Authorization: Bearer f3a9c27e51d84b06"),
        "warned",
    ),
}
# These have servers and tests of their own: TLS, lists other than tools, the other era, a list
# that the reference client refuses, a server that wants tokens, calls of a configuration.
ELSEWHERE = {
    "tls-certificate",
    "capabilities",
    "eras-agree",
    "reference-client-agrees",
    "auth-required",
    "golden-calls",
    "session-affinity",
}


@contextmanager
def outcome_of(
    check_id: str, mcpverify: Mcpverify, fault: Fault | None, flags: tuple[str, ...]
) -> Iterator[str]:
    with demo(DemoOptions(fault=fault)) as url:
        port = url.rpartition(":")[2].partition("/")[0]
        flags = tuple(flag.format(port=port) for flag in flags)
        run = mcpverify(
            *("check", url, "--snapshot", str(SNAPSHOT), "--report", "json=report.json"), *flags
        )
        assert "Traceback" not in run.output
        report = JsonReport(Path("report.json").read_text(encoding="utf-8"))
        yield next(c["outcome"] for c in report.target["checks"] if c["id"] == check_id)


@pytest.mark.parametrize("check_id", OBJECTIONS)
def test_a_check_objects_where_it_should(check_id: str, mcpverify: Mcpverify) -> None:
    fault, flags, expected = OBJECTIONS[check_id]
    with outcome_of(check_id, mcpverify, fault, flags) as outcome:
        assert outcome == expected


def test_every_check_passes_on_an_honest_server(mcpverify: Mcpverify) -> None:
    with demo(DemoOptions()) as url:
        run = mcpverify(
            *("check", url, "--snapshot", str(SNAPSHOT), "--report", "json=report.json"),
            *("--reference-client", "--health", "/ready", "--liveness", "/live"),
            *("--health-json", "/ready=true", "--samples", "3"),
        )
    assert run.code == 0, run.output
    report = JsonReport(Path("report.json").read_text(encoding="utf-8"))
    elsewhere = {"tls-certificate", "auth-required", "golden-calls"}
    assert set(report.outcomes("passed")) == set(check_ids()) - elsewhere


def test_a_discovery_that_hangs_is_a_warning(mcpverify: Mcpverify) -> None:
    with hangs.serve("server/discover") as server:
        run = mcpverify(
            *("check", server.url, "--no-snapshot", "--timeout", "1s"),
            *("--report", "json=report.json"),
        )
    assert run.code == 0, run.output
    report = JsonReport(Path("report.json").read_text(encoding="utf-8"))
    assert "eras-agree" in report.warned


def test_a_list_that_the_reference_client_refuses_is_told(mcpverify: Mcpverify) -> None:
    # Released servers have sent this: we list it, the mcp package's client drops everything.
    untyped = {"name": "untyped", "inputSchema": {"properties": {}}}
    with honest.serve(tools=[untyped]) as server:
        run = mcpverify(
            *("check", server.url, "--no-snapshot", "--reference-client"),
            *("--report", "json=report.json"),
        )
    assert run.code == 1, run.output
    report = JsonReport(Path("report.json").read_text(encoding="utf-8"))
    assert "reference-client-agrees" in report.failed


def test_every_check_is_spoken_for() -> None:
    assert set(OBJECTIONS) | ELSEWHERE == set(check_ids())
