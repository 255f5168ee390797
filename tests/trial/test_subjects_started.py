"""A COMMAND under trial: started, stopped, seen to its end, and nothing of it left."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest

from mcpverify.errors import McpverifyError, UsageError
from mcpverify.wire.trial.process import pid_one
from mcpverify.wire.trial.process.family import lives
from mcpverify.wire.trial.process.subject import Listening, Subject
from tests.trial.own_children import own_children
from tests.trial.scripts import BOUND, connects, eventually, script, soon, subject_of

SERVER = """
listener = listen()
time.sleep(60)
"""
DEAF = """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
listener = listen()
time.sleep(60)
"""
GOOD = """
signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
listener = listen()
time.sleep(60)
"""
# Its child outlives it, in a session of its own, where no signal to the group can reach it.
PARENT = """
listener = listen()
listener.set_inheritable(True)
child = subprocess.Popen(
    [sys.executable, "-c", "import time; print('born', flush=True); time.sleep(60)"],
    start_new_session={apart}, close_fds=False, stdout=subprocess.PIPE)
child.stdout.readline()
signal.signal(signal.SIGTERM, lambda number, frame: os._exit(0))
print(child.pid, flush=True)
time.sleep(60)
"""


def up(subject: Subject) -> tuple[Listening, ...]:
    """Start it and wait until it listens."""
    subject.start()
    return eventually(subject.listening)


def said(subject: Subject) -> int:
    """The pid that it prints once it is ready."""
    return int(eventually(subject.stderr)[0])


def stopped(subject: Subject) -> float:
    """Stop it; how long it took."""
    zero = subject.stop()
    ended = subject.wait(soon())
    assert ended is not None
    return ended - zero


def gone(pid: int) -> bool:
    try:
        return not lives(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return True


def test_a_server_that_ends_well_ends_with_its_own_code(tmp_path: Path) -> None:
    with closing(subject_of(*script(tmp_path, "good", GOOD))) as subject:
        up(subject)
        assert subject.running()
        assert subject.exit_code is None
        assert 0.0 < stopped(subject) < BOUND
        assert (subject.exit_code, subject.running()) == (0, False)
        assert subject.leftovers() == ()
        assert subject.problem == ""


def test_a_server_without_a_handler_is_ended_by_the_signal(tmp_path: Path) -> None:
    with closing(subject_of(*script(tmp_path, "server", SERVER))) as subject:
        up(subject)
        stopped(subject)
        assert subject.exit_code == -signal.SIGTERM


def test_the_signal_is_the_one_of_the_plan(tmp_path: Path) -> None:
    body = "signal.signal(signal.SIGINT, lambda *_: os._exit(5))" + SERVER
    with closing(subject_of(*script(tmp_path, "server", body), signal="SIGINT")) as subject:
        up(subject)
        stopped(subject)
        assert subject.exit_code == 5


def test_a_server_that_ignores_the_signal_is_killed(tmp_path: Path) -> None:
    with closing(subject_of(*script(tmp_path, "deaf", DEAF))) as subject:
        up(subject)
        subject.stop()
        assert subject.wait(time.monotonic() + 0.3) is None
        assert subject.running()
        subject.kill()
        assert subject.wait(soon()) is not None
        assert subject.exit_code == -signal.SIGKILL


def test_a_second_signal_is_a_second_one(tmp_path: Path) -> None:
    body = """
seen = []
def handle(number, frame):
    seen.append(number)
    if len(seen) == 2:
        os._exit(4)
    print("once", flush=True)
signal.signal(signal.SIGTERM, handle)
listener = listen()
while True:
    time.sleep(60)
"""
    with closing(subject_of(*script(tmp_path, "twice", body))) as subject:
        up(subject)
        first = subject.stop()
        assert eventually(subject.stderr) == ("once",)
        assert subject.stop_again() > first
        assert subject.wait(soon()) is not None
        assert subject.exit_code == 4


def test_the_end_is_told_as_it_was_and_not_as_it_was_asked_for(tmp_path: Path) -> None:
    with closing(subject_of(*script(tmp_path, "exits", "sys.exit(3)"))) as subject:
        subject.start()
        eventually(lambda: not subject.running())
        later = time.monotonic()
        time.sleep(0.05)
        ended = subject.wait(soon())
        assert ended is not None
        assert ended <= later
        assert subject.exit_code == 3


def test_the_last_lines_of_stderr_are_kept(tmp_path: Path) -> None:
    body = """
