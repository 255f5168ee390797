"""`--wait`: the whole gate again and again, until it is green, hopeless, or out of time."""

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mcpverify.verify.waiting import FIRST_PAUSE
from tests.cli.reading import judged
from tests.conftest import Mcpverify
from tests.running import environment
from tests.servers import honest, is_no_mcp_server
from tests.servers.certificates import Authority
from tests.servers.dialog import tool
from tests.servers.honest import Call, Hook
from tests.servers.raw_http import response

ONE = ("--samples", "1", "--protocol", "2025-11-25")  # one session to an attempt


def turning(answer: Callable[[int, Call], bytes | None]) -> dict[str, Hook]:
    """A hook on initialize: `answer(number, call)`, or the honest one where that is None."""
    count = itertools.count(1)

    def hook(call: Call) -> bytes:
        return answer(next(count), call) or call.honest

    return {"initialize": hook}


def attempts_told(stderr: str) -> list[str]:
    lines = stderr.splitlines()
    assert all(line.startswith("attempt ") for line in lines), stderr
    return lines


def test_a_server_that_turns_green_is_met_three_times(mcpverify: Mcpverify) -> None:
    hooks = turning(lambda n, call: response(503) if n <= 2 else None)
    with honest.serve(hooks) as server:
        run = mcpverify(
            "check", server.url, *ONE, "--no-snapshot", "--wait", "20s", "--format", "json"
        )

    report = judged(run)
    assert (run.code, report.verdict) == (0, "passed")
    assert report.target["attempts"] == 5, "two red ones, then three green ones in a row"
    assert server.steps.count("initialize") == 5
    assert len(attempts_told(run.stderr)) == 4
    assert "503" in run.stderr.splitlines()[0]


def test_one_red_breaks_the_streak(mcpverify: Mcpverify) -> None:
    hooks = turning(lambda n, call: response(503) if n == 2 else None)
    with honest.serve(hooks) as server:
        run = mcpverify(
            *("check", server.url, *ONE, "--no-snapshot"),
            *("--wait", "20s", "--consecutive", "2", "--format", "json"),
        )

    assert run.code == 0
    assert judged(run).target["attempts"] == 4


