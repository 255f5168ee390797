"""A file that is read as a whole: regular, and no larger than it has to be.

A pipe may never end, or is empty when it is read a second time; a device may have no end at all.
"""

import os
import stat
from errno import EISDIR, ENOENT

# Opened so, a pipe that nobody writes to keeps nobody waiting.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class NotAFileError(ValueError):
    """What is there is no regular file, or too large. The message says what it is."""


def read_small(path: str, most: int) -> bytes:
    """The bytes of the file, `most` of them. Raises OSError and NotAFileError."""
    try:
        handle = os.open(path, _FLAGS)
    except ValueError:  # a NUL in it
        raise FileNotFoundError(ENOENT, os.strerror(ENOENT)) from None
    with open(handle, "rb") as file:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
        if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
            raise NotAFileError("it is a pipe, and no file")
        if not stat.S_ISREG(mode):
            raise NotAFileError("it is a device, and no file")
        octets = file.read(most + 1)
    if len(octets) > most:
        size = f"{most // 2**20} MiB" if most >= 2**20 else f"{most // 2**10} KiB"
        raise NotAFileError(f"it is larger than {size}")
    return octets
