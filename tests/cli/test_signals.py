"""SIGINT and SIGTERM at every step: out at once, with sessions ended and children gone."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from tests.running import environment, started
from tests.servers import hangs, honest, honest_sse, is_no_mcp_server, stdio
from tests.servers.dialog import tool
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are sent as on Unix")

INT, TERM = signal.SIGINT, signal.SIGTERM
CODES = {INT: 130, TERM: 143}
# Two seconds to close in, and some for a busy machine.
PROMPT = 4.0
PATIENT = ("--no-snapshot", "--timeout", "60s", "--deadline", "90s")


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    with started(*arguments, cwd=folder, home=folder) as process:
        yield process


def stopped(process: "subprocess.Popen[str]", *signals: signal.Signals) -> str:
    """Sends the signals, and asserts a prompt and quiet end. Returns what was on stderr."""
    began = time.monotonic()
    for number in signals:
        process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert time.monotonic() - began < PROMPT
    assert process.returncode in [CODES[number] for number in signals], err
    assert out == ""
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith("mcpverify: stopped")
    return err


class Issue:
    """Issues session ids, and remembers them."""

    def __init__(self) -> None:
        self.issued: list[str] = []

    def __call__(self) -> str:
        self.issued.append(f"session-{len(self.issued)}-of-this-test")
        return self.issued[-1]


def ended(server: RawServer) -> list[str | None]:
    """The ids of the sessions that got a DELETE."""
    return [each.header("Mcp-Session-Id") for each in server.requests if each.step == "delete"]


@pytest.mark.parametrize(
    ("step", "number"),
    [
        ("accept", INT),
        ("server/discover", TERM),
        ("initialize", TERM),
        ("notifications/initialized", INT),
        ("tools/list", INT),
        ("tools/list", TERM),
        ("prompts/list", TERM),
        ("ping", INT),
        ("delete", TERM),
    ],
)
def test_a_signal_ends_the_run_at_any_step(
    tmp_path: Path, step: str, number: signal.Signals
) -> None:
    issue = Issue()
    options = {} if step == "accept" else {"issue": issue}
    with (
        hangs.serve(step, **options) as server,
        running(tmp_path, "check", server.url, *PATIENT) as process,
    ):
        if step == "accept":
            server.wait_for_connection()
        else:
            server.wait_for(step)
        stopped(process, number)

        known = [] if step == "initialize" else issue.issued  # that answer never came
        assert sorted(ended(server)) == known, "every session is ended once"


@pytest.mark.parametrize("signals", [(INT, INT), (INT, TERM), (TERM, INT)])
def test_a_second_signal_does_not_cut_the_closing_short(
    tmp_path: Path, signals: tuple[signal.Signals, ...]
) -> None:
    with (
        hangs.serve("tools/list") as server,
        running(tmp_path, "check", server.url, *PATIENT) as process,
    ):
        server.wait_for("tools/list")
        stopped(process, *signals)

        assert server.steps.count("delete") == 1


def test_neither_a_delete_that_hangs_nor_a_signal_during_it_keeps_us(tmp_path: Path) -> None:
    def hang(call: Call) -> None:
        call.wire.hold()

    with (
        honest.serve({"tools/list": hang, "delete": hang}) as server,
        running(tmp_path, "check", server.url, *PATIENT) as process,
    ):
        server.wait_for("tools/list")
        process.send_signal(INT)
        server.wait_for("delete")
        stopped(process, TERM, INT)

        assert process.returncode == 130, "that of the first one"
        assert server.steps.count("delete") == 1


def test_the_sessions_of_all_samples_are_ended(tmp_path: Path) -> None:
    count, issue = itertools.count(1), Issue()

    def third_hangs(call: Call) -> bytes | None:
        return call.honest if next(count) < 3 else call.wire.hold()

    with (
        honest.serve({"tools/list": third_hangs}, issue=issue) as server,
        running(tmp_path, "check", server.url, *PATIENT, "--samples", "3") as process,
    ):
        server.wait_for("tools/list", times=3)
        stopped(process, TERM)

        assert len(issue.issued) == 3
        assert sorted(ended(server)) == issue.issued


@pytest.mark.parametrize("answer", [b"{}", b"no JSON at all", b'{"jsonrpc":"2.0","id":2}'])
def test_a_session_is_ended_though_it_began_badly(tmp_path: Path, answer: bytes) -> None:
    with honest.serve({"initialize": lambda call: call.body(answer)}) as server:
        with running(tmp_path, "check", server.url, "--no-snapshot") as process:
            assert process.wait(20) == 1

        assert server.steps.count("initialize") == 1
        assert server.steps.count("delete") == 1
        assert "ping" not in server.steps, "nothing else is asked of it"


def test_keep_session_is_kept_when_stopped(tmp_path: Path) -> None:
    with (
        hangs.serve("tools/list") as server,
        running(tmp_path, "check", server.url, *PATIENT, "--keep-session") as process,
    ):
        server.wait_for("tools/list")
        stopped(process, INT)

        assert "delete" not in server.steps


def test_a_signal_ends_a_run_over_sse(tmp_path: Path) -> None:
    with honest_sse.serve({"tools/list": lambda call: None}) as server:
        arguments = ("check", server.url, "--transport", "sse", *PATIENT)
        with running(tmp_path, *arguments) as process:
            server.wait_for("tools/list")
            stopped(process, TERM)


def test_a_stopped_snapshot_writes_nothing(tmp_path: Path) -> None:
    with (
        hangs.serve("prompts/list") as server,
        running(tmp_path, "snapshot", server.url, "--snapshot", "new.json") as process,
    ):
        server.wait_for("prompts/list")
        stopped(process, INT)

        assert server.steps.count("delete") == 1
    assert not (tmp_path / "new.json").exists()


def test_a_signal_ends_the_waiting(tmp_path: Path) -> None:
    with (
        is_no_mcp_server.serve(503, b"deploying", "text/plain") as server,
        running(tmp_path, "check", server.url, "--no-snapshot", "--wait", "10m") as process,
    ):
        assert process.stderr is not None
        for _ in range(3):  # by then it sleeps for two seconds
            assert "attempt" in process.stderr.readline()
        stopped(process, TERM)


def gone(pid: int) -> bool:
    """Whether a process has ended; one that only waits for its parent has."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return not Path("/proc").is_dir() or True