print("on stdout")
for number in range(5000):
    print("line", number, "." * 200, file=sys.stderr)
print("no newline", end="", file=sys.stderr)
"""
    with closing(subject_of(*script(tmp_path, "talks", body))) as subject:
        subject.start()
        assert subject.wait(soon()) is not None
        lines = subject.stderr()
        assert len(lines) == 10
        assert lines[-1] == "no newline"
        assert lines[-2].startswith("line 4999 ")


def test_a_server_that_logs_to_stdout_is_heard_there(tmp_path: Path) -> None:
    with closing(subject_of(*script(tmp_path, "talks", "print('bind failed')"))) as subject:
        subject.start()
        assert subject.wait(soon()) is not None
        assert subject.stderr() == ("bind failed",)


def test_a_server_that_ends_with_its_stdin_goes_on_until_the_signal(tmp_path: Path) -> None:
    with closing(subject_of(*script(tmp_path, "reads", "listen()\nsys.stdin.read()"))) as subject:
        subject.start()
        assert subject.wait(time.monotonic() + 0.5) is None


def test_a_command_that_is_not_there_is_told() -> None:
    with closing(subject_of("no-such-command")) as subject:
        with pytest.raises(McpverifyError, match="no-such-command cannot be started: No such"):
            subject.start()
        assert not subject.running()


def test_every_address_is_seen_and_can_be_connected_to(tmp_path: Path) -> None:
    body = """
listeners = [listen(), listen("0.0.0.0"), listen("::", socket.AF_INET6)]
print(*(each.getsockname()[1] for each in listeners), flush=True)
time.sleep(60)
"""
    with closing(subject_of(*script(tmp_path, "ports", body))) as subject:
        subject.start()
        ports = sorted(int(port) for port in eventually(subject.stderr)[0].split())
        found = subject.listening()
        assert [each.port for each in found] == ports
        assert {each.host for each in found} <= {"127.0.0.1", "::1"}
        assert all(connects(each) for each in found)


def test_a_server_behind_a_shell_is_seen(tmp_path: Path) -> None:
    server = script(tmp_path, "server", SERVER)
    with closing(subject_of("sh", "-c", f"{' '.join(server)}; echo done")) as subject:
        found = up(subject)
        assert len(found) == 1
        assert connects(found[0])
        assert subject.program().startswith("python")


def test_a_shell_takes_the_signal_and_leaves_its_server_behind(tmp_path: Path) -> None:
    server = script(tmp_path, "server", SERVER)
    with closing(subject_of("sh", "-c", f"{' '.join(server)}; echo done")) as subject:
        (address,) = up(subject)
        stopped(subject)
        process, port = subject.leftovers()
        assert (process.kind, process.what) == ("process", " ".join(server))
        assert (port.kind, port.what) == ("port", f"127.0.0.1:{address.port}")
        assert process.pid is not None
        assert port.pid == process.pid
        assert gone(process.pid)
        assert not connects(address)


def test_a_signal_to_the_group_reaches_the_server_behind_a_shell(tmp_path: Path) -> None:
    server = script(tmp_path, "server", GOOD)
    line = f"trap '' TERM; {' '.join(server)}; exit 6"
    with closing(subject_of("sh", "-c", line, group=True)) as subject:
        up(subject)
        stopped(subject)
        assert subject.exit_code == 6
        assert subject.leftovers() == ()


@pytest.mark.parametrize("apart", [False, True], ids=["in its group", "in a session of its own"])
def test_a_child_that_stays_is_told_and_ended(tmp_path: Path, apart: bool) -> None:
    command = script(tmp_path, "parent", PARENT.format(apart=apart))
    with closing(subject_of(*command)) as subject:
        subject.start()
        child = said(subject)
        stopped(subject)
        assert subject.exit_code == 0
        assert not gone(child)
        found = subject.leftovers()
        assert [(each.kind, each.pid) for each in found] == [("process", child), ("port", child)]
        assert gone(child)
        assert subject.leftovers() == ()


def test_a_child_that_ends_a_moment_after_its_parent_is_no_leftover(tmp_path: Path) -> None:
    child = "import sys, time; sys.stdin.read(); time.sleep(0.05)"
    body = f"""
