"""The text of a configuration, of whatever kind it is."""

from typing import Final

from mcpverify.errors import ConfigurationInvalid, FileUnusable
from mcpverify.files import NotAFileError, read_small

MAX_BYTES: Final = 32 * 2**20


def read_text(path: str) -> str:
    """The text of a file in UTF-8. Raises FileUnusable and ConfigurationInvalid."""
    try:
        octets = read_small(path, MAX_BYTES)
    except NotAFileError as error:
        hint = "Write it into a file of its own, and name that."
        raise FileUnusable(f"{path}: {error}", hint) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileUnusable(f"{path}: {reason}", "Name a configuration that can be read.") from None
    try:
        # Some editors put a byte order mark before it.
        return octets.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        before = octets[: error.start]
        line = before.count(b"\n") + 1
        column = len(before) - (before.rfind(b"\n") + 1) + 1
        raise ConfigurationInvalid(
            f"{path}:{line}:{column}: it is not UTF-8", "Save it as UTF-8."
        ) from None
