"""The snapshot that a gate was told to compare with: a file, or a version that git keeps."""

from dataclasses import dataclass

from mcpverify.facts.snapshot import Snapshot
from mcpverify.snapshots.paths import is_version
from mcpverify.snapshots.snapshot_file import load, snapshot_in


@dataclass(frozen=True, slots=True)
class Reviewed:
    """`name` is what it was called, `path` its file, seen from the working directory.

    `commit` is the full hash of the commit that it lies in, None for the working tree.
    """

    snapshot: Snapshot
    name: str
    path: str
    commit: str | None = None


def reviewed_at(name: str) -> Reviewed:
    """What `name` means, a path or git:REF:PATH.

    Raises SnapshotUnusable, and UsageError or FileUnusable for what git cannot give.
    """
    if not is_version(name):
        return Reviewed(load(name), name, name)
    from mcpverify.snapshots.git_versions import version_of  # what most runs do not need

    version = version_of(name)
    return Reviewed(snapshot_in(version.octets, name), name, version.path, version.commit)
