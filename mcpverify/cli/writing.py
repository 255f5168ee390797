"""Writing as such: to stdout, whose reader may go away, to stderr, and to files that flags name."""

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from mcpverify.errors import FileUnusable
from mcpverify.reporters.inert import inert


def say(text: str) -> None:
    """Print to stdout. A reader that has gone away does not change the verdict.

    Raises FileUnusable where it cannot be written otherwise: a disk is full, say.
    """
    if sys.stdout is None:
        return
    data = text.encode(sys.stdout.encoding or "utf-8", "backslashreplace")
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Python would complain once more when it flushes at exit.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise FileUnusable(f"stdout cannot be written: {error.strerror}", "Free it.") from None


def complain(message: str, hint: str = "") -> None:
    """Print an error of ours to stderr: a line for each of the message, and what to do next."""
    lines = [f"mcpverify: {inert(each)}" for each in message.rstrip(".").split("\n")]
    grumble("\n".join([*lines, *([f"  {inert(hint)}"] if hint else []), ""]))


def grumble(text: str) -> None:
    """Print to stderr, if there is one."""
    if sys.stderr is None:
        return
    with suppress(OSError, ValueError):
        sys.stderr.write(text)
        sys.stderr.flush()


def writable(path: str, flag: str) -> str:
    """`path`, once a file can be written there. Raises FileUnusable."""
    if path == "-":
        raise FileUnusable(f"{flag} -: it writes files only", "--format chooses what is printed.")
    target = Path(path)
    parent = target.parent
    if not parent.is_dir():
        raise FileUnusable(f"{flag} {path}: there is no directory {parent}", "Create it first.")
    try:
        found = os.stat(path)
    except FileNotFoundError:
        place: Path = parent
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or str(error)
        raise FileUnusable(f"{flag} {path}: {words}", "Check the path.") from None
    else:
        place = target
        if kind := _unfit(found.st_mode):
            raise FileUnusable(f"{flag} {path}: it is a {kind}", "Name a file.")
    if not os.access(place, os.W_OK):
        raise FileUnusable(f"{flag} {path}: it cannot be written", "Check its permissions.")
    return path


def _unfit(mode: int) -> str:
    """What it is that no report goes to, "" for a file, and for a device such as /dev/null."""
    if stat.S_ISDIR(mode):
        return "directory"
    if stat.S_ISFIFO(mode):
        return "pipe"  # nobody may be reading: to open it could wait for ever
    return "socket" if stat.S_ISSOCK(mode) else ""


def write_file(path: str, data: bytes, flag: str) -> None:
    """Write a whole file. Raises FileUnusable."""
    try:
        Path(path).write_bytes(data)
    except OSError as error:
        raise file_unusable(path, flag, error) from None


def file_unusable(path: str, flag: str, error: OSError) -> FileUnusable:
    return FileUnusable(f"{flag} {path}: {error.strerror}", "Check the path.")
