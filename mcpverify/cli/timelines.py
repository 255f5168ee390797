"""--record and --replay: the timelines of a run in a file, without credentials."""

from mcpverify.cli.target_argument import readable
from mcpverify.cli.writing import writable, write_file
from mcpverify.errors import FileUnusable
from mcpverify.facts.drain import DrainReport
from mcpverify.facts.timeline import Timeline
from mcpverify.facts.timeline_text import NotATimeline, timelines_of, timelines_text


def record_path(path: str | None) -> str | None:
    """The path, once it is known that it can be written. Raises FileUnusable."""
    return None if path is None else writable(path, "--record")


def write_timelines(path: str | None, report: DrainReport) -> None:
    """Write what was seen; the report is redacted already. Raises FileUnusable."""
    if path is not None:
        text = timelines_text([trial.timeline for trial in report.trials])
        write_file(path, text.encode("ascii"), "--record")


def timelines_from(path: str) -> tuple[Timeline, ...]:
    """The timelines in a file. Raises FileUnusable."""
    readable(path, "--replay")
    try:
        with open(path, "rb") as file:
            return timelines_of(file.read())
    except NotATimeline as error:
        raise FileUnusable(
            f"--replay {path}: it is no record of drain: {error}", "Write one with --record FILE."
        ) from None
