"""The questions that are asked of a server: one file each, and nothing else in this folder.

A file named `tool_names.py` is the check `tool-names`. Its docstring is what
`mcpverify explain tool-names` prints; it declares `CHECK` and defines
`judge(evidence) -> Finding`. Adding a file adds the check, everywhere.
"""

from functools import cache
from typing import TypeAlias

from mcpverify.facts import check_files
from mcpverify.facts.evidence import Evidence

CheckFile: TypeAlias = check_files.CheckFile[Evidence]


@cache
def check_ids() -> tuple[str, ...]:
    """All ids, without importing the checks."""
    return check_files.ids_in(__path__)


@cache
def all_checks() -> tuple[CheckFile, ...]:
    """Every check, in the order of reports: by stage, then by id."""
    found: list[CheckFile] = list(check_files.files_in(__name__, __path__))
    return tuple(sorted(found, key=lambda each: (each.check.stage, each.check.id)))
