"""Small servers and wrappers, as processes that a subject stops: each has one way of its own."""

import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from mcpverify.facts.target import HttpEndpoint, Target
from mcpverify.facts.trial_plan import TrialPlan
from mcpverify.wire.trial.process.subject import Listening, Subject
from mcpverify.wire.trial.process.subjects import subject_for

# Enough for a process to start or end on a machine that does ten other things.
BOUND = 15.0
Found = TypeVar("Found")

_LISTEN = """
import os, signal, socket, subprocess, sys, time
def listen(host="127.0.0.1", family=socket.AF_INET):
    listener = socket.socket(family)
    listener.bind((host, 0))
    listener.listen()
    return listener
"""


def script(folder: Path, name: str, body: str) -> tuple[str, ...]:
    """The command that runs `body`, which may use `listen` and the modules of its preamble."""
    path = folder / f"{name}.py"
    path.write_text(_LISTEN + body)
    return (sys.executable, str(path))


def subject_of(*command: str, **options: object) -> Subject:
    """A subject for a COMMAND, or what `options` of a plan say."""
    target = Target("the server", HttpEndpoint(urls=()))
    return subject_for(TrialPlan(target, command or None, **options))  # type: ignore[arg-type]


def eventually(holds: Callable[[], Found]) -> Found:
    """What `holds` returns as soon as that is true. Fails after a bounded time."""
    until = time.monotonic() + BOUND
    while not (found := holds()):
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.01)
    return found


def soon() -> float:
    return time.monotonic() + BOUND


def connects(address: Listening) -> bool:
    try:
        socket.create_connection((address.host, address.port), timeout=BOUND).close()
    except OSError:
        return False
    return True
