"""Child processes: started in a group of their own, read by threads, ended for sure.

Nothing of a child's process group outlives `Child.end`. Threads, not select: pipes
cannot be polled on Windows.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from queue import Empty, Full, Queue, SimpleQueue

from mcpverify.facts.transcript import FailureKind, ProcessEnd
from mcpverify.wire.deadline import Deadline, broken
from mcpverify.wire.stopping import killed_by, woken_by

STDERR_LINES = 10
_STDERR_LINE_BYTES = 4096
_QUEUED_CHUNKS = 256
_CHUNK = 65_536
_POSIX = os.name == "posix"


# By these a step of GitHub Actions tells its job what it comes to, us included: whether to roll
# back, for one. A server that is judged must not be able to speak for its judge.
_WORD_OF_THE_STEP = {
    "GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY", "GITHUB_STATE",
}  # fmt: skip


_MARK: ContextVar[Mapping[str, str] | None] = ContextVar("_MARK", default=None)


def inherited() -> dict[str, str]:
    """The environment for a server that we start: ours, without the files of a CI step."""
    ours = {name: value for name, value in os.environ.items() if name not in _WORD_OF_THE_STEP}
    return ours | dict(_MARK.get() or {})


@contextmanager
def marking(mark: Mapping[str, str]) -> Iterator[None]:
    """What is started meanwhile, in this thread, has `mark` in its environment."""
    token = _MARK.set(mark)
    try:
        yield
    finally:
        _MARK.reset(token)


class Child:
    """A command with pipes on its standard streams, in the environment of `inherited`.

    `environment` is what it gets beside that, `directory` where it starts, None for here.
    Raises Broken (not-started) where the command cannot be started.
    """

    def __init__(
        self,
        argv: tuple[str, ...],
        environment: Mapping[str, str] | None = None,
        directory: str | None = None,
    ) -> None:
        try:
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                env=inherited() | dict(environment or {}),
                cwd=directory,
                start_new_session=_POSIX,
                creationflags=0 if _POSIX else getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        except (OSError, ValueError) as error:
            words = getattr(error, "strerror", None) or str(error)
            detail = f"{argv[0]} cannot be started: {words}"
            raise broken(FailureKind.NOT_STARTED, detail) from None
        self._spared = killed_by(self._kill_group)
        self._chunks: Queue[bytes] = Queue(_QUEUED_CHUNKS)
        self._outgoing: SimpleQueue[bytes | None] = SimpleQueue()
        self._written = threading.Semaphore(0)
        self._write_failed = False
        self._stdin_closed: float | None = None
        self._stderr: deque[bytes] = deque(maxlen=STDERR_LINES)
        self._closing = threading.Event()
        self._threads = [
            threading.Thread(target=target, daemon=True)
            for target in (self._read_stdout, self._read_stderr, self._write_stdin)
        ]
        for thread in self._threads:
            thread.start()

    def write(self, data: bytes, deadline: Deadline) -> None:
        """Hand `data` to the child's stdin. Raises Broken (timeout, process-exited)."""
        self._outgoing.put(data)
        with woken_by(self._written.release):
            if not self._written.acquire(timeout=deadline.remaining()):
                raise deadline.passed()
        if self._write_failed:
            raise self.exited()

    def write_last(self, data: bytes, deadline: Deadline) -> float:
        """Hand over `data` and close stdin right behind it; returns when it was closed.

        Raises Broken (timeout, process-exited).
        """
        self._outgoing.put(data)
        self._outgoing.put(None)
        if not self._written.acquire(timeout=deadline.remaining()):
            raise deadline.passed()
        self._threads[2].join(timeout=deadline.remaining())
        if self._stdin_closed is None:
            raise deadline.passed()
        if self._write_failed:
            raise self.exited()
        return self._stdin_closed

    def read(self, deadline: Deadline) -> bytes:
        """The next bytes of the child's stdout; b"" at its end. Raises Broken (timeout)."""
        try:
            with woken_by(self._wake_reader):
                chunk = self._chunks.get(timeout=deadline.remaining())
        except Empty:
            raise deadline.passed() from None
        if not chunk:
            self._chunks.put(b"")  # the end stays the end
        return chunk

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait(self, seconds: float = 0.0) -> int | None:
        """The exit code, negative for a signal; None where it runs on after `seconds`."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(timeout=seconds)
        return None

    def signal(self, number: int, *, group: bool = False) -> None:
        """Send a signal to the process, or to its whole group."""
        if group and _POSIX:
            self._signal_group(number)
            return
        with suppress(ProcessLookupError, PermissionError):
            self._process.send_signal(number)

    def exited(self) -> Exception:
        """What to raise when the child's stdout has ended or its stdin broke."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1.0)
        code = self._process.poll()
        if code is None:
            detail = "the process closed its standard output but goes on running"
            return broken(FailureKind.ENDED_WITHOUT_REPLY, detail)
        return broken(FailureKind.PROCESS_EXITED, f"the process {describe_exit(code)}")

    def end(self, deadline: Deadline) -> ProcessEnd:
        """Close stdin, then SIGTERM, then SIGKILL, to the whole group; reap the child.

        Returns how the process ended, as far as it did so by itself.
        """
        code = self._process.poll()
        if code is not None:
            self._threads[1].join(timeout=0.5)  # let the last lines of stderr arrive
        ended = ProcessEnd(code, self.stderr_tail())
        self._closing.set()
        self._outgoing.put(None)
        budget = max(0.0, deadline.at - time.monotonic())
        try:
            self._process.wait(timeout=max(0.05, budget / 2))
        except subprocess.TimeoutExpired:
            self._terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=max(0.05, budget / 2))
        self._kill_group()
        self._spared()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1.0)
        for thread in self._threads:
            thread.join(timeout=0.2)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        return ended

    def stderr_tail(self, patience: float = 0.0) -> tuple[str, ...]:
        """The last lines of stderr, as the child wrote them; waits so long for its end."""
        self._threads[1].join(timeout=patience)
        return tuple(line.decode("utf-8", "replace") for line in self._stderr)

    def _wake_reader(self) -> None:
        with suppress(Full):  # then it has something to read
            self._chunks.put_nowait(b"")

    def _terminate(self) -> None:
        if _POSIX:
            self._signal_group(signal.SIGTERM)
        else:
            self._process.terminate()

    def _kill_group(self) -> None:
        """What is left of the group goes, also where the child itself has already ended."""
        if _POSIX:
            self._signal_group(signal.SIGKILL)
            return
        if self._process.poll() is None:
            subprocess.run(
                ["taskkill", "/F", "/T", "/PID", str(self._process.pid)],
                capture_output=True,
                check=False,
                timeout=5,
            )

    def _signal_group(self, number: int) -> None:
        if sys.platform == "win32":
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _read_stdout(self) -> None:
        assert self._process.stdout is not None
        with suppress(OSError, ValueError):
            while chunk := self._process.stdout.read(_CHUNK):
                if not self._hand_over(chunk):
                    return
        self._hand_over(b"")

    def _hand_over(self, chunk: bytes) -> bool:
        while not self._closing.is_set():
            try:
                self._chunks.put(chunk, timeout=0.2)
                return True
            except Full:
                continue
        return False

    def _read_stderr(self) -> None:
        """Keep the last lines; a line without end is cut, so that memory is bounded."""
        assert self._process.stderr is not None
        partial = b""
        with suppress(OSError, ValueError):
            while chunk := self._process.stderr.read(_CHUNK):
                *lines, partial = (partial + chunk).split(b"\n")
                self._stderr.extend(line[:_STDERR_LINE_BYTES].rstrip(b"\r") for line in lines)
                partial = partial[:_STDERR_LINE_BYTES]
        if partial:
            self._stderr.append(partial)

    def _write_stdin(self) -> None:
        assert self._process.stdin is not None
        while (data := self._outgoing.get()) is not None:
            view = memoryview(data)
            try:
                while view:
                    view = view[self._process.stdin.write(view) or 0 :]
            except (OSError, ValueError):
                self._write_failed = True
            self._written.release()
        self._stdin_closed = time.monotonic()
        with suppress(OSError, ValueError):
            self._process.stdin.close()


def describe_exit(code: int) -> str:
    """`exited with code 3`, or `was ended by SIGKILL` for a negative code."""
    if code >= 0:
        return f"exited with code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
