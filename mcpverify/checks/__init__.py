"""The questions that are asked of a server: one file each, and nothing else in this folder.

A file named `tool_names.py` is the check `tool-names`. Its docstring is what
`mcpverify explain tool-names` prints; it declares `CHECK` and defines
`judge(evidence) -> Finding`. Adding a file adds the check, everywhere.
"""

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from mcpverify.facts.check import Check
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Finding


class Judge(Protocol):
    def __call__(self, evidence: Evidence) -> Finding: ...


@dataclass(frozen=True, slots=True)
class CheckFile:
    """One check as its file defines it; `text` is the explanation."""

    check: Check
    judge: Judge
    text: str


def check_ids() -> tuple[str, ...]:
    """All ids, without importing the checks."""
    return tuple(sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__)))


@cache
def all_checks() -> tuple[CheckFile, ...]:
    """Every check, in the order of reports: by stage, then by id."""
    found = []
    for check_id in check_ids():
        module = importlib.import_module(f"{__name__}.{check_id.replace('-', '_')}")
        found.append(CheckFile(module.CHECK, module.judge, module.__doc__ or ""))
    return tuple(sorted(found, key=lambda each: (each.check.stage, each.check.id)))
