"""The exit code says what happened: one of a table, decided by the worst that was seen."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from mcpverify.cli.exit_codes import MEANINGS, ExitCode
from mcpverify.reporters.json_report import schema
from tests.cli.reading import Judged, judged
from tests.conftest import Mcpverify
from tests.running import environment
from tests.servers import (
    breaks_at_close,
    fails_listing,
    hangs,
    honest,
    is_no_mcp_server,
    lists_invalid_schemas,
    stdio,
)
from tests.servers.dialog import tool
from tests.servers.raw_http import RawServer

Serve = Callable[[], AbstractContextManager[RawServer]]
QUICK = ("--no-snapshot", "--timeout", "700ms", "--samples", "1")


@pytest.mark.parametrize(
    ("serve", "code"),
    [
        (honest.serve, 0),
        (lambda: is_no_mcp_server.serve(404, b"not here", "text/plain"), 1),
        (lambda: is_no_mcp_server.serve(200, b"<html><title>Shop</title></html>"), 1),
        (fails_listing.serve, 1),
        (breaks_at_close.serve, 1),
        (lambda: is_no_mcp_server.serve(401, b"who?", "text/plain"), 3),
        (lambda: is_no_mcp_server.serve(503, b"soon", "text/plain"), 3),
        (lambda: hangs.serve("accept"), 3),
    ],
    ids=[
        "honest",
        "404",
        "html",
        "failed-list",
        "dies-of-delete",
        "401",
        "503",
        "silent",
    ],
)
def test_what_a_server_does_decides_the_code(mcpverify: Mcpverify, serve: Serve, code: int) -> None:
    with serve() as server:
        run = mcpverify("check", server.url, *QUICK, "--format", "json")

    report = judged(run)
    assert run.code == code
    assert run.stderr == ""
    assert report.whole["exit_code"] == code
    assert report.verdict == {0: "passed", 1: "failed", 3: "inconclusive"}[code]
    Draft202012Validator(schema()).validate(report.whole)


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port of loopback that refuses connections, and stays so."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def test_nobody_there_is_no_verdict(mcpverify: Mcpverify, nobody: int) -> None:
    for url, words in (
        (f"http://127.0.0.1:{nobody}/mcp", "refused the connection"),
        ("http://no-such-host.invalid/mcp", "does not resolve"),
    ):
        run = mcpverify("check", url, "--no-snapshot")
        assert run.code == 3
        assert words in run.words


def test_a_child_that_ends_before_it_answers_is_wrong(mcpverify: Mcpverify) -> None:
    run = mcpverify("check", "--no-snapshot", "--", *stdio.command("exits"))

    assert run.code == 1
    assert "exited with code" in run.words


def test_a_child_that_never_answers_is_no_verdict(mcpverify: Mcpverify) -> None:
    run = mcpverify("check", *QUICK, "--", *stdio.command("never_answers"))

    assert run.code == 3


def test_a_differing_contract_is_wrong(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        assert mcpverify("snapshot", server.url).code == 0
    with honest.serve(tools=[tool("add"), tool("multiply")]) as server:
        run = mcpverify("check", server.url)

    assert run.code == 1
    assert run.stdout.startswith("FAIL")
    assert "subtract" in run.stdout
    assert "multiply" in run.stdout


def test_a_gating_check_that_could_not_be_asked_is_no_verdict(mcpverify: Mcpverify) -> None:
    with fails_listing.serve(status=429) as server:
        run = mcpverify("check", server.url, *QUICK, "--format", "json")

    assert judged(run).outcome("handshake") == "passed"
    assert judged(run).outcome("tools-listed") == "not-observed"
    assert run.code == 3


def test_a_check_that_a_flag_switched_off_does_not_keep_the_verdict(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        run = mcpverify("check", server.url, *QUICK, "--keep-session", "--format", "json")

    assert judged(run).outcome("session-lifecycle") == "not-applicable"
    assert run.code == 0
    assert "delete" not in server.steps


def test_what_failed_outweighs_what_was_not_seen(mcpverify: Mcpverify) -> None:
    with fails_listing.serve() as server:
        run = mcpverify("check", server.url, *QUICK, "--format", "json")

    assert judged(run).outcome("tools-listed") == "failed"
    assert judged(run).outcome("tool-names") == "not-observed"
    assert run.code == 1


def test_strict_makes_warnings_fail(mcpverify: Mcpverify) -> None:
    with lists_invalid_schemas.serve("unknown-dialect") as server:
        assert mcpverify("check", server.url, *QUICK).code == 0
        assert mcpverify("check", server.url, *QUICK, "--strict").code == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
@pytest.mark.parametrize("flag", ["--report", "--transcript"])
def test_a_file_that_could_not_be_written_outweighs_the_verdict(
    mcpverify: Mcpverify, flag: str
) -> None:
    path = "json=/dev/full" if flag == "--report" else "/dev/full"
    with fails_listing.serve() as server:
        run = mcpverify("check", server.url, *QUICK, flag, path)

    assert run.code == 2
    assert run.stdout.startswith("FAIL"), "the report itself is not lost"
    assert f"{flag} /dev/full: No space left on device" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_report_goes_to_files_beside_the_terminal(mcpverify: Mcpverify, tmp_path: Path) -> None:
    with honest.serve() as server:
        run = mcpverify(
            "check", server.url, *QUICK, "--report", "json=a.json", "--report", "terminal=b.txt"
        )

    assert run.code == 0
    assert run.stdout.startswith("PASS")
    report = Judged((tmp_path / "a.json").read_text())
    assert report.verdict == "passed"
    Draft202012Validator(schema()).validate(report.whole)
    assert (tmp_path / "b.txt").read_text() == run.stdout


def test_json_keeps_its_shape_whatever_the_verbosity(mcpverify: Mcpverify) -> None:
    def shape(value: object) -> object:
        if isinstance(value, dict):
            return {key: shape(each) for key, each in value.items()}
        return [shape(each) for each in value] if isinstance(value, list) else None

    with honest.serve() as server:
        reports = [
            judged(mcpverify("check", server.url, *QUICK, "--format", "json", *more)).whole
            for more in ((), ("-q",), ("-vv",))
        ]

    assert shape(reports[0]) == shape(reports[1]) == shape(reports[2])


def _mcpverify(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "mcpverify", *arguments]


@pytest.mark.parametrize("form", ["terminal", "json"])
@pytest.mark.parametrize("code", [0, 1])
def test_a_closed_pipe_keeps_the_verdict(tmp_path: Path, form: str, code: int) -> None:
    tools = [tool(f"tool-{number}") for number in range(1000)]
    hooks = {} if code == 0 else {"ping": lambda call: call.error(-1, "no", 500)}
    with honest.serve(hooks, tools=tools) as server:
        process = subprocess.Popen(
            _mcpverify("check", server.url, *QUICK, "--format", form),
            cwd=tmp_path,
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        with process.stderr as stderr:
            assert stderr.read() == b""
        assert process.wait(20) == code


@pytest.mark.skipif(os.name != "posix", reason="descriptors are closed by the shell")
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_keep_the_verdict(tmp_path: Path, closed: str) -> None:
    with fails_listing.serve() as server:
        for target, code in ((server.url, 1), ("ftp://x/", 2)):
            command = " ".join(_mcpverify("check", target, *QUICK))
            run = subprocess.run(
                ["sh", "-c", f"{command} {closed}"],
                cwd=tmp_path,
                env=environment(tmp_path),
                capture_output=True,
                timeout=20,
            )
            assert run.returncode == code, run
            assert b"Traceback" not in run.stdout + run.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_a_full_disk_under_stdout_is_told(tmp_path: Path) -> None:
    with honest.serve() as server, open("/dev/full", "wb") as full:
        run = subprocess.run(
            _mcpverify("check", server.url, *QUICK),
            cwd=tmp_path,
            env=environment(tmp_path),
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=20,
            text=True,
        )

    assert run.returncode == 2
    assert run.stderr.startswith("mcpverify: stdout cannot be written: No space left")
    assert "Traceback" not in run.stderr


# A bug of ours, made to order: what the gate calls first raises, with a token in its words.
_BUGGY = """
import sys
import mcpverify.verify.check as verify
from mcpverify.cli.app import main

def broken(*arguments):
    raise KeyError("for Bearer token-in-a-traceback")

verify.check = broken
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("debug", [False, True])
def test_a_bug_of_ours_is_no_verdict_on_the_server(tmp_path: Path, debug: bool) -> None:
    arguments = ["check", "http://127.0.0.1:9/mcp", "-H", "Authorization: Bearer ${TOKEN}"]
    run = subprocess.run(
        [sys.executable, "-c", _BUGGY, *arguments, *(["--debug"] if debug else [])],
        cwd=tmp_path,
        env=environment(tmp_path, {"TOKEN": "token-in-a-traceback"}),
        capture_output=True,
        timeout=20,
        text=True,
    )

    assert run.returncode == 70
    assert run.stdout == ""
    assert "a bug of mcpverify: KeyError" in run.stderr
    assert ("Traceback" in run.stderr) is debug
    assert "token-in-a-traceback" not in run.stderr


def test_every_code_has_a_meaning() -> None:
    assert set(MEANINGS) == set(ExitCode)
    assert json.dumps(sorted(int(code) for code in ExitCode)) == "[0, 1, 2, 3, 70, 130, 143]"
