"""How snapshots are named: by a path, as git:REF:PATH, or not at all.

Without a name they lie at `snapshots/<slug of the server's name>.json`.
"""

import os
import re
from hashlib import sha256
from typing import Final

from mcpverify.errors import UsageError

PREFIX: Final = "git:"
FOLDER: Final = "snapshots"
_LONGEST: Final = 64
_FOREIGN: Final = re.compile(r"[^a-z0-9._-]+")
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)")


def is_version(name: str) -> bool:
    """Whether `name` asks for a file that git keeps."""
    return name.startswith(PREFIX)


def slug(server_name: str) -> str:
    """A file name made of `server_name`, without its ending; "" where nothing is left.

    The name is whatever a server says it is called. The slug leaves no directory, is
    allowed on every platform, and stays short.
    """
    plain = _FOREIGN.sub("-", server_name.lower()).strip("-._")
    if len(plain) > _LONGEST:
        mark = sha256(server_name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        plain = f"{plain[: _LONGEST - 9].rstrip('-._')}-{mark}"
    # Windows opens a device under these names, with any ending.
    return f"server-{plain}" if _RESERVED.match(plain) else plain


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
