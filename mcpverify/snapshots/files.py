"""Reading and writing whole files: bounded, never hanging, never leaving half a file."""

import os
import stat
from contextlib import suppress
from typing import Final

from mcpverify.errors import FileUnusable, SnapshotUnusable

MAX_BYTES: Final = 64 * 2**20
_RECORD: Final = "Record one with `mcpverify snapshot TARGET --snapshot {path}`."


def read(path: str) -> bytes:
    """The bytes of the snapshot file at `path`. Raises SnapshotUnusable.

    Only regular files are opened: a pipe or a device could keep us waiting for ever.
    """
    try:
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            raise SnapshotUnusable(f"{path} is a directory.", "Name the snapshot file in it.")
        if not stat.S_ISREG(found.st_mode):
            raise SnapshotUnusable(f"{path} is no regular file.", "Name a snapshot file.")
        with open(path, "rb") as file:
            octets = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise SnapshotUnusable(
            f"There is no snapshot at {path}.", _RECORD.format(path=path)
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL in it
        raise SnapshotUnusable(
            f"{path} cannot be read: {_reason(error)}.", "Check the path and its permissions."
        ) from None
    if len(octets) > MAX_BYTES:
        raise SnapshotUnusable(
            f"{path} is larger than {MAX_BYTES // 2**20} MiB, so it is no snapshot.",
            _RECORD.format(path=path),
        )
    return octets


def write(path: str, octets: bytes) -> None:
    """Puts `octets` at `path`, all or nothing, and leaves what was there if it fails.

    Missing directories are made, a symbolic link is followed, and a file that is replaced
    hands on its mode. Raises FileUnusable.
    """
    if len(octets) > MAX_BYTES:
        raise FileUnusable(
            f"{path} was not written: it would be larger than {MAX_BYTES // 2**20} MiB.",
            "Restrict the snapshot with --tool.",
        )
    try:
        _replace(os.path.realpath(path), octets)
    except (OSError, ValueError) as error:
        raise FileUnusable(
            f"{path} cannot be written: {_reason(error)}.", "Check the path and its permissions."
        ) from None


def create(path: str, octets: bytes) -> bool:
    """Puts `octets` at `path` unless something is there; whether it did. Raises FileUnusable."""
    if os.path.lexists(path):
        return False
    write(path, octets)
    return True


def _replace(path: str, octets: bytes) -> None:
    mode = None
    with suppress(FileNotFoundError):
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("it is a directory or a device")
        mode = stat.S_IMODE(found.st_mode)
    folder, name = os.path.split(path)
    os.makedirs(folder, exist_ok=True)
    # In the same directory, since a file can be renamed in one step within one device only.
    beside = os.path.join(folder, f".{name[:100]}.{os.urandom(6).hex()}.tmp")
    handle = os.open(
        beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666
    )
    try:
        with open(handle, "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(beside, mode)
        os.replace(beside, path)
    except BaseException:  # Ctrl-C too: nothing of ours may stay behind
        with suppress(OSError):
            os.unlink(beside)
        raise
    _sync_directory(folder)


def _sync_directory(folder: str) -> None:
    """Makes the new name last through a power cut, where the platform can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _reason(error: Exception) -> str:
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return words[:1].lower() + words[1:]
