"""GitHub Actions, served by itself: annotations, the summary and the outputs of a step.

Loaded where GITHUB_ACTIONS is `true` and nowhere else. Whatever is wrong with the runner's files
is told on stderr, and changes no verdict.
"""

import os
import stat
from pathlib import Path
from typing import Final

from mcpverify.cli.exit_codes import ExitCode, is_to_roll_back
from mcpverify.cli.writing import complain, grumble
from mcpverify.facts.comparison import Comparison
from mcpverify.facts.drain import DrainReport
from mcpverify.facts.report import Report
from mcpverify.reporters.github_files import MAX_SUMMARY, Told, of_problem, of_report, within
from mcpverify.reporters.inert_commands import Level

_SIGNALS: Final = 128  # exit codes above it name the signal that stopped the run
_OUTPUTS: Final = "GITHUB_OUTPUT"
_SUMMARY: Final = "GITHUB_STEP_SUMMARY"


def tell_report(
    report: Report | Comparison | DrainReport,
    code: ExitCode,
    path: str = "",
    *,
    gate: bool = False,
    annotated: bool = False,
) -> None:
    """Tell the runner of a verdict, and whether to roll back where it is that of the gate.

    `annotated` says that stdout holds the annotations.
    """
    rollback = is_to_roll_back(report.verdict, code) if gate else None
    told = of_report(report, int(code), rollback=rollback, path=path)
    _tell(told, annotated=annotated)


def tell_problem(problem: str, hint: str, code: int, *, gate: bool = False) -> None:
    """Tell the runner why there is no verdict, in words without credentials.

    `code` is none of those that roll back: they come with a report.
    """
    # Whoever stops a run knows that; it is no error.
    level = Level.WARNING if code > _SIGNALS else Level.ERROR
    _tell(of_problem(problem, hint, code, level, gate=gate))


def _tell(told: Told, *, annotated: bool = False) -> None:
    # The outputs first: a step that is about to be killed needs them most.
    _append(_OUTPUTS, told.outputs)
    _append(_SUMMARY, told.summary, MAX_SUMMARY)
    if not annotated:
        grumble(told.annotations)


def _append(variable: str, text: str, most: int | None = None) -> None:
    """Add `text` to the file that `variable` names, on a line of its own, below `most` bytes."""
    path = os.environ.get(variable, "")
    if not path:
        complain(f"{variable} is not set: it gets nothing")
        return
    try:
        held, ends = _held(Path(path))
        data = ends + (text if most is None else within(text, most - held - len(ends))).encode()
        if data != ends:
            with open(path, "ab") as file:
                file.write(data)
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or str(error)
        complain(f"{variable} cannot be written: {words}")


def _held(path: Path) -> tuple[int, bytes]:
    """How many bytes a file holds, and what ends its last line if nothing does yet."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, b""
    if not stat.S_ISREG(found.st_mode):
        raise ValueError("it is no regular file")  # opening a pipe could wait for ever
    if not found.st_size:
        return 0, b""
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return found.st_size, b"" if file.read(1) == b"\n" else b"\n"
