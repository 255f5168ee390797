"""A process that something else started, under trial: found, stopped, and nothing else of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest

from mcpverify.errors import UsageError
from mcpverify.wire.trial.process.attached import Attached
from mcpverify.wire.trial.process.family import lives
from tests.trial.scripts import connects, eventually, script, soon, subject_of

SERVER = """
listener = listen()
print(listener.getsockname()[1], flush=True)
time.sleep(60)
"""
PARENT = """
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
signal.signal(signal.SIGTERM, lambda number, frame: os._exit(0))
print(child.pid, flush=True)
time.sleep(60)
"""

Launch = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Starts a server that has printed its first line, as somebody else would."""
    running = []

    def start(body: str, apart: bool = True) -> subprocess.Popen[bytes]:
        command = script(tmp_path, f"server_{len(running)}", body)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=apart)
        running.append((process, apart))
        return process

    yield start
    for process, apart in running:
        with suppress(ProcessLookupError):
            if apart:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.communicate()


def first_line(process: subprocess.Popen[bytes]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


@pytest.fixture(params=["pidfd", "polling"])
def watching(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is a pidfd and where a container forbids it."""

    def forbidden(pid: int) -> int:
        raise PermissionError

    if request.param == "polling":
        monkeypatch.setattr(os, "pidfd_open", forbidden, raising=False)
    elif not hasattr(os, "pidfd_open"):
        pytest.skip("there is no pidfd here")


@pytest.mark.usefixtures("watching")
def test_its_end_is_seen_while_nobody_has_asked_for_its_exit_code(launch: Launch) -> None:
    process = launch(SERVER)
    port = first_line(process)
    with closing(subject_of(pid=process.pid)) as subject:
        subject.start()
        assert [each.port for each in subject.listening()] == [port]
        assert subject.program().startswith("python")
        assert subject.running()
        zero = subject.stop()
        ended = subject.wait(soon())
        assert ended is not None
        assert ended > zero
        assert (subject.running(), subject.observed, subject.exit_code) == (False, True, None)
        assert subject.leftovers() == ()
    assert process.wait() == -signal.SIGTERM


@pytest.mark.usefixtures("watching")
def test_one_that_ignores_the_signal_is_killed(launch: Launch) -> None:
    process = launch("signal.signal(signal.SIGTERM, signal.SIG_IGN)" + SERVER)
    first_line(process)
    with closing(subject_of(pid=process.pid)) as subject:
        subject.start()
        subject.stop()
        assert subject.wait(time.monotonic() + 0.2) is None
        subject.kill()
        assert subject.wait(soon()) is not None
    assert process.wait() == -signal.SIGKILL


def test_close_leaves_it_alone(launch: Launch) -> None:
    process = launch(SERVER)
    first_line(process)
    subject = subject_of(pid=process.pid)
    subject.start()
    subject.close()
    subject.close()
    assert process.poll() is None


def test_its_children_are_told_and_left_alone(launch: Launch) -> None:
    process = launch(PARENT)
    child = psutil.Process(first_line(process))
    with closing(subject_of(pid=process.pid)) as subject:
        subject.start()
        subject.stop()
        assert subject.wait(soon()) is not None
        assert [(each.kind, each.pid) for each in subject.leftovers()] == [("process", child.pid)]
    assert lives(child)


def test_a_listener_that_is_no_child_of_it_is_no_leftover(launch: Launch) -> None:
    # A supervisor holds the socket that its server listens on.
    child = "import sys, time; print(1, flush=True); time.sleep(60)"
    supervisor = launch(f"""
listener = listen()
child = subprocess.Popen(
    [sys.executable, "-c", {child!r}], pass_fds=[listener.fileno()], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(60)
""")
    with closing(subject_of(pid=first_line(supervisor))) as subject:
        subject.start()
        (address,) = subject.listening()
        subject.stop()
        assert subject.wait(soon()) is not None
        assert subject.leftovers() == ()
        assert connects(address)


def test_a_signal_to_its_group_reaches_its_children(launch: Launch) -> None:
    process = launch(PARENT)
    first_line(process)
    with closing(subject_of(pid=process.pid, group=True)) as subject:
        subject.start()
        subject.stop()
        assert subject.wait(soon()) is not None
        assert subject.leftovers() == ()


def test_a_signal_to_our_own_group_is_refused(launch: Launch) -> None:
    process = launch(SERVER, apart=False)
    with pytest.raises(UsageError, match="in our own process group"):
        subject_of(pid=process.pid, group=True).start()


@pytest.mark.parametrize(
    "pid",
    [-5, 0, 1, os.getpid(), os.getppid()],
    ids=["a group", "nobody", "init", "ourselves", "our parent"],
)
def test_the_system_and_ourselves_are_refused(pid: int) -> None:
    with pytest.raises(UsageError, match=f"--pid {pid}: this is "):
        subject_of(pid=pid).start()


def test_a_pid_that_nobody_has_is_refused(launch: Launch) -> None:
    process = launch("")
    process.wait()
    for pid in (process.pid, 2**22 + 1, 2**80):
        with pytest.raises(UsageError, match=f"There is no process {pid}"):
            subject_of(pid=pid).start()


def test_one_that_has_ended_but_was_not_asked_for_its_exit_code_is_refused(launch: Launch) -> None:
    process = launch("")
    eventually(lambda: not lives(psutil.Process(process.pid)))
    with pytest.raises(UsageError, match="There is no process"):
        subject_of(pid=process.pid).start()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root to be another user")
def test_the_process_of_another_user_is_refused(launch: Launch) -> None:
    process = launch(SERVER)
    first_line(process)
    code = f"""
import os, sys
from mcpverify.errors import UsageError
from mcpverify.wire.trial.process.attached import Attached
os.setuid(65534)
try:
    Attached({process.pid}, 15).start()
except UsageError as error:
    print(error.message)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == f"Process {process.pid} may not be signaled: it runs as another user.\n"


@pytest.mark.usefixtures("watching")
def test_a_pid_in_new_hands_is_never_signaled(
    launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = launch(SERVER), launch(SERVER)
    first_line(new)
    subject = Attached(old.pid, signal.SIGTERM)
    with closing(subject):
        subject.start()
        old.kill()
        old.wait()
        assert subject.wait(soon()) is not None
        # A pid cannot be had on demand: the process is told to be where the new one is.
        monkeypatch.setattr(subject._process.process, "_pid", new.pid)  # type: ignore[union-attr]
        subject.stop_again()
        subject.kill()
        with pytest.raises(subprocess.TimeoutExpired):
            new.wait(0.2)


def test_without_a_restart_command_there_is_no_way_to_start_it_again(launch: Launch) -> None:
    process = launch(SERVER)
    with closing(subject_of(pid=process.pid)) as subject:
        subject.start()
        subject.stop()
        assert subject.wait(soon()) is not None
        assert subject.restart() == ""


def test_the_restart_command_starts_it_again(launch: Launch, tmp_path: Path) -> None:
    process = launch(SERVER)
    again = " ".join(script(tmp_path, "again", SERVER))
    with closing(subject_of(pid=process.pid, restart_command=f"exec {again}")) as subject:
        subject.start()
        subject.stop()
        assert subject.wait(soon()) is not None
        assert subject.restart() == "the restart command"
        (address,) = eventually(subject.listening)
        assert connects(address)
        assert subject.running()
    assert not connects(address)


def test_nothing_to_stop_is_refused() -> None:
    with pytest.raises(UsageError, match="nothing to stop"):
        subject_of()


def test_a_signal_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="SIGNOTHING is no signal"):
        subject_of("true", signal="SIGNOTHING")
