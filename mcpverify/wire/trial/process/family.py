"""Who belongs to a process: its descendants, and the members of its group.

A descendant is remembered once it was seen: an orphan has no parent left to be found by. A
process is known by its pid and the time of its birth, so that a pid in new hands is nobody.
"""

import os
import secrets
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import PurePath

import psutil


class Family:
    """The relatives of a process, without itself.

    `grouped`: it leads a group of its own. `mark` is what only it has in its environment, and what
    it starts.
    """

    def __init__(
        self, root: psutil.Process, grouped: bool, mark: Mapping[str, str] | None = None
    ) -> None:
        self._root = root
        self._grouped = grouped
        self._mark = mark or {}
        self._known: set[psutil.Process] = set()
        self._lock = threading.Lock()

    def living(self) -> tuple[psutil.Process, ...]:
        """Those that live now, in the order of their pids."""
        with self._lock:
            self._known = {each for each in self._known if lives(each)}
            self._known |= _descendants({self._root, *self._known})
            if self._grouped:
                self._known |= _members(self._root.pid)
            if self._mark:
                self._known |= marked(self._mark, self._root.create_time())
            self._known.discard(self._root)
            return tuple(sorted(filter(lives, self._known), key=lambda each: each.pid))


def lives(process: psutil.Process) -> bool:
    """A zombie has ended, though nobody has asked for its exit code yet."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def command_line(process: psutil.Process) -> str:
    """What runs, for people; "" where it is gone."""
    with suppress(psutil.Error):
        # The name is what is left of a process that hides its arguments.
        return " ".join(process.cmdline()) or process.name()
    return ""


def program(process: psutil.Process) -> str:
    """The file name of what runs, such as `python3.11`; "" where that cannot be seen."""
    with suppress(psutil.Error):
        # Not the name, which Node gives away to its main thread.
        return PurePath(process.exe()).name
    return ""


def _descendants(roots: set[psutil.Process]) -> set[psutil.Process]:
    children: dict[int, list[psutil.Process]] = {}
    for each in psutil.process_iter(["ppid"]):
        children.setdefault(each.info["ppid"], []).append(each)
    found: set[psutil.Process] = set()
    pending = [each for each in roots if lives(each)]
    while pending:
        new = set(children.get(pending.pop().pid, ())) - found
        found |= new
        pending.extend(new)
    return found


def _members(group: int) -> set[psutil.Process]:
    found: set[psutil.Process] = set()
    if sys.platform != "win32":
        for pid in psutil.pids():
            with suppress(OSError, psutil.Error):
                if os.getpgid(pid) == group:
                    found.add(psutil.Process(pid))
    return found


def new_mark() -> dict[str, str]:
    """For the environment of one process, by which a daemon is known that has left all else."""
    return {"MCPVERIFY_TRIAL": secrets.token_hex(8)}


def marked(mark: Mapping[str, str], since: float) -> set[psutil.Process]:
    """Who has `mark` and was born after `since`, in seconds since the epoch."""
    found: set[psutil.Process] = set()
    for each in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            # What is older need not be asked; the clock of births may be set in between.
            if each.create_time() >= since - 1.0 and mark.items() <= each.environ().items():
                found.add(each)
    return found
