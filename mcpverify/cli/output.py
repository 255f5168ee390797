"""Where results go: stdout, the files that flags name, and a pipe that may be closed."""

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mcpverify.cli.exit_codes import exit_code
from mcpverify.cli.options import ShowOptions
from mcpverify.errors import FileUnusable, UsageError
from mcpverify.facts.comparison import Comparison
from mcpverify.facts.report import Report
from mcpverify.reporters import FORMATS, render
from mcpverify.reporters.inert import inert
from mcpverify.reporters.presentation import Presentation, presentation_for
from mcpverify.reporters.progress import progress_on
from mcpverify.verify.waiting import Progress

if TYPE_CHECKING:
    from mcpverify.cli.streaming import Stream
    from mcpverify.verify.gate import Gate

STREAMED = "ndjson"  # the format that is written while the run goes on


@dataclass(frozen=True, slots=True)
class Output:
    """How a report is shown. `files` are (format, path) pairs, checked before the run.

    `stream` writes all that is STREAMED, None where nothing is.
    """

    format: str = "terminal"
    files: tuple[tuple[str, str], ...] = ()
    verbosity: int = 0
    stream: "Stream | None" = None

    @classmethod
    def of(cls, show: ShowOptions, reports: Sequence[str] = ()) -> "Output":
        """Raises UsageError for unknown formats and FileUnusable for unwritable paths."""
        if show.quiet and show.verbose:
            raise UsageError("--quiet and --verbose exclude each other", "Drop one of them.")
        files = []
        for text in reports:
            name, equals, path = text.partition("=")
            if not equals or not path:
                hint = "As in --report json=report.json."
                raise UsageError(f"--report {text}: it takes FORMAT=PATH", hint)
            files.append((_known(name), writable(path, "--report")))
        shown = cls(_known(show.format), tuple(files), -1 if show.quiet else show.verbose)
        streamed = tuple(path for name, path in files if name == STREAMED)
        if not streamed and show.format != STREAMED:
            return shown
        from mcpverify.cli.streaming import Stream

        return replace(shown, stream=Stream(show.format == STREAMED, streamed))

    @contextmanager
    def following(self, gate: "Gate") -> Iterator["Gate"]:
        """The gate as it has to run: with a listener where events are written as they happen."""
        if self.stream is None:
            yield gate
            return
        with self.stream.run(gate.target.display, gate.redactor.text(gate.again)):
            yield replace(gate, listener=self.stream.exchange)

    def show(self, report: Report | Comparison) -> int:
        """Print the report and write its files; returns the exit code of its verdict.

        Raises FileUnusable, with the report printed: a full disk must not hide it.
        """
        code = int(exit_code(report.verdict))
        if self.format != STREAMED and sys.stdout is not None:  # None where the caller closed it
            how = presentation_for(sys.stdout, os.environ, code, self.verbosity)
            say(render(self.format, report, how))
        if self.stream is not None:
            self.stream.end(report, code)
        for name, path in self.files:
            if name == STREAMED:
                continue
            text = render(name, report, Presentation(code))
            write_file(path, text.encode("utf-8", "backslashreplace"), "--report")
        if in_github_actions():
            from mcpverify.cli.github_actions import tell_report

            first = self.files[0][1] if self.files else ""
            annotated = self.format == "github" and sys.stdout is not None
            tell_report(report, exit_code(report.verdict), first, annotated=annotated)
        return code


def in_github_actions() -> bool:
    """Whether a runner of GitHub Actions, or of a forge that does as it does, reads along."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def _known(name: str) -> str:
    if name not in FORMATS:
        raise UsageError(f"{name}: no such output format", f"Known are {', '.join(FORMATS)}.")
    return name


def say(text: str) -> None:
    """Print to stdout. A reader that has gone away does not change the verdict.

    Raises FileUnusable where it cannot be written otherwise: a disk is full, say.
    """
    if sys.stdout is None:
        return
    data = text.encode(sys.stdout.encoding or "utf-8", "backslashreplace")
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Python would complain once more when it flushes at exit.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise FileUnusable(f"stdout cannot be written: {error.strerror}", "Free it.") from None


@contextmanager
def waited(quiet: bool, stream: "Stream | None" = None) -> Iterator[Progress | None]:
    """Tells of attempts on stderr, and in the stream; None where nobody listens."""
    if quiet or sys.stderr is None:
        yield stream
        return
    with progress_on(sys.stderr, dumb=os.environ.get("TERM") == "dumb") as progress:
        yield progress if stream is None else stream.beside(progress)


def complain(message: str, hint: str = "") -> None:
    """Print an error of ours to stderr: one line, and what to do next."""
    lines = [f"mcpverify: {inert(message.rstrip('.'))}", *([f"  {inert(hint)}"] if hint else [])]
    grumble("\n".join([*lines, ""]))


def grumble(text: str) -> None:
    """Print to stderr, if there is one."""
    if sys.stderr is None:
        return
    with suppress(OSError, ValueError):
        sys.stderr.write(text)
        sys.stderr.flush()


def writable(path: str, flag: str) -> str:
    """`path`, once a file can be written there. Raises FileUnusable."""
    if path == "-":
        raise FileUnusable(f"{flag} -: it writes files only", "--format chooses what is printed.")
    target = Path(path)
    parent = target.parent
    if not parent.is_dir():
        raise FileUnusable(f"{flag} {path}: there is no directory {parent}", "Create it first.")
    try:
        found = os.stat(path)
    except FileNotFoundError:
        place: Path = parent
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or str(error)
        raise FileUnusable(f"{flag} {path}: {words}", "Check the path.") from None
    else:
        place = target
        if stat.S_ISDIR(found.st_mode):
            raise FileUnusable(f"{flag} {path}: it is a directory", "Name a file.")
    if not os.access(place, os.W_OK):
        raise FileUnusable(f"{flag} {path}: it cannot be written", "Check its permissions.")
    return path


def write_file(path: str, data: bytes, flag: str) -> None:
    """Write a whole file. Raises FileUnusable."""
    try:
        Path(path).write_bytes(data)
    except OSError as error:
        raise file_unusable(path, flag, error) from None


def file_unusable(path: str, flag: str, error: OSError) -> FileUnusable:
    return FileUnusable(f"{flag} {path}: {error.strerror}", "Check the path.")
