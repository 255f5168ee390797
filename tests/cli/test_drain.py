"""`drain` as a process, of servers that are really stopped: verdicts, files, what is left."""

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Mcpverify
from tests.running import Run, started
from tests.servers import drained, stdio
from tests.servers.raw_http import RawServer, Wire, response
from tests.servers.raw_http import Request as Received

pytestmark = pytest.mark.skipif(os.name != "posix", reason="servers are stopped as on Unix")

TOKEN = "sk-live-9f8e7d6c5b4a39281706f5e4"
HEALTH = ("--readiness", "/readyz", "--liveness", "/livez")
QUICK = ("--sessions", "2", "--rate", "20")


@pytest.fixture
def notes(tmp_path: Path) -> Iterator[Path]:
    """Where the servers leave their pids: none of them may be left in the end."""
    folder = tmp_path / "notes"
    folder.mkdir()
    yield folder
    assert [pid for pid in drained.pids(folder) if lives(pid)] == []


def lives(pid: int) -> bool:
    """Whether a process is there a moment later still. One that waits to be reaped is not."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except FileNotFoundError:
            return False
        if stat.rpartition(")")[2].split()[0] == "Z":
            return False
        time.sleep(0.02)
    return True


def judged(run: Run) -> Any:
    """All that a report says but for when and how it was made."""
    report = run.report
    return [
        report["verdict"],
        report["exit_code"],
        report["headline"],
        report["remedies"],
        [trial["checks"] for trial in report["trials"]],
    ]


def test_a_server_that_drains_well_is_green_and_nothing_of_it_is_left(
    mcpverify: Mcpverify, notes: Path, tmp_path: Path
) -> None:
    call = ("--call", "brew", "--args", '{"seconds": 1.5}')
    files = ("--record", "record.json", "--report", "junit=j.xml")
    env = {"NOTES": str(notes), "SERVICE_TOKEN": TOKEN}
    command = ("--format", "json", "--", *drained.command("drains"))
    run = mcpverify("drain", *HEALTH, *call, *files, *command, env=env, timeout=90)

    assert run.code == 0, run.output
    assert run.report["shutdown"] == "graceful"
    requests = run.report["trials"][0]["timeline"]["requests"]
    calls = {(each["method"], each["outcome"]) for each in requests if each["purpose"] == "call"}
    assert calls == {("tools/call brew", "ok")}
    assert len(drained.pids(notes)) == 2, "it was started again"
    written = (tmp_path / "record.json").read_text() + (tmp_path / "j.xml").read_text()
    assert TOKEN not in run.output + written
    assert "drains ***" in written


_ECHOING = """
import os, sys
sys.path.insert(0, os.environ["SERVERS"])
import drains
def get(handler):
    status = 503 if handler.server.draining else 200
    handler.respond(status, handler.path.encode())
