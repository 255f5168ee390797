"""Two replicas behind a real nginx that takes turns, request by request."""

import re
from pathlib import Path

import pytest

from tests.cli.reading import judged
from tests.conftest import Mcpverify
from tests.repositories import git
from tests.servers import honest
from tests.servers.balancer import NGINX, balanced
from tests.servers.dialog import tool
from tests.servers.raw_http import RawServer

pytestmark = pytest.mark.skipif(NGINX is None, reason="NGINX IS NOT INSTALLED: not tested")


def at(server: RawServer) -> str:
    return f"127.0.0.1:{server.port}"


def test_replicas_that_differ_fail(mcpverify: Mcpverify, tmp_path: Path) -> None:
    old, new = [tool("add"), tool("sum")], [tool("add")]
    with (
        honest.serve(sessions=False, tools=old) as one,
        honest.serve(sessions=False, tools=new) as other,
        balanced(tmp_path, at(one), at(other)) as url,
    ):
        run = mcpverify("check", url, "--no-snapshot", "--format", "json")

        assert {"tools/list"} <= set(one.steps) & set(other.steps)
    finding = judged(run).finding("replicas-agree")
    assert run.code == 1
    assert finding["outcome"] == "failed"
    assert "2 different" in finding["message"] or "2 distinct" in finding["message"]
    assert "REPLICAS DIFFER" in judged(run).headline


@pytest.mark.parametrize("stale_first", [True, False])
def test_a_stale_replica_is_told_with_the_release_that_it_runs(
    mcpverify: Mcpverify, tmp_path: Path, stale_first: bool
) -> None:
    path = "weather.json"
    git("init", "-q", cwd=tmp_path)
    commits = []
    with (
        honest.serve(sessions=False, tools=[tool("add")]) as old,
        honest.serve(sessions=False, tools=[tool("add"), tool("sum")]) as new,
    ):
        for server in (old, new):
            assert mcpverify("snapshot", server.url, "--snapshot", path).code == 0
            git("add", path, cwd=tmp_path)
            git("commit", "-q", "-m", "a release", cwd=tmp_path)
            commits.append(git("rev-parse", "--short=7", "HEAD", cwd=tmp_path))
        replicas = (old, new) if stale_first else (new, old)
        with balanced(tmp_path, *map(at, replicas)) as url:
            run = mcpverify("check", url, "--snapshot", path, "--format", "json")

    report = judged(run)
    told = sorted(each["text"] for each in report.finding("replicas-agree")["details"][:2])
    assert run.code == 1
    assert report.target["situation"] == "replicas-differ"
    old_one = rf"1 of 2 connections: an old release, {path} at {commits[0]} \(.*\)"
    assert re.fullmatch(old_one, told[0])
    assert told[1] == "1 of 2 connections: as in the snapshot"
    assert not any("mcpverify snapshot" in step for step in report.target["next"])


def test_replicas_that_differ_are_not_recorded(mcpverify: Mcpverify, tmp_path: Path) -> None:
    with (
        honest.serve(sessions=False, tools=[tool("add")]) as one,
        honest.serve(sessions=False, tools=[tool("sum")]) as other,
        balanced(tmp_path, at(one), at(other)) as url,
    ):
        run = mcpverify("snapshot", url, "--snapshot", "new.json")

    assert run.code == 1
    assert "nothing was written" in run.words
    assert not (tmp_path / "new.json").exists()


def test_equal_replicas_pass(mcpverify: Mcpverify, tmp_path: Path) -> None:
    with (
        honest.serve(sessions=False) as one,
        honest.serve(sessions=False) as other,
        balanced(tmp_path, at(one), at(other)) as url,
    ):
        run = mcpverify("check", url, "--no-snapshot", "--samples", "4", "--format", "json")

        assert one.steps.count("tools/list") == other.steps.count("tools/list") == 2
    assert run.code == 0
    assert judged(run).message("replicas-agree") == "4 connections, 1 distinct answer"


def test_equal_replicas_in_both_eras_pass(mcpverify: Mcpverify, tmp_path: Path) -> None:
    both = ("handshake", "stateless")
    with (
        honest.serve(sessions=False, eras=both) as one,
        honest.serve(sessions=False, eras=both) as other,
        balanced(tmp_path, at(one), at(other)) as url,
    ):
        assert mcpverify("check", url, "--no-snapshot", "--strict", "--skip", "handshake").code == 0


def test_sessions_that_do_not_stick_fail(mcpverify: Mcpverify, tmp_path: Path) -> None:
    with (
        honest.serve() as one,
        honest.serve() as other,
        balanced(tmp_path, at(one), at(other)) as url,
    ):
        run = mcpverify("check", url, "--no-snapshot", "--format", "json")

    assert run.code == 1
    assert "404" in judged(run).headline


def test_a_dead_replica_beside_a_living_one_is_told_or_covered(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    with honest.serve() as closed:
        gone = at(closed)
    with honest.serve(sessions=False) as one, balanced(tmp_path, at(one), gone) as url:
        run = mcpverify("check", url, "--no-snapshot")

    assert run.code == 0, "nginx asks the next one, and so no agent notices"


def test_no_replica_at_all_gives_no_verdict(mcpverify: Mcpverify, tmp_path: Path) -> None:
    with honest.serve() as closed:
        gone = at(closed)
    with balanced(tmp_path, gone) as url:
        run = mcpverify("check", url, "--no-snapshot", "--format", "json")

    assert run.code == 3
    assert "502" in judged(run).headline
