"""--version-from: where a server tells its release."""

from mcpverify.facts.version_source import VersionSource


def version_source_of(text: str | None) -> VersionSource | None:
    """The source that the flag names. Raises UsageError."""
    return None