drains.Handler.do_GET = get
os.environ["SERVICE_TOKEN"] = os.environ["SECRET_KEY"] + " ".join(sys.argv)
print(os.environ["SERVICE_TOKEN"], file=sys.stderr, flush=True)
drains.main("drains")
"""


def test_no_credential_of_a_health_path_or_a_line_for_a_shell_is_in_anything(
    mcpverify: Mcpverify, notes: Path, tmp_path: Path
) -> None:
    secrets = ("urltok-121212", "urltok-343434", "shkey-5555", "shkey-6666")
    (tmp_path / "echoing.py").write_text(_ECHOING)
    line = f"SECRET_KEY=shkey-5555 exec {sys.executable} echoing.py --api-key shkey-6666"
    formats = ("json", "markdown", "junit", "ndjson", "github")
    run = mcpverify(
        *("drain", "-v", *QUICK, "--record", "record.json"),
        *(word for name in formats for word in ("--report", f"{name}=report.{name}")),
        *("--readiness", "/readyz?token=urltok-121212", "--liveness=/livez?token=urltok-343434"),
        *("--", "sh", "-c", line),
        env={"NOTES": str(notes), "SERVERS": str(Path(drained.__file__).parent)},
        timeout=90,
    )

    assert run.code == 0, run.output
    record = (tmp_path / "record.json").read_text()
    assert "/readyz?token=***" in record
    assert "--api-key ***" in record
    for name in formats:
        assert (tmp_path / f"report.{name}").stat().st_size
    texts = [path.read_text() for path in tmp_path.iterdir() if path.is_file()]
    leaked = [each for each in secrets if each in "".join((run.output, *texts))]
    assert leaked == []


def test_a_record_is_judged_again_with_the_same_result(
    mcpverify: Mcpverify, notes: Path, tmp_path: Path
) -> None:
    flags = ("--trials", "2", "--record", "record.json", "--format", "json", *QUICK)
    command = drained.command("drops")
    run = mcpverify("drain", *flags, "--", *command, env={"NOTES": str(notes)}, timeout=90)
    assert run.code == 1, run.output
    assert len(run.report["trials"]) == 2
    assert run.report["shutdown"] == "abrupt"

    again = mcpverify("drain", "--replay", "record.json", "--format", "json")
    assert again.code == 1
    assert judged(again) == judged(run)
    for name in ("terminal", "markdown", "junit", "github", "ndjson"):
        told = mcpverify("drain", "--replay", "record.json", "--format", name)
        assert told.code == 1, told.output
        assert "abrupt" in told.stdout.lower()


def test_what_the_user_starts_is_stopped_and_started_by_commands(
    mcpverify: Mcpverify, notes: Path
) -> None:
    with drained.running("drops", notes) as server:
        port = server.url.split(":")[2].partition("/")[0]
        again = " ".join(drained.command("drops", port))
        stop = f"kill -TERM {server.process.pid}"
        run = mcpverify(
            *("drain", server.url, "--stop-command", stop, "--restart-command", again),
            *("--yes", "-q", "--format", "json", *QUICK),
            env={"NOTES": str(notes)},
            timeout=90,
        )
        assert server.process.wait(10) == 0
    assert run.code == 1, run.output
    assert run.stderr == ""
    aftermath = run.report["trials"][0]["timeline"]["aftermath"]
    assert aftermath["restart"] == "the restart command"
    assert aftermath["first_handshake"]["outcome"] == "ok"


def test_a_stop_command_that_fails_is_no_verdict_and_stops_nothing(
    mcpverify: Mcpverify, notes: Path
) -> None:
    with drained.running("drops", notes) as server:
        stop = ("--stop-command", "echo no such container >&2; exit 7", "--yes")
        run = mcpverify("drain", server.url, *stop, *QUICK, timeout=90)

        assert server.process.poll() is None
    assert run.code == 3, run.output
    assert "no such container" in run.words


def test_a_tool_that_there_is_not_is_told_before_anything_is_stopped(
    mcpverify: Mcpverify, notes: Path
) -> None:
    with drained.running("drops", notes) as server:
        flags = ("--pid", str(server.process.pid), "--yes", "--call", "brwe")
        run = mcpverify("drain", server.url, *flags)

        assert server.process.poll() is None
    assert run.code == 2
    assert run.stderr.splitlines()[-2:] == [
        "mcpverify: --call brwe: the server has no such tool",
        "  It has brew.",
    ]


def test_a_port_that_another_server_has_is_no_verdict_on_that_one(
    mcpverify: Mcpverify, notes: Path
) -> None:
    with drained.running("drops", notes) as server:
        port = server.url.split(":")[2].partition("/")[0]
        command = drained.command("drops", port)
        run = mcpverify("drain", "--url", server.url, *QUICK, "--", *command, timeout=60)

        assert server.process.poll() is None
    assert run.code == 3, run.output
    assert "Address already in use" in run.words or "before it was" in run.words


@pytest.mark.parametrize(
    ("way", "words"),
    [("fails", "there is no database"), ("never-listens", "nothing")],
)
def test_a_server_that_is_never_ready_is_no_verdict(
    mcpverify: Mcpverify, way: str, words: str
) -> None:
    flags = ("--wait", "2s", "--url", f"http://127.0.0.1:{free_port()}/mcp")
    run = mcpverify("drain", *flags, "--", *drained.command(way))

    assert run.code == 3, run.output
    assert words in run.words
    assert "NO VERDICT" in run.stdout


def test_a_command_that_cannot_be_started_is_a_mistake_of_the_caller(
    mcpverify: Mcpverify,
) -> None:
    for flags in ((), ("--url", "http://127.0.0.1:9/mcp"), ("--transport", "stdio")):
        run = mcpverify("drain", *flags, "--", "./no-such-command")
        assert run.code == 2, run.output
        assert "no-such-command" in run.stderr


def test_a_server_over_stdio_is_told_apart(mcpverify: Mcpverify) -> None:
    run = mcpverify("drain", "--format", "json", "--", *stdio.command("honest"), timeout=60)

    assert run.code in (0, 1), run.output
    assert run.report["trials"][0]["timeline"]["setting"]["transport"] == "stdio"


def test_a_server_is_stopped_by_its_pid_and_health_asked_elsewhere_without_credentials(
    mcpverify: Mcpverify, notes: Path
) -> None:
    with RawServer(_healthy) as other, drained.running("drops", notes) as server:
        run = mcpverify(
            *("drain", server.url, "--pid", str(server.process.pid), "--yes", *QUICK),
            *("--readiness", f"{other.origin}/ready?key={TOKEN}", "-H", f"X-Api-Key: {TOKEN}"),
            timeout=60,
        )
        assert server.process.wait(10) == 0
    assert run.code == 1, run.output
    assert "--restart-command" in run.words
    asked = other.requests
    assert asked
    assert all(each.header("X-Api-Key") is None for each in asked)
    assert TOKEN not in run.output


def _healthy(request: Received, wire: Wire) -> bool:
    wire.send(response(200, b"ok", "text/plain"))
    return True


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_a_runner_of_github_actions_is_told_and_never_to_roll_back(
    mcpverify: Mcpverify, notes: Path, tmp_path: Path
) -> None:
    (tmp_path / "outputs").touch()
    (tmp_path / "summary").touch()
    runner = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_OUTPUT": str(tmp_path / "outputs"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "NOTES": str(notes),
    }
    run = mcpverify("drain", "-q", *QUICK, "--", *drained.command("drops"), env=runner, timeout=60)

    assert run.code == 1
    assert "::error title=" in run.stderr
    outputs = (tmp_path / "outputs").read_text()
    assert "verdict=failed" in outputs
    assert "rollback" not in outputs
    assert "abrupt" in (tmp_path / "summary").read_text().lower()


@pytest.mark.parametrize(
    ("number", "code", "phase"),
    [
        (signal.SIGINT, 130, "starting"),
        (signal.SIGINT, 130, "putting calls in flight"),
        (signal.SIGINT, 130, "SIGTERM sent"),
        (signal.SIGTERM, 143, "SIGTERM sent"),
    ],
)
def test_a_signal_to_drain_ends_all_that_it_started(
    number: signal.Signals, code: int, phase: str, notes: Path, tmp_path: Path
) -> None:
    way = "never-listens" if phase == "starting" else "deaf"
    url = ("--url", f"http://127.0.0.1:{free_port()}/mcp") if phase == "starting" else ()
    command = ("drain", *url, *QUICK, "--grace", "60s", "--", *drained.command(way))
    with started(*command, cwd=tmp_path, home=tmp_path, env={"NOTES": str(notes)}) as process:
        assert process.stderr is not None
        assert any(phase in line for line in process.stderr), "it ended before that"
        began = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
        assert time.monotonic() - began < 10
    assert process.returncode == code, err
    assert out == ""
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith("mcpverify: stopped")


def test_a_record_that_was_tampered_with_is_refused(mcpverify: Mcpverify, tmp_path: Path) -> None:
    from mcpverify.facts.timeline_text import timelines_text
    from tests.rollout import timelines

    document = json.loads(timelines_text([timelines.hung()]))
    document["trials"][0]["setting"]["eras"] = "all"
    (tmp_path / "record.json").write_text(json.dumps(document))
    run = mcpverify("drain", "--replay", "record.json")

    assert run.code == 2
    assert run.stdout == ""
    assert 'trials[0].setting.eras: "all" is no list' in run.stderr