listener = listen()
child = subprocess.Popen([sys.executable, "-S", "-c", {child!r}], stdin=subprocess.PIPE)
time.sleep(60)
"""
    with closing(subject_of(*script(tmp_path, "parent", body))) as subject:
        up(subject)
        eventually(lambda: len(own_children(recursive=True)) >= 2)
        time.sleep(0.3)  # the child has to read before its parent goes
        stopped(subject)
        assert subject.leftovers() == ()


@pytest.mark.parametrize("apart", [False, True], ids=["in its group", "in a session of its own"])
def test_close_ends_all_that_runs(tmp_path: Path, apart: bool) -> None:
    subject = subject_of(*script(tmp_path, "parent", PARENT.format(apart=apart)))
    subject.start()
    child = said(subject)
    (address,) = eventually(subject.listening)
    began = time.monotonic()
    subject.close()
    subject.close()
    assert time.monotonic() - began < 5.0
    assert gone(child)
    assert not connects(address)
    assert not own_children()


def test_close_ends_the_children_of_a_server_that_has_ended(tmp_path: Path) -> None:
    subject = subject_of(*script(tmp_path, "parent", PARENT.format(apart=True)))
    subject.start()
    child = said(subject)
    stopped(subject)
    assert not gone(child)
    subject.close()
    assert gone(child)


DAEMON = """
listener = listen()
listener.set_inheritable(True)
code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, "-c", code])
    os._exit(0)
