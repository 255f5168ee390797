"""File names that are made of names."""

import re
from hashlib import sha256
from typing import Final

_LONGEST: Final = 64
_FOREIGN: Final = re.compile(r"[^a-z0-9._-]+")
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)")


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
