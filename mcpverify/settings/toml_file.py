"""A TOML file: read, decoded and parsed, or an error that names file, line and column."""

import re
import tomllib
from dataclasses import dataclass
from typing import Any, Final

from mcpverify.errors import ConfigurationInvalid
from mcpverify.settings.text_file import read_text

_PLACE: Final = re.compile(r"(.*) \((?:at line (\d+), column (\d+)|at end of document)\)\Z", re.S)


@dataclass(frozen=True, slots=True)
class TomlFile:
    """`path` is as people may type it; `text` is what `table` was made of."""

    path: str
    text: str
    table: dict[str, Any]


def read_toml(path: str) -> TomlFile:
    """The file at `path`. Raises FileUnusable and ConfigurationInvalid."""
    text = read_text(path)
    try:
        return TomlFile(path, text, tomllib.loads(text))
    except RecursionError:
        problem = f"{path}:1:1: it is nested too deeply"
    except ValueError as error:
        problem = _told(path, text, str(error))
    raise ConfigurationInvalid(problem, "It is no valid TOML: mend it there, or just before.")


def _told(path: str, text: str, message: str) -> str:
    found = _PLACE.match(message)
    if found is None:
        return f"{path}:1:1: {_lowered(message)}"
    lines = text.rstrip("\n").split("\n")
    line, column = found[2] or len(lines), found[3] or len(lines[-1]) + 1
    return f"{path}:{line}:{column}: {_lowered(found[1])}"


def _lowered(message: str) -> str:
    return message[:1].lower() + message[1:]
