"""Where results go: in which formats, to stdout and to the files that flags name."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mcpverify.cli.exit_codes import exit_code
from mcpverify.cli.options import ShowOptions
from mcpverify.cli.writing import say, writable, write_file
from mcpverify.errors import UsageError
from mcpverify.facts.comparison import Comparison
from mcpverify.facts.drain import DrainReport
from mcpverify.facts.report import Report
from mcpverify.facts.timeline import Watcher
from mcpverify.reporters import FORMATS, render
from mcpverify.reporters.presentation import Presentation, presentation_for
from mcpverify.reporters.progress import progress_on
from mcpverify.verify.waiting import Progress

if TYPE_CHECKING:
    from mcpverify.cli.streaming import Stream
    from mcpverify.verify.fleet import FleetProgress, Member
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
        self._begin()
        if self.stream is None:
            yield gate
            return
        name = gate.target.display
        with self.stream.run((name,), gate.redactor.text(gate.again)):
            yield replace(gate, listener=self.stream.listener(name))

    @contextmanager
    def following_all(self, members: "Sequence[Member]") -> "Iterator[Sequence[Member]]":
        """The same of many at a time."""
        self._begin()
        if self.stream is None:
            yield members
            return
        names = [each.gate.target.display for each in members]
        with self.stream.run(names, None):
            yield [
                replace(each, gate=replace(each.gate, listener=self.stream.listener(name)))
                for each, name in zip(members, names, strict=True)
            ]

    def _begin(self) -> None:
        """What an earlier run left must not stand for this one, should it be stopped."""
        if self.files:
            from mcpverify.cli.old_reports import empty_all

            empty_all(path for name, path in self.files if name != STREAMED)

    def show(self, report: Report | Comparison | DrainReport, *, gate: bool = False) -> int:
        """Print the report and write its files; returns the exit code of its verdict.

        `gate` says that a deploy is decided by it, and so whether to roll back.
        Raises FileUnusable, with the report printed: a full disk must not hide it.
        """
        verdict = exit_code(report if isinstance(report, Report) else report.verdict)
        code = int(verdict)
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
            tell_report(report, verdict, first, gate=gate, annotated=annotated)
        return code


def in_github_actions() -> bool:
    """Whether a runner of GitHub Actions, or of a forge that does as it does, reads along."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def _known(name: str) -> str:
    if name not in FORMATS:
        raise UsageError(f"{name}: no such output format", f"Known are {', '.join(FORMATS)}.")
    return name


@contextmanager
def waited(quiet: bool, stream: "Stream | None" = None) -> Iterator[Progress | None]:
    """Tells of attempts on stderr, and in the stream; None where nobody listens."""
    if quiet or sys.stderr is None:
        yield stream
        return
    with progress_on(sys.stderr, dumb=os.environ.get("TERM") == "dumb") as progress:
        yield progress if stream is None else stream.beside(progress)


@contextmanager
def fleet_told(
    quiet: bool, total: int, stream: "Stream | None" = None
) -> "Iterator[FleetProgress | None]":
    """Tells of many targets on stderr, and in the stream; None where nobody listens."""
    if quiet or sys.stderr is None:
        yield stream
        return
    from mcpverify.reporters.fleet_progress import fleet_progress_on

    dumb = os.environ.get("TERM") == "dumb"
    with fleet_progress_on(sys.stderr, total, dumb=dumb) as progress:
        yield progress if stream is None else stream.beside_fleet(progress)


@contextmanager
def watched(quiet: bool) -> Iterator[Watcher | None]:
    """Tells of a trial on stderr while it goes on; None where nobody listens."""
    if quiet or sys.stderr is None:
        yield None
        return
    from mcpverify.reporters.drain_progress import watching_on

    with watching_on(sys.stderr, dumb=os.environ.get("TERM") == "dumb") as watcher:
        yield watcher
