"""Reports in formats for people and for machines: one file each, and nothing to register.

A format `x` is the module `x_report`, with a function `render(report, presentation)` that
returns the whole text, of a run of the gate, of a comparison or of the trial of a shutdown. It
is imported when it is asked for.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import cast

from mcpverify.facts.comparison import Comparison
from mcpverify.facts.drain import DrainReport
from mcpverify.facts.report import Report
from mcpverify.reporters.presentation import Presentation

_SUFFIX = "_report"
FORMATS = tuple(
    module.name.removesuffix(_SUFFIX)
    for module in iter_modules(__path__)
    if module.name.endswith(_SUFFIX)
)


def render(
    format_name: str, report: Report | Comparison | DrainReport, presentation: Presentation
) -> str:
    """The text of `report` in one of FORMATS, which ends in a line feed."""
    if format_name not in FORMATS:
        raise ValueError(f"{format_name!r} is none of {', '.join(FORMATS)}")
    module = import_module(f"{__name__}.{format_name}{_SUFFIX}")
    return cast(str, module.render(report, presentation))
