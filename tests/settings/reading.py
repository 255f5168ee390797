"""What tests of configurations share: a file that is written, and read as `check` reads it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from mcpverify.checks import check_ids
from mcpverify.errors import UsageError
from mcpverify.settings.configuration import Configuration
from mcpverify.settings.discovery import configuration_at
from mcpverify.settings.target_settings import TargetSettings

URL = 'url = "https://mcp.example.com/mcp"\n'


def written(text: str, name: str = "mcpverify.toml") -> Path:
    """The file of that name in the working directory, which is the test's own."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def configured(text: str) -> Configuration:
    """The configuration that mcpverify.toml holds when it has this text."""
    written(text)
    found = configuration_at(None, check_ids())
    assert found is not None
    return found


def target(text: str, environ: Mapping[str, str] | None = None) -> TargetSettings:
    """The target `weather`: its table has this text, which may go on to other tables."""
    return configured(f"[targets.weather]\n{text}\n").target("weather", environ or {})


def refused(text: str) -> list[str]:
    """What an mcpverify.toml with this text is refused for, line by line, without its name."""
    with pytest.raises(UsageError) as error:
        configured(text)
    told = error.value.message.split("\n")
    assert all(line.startswith("mcpverify.toml:") for line in told)
    return [line.removeprefix("mcpverify.toml:") for line in told]


def refused_target(text: str) -> list[str]:
    """The same of the target `weather`, whose table begins on line 1."""
    return refused(f"[targets.weather]\n{text}\n")
