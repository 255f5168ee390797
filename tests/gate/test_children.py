"""A server that we start ourselves: its last words are shown, and nothing of it is left."""

import os
import time
from pathlib import Path

import pytest

from tests.conftest import Mcpverify
from tests.gate.judging import assert_inert, checked
from tests.servers import stdio

TOKEN = "sk-live-9f8e7d6c5b4a39281706f5e4"


def _pids(file: Path) -> list[int]:
    return [int(pid) for pid in file.read_text().split()]


def _ends(pid: int, seconds: float = 5.0) -> bool:
    """Whether a process ends; one that nobody has waited for yet counts as ended."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
            stat = Path(f"/proc/{pid}/stat")
            if stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("mood", ["honest", "silent", "leaves"])
def test_nothing_of_a_childs_process_group_outlives_the_run(
    mood: str, mcpverify: Mcpverify, tmp_path: Path
) -> None:
    file = tmp_path / "pids"
    command = stdio.command("clings_to_life", str(file), mood)
    run = mcpverify("check", "--no-snapshot", "--timeout", "3s", "--", *command)
    assert run.code == (3 if mood == "silent" else 0), run.output
    assert all(_ends(pid) for pid in _pids(file))


@pytest.mark.parametrize("step", ["start", "initialize", "tools/list"])
def test_the_last_words_of_a_child_are_shown_harmless(step: str, mcpverify: Mcpverify) -> None:
    command = stdio.command("exits", step)
    run, _ = checked(mcpverify, "--", *command, env={"SERVICE_TOKEN": TOKEN})
    assert run.code == 1
    assert "exited with code 3" in run.words
    assert "line 14 of the last words" in run.words
    assert "line 7 of the last words" not in run.words  # ten lines and no more
    assert "config: token=" in run.words
    assert TOKEN not in run.output
    assert_inert(run.output)


def test_the_signal_that_ended_a_child_is_named(mcpverify: Mcpverify) -> None:
    run, _ = checked(mcpverify, "--", *stdio.command("exits", "start", "signal"))
    assert "signal 9" in run.words or "SIGKILL" in run.words


def test_a_child_is_not_given_the_files_that_decide_the_job(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    files = ("OUTPUT", "ENV", "PATH", "STEP_SUMMARY", "STATE")
    kept = {"GITHUB_SHA": "4f2a", "GITHUB_WORKSPACE": str(tmp_path)}
    env = kept | {f"GITHUB_{name}": str(tmp_path / name) for name in files}
    run, report = checked(
        mcpverify,
        *("--reference-client", "--transcript", "transcript.json"),
        *("--", *stdio.command("lists_its_environment")),
        env=env,
    )
    assert run.code == 0, run.output
    assert "reference-client-agrees" in report.outcomes("passed")
    seen = (tmp_path / "transcript.json").read_text()
    assert {name for name in env if name in seen} == set(kept)