def test_each_attempt_is_a_fresh_connection(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        run = mcpverify("check", server.url, *ONE, "--no-snapshot", "--wait", "20s")

    assert run.code == 0
    openings = [each for each in server.requests if each.step == "initialize"]
    assert len({each.connection for each in openings}) == 3


def test_without_wait_one_attempt_is_made(mcpverify: Mcpverify) -> None:
    hooks = turning(lambda n, call: response(503))
    with honest.serve(hooks) as server:
        run = mcpverify("check", server.url, *ONE, "--no-snapshot")

    assert run.code == 3
    assert run.stderr == ""
    assert server.steps.count("initialize") == 1


def test_consecutive_needs_no_wait(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        run = mcpverify("check", server.url, *ONE, "--no-snapshot", "--consecutive", "2")

    assert run.code == 0
    assert server.steps.count("initialize") == 2


def test_retry_after_is_honored(mcpverify: Mcpverify) -> None:
    moments: list[float] = []

    def busy(number: int, call: Call) -> bytes | None:
        moments.append(time.monotonic())
        return response(503, headers=(("Retry-After", "2"),)) if number == 1 else None

    with honest.serve(turning(busy)) as server:
        run = mcpverify(
            "check", server.url, *ONE, "--no-snapshot", "--wait", "20s", "--consecutive", "1"
        )

    assert run.code == 0
    assert moments[1] - moments[0] >= 2


def test_the_time_ends_with_the_last_attempt(mcpverify: Mcpverify) -> None:
    with is_no_mcp_server.serve(503, b"deploying", "text/plain") as server:
        run = mcpverify("check", server.url, "--no-snapshot", "--wait", "2s", "--format", "json")

    report = judged(run)
    assert run.code == 3
    assert "503" in report.headline
    assert report.target["attempts"] == len(attempts_told(run.stderr)) + 1 > 2
    # What is left then may be less than half of the shortest pause: that is not waited for.
    assert 2 - FIRST_PAUSE / 2 <= report.target["seconds"] <= 4


@pytest.mark.parametrize("status", [401, 403, 421])
def test_a_refusal_is_not_waited_for(mcpverify: Mcpverify, status: int) -> None:
    with is_no_mcp_server.serve(status, b"no", "text/plain") as server:
        run = mcpverify("check", server.url, "--no-snapshot", "--wait", "20s")

    assert run.code == 3
    assert run.seconds < 5
    assert run.stderr == ""


def test_an_untrusted_certificate_is_not_waited_for(
    mcpverify: Mcpverify, authority: Authority
) -> None:
    with honest.serve(tls=authority.server()) as server:
        run = mcpverify("check", server.url, "--no-snapshot", "--wait", "20s")

    assert run.code == 3
    assert run.seconds < 5
    assert "not trusted" in run.words


@pytest.mark.parametrize(
    "arguments",
    [
        ("--snapshot", "missing.json", "http://127.0.0.1:9/mcp"),
        ("--", "./no-such-command"),
    ],
    ids=["snapshot", "command"],
)
def test_a_mistake_is_not_waited_for(mcpverify: Mcpverify, arguments: tuple[str, ...]) -> None:
    run = mcpverify("check", "--wait", "20s", *arguments)

    assert run.code == 2
    assert run.seconds < 5


def test_the_old_contract_is_waited_out(mcpverify: Mcpverify) -> None:
    """Just after a rollout the old release may still answer."""
    tools = [tool("add")]
    with honest.serve(tools=tools) as server:
        mcpverify("snapshot", "--snapshot", "reviewed.json", server.url)
    count = itertools.count(1)

    def old_then_new(call: Call) -> bytes:
        old = {"tools": [tool("sum")]}
        return call.answer(old) if next(count) <= 2 else call.honest

    with honest.serve({"tools/list": old_then_new}, tools=tools) as server:
        run = mcpverify(
            *("check", server.url, *ONE, "--snapshot", "reviewed.json"),
            *("--wait", "20s", "--consecutive", "1", "--format", "json"),
        )

    assert run.code == 0
    assert judged(run).target["attempts"] == 3
    assert "1 of 1 tool breaks callers" in attempts_told(run.stderr)[0]


def test_disagreeing_replicas_are_waited_for(mcpverify: Mcpverify) -> None:
    count = itertools.count(1)

    def now_this_now_that(call: Call) -> bytes:
        return call.answer({"tools": [tool("sum")]}) if next(count) == 2 else call.honest

    with honest.serve({"tools/list": now_this_now_that}) as server:
        run = mcpverify(
            *("check", server.url, "--protocol", "2025-11-25", "--no-snapshot"),
            *("--wait", "20s", "--consecutive", "1", "--format", "json"),
        )

    assert run.code == 0
    assert judged(run).target["attempts"] == 2
    assert "REPLICAS DIFFER" in attempts_told(run.stderr)[0]


def test_a_server_that_is_not_up_yet_is_waited_for(mcpverify: Mcpverify, tmp_path: Path) -> None:
    """The command fails until its second attempt has left a file behind."""
    script = (
        "import os, sys; sys.path[:0] = [sys.argv[1]]\n"
        "if not os.path.exists('warm'):\n"
        "    open('warm', 'w').close(); sys.exit('still cold')\n"
        "from tests.servers.stdio import honest; honest.main()"
    )
    root = str(Path(__file__).parents[2])
    run = mcpverify(
        *("check", "--no-snapshot", "--wait", "10s", "--consecutive", "1", "--format", "json"),
        *("--", sys.executable, "-c", script, root),
    )

    assert run.code == 0
    assert judged(run).target["attempts"] == 2
    assert (tmp_path / "warm").exists()


def test_quiet_waits_in_silence(mcpverify: Mcpverify) -> None:
    hooks = turning(lambda n, call: response(503) if n == 1 else None)
    with honest.serve(hooks) as server:
        run = mcpverify(
            *("check", server.url, *ONE, "--no-snapshot", "-q"),
            *("--wait", "20s", "--consecutive", "1"),
        )

    assert run.code == 0
    assert run.stderr == ""


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are a Unix thing")
def test_a_terminal_gets_one_live_line_and_a_pipe_the_report(
    tmp_path: Path,
) -> None:
    import pty

    leader, follower = pty.openpty()
    hooks = turning(lambda n, call: response(503) if n == 1 else None)
    with honest.serve(hooks) as server:
        command = ("check", server.url, *ONE, "--no-snapshot", "--format", "json")
        process = subprocess.Popen(
            [sys.executable, "-m", "mcpverify", *command, "--wait", "20s", "--consecutive", "1"],
            env=environment(tmp_path, {"TERM": "xterm-256color"}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=follower,
        )
        os.close(follower)
        shown = _all_of(leader)
        assert process.stdout is not None
        with process.stdout as stdout:
            report = json.loads(stdout.read())
        assert process.wait(20) == 0

    assert report["targets"][0]["attempts"] == 2
    assert b"attempt 1" in shown
    assert b"UNAVAILABLE" in shown
    drawn, _, after = shown.rpartition(b"waiting")
    assert b"\n" not in drawn, "one line, redrawn in place"
    assert b"\x1b[2K" in after, "and taken away at the end"


def _all_of(descriptor: int) -> bytes:
    """What a pseudo-terminal was sent, until its other side is closed."""
    pieces = []
    try:
        while piece := os.read(descriptor, 65536):
            pieces.append(piece)
    except OSError:
        pass  # Linux says so when the last writer is gone
    os.close(descriptor)
    return b"".join(pieces)


def test_a_lasting_refusal_ends_a_wait_that_was_under_way(mcpverify: Mcpverify) -> None:
    hooks = turning(lambda n, call: response(503 if n == 1 else 401))
    with honest.serve(hooks) as server:
        run = mcpverify(
            "check", server.url, *ONE, "--no-snapshot", "--wait", "20s", "--format", "json"
        )

    assert run.code == 3
    assert judged(run).target["attempts"] == 2
    assert "401" in judged(run).headline
