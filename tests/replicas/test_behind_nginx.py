"""Two versions, with two contracts, behind a real nginx."""

import threading
from pathlib import Path

import pytest

from mcpverify.facts.situation import Situation
from tests.conftest import Mcpverify
from tests.replicas import releases
from tests.replicas.asking import lines, looked_at, told
from tests.replicas.releases import Release
from tests.servers.balancer import NGINX, balanced
from tests.servers.dialog import tool
from tests.servers.honest import Call

ID = "replicas-agree"
OLD = [tool("add"), tool("sum")]

pytestmark = pytest.mark.skipif(NGINX is None, reason="NGINX IS NOT INSTALLED: not tested")


def test_a_stale_replica_is_told_by_version_count_and_request_id(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    with (
        releases.serve("2.4.1", named="web-1") as new,
        releases.serve("2.3.9", named="web-2", tools=OLD) as old,
        balanced(tmp_path, new.origin[7:], old.origin[7:]) as url,
    ):
        run = mcpverify(
            *("check", url, "--no-snapshot", "--replicas", "2"),
            *("--version-from", "header:X-Version", "--expect-version", "2.4.1"),
        )

    assert run.code == 1
    first = " ".join(" ".join(run.stdout.splitlines()[:4]).split())
    assert "REPLICAS DIFFER: 8 connections met 2 distinct answers:" in first
    assert "4 say '2.4.1'" in first
    assert "4 say '2.3.9'" in first
    assert "header X-Version is '2.3.9', expected '2.4.1'" in run.words
    assert "request ids web-2-" in run.words


def test_many_connections_that_agree_are_no_proof(tmp_path: Path) -> None:
    with (
        releases.serve() as one,
        releases.serve() as other,
        balanced(tmp_path, one.origin[7:], other.origin[7:]) as url,
    ):
        report = looked_at(url, "header:X-Version", "2.4.1", replicas=3)

        assert one.steps.count("tools/list") + other.steps.count("tools/list") == 15
    assert told(report, ID) == (
        "passed",
        "15 connections met 1 distinct answer; of 3 replicas met at random, one that differs "
        "would be missed at most 1 time in 100",
    )


def test_one_replica_takes_one_connection() -> None:
    with releases.serve() as one:
        report = looked_at(one.url, replicas=1)

        assert one.steps.count("tools/list") == 1
    assert told(report, ID) == ("not-applicable", "only one connection was opened")


def test_connections_that_the_end_of_the_run_cuts_off_blame_nobody() -> None:
    listed: list[str] = []

    def hang(call: Call) -> bytes | None:
        listed.append(call.step)
        if len(listed) < 3:
            return call.honest
        call.wire.hold()
        return None

    with releases.serve(hooks={"tools/list": hang}, eras=("stateless",)) as one:
        report = looked_at(one.url, replicas=2, deadline=1.5)

    outcome, message = told(report, ID)
    assert outcome == "not-observed"
    assert message == "6 of 8 connections got no list: the run's deadline of 1.5 s passed"


def test_with_ip_hash_one_address_meets_one_replica(tmp_path: Path) -> None:
    with (
        releases.serve("2.4.1") as one,
        releases.serve("2.3.9") as other,
        balanced(tmp_path, one.origin[7:], other.origin[7:], method="ip_hash;") as url,
    ):
        report = looked_at(url, "header:X-Version", replicas=2)

    assert told(report, ID)[1].startswith("8 connections met 1 distinct answer; of 2 replicas")


def test_a_wrong_version_everywhere_is_no_difference(tmp_path: Path) -> None:
    with (
        releases.serve("2.3.9") as one,
        releases.serve("2.3.9") as other,
        balanced(tmp_path, one.origin[7:], other.origin[7:]) as url,
    ):
        report = looked_at(url, "header:X-Version", "2.4.1")

    assert told(report, ID)[0] == "passed"
    assert report.situation is Situation.WRONG_VERSION
    expected = "NOT THE EXPECTED VERSION: header X-Version is '2.3.9', expected '2.4.1'"
    assert report.headline == expected


def test_waiting_ends_when_the_last_replica_is_replaced(tmp_path: Path) -> None:
    late = Release("2.3.9")
    attempts = threading.Semaphore(0)

    def deploy(call: Call) -> bytes:
        attempts.release()
        return call.honest

    def rollout() -> None:
        for _ in range(2):
            attempts.acquire(timeout=20)
        late.version = "2.4.1"

    deploying = threading.Thread(target=rollout, daemon=True)
    with (
        releases.serve("2.4.1") as one,
        releases.serve(late, hooks={"initialize": deploy}) as other,
        balanced(tmp_path, one.origin[7:], other.origin[7:]) as url,
    ):
        deploying.start()
        report = looked_at(url, "header:X-Version", "2.4.1", samples=3, wait=20)
    deploying.join(20)

    assert report.verdict.value == "passed", lines(report, ID)
    assert report.attempts > 1
