"""--transcript and --replay: a recording in a file, without credentials."""

from mcpverify.cli.target_argument import readable
from mcpverify.cli.writing import writable, write_file
from mcpverify.errors import FileUnusable
from mcpverify.facts.report import Report
from mcpverify.facts.transcript import Recording
from mcpverify.facts.transcript_text import (
    NotATranscript,
    recording_of,
    transcript_text,
)


def transcript_path(path: str | None) -> str | None:
    """The path, once it is known that it can be written. Raises FileUnusable."""
    return None if path is None else writable(path, "--transcript")


def write_transcript(path: str | None, report: Report) -> None:
    """Write what went over the wire in the last attempt; the report is redacted already."""
    recording = report.targets[0].recording
    if path is not None and recording is not None:
        write_file(path, transcript_text(recording).encode("ascii"), "--transcript")


def recording_from(path: str) -> Recording:
    """The recording in a transcript file. Raises FileUnusable."""
    readable(path, "--replay")
    try:
        with open(path, "rb") as file:
            return recording_of(file.read())
    except NotATranscript as error:
        raise FileUnusable(
            f"--replay {path}: it is no transcript: {error}", "Record one with --transcript FILE."
        ) from None
