"""Ctrl-C and SIGTERM end a run at once, at whatever step, and it tidies up behind itself."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import running
from tests.conftest import Mcpverify
from tests.servers import beats_for_ever, drips_headers, hangs, misleads_sse_clients, stdio
from tests.servers.raw_http import RawServer

SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143}
# What closing may take, and a slow machine.
SECONDS = 2 + 3

_SSE = ("--transport", "sse")

Stage = tuple[Callable[[], RawServer], str, tuple[str, ...]]


def _at(step: str) -> Stage:
    return (lambda: hangs.serve(step), step, ())


STAGES: dict[str, Stage] = {
    "accept": (lambda: hangs.serve("accept"), "", ()),
    "discover": _at("server/discover"),
    "initialize": _at("initialize"),
    "initialized": _at("notifications/initialized"),
    "tools": _at("tools/list"),
    "prompts": _at("prompts/list"),
    "delete": _at("delete"),
    "dripping-headers": (drips_headers.serve, "server/discover", ()),
    "heartbeats": (beats_for_ever.serve, "tools/list", ()),
    "sse-stream": (lambda: misleads_sse_clients.serve("no-endpoint"), "get", _SSE),
    "sse-answer": (lambda: misleads_sse_clients.serve("no-answer"), "initialize", _SSE),
}


def _stopped(process: subprocess.Popen[str], by: signal.Signals) -> str:
    """Sends the signal and returns all output, once the process has ended in time."""
    process.send_signal(by)
    stdout, stderr = process.communicate(timeout=SECONDS)
    assert process.returncode == SIGNALS[by], stderr
    assert "Traceback" not in stderr
    return stdout + stderr


@pytest.mark.parametrize("by", SIGNALS, ids=lambda each: each.name)
@pytest.mark.parametrize("stage", STAGES)
def test_a_signal_ends_the_run_and_its_session(
    stage: str, by: signal.Signals, tmp_path: Path
) -> None:
    serve, step, arguments = STAGES[stage]
    command = ("check", "--no-snapshot", "--timeout", "30s", *arguments)
    with (
        serve() as server,
        running.started(*command, server.url, cwd=tmp_path, home=tmp_path) as process,
    ):
        if step:
            server.wait_for(step)
        else:
            server.wait_for_connection()
        _stopped(process, by)
        if stage in ("tools", "prompts", "heartbeats"):
            server.wait_for("delete", seconds=1)


def _pids(file: Path) -> list[int]:
    until = time.monotonic() + 10
    while not (file.exists() and file.read_text().endswith("\n")):
        assert time.monotonic() < until, "the child did not start"
        time.sleep(0.02)
    return [int(pid) for pid in file.read_text().split()]


def _is_gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has waited for yet counts as ended."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return True
    return state == "Z"


@pytest.mark.parametrize("by", SIGNALS, ids=lambda each: each.name)
def test_a_signal_ends_a_child_that_clings_to_life_and_its_own_child(
    by: signal.Signals, tmp_path: Path
) -> None:
    file = tmp_path / "pids"
    command = stdio.command("clings_to_life", str(file), "silent")
    arguments = ("check", "--no-snapshot", "--timeout", "30s", "--", *command)
    with running.started(*arguments, cwd=tmp_path, home=tmp_path) as process:
        pids = _pids(file)
        _stopped(process, by)
        assert all(_is_gone(pid) for pid in pids)


@pytest.mark.parametrize("mood", ["honest", "silent", "leaves"])
def test_nothing_of_a_childs_process_group_outlives_the_run(
    mood: str, mcpverify: Mcpverify, tmp_path: Path
) -> None:
    file = tmp_path / "pids"
    command = stdio.command("clings_to_life", str(file), mood)
    run = mcpverify("check", "--no-snapshot", "--timeout", "3s", "--", *command)
    assert run.code == (3 if mood == "silent" else 0), run.output
    assert all(_is_gone(pid) for pid in _pids(file))
