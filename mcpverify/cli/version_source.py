"""--version-from: where a server tells its release."""

import re

from mcpverify.errors import UsageError
from mcpverify.facts.health import is_health_address
from mcpverify.facts.version_source import VersionKind, VersionSource

_FLAG = "--version-from"
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_POINTER = re.compile(r"(?:/(?:[^~/]|~[01])*)*")
_EXAMPLES = (
    "Write header:X-Version, health:/healthz#/version, health:https://host/version or "
    "tool:build_info#/version."
)


def version_source_of(text: str | None) -> VersionSource | None:
    """The source that the flag names. Raises UsageError."""
    if text is None:
        return None
    if not text.strip():
        raise UsageError(f"{_FLAG} is empty", "Is the variable behind it set?")
    word, colon, rest = text.strip().partition(":")
    known = word.lower() in set(VersionKind)
    if not colon or not known:
        # A forgotten kind leaves a URL here, which may hold a credential.
        shown = f" {word}:" if colon and "/" not in rest and word.isalpha() else ""
        raise UsageError(f"{_FLAG} names no source{shown}", _EXAMPLES)
    kind = VersionKind(word.lower())
    if kind is VersionKind.HEADER:
        if not _HEADER_NAME.fullmatch(rest):
            raise UsageError(f"{_FLAG} header: takes the name of a header", _EXAMPLES)
        return VersionSource(kind, rest)
    name, _, pointer = rest.partition("#")
    if not _POINTER.fullmatch(pointer):
        raise UsageError(
            f"{_FLAG} {kind}: {pointer} is no JSON pointer", "Write #/version, or #/build/version."
        )
    if kind is VersionKind.HEALTH and not is_health_address(name):
        # Not repeated: it may hold a credential.
        raise UsageError(f"{_FLAG} health: takes an http URL, or a path", _EXAMPLES)
    if not name.strip():
        raise UsageError(f"{_FLAG} tool: names no tool", _EXAMPLES)
    return VersionSource(kind, name, pointer)
