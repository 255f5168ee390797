"""mcpverify.toml, or the same in pyproject.toml: checked as a whole, and read target by target."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from mcpverify.errors import ConfigurationInvalid, VariableUnset
from mcpverify.settings.calls import broken_calls
from mcpverify.settings.configuration import Configuration
from mcpverify.settings.merging import MergedTarget, merged
from mcpverify.settings.places import Key, header_lines, lines_of
from mcpverify.settings.problem import Problem, refusal
from mcpverify.settings.rules import broken_rules
from mcpverify.settings.schema import objections
from mcpverify.settings.spelling import hyphened
from mcpverify.settings.target_settings import TargetSettings
from mcpverify.settings.targets import default_snapshot, settings_of
from mcpverify.settings.toml_file import TomlFile
from mcpverify.settings.variables import UNSET_HINT, Environment

_FEW: Final = 20
"""So few targets may each be looked for as long as it takes."""


def configuration_in(file: TomlFile, prefix: Key, checks: Sequence[str]) -> Configuration:
    """The configuration under `prefix` of the file. `checks` are the ids of all checks.

    Raises ConfigurationInvalid: for whatever is wrong anywhere in it, the first few at once.
    """
    table: Any = file.table
    for step in prefix:
        table = table[step]
    if not isinstance(table, dict):
        raise refusal(file.path, file.text, prefix, [Problem((), "must be a table")])
    problems: list[Problem] = []
    table = hyphened(table, problems)
    problems += objections(table, checks)
    targets = _merged(table, {each.key[:2] for each in problems})
    for target in targets:
        problems += broken_rules(target)
        problems += broken_calls(target)
    problems += _sharing_a_snapshot(targets)
    if problems:
        raise refusal(file.path, file.text, prefix, problems)
    directory = os.path.dirname(file.path)
    reader = _Reader(file, prefix, directory, {target.name: target for target in targets})
    return Configuration(file.path, directory, tuple(each.name for each in targets), reader)


def _merged(table: Mapping[str, Any], broken: set[Key]) -> list[MergedTarget]:
    """The targets whose own table, and the defaults, are as the schema has them."""
    if any(key[:1] == ("defaults",) for key in broken) or ("targets",) in broken:
        return []
    defaults = table.get("defaults", {})
    return [
        merged(name, own, defaults)
        for name, own in table.get("targets", {}).items()
        if ("targets", name) not in broken
    ]


def _sharing_a_snapshot(targets: Sequence[MergedTarget]) -> Iterator[Problem]:
    """Two names can make one file name: each of them would be compared with the other's.

    One that says `snapshot` shares on purpose, be it the file of another.
    """
    taken: dict[str | None, str] = {}
    for target in targets:
        if any(target.table.get(each) for each in ("snapshot", "no-snapshot", "expect-digest")):
            continue
        path = default_snapshot(target.name, "")
        if path in taken:
            other = taken[path]
            shared = path or "no file that could be named after it"
            yield Problem(("targets", target.name), f"shares {shared} with {other}: set snapshot")
        taken[path] = target.name


@dataclass(frozen=True)
class _Reader:
    """Reads one target at a time: only for those are their variables wanted."""

    file: TomlFile
    prefix: Key
    directory: str
    targets: Mapping[str, MergedTarget]

    def target(self, name: str, environ: Mapping[str, str]) -> TargetSettings:
        environment = Environment(environ)
        settings = settings_of(self.targets[name], self._where(name), self.directory, environment)
        if environment.unset:
            told = self._told((key, environment.problem(name)) for key, name in environment.unset)
            raise VariableUnset(told.message, told.hint or UNSET_HINT)
        if environment.wrong:
            raise self._told(environment.wrong)
        return settings

    def _told(self, problems: Iterable[tuple[Key, str]]) -> ConfigurationInvalid:
        found = [Problem(key, what) for key, what in problems]
        return refusal(self.file.path, self.file.text, self.prefix, found)

    def _where(self, name: str) -> str:
        key = (*self.prefix, "targets", name)
        line = self._headers.get(key)
        if line is None and len(self.targets) <= _FEW:
            (line,) = lines_of(self.file.text, [key])
        return self.file.path if line is None else f"{self.file.path}:{line}"

    @cached_property
    def _headers(self) -> Mapping[Key, int]:
        """The line of each target that has a header of its own."""
        length = len(self.prefix) + 2
        found: dict[Key, int] = {}
        for key, line in header_lines(self.file.text):
            found.setdefault(key[:length], line)
        return found
