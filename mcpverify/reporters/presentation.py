"""How a report is to be shown: what reporters are told besides the report itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

NARROWEST = 40
NARROW = 80
WIDE = 100


@dataclass(frozen=True, slots=True)
class Presentation:
    """`verbosity` is -1 for --quiet, 1 for -v. Formats for machines use the exit code only."""

    exit_code: int
    width: int = NARROW
    color: bool = False
    verbosity: int = 0


def presentation_for(
    stream: TextIO, environ: Mapping[str, str], exit_code: int, verbosity: int = 0
) -> Presentation:
    """What suits `stream`: 80 columns without color where it is no terminal.

    NO_COLOR (https://no-color.org) and TERM=dumb turn color off on a terminal.
    """
    if not stream.isatty():
        return Presentation(exit_code, verbosity=verbosity)
    import shutil

    width = shutil.get_terminal_size((NARROW, 24)).columns
    color = not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
    return Presentation(exit_code, min(max(width, NARROWEST), WIDE), color, verbosity)
