"""A recording judged again for more than it holds: what was never asked is no green."""

from typing import Any

import pytest

from mcpverify.cli.version_source import version_source_of
from mcpverify.facts.evidence import Expectations
from mcpverify.facts.health import HealthProbe
from mcpverify.facts.replica_count import connections_for
from mcpverify.facts.report import TargetReport
from mcpverify.facts.target import HttpEndpoint, Replicas, Target
from mcpverify.facts.transcript import Recording
from mcpverify.verify.check import replay
from mcpverify.verify.gate import Gate
from tests.conftest import Mcpverify
from tests.health.asking import finding_of, report_on, says, serve
from tests.replicas import releases
from tests.replicas.asking import looked_at, told
from tests.servers.dialog import tool

ID = "replicas-agree"


def recording_of(report: TargetReport) -> Recording:
    assert report.recording is not None
    return report.recording


def again(
    recording: Recording,
    *,
    samples: int | None = None,
    replicas: Replicas = Replicas(),
    count: int | None = None,
    **expected: Any,
) -> TargetReport:
    url = recording.transcripts[0].url
    target = Target(url, HttpEndpoint(()), replicas=replicas)
    expectations = Expectations(snapshot_wanted=False, replicas=count, **expected)
    (report,) = replay(Gate(target, expectations, samples=samples), recording).targets
    return report


@pytest.fixture(scope="module")
def two_connections() -> Recording:
    with releases.serve(tools=[tool("build_info")]) as server:
        return recording_of(looked_at(server.url, "health:/version#/build/version"))


def test_two_connections_say_nothing_of_ten_replicas(two_connections: Recording) -> None:
    report = again(two_connections, count=10, samples=connections_for(10))
    counted = again(two_connections, samples=20)

    assert told(report, ID) == (
        "not-observed",
        "2 connections were made, and 10 replicas want 66",
    )
    assert told(counted, ID) == ("not-observed", "2 connections were made, and 20 were to be")
    assert report.verdict.value == counted.verdict.value == "inconclusive"


def test_a_replica_that_was_never_asked_is_no_green(two_connections: Recording) -> None:
    named = Replicas(("http://127.0.0.1:9/mcp", "http://127.0.0.2:9"))
    report = again(two_connections, replicas=named)

    assert told(report, ID) == ("not-observed", "http://127.0.0.1:9/mcp was never asked")


def test_addresses_that_were_not_asked_one_by_one_are_no_green(two_connections: Recording) -> None:
    report = again(two_connections, replicas=Replicas(resolve_all=True))

    assert told(report, ID)[0] == "not-observed"


def test_replicas_that_were_asked_are_judged_again() -> None:
    with releases.serve() as one, releases.serve() as other:
        urls = (one.url, f"{other.origin}?key=s3cr3t-of-the-url")
        recording = recording_of(looked_at(one.url, urls=urls))
        report = again(recording, replicas=Replicas((one.origin, urls[1])))

    assert told(report, ID) == ("passed", "all 2 known addresses agree")


@pytest.mark.parametrize("source", ["health:/other#/build/version", "tool:other#/version"])
def test_a_version_that_was_asked_elsewhere_is_unknown(
    source: str, two_connections: Recording
) -> None:
    report = again(two_connections, version="2.4.1", version_from=version_source_of(source))

    assert told(report, "server-identity")[0] in ("failed", "not-observed")
    assert report.verdict.value != "passed"


def test_another_health_address_than_the_one_recorded_is_no_green() -> None:
    with serve({"/healthz": says(200, {})}) as server:
        probe = HealthProbe("/healthz")
        first = report_on(HttpEndpoint((server.url,)), readiness=probe)
    recording = recording_of(first)

    assert finding_of(again(recording, readiness=probe), "readiness").outcome.value == "passed"
    other = finding_of(again(recording, readiness=HealthProbe("/ready")), "readiness")
    assert other.outcome.value == "not-observed"
    assert other.message == (f"recorded is {server.origin}/healthz, another address than was named")


def test_the_flags_of_replicas_reach_a_replay(mcpverify: Mcpverify) -> None:
    with releases.serve() as server:
        asked = ("check", server.url, "--no-snapshot", "--transcript", "run.json", "-q")
        assert mcpverify(*asked).code == 0
    replayed = ("check", "--replay", "run.json", "--no-snapshot")

    assert mcpverify(*replayed).code == 0
    assert mcpverify(*replayed, "--replica", "127.0.0.1:9").code == 3
    assert mcpverify(*replayed, "--replicas", "3").code == 3


def test_replicas_of_a_command_are_refused(mcpverify: Mcpverify) -> None:
    run = mcpverify("check", "--replicas", "3", "--", "true")

    assert run.code == 2
    assert "--replicas means nothing to a COMMAND" in run.output


def test_whoever_asked_for_replicas_is_told_of_them_in_the_headline() -> None:
    with releases.serve() as server:
        report = looked_at(server.url, replicas=2)
        default = looked_at(server.url)

    assert report.headline.endswith(
        "; 8 connections met 1 distinct answer; of 2 replicas met at random, one that differs "
        "would be missed at most 1 time in 100"
    )
    assert "connections" not in default.headline
