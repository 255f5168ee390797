"""What a server says, made harmless in a command of GitHub Actions: one line that the runner obeys.

The runner reads commands from both streams of a step. A line feed would end one, and a colon or
comma its properties: they are escaped as the runner's own toolkit escapes them
(https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts).
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from mcpverify.reporters.inert import inert
from mcpverify.reporters.layout import clipped

MAX_TITLE: Final = 200  # characters; a check's annotation takes 255
MAX_LINE: Final = 600
MAX_MESSAGE: Final = 3_500  # the runner cuts at 4,096
_CUT: Final = "… cut here"
_DATA: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


class Level(StrEnum):
    """Listed from worst to best."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


def annotation(level: Level, title: str, lines: Iterable[str]) -> str:
    """The command, without a line end, that puts `title` and `lines` beside a step's log.

    A title is short already: its parts are cut where they are known.
    """
    heading = clipped(inert(title), MAX_TITLE).translate(_PROPERTY)
    return f"::{level} title={heading}::{_message(lines).translate(_DATA)}"


def _message(lines: Iterable[str]) -> str:
    kept: list[str] = []
    room = MAX_MESSAGE - len(_CUT)
    for line in lines:
        shown = inert(line, MAX_LINE)
        room -= len(shown) + 1
        if room < 0:
            kept.append(_CUT)
            break
        kept.append(shown)
    return "\n".join(kept)
