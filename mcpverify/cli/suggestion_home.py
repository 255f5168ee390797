"""Where proposed calls are to stand: the configuration in force, and what it has already."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mcpverify.checks import check_ids
from mcpverify.cli.target_argument import urls_of
from mcpverify.errors import UsageError
from mcpverify.facts.credentials import without_credentials
from mcpverify.facts.suggestion import Home
from mcpverify.facts.target import Transport
from mcpverify.settings.configuration import Configuration
from mcpverify.settings.target_settings import TargetSettings
from mcpverify.settings.toml_file import TomlFile


@dataclass(frozen=True, slots=True)
class Found:
    """The configuration in force, and the target of it that is meant, None where none is."""

    home: Home
    target: TargetSettings | None = None

    @property
    def called(self) -> frozenset[str]:
        """The tools that this target has calls of."""
        return frozenset() if self.target is None else frozenset(c.tool for c in self.target.calls)


def home_of(configuration: Configuration, target: TargetSettings) -> Found | None:
    """That of a target that was named; None for a file of others, which takes no calls."""
    from mcpverify.settings.discovery import table_of
    from mcpverify.settings.toml_file import read_toml

    file = read_toml(configuration.path)
    return Found(Home(file.path, file.text, table_of(file) or (), configuration.names), target)


def found_home(url: str | None, command: tuple[str, ...] | None) -> Found | None:
    """The configuration in force here, and its target at `url`, or that `command` starts."""
    from mcpverify.settings.discovery import nearest
    from mcpverify.settings.mcpverify_toml import configuration_in

    try:
        place = nearest()
    except UsageError as error:
        where, _, what = error.message.partition("\n")[0].partition(": ")
        return Found(Home(where.partition(":")[0], "", problem=what))
    if place is None:
        return None
    file, table = place
    try:
        configuration = configuration_in(file, table, check_ids())
    except UsageError as error:
        first = error.message.partition("\n")[0]
        return Found(Home(file.path, file.text, table, _names_in(file, table), first))
    home = Home(file.path, file.text, table, configuration.names)
    wanted = set(_addresses(url))
    for each in _targets(configuration):
        same = bool(wanted & set(_addresses(each.url)))
        if same or (command is not None and each.command == command):
            return Found(home, each)
    return Found(home)


def _names_in(file: TomlFile, table: tuple[str | int, ...]) -> tuple[str, ...]:
    """The names of the targets in a file that is no configuration as it stands."""
    found: object = file.table
    for step in (*table, "targets"):
        found = found.get(step) if isinstance(found, dict) else None
    return tuple(found) if isinstance(found, dict) else ()


def _targets(configuration: Configuration) -> Iterator[TargetSettings]:
    """Its targets, but for those whose references cannot even be guessed."""
    for name in configuration.names:
        try:
            yield configuration.target(name, _Guessed(os.environ))
        except UsageError:
            continue


class _Guessed(dict[str, str]):
    """An environment in which every variable is set: what is asked is another thing."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(environ)

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        return super().get(name) or "unset"


def _addresses(url: str | None) -> Iterator[str]:
    """Where a URL leads, whatever credentials it carries."""
    try:
        urls = () if url is None else urls_of(url, Transport.AUTO)
    except UsageError:
        return
    for each in urls:
        yield without_credentials(each)
