"""Report files of an earlier run, which must not pass for those of one that came to no verdict.

They are emptied, and not removed: a link stays, and so do permissions that were set beforehand.
"""

import os
import re
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final

# How each format begins that machines read.
_OURS: Final = re.compile(
    rb'\s*(\{\s*"report"\s*:|\{"events"|<\?xml[^>]*>\s*<testsuites>\s*<testsuite [^>]*"mcpverify")'
)
_ENOUGH: Final = 64 * 2**10  # bytes of a file to know it by
_FLAG: Final = "--report"


def empty_old(paths: Iterable[str]) -> None:
    """Empty those that hold a report. Others may be files that were named by mistake."""
    for path in paths:
        with suppress(OSError, ValueError):
            if not stat.S_ISREG(os.stat(path).st_mode):
                continue
            with open(path, "r+b") as file:
                if _OURS.match(file.read(_ENOUGH)):
                    file.truncate(0)


def empty_all(paths: Iterable[str]) -> None:
    """Empty them, as what they are about to be overwritten with may never come."""
    for path in paths:
        with suppress(OSError, ValueError):
            if stat.S_ISREG(os.stat(path).st_mode):
                os.truncate(path, 0)


def report_paths(arguments: Sequence[str]) -> tuple[str, ...]:
    """The files that --report names on a command line that cannot be understood."""
    values = [
        word if before == _FLAG else word.partition("=")[2]
        for before, word in zip(("", *arguments), arguments, strict=False)
        if before == _FLAG or word.startswith(f"{_FLAG}=")
    ]
    return tuple(path for value in values if (path := value.partition("=")[2]))
