"""Which configuration is in force: the one that is named, or the nearest one upwards."""

from mcpverify.settings.configuration import Configuration


def configuration_at(path: str | None) -> Configuration | None:
    """The configuration at `path`; for None the nearest one from here upwards, or None.

    That is an mcpverify.toml, or a pyproject.toml with a [tool.mcpverify]. Raises UsageError.
    """
    return None


def foreign_configuration(path: str) -> Configuration:
    """The servers that an .mcp.json (or the like) or a server.json names. Raises UsageError."""
    raise NotImplementedError
