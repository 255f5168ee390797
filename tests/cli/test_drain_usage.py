"""`drain` called wrongly: exit code 2 and one line, and nothing was started, asked or stopped."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mcpverify.cli.debugging import redactor_for
from mcpverify.cli.invocation import Invocation
from tests.cli.test_invocations import assert_refused
from tests.conftest import Mcpverify

# Nobody listens here, and nobody is asked: all is refused before a connection is made.
URL = "http://127.0.0.1:9/mcp"
STOP = ("--stop-command", "touch stopped", "--yes")
COMMAND = ("--", "touch", "started")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "no TARGET was given"),
        (("--",), "no COMMAND after --"),
        (("--yes", "--"), "no COMMAND after --"),
        ((URL, *COMMAND), "both a TARGET and a COMMAND"),
        ((URL,), "not said how TARGET is stopped"),
        ((URL, "--yes"), "not said how TARGET is stopped"),
        ((URL, "--restart-command", "true", "--yes"), "not said how TARGET is stopped"),
        (("--pid", "PID", "--yes"), "--pid needs the TARGET"),
        (STOP, "--stop-command needs the TARGET"),
        ((URL, "--pid", "PID"), "--pid: it stops the server"),
        ((URL, "--stop-command", "touch stopped"), "--stop-command: it stops the server"),
        (("--pid", "PID", "--yes", *COMMAND), "--pid means nothing to a COMMAND"),
        ((*STOP, *COMMAND), "--stop-command means nothing to a COMMAND"),
        ((URL, "--pid", "0", "--yes"), "--pid"),
        ((URL, "--pid", "-5", "--yes"), "--pid"),
        ((URL, "--stop-command", " ", "--yes"), "--stop-command is empty"),
        (("--restart-command", "", *COMMAND), "--restart-command is empty"),
        (("--url", "", *COMMAND), "--url is empty"),
        (("--url", "ftp://127.0.0.1/mcp", *COMMAND), "unknown scheme ftp://"),
        ((URL, "--url", URL, *STOP), "--url is for a COMMAND"),
        ((URL, "--pid1", *STOP), "--pid1 needs a COMMAND"),
        ((URL, "--signal-group", *STOP), "--signal-group does not go with --stop-command"),
        (("--pid1", "--signal-group", *COMMAND), "exclude each other"),
        ((URL, "--twice", *STOP), "--twice does not go with --stop-command"),
        ((URL, "--signal", "SIGINT", *STOP), "--signal does not go with --stop-command"),
        (("--signal", "SIGKILL", *COMMAND), "none of SIGTERM, SIGINT"),
        (("--signal", "", *COMMAND), "none of SIGTERM, SIGINT"),
        (("--args", "{}", *COMMAND), "--args without --call"),
        (("--call", "", *COMMAND), "--call is empty"),
        (("--call", "brew", "--args", "[1]", *COMMAND), "--args is no JSON object"),
        (("--call", "brew", "--args", "{a: 1}", *COMMAND), "--args is no JSON object"),
        (("--call", "brew", "--args", "", *COMMAND), "--args is no JSON object"),
        (("--sessions", "0", *COMMAND), "--sessions"),
        (("--sessions", "1001", *COMMAND), "--sessions"),
        (("--rate", "0", *COMMAND), "--rate"),
        (("--trials", "0", *COMMAND), "--trials"),
        ((URL, "--pid", "PID", "--yes", "--trials", "2"), "--trials needs a way to start it"),
        (("--grace", "1s", *COMMAND), "held back for a second"),
        (("--grace", "soon", *COMMAND), "write 500ms, 30s or 2m"),
        (("--p99", "0", *COMMAND), "between 0 and 24 hours"),
        (("--readiness", "readyz", *COMMAND), "--readiness is no URL and no path"),
        (("--readiness", "//host/readyz", *COMMAND), "--readiness is no URL and no path"),
        (("--liveness", "ftp://host/", *COMMAND), "--liveness is no URL and no path"),
        (("--liveness", "http://[::1/", *COMMAND), "--liveness is no URL and no path"),
        (("--liveness", "/a b", *COMMAND), "--liveness is no URL and no path"),
        ((URL, "--transport", "stdio", *STOP), "--transport stdio needs a COMMAND"),
        (("--transport", "stdio", "--url", URL, *COMMAND), "--url means nothing over stdio"),
        (("--transport", "stdio", "--liveness", "/", *COMMAND), "--liveness means nothing"),
        (("--transport", "stdio", "-k", *COMMAND), "--insecure means nothing to a COMMAND"),
        (("--connect-to", "a:1:b:2", *COMMAND), "need --url"),
        (("--url", URL, "--connect-to", "a:1:b:2", *COMMAND), "names a:1"),
        (("--key", "key.pem", *COMMAND), "--key needs --cert"),
        (("--bearer-env", "NO_SUCH_TOKEN", *COMMAND), "NO_SUCH_TOKEN is not set"),
        (("--report", "json=no/such/file", *COMMAND), "there is no directory no/such"),
        (("--record", "no/such/file", *COMMAND), "--record no/such/file: there is no directory"),
        (("--record", ".", *COMMAND), "--record .: it is a directory"),
        (("--record", "snapshots/weather.json", *COMMAND), "is a snapshot"),
        (("-q", "-v", *COMMAND), "exclude each other"),
        ((URL, URL, *STOP), "more than one TARGET"),
        (("--replay", "record.json", URL), "--replay takes no TARGET"),
        (("--replay", "record.json", *COMMAND), "--replay takes no TARGET"),
        (("--replay", "record.json", "--trials", "3"), "--trials does not go with --replay"),
        (("--replay", "record.json", "--pid", "PID"), "--pid does not go with --replay"),
        (("--replay", "record.json", "--record", "b.json"), "--record does not go with --replay"),
        (("--replay", "record.json", "-H", "X: y"), "-H does not go with --replay"),
        (("--replay", "missing.json"), "--replay missing.json: no such file"),
        (("--replay", "."), "--replay .: it is no file"),
        (("--replay", "text"), "no record of drain: It is not JSON"),
        (("--replay", "snapshots/weather.json"), 'no record of drain: it lacks "timeline": 1'),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, tuple) else "",
)
def test_a_contradiction_is_told_in_one_line_and_nothing_is_touched(
    mcpverify: Mcpverify,
    sleeper: "subprocess.Popen[bytes]",
    tmp_path: Path,
    arguments: tuple[str, ...],
    words: str,
) -> None:
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "snapshots" / "weather.json").write_text("{}")
    (tmp_path / "text").write_text("hello\n")

    run = mcpverify("drain", *(str(sleeper.pid) if each == "PID" else each for each in arguments))

    assert_refused(run, words)
    assert not (tmp_path / "started").exists()
    assert not (tmp_path / "stopped").exists()
    assert sleeper.poll() is None


@pytest.fixture(scope="module")
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that must not be stopped."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.send_signal(signal.SIGKILL)


def test_drain_does_not_stop_what_runs_it(mcpverify: Mcpverify) -> None:
    # The harness between us runs it: what we would have to name is the parent of the command.
    command = f"exec {sys.executable} -m mcpverify drain {URL} --pid $$ --yes"
    done = subprocess.run(
        ["/bin/sh", "-c", command], capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 2
    assert "is mcpverify" in done.stderr


def test_no_credential_of_a_line_for_the_shell_is_repeated(mcpverify: Mcpverify) -> None:
    token = "sk-live-9f8e7d6c5b4a39281706f5e4"
    lines = (
        ("--stop-command", f"curl -H 'Authorization: Bearer {token}' http://host/stop"),
        ("--restart-command", f"deploy --token {token}"),
        ("--call", "brew", "--args", f'{{"api_key": "{token}"}}'),
    )
    for line in lines:
        run = mcpverify("drain", "--debug", f"http://127.0.0.1:9/{token[:0]}mcp", *line)
        assert run.code == 2
        assert token not in run.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("--readiness", "/readyz?key=TOKEN"),
        ("--liveness=/livez?key=TOKEN",),
        ("--stop-command", "stop --token TOKEN;"),
        ("--", "sh", "-c", "SECRET_KEY=TOKEN exec server"),
    ],
    ids=" ".join,
)
def test_what_an_error_may_repeat_is_known_to_be_secret(arguments: tuple[str, ...]) -> None:
    invocation = Invocation.of(["drain", *arguments])
    assert redactor_for(invocation, {}).text("no TOKEN") == "no ***"
    assert "TOKEN" not in invocation.again()


@pytest.mark.skipif(os.name != "posix", reason="bytes that are no text are given as on Unix")
def test_bytes_that_are_no_text_are_refused(mcpverify: Mcpverify) -> None:
    odd = os.fsdecode(b'{"a": "\xff"}')
    assert_refused(mcpverify("drain", "--call", "brew", "--args", odd, *COMMAND), "--args")
