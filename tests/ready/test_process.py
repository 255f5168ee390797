"""`ready` as a process: what it loads, what it costs, and how it ends."""

import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import typer

from mcpverify.cli.app import app_with
from mcpverify.cli.ready import SECONDS, SWITCHES, VALUES, options_in
from tests.conftest import Mcpverify
from tests.documents import CHECKOUT
from tests.running import environment, started
from tests.servers import hangs, honest

BARE = CHECKOUT / "benchmarks" / "ready" / "bare_initialize.py"
UNUSED = (
    "typer", "rich", "click", "jsonschema", "mcp", "argparse", "asyncio",
    "mcpverify.checks", "mcpverify.cli.app", "mcpverify.cli.options", "mcpverify.cli.exit_codes",
    "mcpverify.reporters", "mcpverify.facts.redaction", "mcpverify.wire.record",
    "mcpverify.wire.transports.legacy_sse", "mcpverify.drift", "mcpverify.settings",
)  # fmt: skip


def test_nothing_is_said_on_success(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        run = mcpverify("ready", server.url)
    assert (run.code, run.output) == (0, "")


def test_a_debugging_flag_before_the_command_changes_nothing(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        run = mcpverify("--debug", "ready", server.url, "--timeout", "20s")
        bad = mcpverify("--debug", "ready", server.url, "--", "x")
    assert (run.code, run.output) == (0, "")
    assert bad.code == 2
    assert "ready takes no COMMAND" in bad.stderr


def test_only_what_is_used_is_loaded() -> None:
    with honest.serve() as server:
        run = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "mcpverify", "ready", server.url, "--tools"],
            capture_output=True,
            text=True,
            timeout=30,
        )
    assert run.returncode == 0, run.stderr
    loaded = {line.rpartition("|")[2].strip() for line in run.stderr.splitlines()}
    assert "mcpverify.wire.ready" in loaded
    assert not loaded & set(UNUSED)


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="processor time of a child is told on Unix")
def test_it_costs_little_more_than_a_bare_script(tmp_path: Path) -> None:
    env = environment(tmp_path)
    with honest.serve() as server:
        commands = {
            "ready": (sys.executable, "-m", "mcpverify", "ready", server.url, "--timeout", "30s"),
            "bare": (sys.executable, str(BARE), server.url),
        }
        for argv in commands.values():
            processor_time(argv, env)  # files get into the page cache
        spent: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(5):
            for name, argv in commands.items():
                spent[name].append(processor_time(argv, env))
    ratio = statistics.median(spent["ready"]) / statistics.median(spent["bare"])
    assert ratio < 1.2  # promised are 1.5


def processor_time(argv: tuple[str, ...], env: dict[str, str]) -> float:
    process = os.posix_spawn(argv[0], argv, env)
    _, status, usage = os.wait4(process, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    return usage.ru_utime + usage.ru_stime


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on Unix")
@pytest.mark.parametrize(("at", "after"), [("server/discover", []), ("tools/list", ["delete"])])
def test_a_signal_ends_it_at_once_and_its_session_with_it(
    tmp_path: Path, at: str, after: list[str]
) -> None:
    with (
        hangs.serve(at) as server,
        started(
            *("ready", server.url, "--tools", "--timeout", "60s"), cwd=tmp_path, home=tmp_path
        ) as process,
    ):
        server.wait_for(at)
        before = len(server.steps)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        output = process.communicate(timeout=20)
        assert time.monotonic() - began < 4
        assert server.steps[before:] == after
    assert process.returncode == 143
    assert output == ("", "")


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there is no such timer on Windows")
@pytest.mark.parametrize(("quiet", "lines"), [(False, 1), (True, 0)])
def test_whatever_hangs_is_ended_in_time(quiet: bool, lines: int) -> None:
    code = (
        "from mcpverify.cli.ready import ending_after\n"
        f"with ending_after(0.05, quiet={quiet}):\n"
        "    while True: pass\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert run.returncode == 1
    assert run.stdout == ""
    assert len(run.stderr.splitlines()) == lines


def test_the_help_knows_the_options_that_are_read() -> None:
    app: Any = typer.main.get_command(app_with(("ready",)))
    command = app.commands["ready"] if hasattr(app, "commands") else app
    options = [each for each in command.params if each.param_type_name == "option"]
    helped = {
        flag: (each.name, each.is_flag) for each in options for flag in each.opts if each.name
    }
    read = {flag: (name, False) for flag, name in VALUES.items()}
    read |= {flag: (name, True) for flag, name in SWITCHES.items() if name != "debug"}
    assert {k: v for k, v in helped.items() if v[0] != "help"} == read
    assert next(each.default for each in options if each.name == "timeout") == SECONDS


def test_flags_are_read_however_they_are_written() -> None:
    spaced = options_in(["-H", "A: b", "--header", "C: d", "-k", "-q", "--timeout", "2m", "h:1"])
    joined = options_in(["-HA: b", "--header=C: d", "h:1", "-kq", "--timeout=120"])
    assert spaced == joined
    assert joined.header == ("A: b", "C: d")
    assert joined.timeout == 120.0
