"""A process that something else started: checked before it is touched, watched to its end.

It is held by a pidfd where there is one, so that neither its end nor its pid in new hands can be
missed; else psutil compares the time of its birth.
"""

import os
import select
import signal
import sys
import threading
import time
from contextlib import suppress

import psutil

from mcpverify.errors import McpverifyError, UsageError
from mcpverify.wire.trial.process.family import lives

_LOOK_EVERY = 0.005
_CLOSED_WITHIN = 0.1
_HINT = "Give the pid of the server itself, or stop it with --stop-command."


class FoundProcess:
    """Raises UsageError for a process that is not there, or not to be stopped by us.

    `group`: signals go to its process group, which then must not be ours.
    """

    def __init__(self, pid: int, group: bool) -> None:
        self._check(pid, group)
        self.ended: float | None = None
        self._group = group
        self._handle: int | None = None
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._closing = threading.Event()
        try:
            self.process = psutil.Process(pid)
            if sys.platform == "linux":
                with suppress(OSError):  # a kernel before 5.3, or a container that forbids it
                    self._handle = os.pidfd_open(pid)
            if not lives(self.process):
                raise psutil.NoSuchProcess(pid)
        except psutil.NoSuchProcess:
            self._release()
            raise UsageError(f"There is no process {pid}.", _HINT) from None
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        return not self._over.is_set()

    def signal(self, number: int) -> None:
        """To the process, or its group. Raises McpverifyError where that is not allowed (any more).

        One that has ended is left alone, and so is whoever has its pid now.
        """
        try:
            if not self._group:
                self._signal_process(number)
            elif sys.platform != "win32" and lives(self.process):
                os.killpg(os.getpgid(self.process.pid), number)
        except (ProcessLookupError, psutil.NoSuchProcess):
            pass
        except (PermissionError, psutil.AccessDenied):
            raise McpverifyError(
                f"Process {self.process.pid} may not be signaled: it runs as another user.", _HINT
            ) from None

    def kill(self) -> None:
        """SIGKILL to the process alone."""
        with suppress(ProcessLookupError, PermissionError, psutil.Error):
            self._signal_process(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)

    def wait(self, until: float) -> float | None:
        """When it ended; None where it has not by `until`, or where `close` came first."""
        self._over.wait(max(0.0, until - time.monotonic()))
        return self.ended

    def close(self) -> None:
        self._closing.set()
        self._thread.join(1.0)
        self._over.set()
        self._release()

    def _signal_process(self, number: int) -> None:
        with self._lock:
            if self._handle is not None and sys.platform == "linux":
                signal.pidfd_send_signal(self._handle, number)
            elif lives(self.process):  # psutil itself does not look again once it was gone
                self.process.send_signal(number)

    def _watch(self) -> None:
        while not self._closing.is_set():
            if self._has_ended():
                self.ended = time.monotonic()
                self._over.set()
                return

    def _has_ended(self) -> bool:
        """Waits a little for it."""
        if self._handle is None:
            self._closing.wait(_LOOK_EVERY)
            return not lives(self.process)
        poll = select.poll()
        poll.register(self._handle, select.POLLIN)
        return bool(poll.poll(_CLOSED_WITHIN * 1000))

    def _release(self) -> None:
        with self._lock:
            handle, self._handle = self._handle, None
            if handle is not None:
                os.close(handle)

    @staticmethod
    def _check(pid: int, group: bool) -> None:
        if pid <= 1:
            raise UsageError(f"--pid {pid}: this is the system itself, or no process.", _HINT)
        ours = {os.getpid(), *(each.pid for each in psutil.Process().parents())}
        if pid in ours:
            raise UsageError(f"--pid {pid}: this is mcpverify, or what it runs in.", _HINT)
        if sys.platform == "win32":
            return
        try:
            os.kill(pid, 0)
            theirs = os.getpgid(pid)
        except (ProcessLookupError, OverflowError):
            raise UsageError(f"There is no process {pid}.", _HINT) from None
        except PermissionError:
            raise UsageError(
                f"Process {pid} may not be signaled: it runs as another user.",
                "Run mcpverify as that user, or stop the server with --stop-command.",
            ) from None
        if group and theirs in _groups(ours):
            raise UsageError(
                f"Process {pid} is in our own process group: a signal to that would end us, too.",
                "Start the server with setsid, or signal it alone.",
            )


def _groups(pids: set[int]) -> set[int]:
    found: set[int] = set()
    for pid in pids if sys.platform != "win32" else ():
        with suppress(OSError):
            found.add(os.getpgid(pid))
    return found
