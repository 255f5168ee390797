"""A server that somebody else's command stops: what is seen of that, with its pid and without."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mcpverify.errors import McpverifyError, UsageError
from tests.trial.own_children import own_children
from tests.trial.scripts import BOUND, connects, eventually, script, soon, subject_of


@pytest.fixture
def server(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Ends a moment after SIGTERM."""
    body = """
signal.signal(signal.SIGTERM, lambda number, frame: (time.sleep(0.3), os._exit(0)))
print("ready", flush=True)
time.sleep(60)
"""
    command = script(tmp_path, "server", body)
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_the_end_of_the_stop_command_is_what_is_waited_for() -> None:
    with closing(subject_of(stop_command="sleep 0.3")) as subject:
        subject.start()
        assert not subject.observed
        assert subject.listening() == ()
        zero = subject.stop()
        ended = subject.wait(soon())
        assert ended is not None
        assert ended - zero >= 0.3
        assert subject.running()  # for all that is known
        assert (subject.exit_code, subject.problem, subject.leftovers()) == (None, "", ())


def test_beside_a_pid_the_end_is_that_of_the_process(server: subprocess.Popen[bytes]) -> None:
    line = f"kill {server.pid}; sleep 30"
    with closing(subject_of(stop_command=line, pid=server.pid)) as subject:
        subject.start()
        assert subject.observed
        zero = subject.stop()
        ended = subject.wait(soon())
        assert ended is not None
        assert ended - zero >= 0.3
        assert not subject.running()
        assert subject.problem == ""


def test_a_stop_command_that_fails_is_told_with_its_last_words() -> None:
    with closing(subject_of(stop_command="echo no such container >&2; exit 3")) as subject:
        subject.start()
        subject.stop()
        assert subject.wait(soon()) is not None
        assert subject.problem == "the stop command exited with code 3: no such container"


def test_nobody_waits_for_a_process_that_was_never_told(server: subprocess.Popen[bytes]) -> None:
    with closing(subject_of(stop_command="exit 3", pid=server.pid)) as subject:
        subject.start()
        subject.stop()
        began = time.monotonic()
        assert subject.wait(began + 10 * BOUND) is None
        assert time.monotonic() - began < BOUND
        assert subject.problem == "the stop command exited with code 3"
        assert server.poll() is None


def test_a_stop_command_that_failed_may_have_told_it(server: subprocess.Popen[bytes]) -> None:
    line = f"kill {server.pid}; exit 3"
    with closing(subject_of(stop_command=line, pid=server.pid)) as subject:
        subject.start()
        subject.stop()
        assert subject.wait(soon()) is not None


def test_a_stop_command_that_asks_does_not_wait_for_an_answer() -> None:
    with closing(subject_of(stop_command="read answer; exit 0")) as subject:
        subject.start()
        subject.stop()
        assert subject.wait(soon()) is not None


def test_a_stop_command_that_does_not_end_is_ended_and_told() -> None:
    with closing(subject_of(stop_command="sleep 61 & sleep 62")) as subject:
        subject.start()
        subject.stop()
        assert subject.wait(time.monotonic() + 0.2) is None
        subject.kill()
        assert subject.wait(soon()) is not None
        assert "had not ended when the budget was over" in subject.problem
    assert not own_children()


def test_beside_a_pid_it_is_the_process_that_is_killed(server: subprocess.Popen[bytes]) -> None:
    with closing(subject_of(stop_command="sleep 61", pid=server.pid)) as subject:
        subject.start()
        subject.stop()
        subject.kill()
        assert subject.wait(soon()) is not None
    assert server.wait() == -signal.SIGKILL


def test_close_ends_a_stop_command_that_runs() -> None:
    subject = subject_of(stop_command="sleep 61 & sleep 62")
    subject.start()
    subject.stop()
    subject.close()
    subject.close()
    assert not own_children()


def test_a_second_signal_needs_a_process(server: subprocess.Popen[bytes]) -> None:
    with pytest.raises(UsageError, match="--twice needs a process"):
        subject_of(stop_command="true", twice=True)
    with closing(subject_of(stop_command="true")) as subject, pytest.raises(McpverifyError):
        subject.stop_again()
    with closing(subject_of(stop_command="sleep 61", pid=server.pid, twice=True)) as subject:
        subject.start()
        subject.stop()
        subject.stop_again()
        assert subject.wait(soon()) is not None


def test_the_restart_command_starts_it_again(tmp_path: Path) -> None:
    again = " ".join(script(tmp_path, "again", "listener = listen()\ntime.sleep(60)"))
    with closing(subject_of(stop_command="true", restart_command=f"exec {again}")) as subject:
        subject.start()
        subject.stop()
        assert subject.wait(soon()) is not None
        assert subject.restart() == "the restart command"
        (address,) = eventually(subject.listening)
        assert connects(address)
    assert not connects(address)
