"""The points of a good shutdown: one file each, and nothing else in this folder.

A file named `lame_duck.py` is the point `lame-duck`. It is written as a check is, but that its
`judge(timeline)` looks at a trial; `NUMBER` is its place in the contract of a good shutdown.
"""

from functools import cache
from typing import TypeAlias

from mcpverify.facts import check_files
from mcpverify.facts.timeline import Timeline

PointFile: TypeAlias = check_files.CheckFile[Timeline]


def point_ids() -> tuple[str, ...]:
    """All ids, without importing the points."""
    return check_files.ids_in(__path__)


@cache
def all_points() -> tuple[PointFile, ...]:
    """Every point, in the order of reports: by number, then by stage and id."""
    found: list[PointFile] = list(check_files.files_in(__name__, __path__))
    return tuple(sorted(found, key=lambda each: (each.number, each.check.stage, each.check.id)))