def pids_in(path: Path) -> list[int]:
    """The process ids that a child writes to `path`, waited for."""
    until = time.monotonic() + 15
    while time.monotonic() < until:
        if path.exists() and path.read_text().endswith("\n"):
            return [int(word) for word in path.read_text().split()]
        time.sleep(0.02)
    raise TimeoutError(f"nothing was written to {path}")


def all_gone(pids: list[int]) -> bool:
    until = time.monotonic() + 2
    while not (ended := all(map(gone, pids))) and time.monotonic() < until:
        time.sleep(0.02)
    return ended


def test_a_stubborn_child_and_its_grandchild_are_gone(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    command = stdio.command("clings_to_life", str(pids), "silent")
    with running(tmp_path, "check", *PATIENT, "--", *command) as process:
        children = pids_in(pids)
        stopped(process, TERM, TERM)

        assert len(children) == 2
        assert all_gone(children)


# Honest, but once its input ends it says so in a file and goes on running.
_LINGERING = """
import os, signal, sys, time
sys.path[:0] = [sys.argv[1]]
signal.signal(signal.SIGTERM, signal.SIG_IGN)
from tests.servers.stdio import honest
honest.main()
with open("closing", "w") as file:
    file.write(f"{os.getpid()}\\n")
time.sleep(600)
"""


def test_a_signal_while_a_child_is_being_ended_leaves_none(tmp_path: Path) -> None:
    root = str(Path(__file__).parents[2])
    command = (sys.executable, "-c", _LINGERING, root)
    with running(tmp_path, "check", *PATIENT, "--", *command) as process:
        children = pids_in(tmp_path / "closing")
        stopped(process, INT)

        assert all_gone(children)


_HANGING_RESOLVER = """
import socket, sys, threading
def hang(*arguments, **options):
    print("asked", flush=True)
    threading.Event().wait(600)
socket.getaddrinfo = hang
from mcpverify.__main__ import main
main()
"""


@contextmanager
def with_a_hanging_resolver(folder: Path, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """mcpverify where looking up a name never ends; prints `asked` when it is."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HANGING_RESOLVER, *arguments],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def test_a_signal_ends_a_name_look_up(tmp_path: Path) -> None:
    url = "http://slow-name.invalid/mcp"
    with with_a_hanging_resolver(tmp_path, "check", url, *PATIENT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "asked\n"
        stopped(process, INT)


def test_a_name_look_up_ends_at_its_deadline(tmp_path: Path) -> None:
    url = "http://slow-name.invalid/mcp"
    arguments = ("check", url, "--no-snapshot", "--timeout", "1s")
    began = time.monotonic()
    with with_a_hanging_resolver(tmp_path, *arguments) as process:
        out, err = process.communicate(timeout=20)

    assert process.returncode == 3
    assert time.monotonic() - began < PROMPT
    assert "slow-name.invalid did not resolve in time" in " ".join(out.split())
    assert err == ""


def test_a_signal_ends_a_report_that_nobody_reads(tmp_path: Path) -> None:
    tools = [tool(f"tool-{number}") for number in range(2000)]
    with (
        honest.serve(tools=tools) as server,
        running(tmp_path, "check", server.url, *PATIENT, "--format", "json") as process,
    ):
        assert process.stdout is not None
        wait_until_full(process.stdout)
        began = time.monotonic()
        process.send_signal(TERM)
        assert process.wait(20) == 143
        assert time.monotonic() - began < PROMPT


def wait_until_full(pipe: IO[str]) -> None:
    """Returns once a pipe holds as much as it can, as far as that can be seen."""
    import fcntl
    import struct
    import termios

    before, until = -1, time.monotonic() + 15
    while time.monotonic() < until:
        held = struct.unpack("i", fcntl.ioctl(pipe.fileno(), termios.FIONREAD, b"\0" * 4))[0]
        if 0 < held == before:
            return
        before = held
        time.sleep(0.2)
    raise TimeoutError("nothing was written")


def test_a_serving_demo_ends_well(tmp_path: Path) -> None:
    with running(tmp_path, "demo", "--serve") as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("listening ")
        process.send_signal(TERM)
        _, err = process.communicate(timeout=20)

    assert process.returncode == 0
    assert "Traceback" not in err


def test_a_stopped_demo_leaves_no_server_behind(tmp_path: Path) -> None:
    with running(tmp_path, "demo", "--fault", "tools-list-hangs", "-v") as process:
        children = wait_for_children(process.pid)
        stopped(process, INT)

        assert all_gone(children)


def wait_for_children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    if not path.exists():
        pytest.skip("this system does not tell the children of a process")
    until = time.monotonic() + 15
    while time.monotonic() < until:
        if children := path.read_text().split():
            return [int(child) for child in children]
        threading.Event().wait(0.02)
    raise TimeoutError("no child was started")


def test_a_signal_ends_the_reference_client(tmp_path: Path) -> None:
    count, issue = itertools.count(1), Issue()

    def second_hangs(call: Call) -> bytes | None:
        return call.honest if next(count) < 2 else call.wire.hold()

    arguments = ("--samples", "1", "--reference-client")
    with (
        honest.serve({"tools/list": second_hangs}, issue=issue) as server,
        running(tmp_path, "check", server.url, *PATIENT, *arguments) as process,
    ):
        server.wait_for("tools/list", times=2, seconds=20)
        stopped(process, INT)

        assert issue.issued[0] in ended(server), "our own session, if not that client's"


# Honest to whoever says it is mcpverify; to another it names itself and never answers.
_CHOOSY = """
import json, os, sys, time
sys.path[:0] = [sys.argv[1]]
from tests.servers.dialog import Dialog
from tests.servers.stdio.honest import answer_to, write
for line in sys.stdin.buffer:
    message = json.loads(line)
    told = json.dumps(message)
    if message.get("method") in ("initialize", "server/discover") and "mcpverify" not in told:
        with open("met", "w") as file:
            file.write(f"{os.getpid()}\\n")
        time.sleep(600)
    if answer := answer_to(message, Dialog()):
        write(answer)
"""


def test_a_signal_leaves_no_child_of_the_reference_client(tmp_path: Path) -> None:
    root = str(Path(__file__).parents[2])
    command = (sys.executable, "-c", _CHOOSY, root)
    arguments = ("check", *PATIENT, "--reference-client", "--", *command)
    with running(tmp_path, *arguments) as process:
        children = pids_in(tmp_path / "met")
        stopped(process, TERM)

        assert all_gone(children)
