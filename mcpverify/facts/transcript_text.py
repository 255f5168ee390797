"""A recording as JSON text, and back: what `--transcript` writes and `--replay` reads.

One JSON object, `{"transcript": 1, ...}`, with the fields of `facts.transcript`. Answers and
asides are stored as they were understood, so that a replay judges what the run judged.
"""

from dataclasses import fields

from mcpverify.facts.records_text import NotARecord, document_of, document_text, made
from mcpverify.facts.transcript import Recording

FORMAT = 1
_NAME = "transcript"


class NotATranscript(ValueError):
    """The text is no transcript of ours. The message says why."""


def transcript_text(recording: Recording) -> str:
    """The JSON text of a recording: ASCII, indented, with a final line end."""
    members = {each.name: getattr(recording, each.name) for each in fields(recording)}
    return document_text(_NAME, FORMAT, members)


def recording_of(text: bytes) -> Recording:
    """The recording that `transcript_text` wrote. Raises NotATranscript."""
    try:
        recording = made(Recording, document_of(text, _NAME, FORMAT))
    except NotARecord as error:
        raise NotATranscript(str(error)) from None
    if not any(transcript.role == "primary" for transcript in recording.transcripts):
        raise NotATranscript("it holds no primary session")
    return recording
