"""Pairs of schemas and what tells them apart, one file for each family of keywords.

Each row was thought through by hand, by the text of JSON Schema and by the rule of
who sends what; none was written down from what the code says.
"""

from typing import Final

from tests.drift.cases import (
    annotations,
    arrays,
    booleans,
    bounds,
    combinators,
    conditions,
    dialects,
    enums,
    generators,
    lengths,
    lookalikes,
    objects,
    patterns,
    references,
    requirements,
    types,
    worlds,
)
from tests.drift.cases.case import NOTHING, Case

__all__ = ["CASES", "FAMILIES", "NOTHING", "Case"]

FAMILIES: Final[dict[str, tuple[Case, ...]]] = {
    module.__name__.rpartition(".")[2]: module.CASES
    for module in (
        annotations,
        arrays,
        booleans,
        bounds,
        combinators,
        conditions,
        dialects,
        enums,
        generators,
        lengths,
        lookalikes,
        objects,
        patterns,
        references,
        requirements,
        types,
        worlds,
    )
}
CASES: Final = tuple(case for cases in FAMILIES.values() for case in cases)
