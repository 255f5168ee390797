"""One command over ten servers that nobody here wrote: what is wrong with four of them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.peers.conftest import CACHE, REQUIRED, absent
from tests.peers.fleet import NAMES, REVIEWED, Fleet, fleet
from tests.peers.roster import EVERYTHING, PEERS
from tests.running import Run
from tests.servers.balancer import NGINX

pytestmark = [pytest.mark.peers, pytest.mark.xdist_group("fleet")]

# Of a report on many targets, what a person sees before anything else.
FIRST_LINES = 12


@pytest.fixture(scope="module")
def ten(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    missing = [reason for peer in PEERS if peer is not EVERYTHING and (reason := absent(peer))]
    if NGINX is None:
        pytest.skip("NGINX IS NOT INSTALLED: the fleet has no balancer")
    if missing:
        (pytest.fail if REQUIRED else pytest.skip)(missing[0])
    with fleet(CACHE, tmp_path_factory.mktemp("fleet"), everything=not absent(EVERYTHING)) as found:
        run = found.run("snapshot", *REVIEWED)
        assert run.code == 0, run.output
        yield found


@pytest.fixture(scope="module")
def whole(ten: Fleet) -> Run:
    """All of them in one command."""
    return ten.run("check", "--all", "--report", "json=whole.json")


def test_what_is_wrong_is_named_in_the_first_lines(whole: Run) -> None:
    first = whole.stdout.splitlines()[:FIRST_LINES]
    assert whole.code == 1
    assert "10 targets: 3 failed, 1 without verdict, 6 passed" in first[0]
    told = {line.split()[1]: line for line in first[1:] if line.startswith(("x", "?"))}
    assert set(told) == {"billing", "sums", "prices", "accounts"}
    assert "'1.22.0', expected '2.4.1'" in told["billing"]
    assert "A CALL FAILS" in told["sums"]
    assert "REPLICAS DIFFER" in told["prices"]
    assert "scope weather:read is missing" in told["accounts"]


def test_the_others_pass_with_what_was_asked_of_them(ten: Fleet, whole: Run) -> None:
    targets = _targets(ten.folder / "whole.json")
    assert tuple(targets) == NAMES
    passed = {name for name in NAMES if targets[name]["verdict"] == "passed"}
    assert passed == {"search", "notes", "maps", "files", "clock", "weather"}
    assert _outcomes(targets["files"])["golden-calls"] == "passed"
    assert _outcomes(targets["weather"])["auth-required"] == "passed"
    assert {each["server"]["transport"] for each in targets.values()} == {
        "sse",
        "streamable-http",
        "stdio",
    }


def test_three_shards_come_to_the_same_verdict(ten: Fleet, whole: Run) -> None:
    codes = []
    for shard in (1, 2, 3):
        report = f"json=shard-{shard}.json"
        codes.append(ten.run("check", "--all", "--shard", f"{shard}/3", "--report", report).code)
    shards = [f"shard-{shard}.json" for shard in (1, 2, 3)]
    merged = ten.run("merge", *shards, "--report", "json=merged.json")
    assert merged.code == whole.code == max(code for code in codes if code != 3) == 1
    assert _judgements(ten.folder / "merged.json") == _judgements(ten.folder / "whole.json")
    assert _told(merged) == _told(whole)

    lacking = ten.run("merge", *shards[:2])
    assert lacking.code != 0
    assert "3" in lacking.stdout.splitlines()[0] + lacking.stdout.splitlines()[1]


def _targets(path: Path) -> dict[str, Any]:
    report = json.loads(path.read_text())
    return {target["target"]: target for target in report["targets"]}


def _outcomes(target: Any) -> dict[str, str]:
    return {check["id"]: check["outcome"] for check in target["checks"]}


def _judgements(path: Path) -> dict[str, tuple[str, str, dict[str, str]]]:
    """By target: its verdict, its situation, and how each check came out.

    Which of two replicas is compared with the snapshot is chance: of those only the verdict counts.
    """
    return {
        name: (
            target["verdict"],
            target["situation"],
            {} if name == "prices" else _outcomes(target),
        )
        for name, target in _targets(path).items()
    }


def _told(run: Run) -> list[str]:
    """The names in the first lines, in their order."""
    first = run.stdout.splitlines()[1:FIRST_LINES]
    return [line.split()[1] for line in first if line.startswith(("x", "?"))]
