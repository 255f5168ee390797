"""Events, one JSON object a line, for what reads a run while it goes on.

Of a report that is there already the same events are told, but for exchanges and attempts:
those are written as they happen (`mcpverify/cli/streaming.py`).
"""

import json

from mcpverify.facts.comparison import Comparison
from mcpverify.facts.drain import DrainReport
from mcpverify.facts.json_text import Json
from mcpverify.facts.report import Report
from mcpverify.reporters.events import beginning, outcome
from mcpverify.reporters.presentation import Presentation


def render(report: Report | Comparison | DrainReport, how: Presentation) -> str:
    """The events of `report`. Of `how` only the exit code counts."""
    return "".join((beginning(report), *outcome(report, how.exit_code)))


def schema() -> dict[str, Json]:
    """The JSON Schema of each line."""
    from importlib.resources import files

    text = files(__package__).joinpath("events.schema.json").read_text("utf-8")
    loaded: dict[str, Json] = json.loads(text)
    return loaded
