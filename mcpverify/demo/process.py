"""The demo server as a child process that ends when its caller is done with it."""

import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from queue import Empty, SimpleQueue

from mcpverify.demo.options import DemoOptions
from mcpverify.demo.server import LISTENING
from mcpverify.errors import McpverifyError, UsageError
from mcpverify.facts.target import Transport

_START_SECONDS = 30.0  # a cold disk and a loaded machine included
_END_SECONDS = 2.0


@contextmanager
def started(options: DemoOptions) -> Iterator[str]:
    """Run a demo server over HTTP in a process group of its own; yields its URL.

    It listens when the body begins, and it is ended and reaped when the body is
    left, however that happens. Should this process be killed, it ends by itself.
    Raises UsageError over stdio (run `options.command` instead) and McpverifyError
    where it does not start.
    """
    if options.transport is Transport.STDIO:
        raise UsageError("A server over stdio is started by its client.")
    process = subprocess.Popen(
        replace(options, lifeline=True).command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C is for the caller, who then ends this one
        encoding="utf-8",
        errors="replace",
    )
    try:
        yield _announced_url(process)
    finally:
        _end(process)


def _announced_url(process: "subprocess.Popen[str]") -> str:
    urls: SimpleQueue[str | None] = SimpleQueue()
    last: deque[str] = deque(maxlen=10)

    def read() -> None:
        # To the end, not only to the URL: a full pipe would block the server.
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                if line.startswith(LISTENING):
                    urls.put(line.removeprefix(LISTENING).strip())
                last.append(line)
        urls.put(None)

    threading.Thread(target=read, daemon=True).start()
    try:
        url = urls.get(timeout=_START_SECONDS)
    except Empty:
        url = None
    if url is None:
        raise McpverifyError("The demo server did not start.", " ".join("".join(last).split()))
    return url


def _end(process: "subprocess.Popen[str]") -> None:
    """Let go of its lifeline, at which it does not drain; then kill what is left of its group."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    try:
        if sys.platform != "win32":
            os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass  # nothing is left (macOS says: not permitted)
