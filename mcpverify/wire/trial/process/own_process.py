"""A process that we start: in a group of its own, watched by a thread, ended for sure.

The thread that starts it is not the main one, so that a Stopped, which a signal raises in the
main thread wherever that is, cannot come between the birth of the process and our knowing of it.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

import psutil

from mcpverify.errors import McpverifyError, TargetInvalid
from mcpverify.wire.processes import describe_exit, inherited
from mcpverify.wire.trial.process import pid_one
from mcpverify.wire.trial.process.family import Family, lives, new_mark
from mcpverify.wire.trial.process.leftovers import ended
from mcpverify.wire.trial.process.output import Tail

_POSIX = os.name == "posix"


class OwnProcess:
    """One process, started once.

    `lifeline` holds its stdin open until `close`, since some servers end with it: what the signal
    does would not be seen. Else it reads an empty stdin, as a command that asks should not wait.
    `pid1` makes it PID 1 of a namespace; unshare is then the leader of the group.
    """

    def __init__(self, argv: tuple[str, ...], lifeline: bool, pid1: bool = False) -> None:
        self._argv = argv
        self._lifeline = lifeline
        self._pid1 = pid1
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._begun = threading.Event()
        self._over = threading.Event()
        self._mark = new_mark()
        self._wanted = False
        self._unwanted = threading.Event()
        self._forgotten = threading.Event()
        self._failure: McpverifyError | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._server: psutil.Process | None = None
        self._family: Family | None = None
        self._tails: tuple[Tail, ...] = ()
        self._code: int | None = None
        self.ended: float | None = None

    def start(self) -> None:
        """Raises TargetInvalid where it cannot be started."""
        self._wanted = True
        self._thread.start()
        self._begun.wait()
        if self._failure is not None:
            raise self._failure

    @property
    def running(self) -> bool:
        return self._process is not None and not self._over.is_set()

    def note(self) -> None:
        """Remember what children it has, before it goes."""
        if self._family is not None:
            self._family.living()

    @property
    def family(self) -> Family | None:
        """None where it was not started, or was gone at once."""
        return self._family

    @property
    def relatives(self) -> tuple[psutil.Process, ...]:
        """All that live now, the process itself first."""
        if self._family is None:
            return ()
        first = () if self._server is None or not lives(self._server) else (self._server,)
        return (*first, *(each for each in self._family.living() if each not in first))

    @property
    def exit_code(self) -> int | None:
        """Negative for a signal; None where it has not ended, or where nobody tells us."""
        if not self._over.is_set() or self._code is None:
            return None
        if self._pid1:
            return pid_one.exit_code(self._code, self._tails[1].lines(patience=0.2))
        return self._code

    def output(self) -> tuple[str, ...]:
        """The last lines of stderr, or of stdout where there are none."""
        patience = 0.2 if self._over.is_set() else 0.0
        stdout, stderr = (each.lines(patience) for each in self._tails) if self._tails else ((), ())
        return (pid_one.without_complaints(stderr) if self._pid1 else stderr) or stdout

    def failure(self, name: str) -> str:
        """Why it, called `name`, did not do what it should; "" where it did or still may."""
        if self._failure is not None:
            return self._failure.message
        if not self._over.is_set() or self._code in (0, None):
            return ""
        last = self.output()[-1:]
        return ": ".join((f"{name} {describe_exit(self._code or 0)}", *last))

    def signal(self, number: int, group: bool = False) -> None:
        """To the process alone, or to its group. What has ended is left alone.

        Raises McpverifyError where that is not allowed.
        """
        process = self._process
        if process is None or self._over.is_set() or sys.platform == "win32":
            return
        try:
            if self._pid1:  # unshare is no part of what is stopped
                for each in self.relatives if group else self.relatives[:1]:
                    with suppress(psutil.NoSuchProcess):
                        each.send_signal(number)
            elif group:
                os.killpg(process.pid, number)
            else:
                os.kill(process.pid, number)
        except ProcessLookupError:
            pass
        except (PermissionError, psutil.AccessDenied):
            raise McpverifyError(
                f"{self._argv[0]} may not be signaled: it runs as another user.",
                "Start the server without sudo, or run mcpverify as the same user.",
            ) from None

    def wait(self, until: float) -> float | None:
        """When it ended; None where it has not by `until`."""
        self._over.wait(max(0.0, until - time.monotonic()))
        return self.ended

    def kill(self) -> None:
        """SIGKILL to what is left of the group, whether or not the process itself has ended."""
        process = self._process
        if process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)

    def close(self, descendants: bool = True, group: bool = True) -> None:
        """End the `group`, and those `descendants` that left it, if they are ours. Idempotent."""
        if self._forgotten.is_set() or not self._wanted:
            return
        self._unwanted.set()
        self._begun.wait(2.0)
        process = self._process
        if process is None:
            return
        # Found while their parent lives, or they are nobody's.
        family = self._family.living if self._family is not None and descendants else None
        if family is not None:
            self.note()
        if group:
            self.kill()
        if family is not None:
            ended(family, 1.0)
        self._over.wait(1.0)
        self._forgotten.set()
        self._thread.join(1.0)
        if process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()
        for each in self._tails:
            each.close()

    def _live(self) -> None:
        """The whole life of the process, from its start until it may be forgotten."""
        try:
            self._process = self._born()
        except McpverifyError as error:
            self._failure = error
        except (OSError, ValueError) as error:
            words = getattr(error, "strerror", None) or str(error)
            self._failure = TargetInvalid(
                f"{self._argv[0]} cannot be started: {words}", "Is the command spelled right?"
            )
        else:
            self._look_at(self._process)
        finally:
            self._begun.set()
        if self._process is not None:
            self._code = _awaited(self._process)
            self.ended = time.monotonic()
            self._over.set()
            # Until here its pid, which names its group as well, stays its own: nobody else is
            # killed instead.
            self._forgotten.wait()
            self._process.wait()

    def _born(self) -> subprocess.Popen[bytes]:
        prefix = pid_one.prefix() if self._pid1 else ()
        if self._unwanted.is_set():
            raise McpverifyError(f"{self._argv[0]} is not wanted any more.")
        return subprocess.Popen(
            (*prefix, *self._argv),
            stdin=subprocess.PIPE if self._lifeline else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=inherited() | self._mark,
            start_new_session=_POSIX,
        )

    def _look_at(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        self._tails = Tail(process.stdout), Tail(process.stderr)
        with suppress(psutil.Error):
            self._family = Family(psutil.Process(process.pid), grouped=_POSIX, mark=self._mark)
            self._server = self._found_server(process.pid)

    def _found_server(self, pid: int) -> psutil.Process | None:
        process = psutil.Process(pid)
        if not self._pid1:
            return process
        until = time.monotonic() + 5.0
        while lives(process) and time.monotonic() < until and not self._unwanted.is_set():
            if children := process.children():
                return children[0]
            time.sleep(0.005)
        return None


def _awaited(process: subprocess.Popen[bytes]) -> int | None:
    """Its exit code once it has ended. Where we can, it stays a zombie: its pid is not reused."""
    if sys.platform != "linux":
        return process.wait()
    try:
        end = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    except ChildProcessError:  # our parent ignores SIGCHLD, so the kernel reaped it
        return None
    if end is None:
        return None
    return end.si_status if end.si_code == os.CLD_EXITED else -end.si_status
