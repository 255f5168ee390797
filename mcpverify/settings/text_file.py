"""The text of a configuration, of whatever kind it is."""

from typing import Final

from mcpverify.errors import ConfigurationInvalid, FileUnusable

MAX_BYTES: Final = 32 * 2**20


def read_text(path: str) -> str:
    """The text of a file in UTF-8. Raises FileUnusable and ConfigurationInvalid."""
    try:
        with open(path, "rb") as file:
            octets = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileUnusable(f"{path}: {reason}", "Name a configuration that can be read.") from None
    if len(octets) > MAX_BYTES:
        raise FileUnusable(f"{path} is larger than {MAX_BYTES // 2**20} MiB", "Split it.")
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
