"""Pairs of schemas and what tells them apart, one file for each family of keywords.

Each row was thought through by hand, by the text of JSON Schema and by the rule of
who sends what; none was written down from what the code says. A file put here is a family.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from tests.drift.cases.case import NOTHING, Case

__all__ = ["CASES", "FAMILIES", "NOTHING", "Case"]

FAMILIES: Final[dict[str, tuple[Case, ...]]] = {
    module.name: import_module(f"{__name__}.{module.name}").CASES
    for module in iter_modules(__path__)
    if module.name != "case"
}
CASES: Final = tuple(case for cases in FAMILIES.values() for case in cases)
