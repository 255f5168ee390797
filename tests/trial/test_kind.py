"""Over what a command serves, found out by starting it."""

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from mcpverify.demo.options import DemoOptions
from mcpverify.errors import McpverifyError
from mcpverify.facts.target import HttpEndpoint, Limits, Target, Transport
from mcpverify.facts.trial_plan import TrialPlan
from mcpverify.wire.trial.kind import kind_of_server
from tests.servers import stdio
from tests.trial.test_stdio_trial import all_gone

_LISTENS = """
import os, pathlib, socket, subprocess, sys, time
if sys.argv[2:]:
    child = subprocess.Popen([sys.executable, "-c", os.environ["LISTENS"], sys.argv[1]])
    child.wait()
pathlib.Path(sys.argv[1]).open("a").write(f"{os.getpid()}\\n")
listener = socket.create_server(("127.0.0.1", 0))
time.sleep(600)
"""


def kind_of(argv: tuple[str, ...], **options: Any) -> Transport:
    limits = Limits(closing_seconds=0.6)
    target = Target("the server", HttpEndpoint(()), limits=limits)
    made = {"start_seconds": 20.0} | options
    return kind_of_server(TrialPlan(target, command=argv, **made))


@pytest.mark.parametrize(
    "server",
    [("honest",), ("prints_first",), ("honest", "eras=stateless"), ("floods_stderr",)],
    ids=" ".join,
)
def test_a_server_that_answers_on_its_standard_output_is_one_over_stdio(
    server: tuple[str, ...],
) -> None:
    assert kind_of(stdio.command(*server)) is Transport.STDIO


def test_a_server_over_stdio_is_gone_afterwards(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    assert kind_of(stdio.command("stops", "hangs", str(pids))) is Transport.STDIO
    assert all_gone(pids)


@pytest.mark.parametrize("transport", [Transport.STREAMABLE_HTTP, Transport.SSE])
def test_a_server_that_listens_is_one_over_http(transport: Transport) -> None:
    assert kind_of(DemoOptions(transport=transport).command) is Transport.AUTO


def test_a_child_of_the_command_may_be_the_one_that_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LISTENS", _LISTENS)
    pids = tmp_path / "pids"
    argv = (sys.executable, "-c", _LISTENS, str(pids), "through a child")
    assert kind_of(argv) is Transport.AUTO
    assert all_gone(pids)


def test_a_command_that_ends_is_of_no_kind_and_its_last_words_are_told() -> None:
    with pytest.raises(McpverifyError) as raised:
        kind_of(stdio.command("exits"))
    assert "exited with code 3 before it served anything" in raised.value.message
    assert "config: token=none" in raised.value.message


def test_a_command_that_does_nothing_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    argv = stdio.command("clings_to_life", str(pids), "silent")
    began = time.monotonic()
    with pytest.raises(McpverifyError) as raised:
        kind_of(argv, start_seconds=1.5)
    assert "served nothing within 1.5 s" in raised.value.message
    assert time.monotonic() - began < 15
    assert all_gone(pids)


def test_a_command_that_cannot_be_started_is_named() -> None:
    with pytest.raises(McpverifyError) as raised:
        kind_of(("no-such-command-anywhere",))
    assert "no-such-command-anywhere cannot be started" in raised.value.message
