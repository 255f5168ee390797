"""`ndjson`: events as they happen, on stdout and in files, whatever ends the run."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Mcpverify
from tests.reporters.test_ndjson_report import named, read
from tests.running import environment, started
from tests.servers import echoes_credentials, honest
from tests.servers.dialog import schema, tool
from tests.servers.honest import Call, Hook
from tests.servers.raw_http import response

ONE = ("--samples", "1", "--protocol", "2025-11-25", "--no-snapshot")
NDJSON = ("--format", "ndjson")


class Gate:
    """Holds the answer to a step until it is opened."""

    def __init__(self, step: str) -> None:
        self.opened = threading.Event()
        self.hooks: dict[str, Hook] = {step: self._hold}

    def _hold(self, call: Call) -> bytes:
        assert self.opened.wait(30)
        return call.honest


def until(stream: Any, wanted: Callable[[Any], bool]) -> list[Any]:
    """The events of `stream` up to one that is wanted."""
    events = []
    for line in stream:
        events += read(line)
        if wanted(events[-1]):
            return events
    raise AssertionError(f"it ended after {events}")


def is_exchange(step: str) -> Callable[[Any], bool]:
    return lambda event: event["event"] == "exchange" and event["step"] == step


def test_exchanges_are_told_while_the_run_goes_on(tmp_path: Path) -> None:
    held = Gate("tools/list")
    with (
        honest.serve(held.hooks) as server,
        started("check", server.url, *ONE, *NDJSON, cwd=tmp_path, home=tmp_path) as process,
    ):
        events = until(process.stdout, is_exchange("notifications/initialized"))
        assert events[0]["targets"] == [server.url]
        assert process.poll() is None, "the server has not answered tools/list yet"
        held.opened.set()
        rest, err = process.communicate(timeout=20)

    assert (process.returncode, err) == (0, "")
    assert [each["event"] for each in events] == ["run-started", "exchange", "exchange"]
    assert [each["step"] for each in events[1:]] == ["initialize", "notifications/initialized"]
    assert events[1]["status"] == 200
    later = read(rest)
    assert later[0]["step"] == "tools/list"
    assert later[-1]["event"] == "run-ended"
    assert (later[-1]["verdict"], later[-1]["exit_code"]) == ("passed", 0)


def test_a_file_grows_while_the_run_goes_on(tmp_path: Path) -> None:
    held = Gate("tools/list")
    file = tmp_path / "events.ndjson"
    report = ("--report", f"ndjson={file}")
    with (
        honest.serve(held.hooks) as server,
        started("check", server.url, *ONE, *report, cwd=tmp_path, home=tmp_path) as process,
    ):
        server.wait_for("tools/list")
        early = read(file.read_text())
        held.opened.set()
        out, _ = process.communicate(timeout=20)

    assert process.returncode == 0
    assert out.startswith("PASS")
    assert [each["event"] for each in early] == ["run-started", "exchange", "exchange"]
    whole = read(file.read_text())
    assert whole[: len(early)] == early
    assert whole[-1]["event"] == "run-ended"


def test_an_older_file_is_replaced(mcpverify: Mcpverify, tmp_path: Path) -> None:
    (tmp_path / "events.ndjson").write_text("old\n" * 1_000)
    with honest.serve() as server:
        run = mcpverify("check", server.url, *ONE, "--report", "ndjson=events.ndjson")

    assert run.code == 0
    assert read((tmp_path / "events.ndjson").read_text())[0]["event"] == "run-started"


def test_where_a_server_hangs_is_seen(mcpverify: Mcpverify) -> None:
    held = Gate("tools/list")
    with honest.serve(held.hooks) as server:
        run = mcpverify("check", server.url, *ONE, *NDJSON, "--timeout", "300ms")
        held.opened.set()

    failed = [each for each in named(read(run.stdout), "exchange") if each["failure"]]
    assert run.code == 1
    assert (failed[0]["step"], failed[0]["failure"]) == ("tools/list", "timeout")
    assert failed[0]["status"] is None
    assert 0.25 < failed[0]["seconds"] < 5


def test_both_eras_and_every_connection_are_told(mcpverify: Mcpverify) -> None:
    with honest.serve(eras=("handshake", "stateless")) as server:
        run = mcpverify("check", server.url, "--no-snapshot", *NDJSON)

    events = named(read(run.stdout), "exchange")
    assert {each["era"] for each in events} == {"handshake", "stateless"}
    assert {each["role"] for each in events} == {"primary", "other-era", "sample"}
    assert {each["era"] for each in events if each["role"] == "other-era"} == {"stateless"}
    steps = [each["step"] for each in events]
    assert steps.count("tools/list") == server.steps.count("tools/list")
    assert steps.count("end-session") == server.steps.count("delete")


def test_the_stream_of_http_and_sse_is_told(mcpverify: Mcpverify) -> None:
    from tests.servers import honest_sse

    with honest_sse.serve() as server:
        run = mcpverify("check", server.url, "--transport", "sse", *ONE, *NDJSON)

    steps = [each["step"] for each in named(read(run.stdout), "exchange")]
    assert steps[:3] == ["open-stream", "initialize", "notifications/initialized"]


def test_attempts_are_told_with_their_reason(mcpverify: Mcpverify) -> None:
    answers = iter([response(503), response(503)])
    hooks: dict[str, Hook] = {"initialize": lambda call: next(answers, call.honest)}
    with honest.serve(hooks) as server:
        run = mcpverify(
            *("check", server.url, *ONE, *NDJSON, "--wait", "20s", "--consecutive", "1")
        )

    events = read(run.stdout)
    attempts = named(events, "attempt")
    assert run.code == 0
    assert [each["number"] for each in attempts] == [1, 2]
    assert {each["situation"] for each in attempts} == {"unavailable"}
    assert all("503" in each["headline"] for each in attempts)
    assert {each["attempt"] for each in named(events, "exchange")} == {1, 2, 3}
    assert named(events, "target")[0]["attempts"] == 3
    assert len(run.stderr.splitlines()) == 2, "people are told as well"


def test_quiet_keeps_attempts_in_the_stream(mcpverify: Mcpverify) -> None:
    answers = iter([response(503)])
    hooks: dict[str, Hook] = {"initialize": lambda call: next(answers, call.honest)}
    with honest.serve(hooks) as server:
        run = mcpverify(
            *("check", server.url, *ONE, *NDJSON, "-q", "--wait", "20s", "--consecutive", "1")
        )

    assert (run.code, run.stderr) == (0, "")
    assert len(named(read(run.stdout), "attempt")) == 1


@pytest.mark.parametrize("serve", [echoes_credentials.serve, echoes_credentials.serve_failing])
def test_an_echoed_credential_is_in_no_event(
    mcpverify: Mcpverify, tmp_path: Path, serve: Callable[[], Any]
) -> None:
    secret = "s3cr3t-t0ken-0f-this-test"
    with serve() as server:
        run = mcpverify(
            *("check", server.url.replace("//", "//user:pa55w0rd-too@"), "--no-snapshot"),
            *("-H", f"Authorization: Bearer {secret}", *NDJSON),
            *("--wait", "1s", "--report", "ndjson=events.ndjson", "--require-tool", secret),
        )

    text = run.output + (tmp_path / "events.ndjson").read_text()
    assert named(read(run.stdout), "exchange")
    assert secret not in text
    assert "pa55w0rd" not in text
    assert "***" in named(read(run.stdout), "run-started")[0]["again"]


def test_a_reader_that_goes_away_keeps_the_verdict(tmp_path: Path) -> None:
    gone = threading.Event()

    def wrong(call: Call) -> bytes:
        assert gone.wait(30)
        return call.answer({"tools": "none"})

    with (
        honest.serve({"tools/list": wrong}) as server,
        started("check", server.url, *ONE, *NDJSON, cwd=tmp_path, home=tmp_path) as process,
    ):
        assert process.stdout is not None
        assert process.stderr is not None
        until(process.stdout, is_exchange("initialize"))
        process.stdout.close()
        gone.set()
        code = process.wait(20)
        err = process.stderr.read()

    assert (code, err) == (1, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_a_full_disk_under_a_stream_hides_no_report(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        run = mcpverify("check", server.url, *ONE, "--report", "ndjson=/dev/full")

    assert run.code == 2
    assert run.stdout.startswith("PASS")
    assert "--report /dev/full: No space left on device" in run.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_a_full_disk_under_stdout_ends_no_run(tmp_path: Path) -> None:
    report = ("--report", "ndjson=events.ndjson")
    with honest.serve() as server, open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "mcpverify", "check", server.url, *ONE, *NDJSON, *report]
        run = subprocess.run(
            command,
            cwd=tmp_path,
            env=environment(tmp_path),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=30,
        )

    assert run.returncode == 2
    assert "stdout cannot be written" in run.stderr
    events = read((tmp_path / "events.ndjson").read_text())
    assert events[-1]["verdict"] == "passed"


def test_a_run_that_cannot_judge_says_so_at_its_end(mcpverify: Mcpverify, tmp_path: Path) -> None:
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "snapshots" / "other.json").write_text("{}")
    with honest.serve() as server:
        run = mcpverify("check", server.url, *NDJSON)

    events = read(run.stdout)
    assert run.code == 2
    assert named(events, "exchange")
    assert (events[-1]["event"], events[-1]["verdict"]) == ("run-ended", None)
    assert events[-1]["exit_code"] == 2


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on Unix")
def test_a_run_that_is_stopped_says_so_at_its_end(tmp_path: Path) -> None:
    held = Gate("tools/list")
    with (
        honest.serve(held.hooks) as server,
        started("check", server.url, *ONE, *NDJSON, cwd=tmp_path, home=tmp_path) as process,
    ):
        until(process.stdout, is_exchange("notifications/initialized"))
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=20)
        held.opened.set()

    events = read(out)
    assert process.returncode == 143
    assert events[-1]["event"] == "run-ended"
    assert (events[-1]["verdict"], events[-1]["exit_code"]) == (None, 143)
    assert is_exchange("end-session")(events[-2]), "sessions are ended before"


def test_a_call_that_makes_no_sense_tells_of_no_run(mcpverify: Mcpverify, tmp_path: Path) -> None:
    run = mcpverify("check", *NDJSON, "--report", "ndjson=events.ndjson")

    assert (run.code, run.stdout) == (2, "")
    assert not (tmp_path / "events.ndjson").exists()


def test_a_replayed_run_has_the_same_outcome_and_no_live_events(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        live = mcpverify("check", server.url, *ONE, *NDJSON, "--transcript", "t.json")
    replayed = mcpverify("check", "--replay", "t.json", "--no-snapshot", *NDJSON)

    assert (live.code, replayed.code) == (0, 0), replayed.output
    found = {each["check"]["id"] for each in named(read(replayed.stdout), "finding")}
    assert found == {each["check"]["id"] for each in named(read(live.stdout), "finding")}
    assert named(read(replayed.stdout), "exchange") == []


def test_a_snapshot_is_followed_as_well(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        run = mcpverify("snapshot", server.url, *NDJSON)

    events = read(run.stdout)
    assert run.code == 0
    assert named(events, "exchange")
    assert named(events, "target")[0]["situation"] == "recorded"


def test_a_comparison_tells_of_what_differs(mcpverify: Mcpverify, tmp_path: Path) -> None:
    for name, modes in (("a.json", ["fast", "fuzzy"]), ("b.json", ["fast"])):
        tools = [tool("search", inputSchema=schema(mode={"enum": modes})), tool("other")]
        (tmp_path / name).write_text(json.dumps({"tools": tools}))
    run = mcpverify("diff", "a.json", "b.json", *NDJSON)

    events = read(run.stdout)
    assert run.code == 1
    assert [each["event"] for each in events] == ["run-started", "tool", "comparison", "run-ended"]
    assert events[1]["tool"]["changes"][0]["witness"]["call"] == 'search({"mode": "fuzzy"})'


def test_who_does_not_ask_for_events_loads_nothing_of_them(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from mcpverify.cli.app import main\n"
        "assert main(sys.argv[1:]) == 0\n"
        "loaded = [each for each in sys.modules if 'event' in each or 'stream' in each]\n"
        "assert not [each for each in loaded if each.startswith('mcpverify.')"
        " and not each.startswith('mcpverify.wire.')], loaded\n"
    )
    with honest.serve() as server:
        command = [sys.executable, "-c", code, "check", server.url, *ONE]
        run = subprocess.run(
            command, cwd=tmp_path, env=environment(tmp_path), timeout=30, capture_output=True
        )

    assert run.returncode == 0, run.stderr


def test_events_come_in_the_order_of_time(mcpverify: Mcpverify) -> None:
    began = time.time()
    with honest.serve() as server:
        run = mcpverify("check", server.url, *ONE, *NDJSON)

    times = [each["time"] for each in read(run.stdout)]
    assert times == sorted(times)
    stamp = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(began))
    assert times[0][:16] >= stamp