os.wait()
"""


def test_a_daemon_that_has_left_its_family_is_told_and_ended(tmp_path: Path) -> None:
    with closing(subject_of(*script(tmp_path, "daemon", DAEMON + "time.sleep(60)"))) as subject:
        subject.start()
        daemon = said(subject)
        stopped(subject)
        found = subject.leftovers()
        assert [(each.kind, each.pid) for each in found] == [("process", daemon), ("port", daemon)]
        assert gone(daemon)


def test_close_ends_a_command_that_made_a_daemon_of_itself(tmp_path: Path) -> None:
    with closing(subject_of(*script(tmp_path, "daemon", DAEMON))) as subject:
        subject.start()
        daemon = said(subject)
        assert subject.wait(soon()) is not None
        assert not gone(daemon)
    assert gone(daemon)


def test_what_a_restart_command_handed_to_others_stays(tmp_path: Path) -> None:
    again = " ".join(script(tmp_path, "again", DAEMON))
    with closing(subject_of(*script(tmp_path, "good", GOOD), restart_command=again)) as subject:
        up(subject)
        stopped(subject)
        subject.restart()
        daemon = said(subject)
        assert subject.wait(soon()) is not None
    assert not gone(daemon)
    os.kill(daemon, signal.SIGKILL)


def test_close_without_a_start_does_nothing(tmp_path: Path) -> None:
    subject_of(*script(tmp_path, "server", SERVER)).close()


class _Stopped(SystemExit):
    """As cli.interruption raises it, from a signal handler in the main thread."""


@pytest.fixture
def interrupts() -> Iterator[None]:
    def stop(number: int, frame: object) -> None:
        raise _Stopped(130)

    before = signal.signal(signal.SIGALRM, stop)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("interrupts")
@pytest.mark.parametrize("microseconds", [50, 300, 1000, 3000, 10_000])
def test_an_interruption_of_the_start_leaves_nothing(tmp_path: Path, microseconds: int) -> None:
    subject = subject_of(*script(tmp_path, "server", SERVER))
    with suppress(_Stopped):
        try:
            signal.setitimer(signal.ITIMER_REAL, microseconds / 1e6)
            subject.start()
            subject.wait(soon())
        finally:
            subject.close()
    assert not own_children()


def test_close_lets_whoever_waits_go(tmp_path: Path) -> None:
    subject = subject_of(*script(tmp_path, "deaf", DEAF))
    up(subject)
    waiting = threading.Thread(target=subject.wait, args=(soon() + BOUND,))
    waiting.start()
    subject.close()
    waiting.join(BOUND / 2)
    assert not waiting.is_alive()


def test_the_same_command_is_started_again(tmp_path: Path) -> None:
    with closing(subject_of(*script(tmp_path, "good", GOOD))) as subject:
        before = up(subject)
        stopped(subject)
        assert subject.restart() == "the same command"
        after = eventually(subject.listening)
        assert subject.running()
        assert connects(after[0])
        assert subject.problem == ""
    assert not connects(before[0])
    assert not connects(after[0])


def test_a_command_that_cannot_start_again_is_told(tmp_path: Path) -> None:
    command = script(tmp_path, "good", GOOD + "\n")
    with closing(subject_of(*command)) as subject:
        up(subject)
        stopped(subject)
        Path(command[1]).write_text("import sys; sys.exit('the port is taken')")
        assert subject.restart() == "the same command"
        eventually(lambda: not subject.running())
        assert subject.problem == "the same command exited with code 1: the port is taken"


def test_a_restart_command_that_goes_on_is_the_server(tmp_path: Path) -> None:
    again = " ".join(script(tmp_path, "again", SERVER))
    command = script(tmp_path, "good", GOOD)
    with closing(subject_of(*command, restart_command=f"exec {again}")) as subject:
        up(subject)
        stopped(subject)
        assert subject.restart() == "the restart command"
        (address,) = eventually(subject.listening)
        assert subject.running()
    assert not connects(address)


def test_a_restart_command_that_ends_well_has_started_it_elsewhere(tmp_path: Path) -> None:
    again = " ".join(script(tmp_path, "again", SERVER))
    command = script(tmp_path, "good", GOOD)
    with closing(subject_of(*command, restart_command=f"{again} & exit 0")) as subject:
        up(subject)
        stopped(subject)
        subject.restart()
        assert subject.wait(soon()) is not None
        assert subject.running()
        assert subject.problem == ""
        (address,) = eventually(subject.listening)
    assert not connects(address)


def test_a_restart_command_that_fails_is_told(tmp_path: Path) -> None:
    command = script(tmp_path, "good", GOOD)
    with closing(subject_of(*command, restart_command="echo no image >&2; exit 7")) as subject:
        up(subject)
        stopped(subject)
        subject.restart()
        eventually(lambda: not subject.running())
        assert subject.problem == "the restart command exited with code 7: no image"


def allowed() -> bool:
    try:
        return bool(pid_one.prefix())
    except UsageError:
        return False


pid1 = pytest.mark.skipif(not allowed(), reason="a process namespace is not allowed here")


@pid1
def test_pid_1_without_a_handler_never_sees_the_signal(tmp_path: Path) -> None:
    body = "print(os.getpid(), flush=True)" + SERVER
    with closing(subject_of(*script(tmp_path, "server", body), pid1=True)) as subject:
        (address,) = up(subject)
        assert said(subject) == 1
        subject.stop()
        assert subject.wait(time.monotonic() + 0.3) is None
        assert connects(address)
        subject.kill()
        assert subject.wait(soon()) is not None
        assert subject.exit_code == -signal.SIGKILL
        assert subject.leftovers() == ()


@pid1
@pytest.mark.parametrize("group", [False, True])
def test_pid_1_with_a_handler_ends_with_its_own_code(tmp_path: Path, group: bool) -> None:
    body = GOOD.replace("exit(0)", "exit(143)")
    command = script(tmp_path, "good", body)
    with closing(subject_of(*command, pid1=True, group=group)) as subject:
        up(subject)
        stopped(subject)
        assert subject.exit_code == 143
        assert subject.stderr() == ()


@pid1
def test_pid_1_that_somebody_else_kills_was_killed(tmp_path: Path) -> None:
    with closing(subject_of(*script(tmp_path, "server", SERVER), pid1=True)) as subject:
        up(subject)
        (unshare,) = own_children()
        (server,) = unshare.children()
        server.kill()
        assert subject.wait(soon()) is not None
        assert subject.exit_code == -signal.SIGKILL
        assert subject.stderr() == ()


@pid1
def test_close_ends_pid_1_and_its_namespace(tmp_path: Path) -> None:
    command = script(tmp_path, "parent", PARENT.format(apart=True))
    subject = subject_of(*command, pid1=True)
    subject.start()
    eventually(subject.stderr)
    family = own_children(recursive=True)
    assert len(family) == 3
    subject.close()
    eventually(lambda: not any(lives(each) for each in family))


def test_where_pid_1_is_not_allowed_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unshare = tmp_path / "unshare"
    unshare.write_text("#!/bin/sh\necho unshare failed: Operation not permitted >&2; exit 1\n")
    unshare.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with closing(subject_of(sys.executable, pid1=True)) as subject:
        with pytest.raises(
            UsageError, match=r"--pid1 is not allowed here: .* not permitted"
        ) as told:
            subject.start()
        assert "--stop-command" in told.value.hint
