"""The points of a good shutdown: one file each, and nothing else in this folder.

A file named `lame_duck.py` is the point `lame-duck`. It is written as a check is, but that its
`judge(timeline)` looks at a trial; `NUMBER` is its place in the contract of a good shutdown.
"""

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from mcpverify.facts.check import Check
from mcpverify.facts.finding import Finding
from mcpverify.facts.timeline import Timeline


class Judge(Protocol):
    def __call__(self, timeline: Timeline) -> Finding: ...


@dataclass(frozen=True, slots=True)
class PointFile:
    """One point as its file defines it; `text` is the explanation."""

    number: int
    check: Check
    judge: Judge
    text: str


def point_ids() -> tuple[str, ...]:
    """All ids, without importing the points."""
    return tuple(sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__)))


@cache
def all_points() -> tuple[PointFile, ...]:
    """Every point, in the order of reports: by number, then by stage and id."""
    found = []
    for point_id in point_ids():
        module = importlib.import_module(f"{__name__}.{point_id.replace('-', '_')}")
        found.append(PointFile(module.NUMBER, module.CHECK, module.judge, module.__doc__ or ""))
    return tuple(sorted(found, key=lambda each: (each.number, each.check.stage, each.check.id)))
