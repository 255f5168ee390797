"""A folder of checks, one file each: adding a file adds the check, everywhere.

A file named `tool_names.py` is the check `tool-names`. It declares `CHECK`, defines `judge`, and
its docstring is the explanation; `NUMBER`, where it has one, is its place in a contract of points.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from mcpverify.facts.check import Check
from mcpverify.facts.finding import Finding

Seen = TypeVar("Seen")  # what a check looks at


@dataclass(frozen=True, slots=True)
class CheckFile(Generic[Seen]):
    """One check as its file defines it; `text` is the explanation, `number` 0 without one."""

    check: Check
    judge: Callable[[Seen], Finding]
    text: str
    number: int


def ids_in(path: Iterable[str]) -> tuple[str, ...]:
    """The ids of a package's checks, without importing them. `path` is its `__path__`."""
    return tuple(sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(path)))


def files_in(package: str, path: Iterable[str]) -> Iterator[CheckFile[Seen]]:
    """The checks of a package, by id."""
    for check_id in ids_in(path):
        module = importlib.import_module(f"{package}.{check_id.replace('-', '_')}")
        number = getattr(module, "NUMBER", 0)
        yield CheckFile(module.CHECK, module.judge, module.__doc__ or "", number)
