"""What a run reads is never written by it, not even by a mistyped path."""

import os
from collections.abc import Sequence

from mcpverify.errors import UsageError
from mcpverify.snapshots.paths import is_version, recorded_paths

_CONFIGURATIONS = ("mcpverify.toml", "pyproject.toml")


def refuse_overwriting(compared: Sequence[str | None], written: Sequence[str | None]) -> None:
    """Raise UsageError where a file that is to be written is compared, or is a snapshot.

    `compared` are snapshots as they were named. Those at their usual place are safe unnamed.
    """
    paths = [path for path in written if path is not None]
    if not paths:
        return
    kept = [path for name in compared if name for path in _paths_in(name)]
    for path in paths:
        if any(_is_same(path, each) for each in (*kept, *recorded_paths(""))):
            raise UsageError(f"{path} is a snapshot: it would be overwritten", "Name another.")


def refuse_configuration(read: str | None, written: Sequence[str | None]) -> None:
    """Raise UsageError where a file that is to be written is the configuration at `read`.

    One at its usual name is safe where nothing of it was needed, too.
    """
    for path in written:
        if path is None:
            continue
        # A link is followed: what it leads to would be lost.
        usual = os.path.basename(os.path.realpath(path)) in _CONFIGURATIONS
        if (usual and os.path.exists(path)) or (read is not None and _is_same(path, read)):
            raise UsageError(f"{path} is a configuration: it would be overwritten", "Name another.")


def _paths_in(name: str) -> Sequence[str]:
    """The path of a snapshot. In git:REF:PATH, a REF may hold colons: all that follows one."""
    if not is_version(name):
        return (name,)
    parts = name.split(":")
    return [":".join(parts[at:]) for at in range(2, len(parts))]


def _is_same(one: str, other: str) -> bool:
    """Whether both are the same file, by another spelling or link, too."""
    try:
        return os.path.realpath(one) == os.path.realpath(other) or os.path.samefile(one, other)
    except (OSError, ValueError):  # what is not there yet, or cannot be
        return False
