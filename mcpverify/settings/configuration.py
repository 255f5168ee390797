"""A configuration that was read: the names of its targets, and each of them on demand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from mcpverify.settings.target_settings import TargetSettings


class TargetReader(Protocol):
    """Whoever knows a kind of file: gives one of its targets by its name."""

    def target(self, name: str, environ: Mapping[str, str]) -> TargetSettings:
        """The target of that name. Raises UsageError."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The targets of one file, in its order. `path` is the file as people may type it.

    `directory` is what relative paths in it are relative to, as seen from here: "" for here.
    """

    path: str
    directory: str
    names: tuple[str, ...]
    reader: TargetReader = field(repr=False)

    def target(self, name: str, environ: Mapping[str, str]) -> TargetSettings:
        """The target of that name, with its ${NAME}s read from `environ`. Raises UsageError."""
        return self.reader.target(name, environ)
