"""How snapshots are named: by a path, as git:REF:PATH, or not at all.

Without a name they lie at `snapshots/<slug of the server's name>.json`.
"""

import os
from typing import Final

from mcpverify.errors import UsageError
from mcpverify.facts.slug import slug as slug  # of all names alike

PREFIX: Final = "git:"
FOLDER: Final = "snapshots"


def is_version(name: str) -> bool:
    """Whether `name` asks for a file that git keeps."""
    return name.startswith(PREFIX)


def default_path(root: str, server_name: str) -> str:
    """The path under `root` for the snapshot of the server of that name. Raises UsageError."""
    name = slug(server_name)
    if not name:
        raise UsageError(
            "No file name can be made of the server's name.", "Name the file with --snapshot PATH."
        )
    return os.path.join(root, FOLDER, f"{name}.json")


def recorded_paths(root: str) -> tuple[str, ...]:
    """The snapshot files that lie under `root`, sorted."""
    folder = os.path.join(root, FOLDER)
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return ()
    return tuple(os.path.join(folder, name) for name in names if name.endswith(".json"))
