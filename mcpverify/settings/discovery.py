"""Which configuration is in force: the one that is named, or the nearest one upwards."""

import os
from collections.abc import Iterator, Sequence
from typing import Final

from mcpverify.errors import ConfigurationInvalid, FileUnusable
from mcpverify.settings.configuration import Configuration
from mcpverify.settings.places import Key
from mcpverify.settings.toml_file import TomlFile, read_toml

NAME: Final = "mcpverify.toml"
PYPROJECT: Final = "pyproject.toml"
TABLE: Final[Key] = ("tool", "mcpverify")


def configuration_at(path: str | None, checks: Sequence[str] = ()) -> Configuration | None:
    """The configuration at `path`; for None the nearest one from here upwards, or None.

    That is an mcpverify.toml, or a pyproject.toml with a [tool.mcpverify]. An mcpverify.toml with
    nothing in it hides none of them: a shell that is to append to it makes one. `checks` are the
    ids of all checks; without them those count that the schema knows. Raises UsageError.
    """
    from mcpverify.settings.mcpverify_toml import configuration_in

    if path is not None:
        file = read_toml(path)
        prefix = table_of(file)
        if prefix is None:
            raise ConfigurationInvalid(
                f"{path}: it has no [tool.mcpverify]", "Add one, or name an mcpverify.toml."
            )
        return configuration_in(file, prefix, checks)
    found = nearest()
    return None if found is None else configuration_in(*found, checks)


def nearest() -> tuple[TomlFile, Key] | None:
    """The file that is in force here, and where in it we are configured. Raises UsageError."""
    empty: tuple[TomlFile, Key] | None = None
    for candidate in _upwards():
        if not os.path.isfile(candidate):
            continue
        if os.path.basename(candidate) == PYPROJECT and not _may_concern_us(candidate):
            continue
        file = read_toml(candidate)
        prefix = table_of(file)
        if prefix is None:
            continue
        if file.table:
            return file, prefix
        empty = empty or (file, prefix)
    return empty


def foreign_configuration(path: str) -> Configuration:
    """The servers that an .mcp.json (or the like) or a server.json names. Raises UsageError."""
    from mcpverify.settings.foreign.files import foreign_file

    return foreign_file(path)


def _upwards() -> Iterator[str]:
    """Where a configuration may lie, the nearest first, as seen from here."""
    here = os.getcwd()
    folder = ""
    while True:
        yield os.path.join(folder, NAME)
        yield os.path.join(folder, PYPROJECT)
        above = os.path.dirname(here)
        if above == here:
            return
        here, folder = above, os.path.join(folder, os.pardir)


def _may_concern_us(path: str) -> bool:
    """Whether a pyproject.toml names us at all: one that does not may be as broken as it likes."""
    try:
        with open(path, "rb") as file:
            return b"mcpverify" in file.read()
    except OSError as error:
        raise FileUnusable(f"{path}: {error.strerror}", "Check its permissions.") from None


def table_of(file: TomlFile) -> Key | None:
    """Where in the file we are configured, None where nowhere."""
    if os.path.basename(file.path) != PYPROJECT:
        return ()
    tool = file.table.get("tool")
    return TABLE if isinstance(tool, dict) and "mcpverify" in tool else None
