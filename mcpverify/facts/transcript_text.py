"""A recording as JSON text, and back: what `--transcript` writes and `--replay` reads.

One JSON object, `{"transcript": 1, ...}`. Field names are those of `facts.transcript`;
a body is text where it is UTF-8, else `{"base64": ...}`. Answers and asides are stored as
they were understood, so that a replay judges what the run judged.
"""

import base64
import json
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints

from mcpverify.facts.json_text import Json, NotJson, parse
from mcpverify.facts.transcript import Recording

FORMAT = 1


class NotATranscript(ValueError):
    """The text is no transcript of ours. The message says why."""


def transcript_text(recording: Recording) -> str:
    """The JSON text of a recording: ASCII, indented, with a final line end."""
    document = {"transcript": FORMAT, **_plain(recording)}
    return json.dumps(document, indent=1, ensure_ascii=True) + "\n"


def recording_of(text: bytes) -> Recording:
    """The recording that `transcript_text` wrote. Raises NotATranscript."""
    try:
        document = parse(text, trusted=True)
    except NotJson as error:
        raise NotATranscript(str(error)) from None
    if not isinstance(document, dict) or document.pop("transcript", None) != FORMAT:
        raise NotATranscript(f'it lacks "transcript": {FORMAT}')
    try:
        recording = _made(Recording, document)
    except TypeError:
        raise NotATranscript("a field is missing") from None
    except (KeyError, ValueError, AttributeError) as error:
        raise NotATranscript(f"a field is wrong: {error}") from None
    assert isinstance(recording, Recording)
    if not any(transcript.role == "primary" for transcript in recording.transcripts):
        raise NotATranscript("it holds no primary session")
    return recording


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(value).decode("ascii")}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value  # JSON values, the messages among them, are stored as they are


def _made(kind: Any, value: Any) -> Any:
    """`value` as the type that a field declares."""
    if is_dataclass(kind) and isinstance(kind, type):
        if not isinstance(value, dict):
            raise ValueError(f"{kind.__name__} is no object")
        hints = get_type_hints(kind)
        known = {each.name for each in fields(kind)} & value.keys()
        return kind(**{name: _made(hints[name], value[name]) for name in known})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if kind in (str, int, bool):
        if type(value) is not kind:
            raise ValueError(f"{json.dumps(value)[:40]} is no {kind.__name__}")
        return value
    if kind is float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{json.dumps(value)[:40]} is no number")
        return float(value)
    if kind is bytes:
        if isinstance(value, dict):
            return base64.b64decode(value["base64"])
        return str(value).encode("utf-8")
    if get_origin(kind) is tuple:
        arguments = get_args(kind)
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return tuple(_made(arguments[0], each) for each in value)
        return tuple(_made(each, item) for each, item in zip(arguments, value, strict=True))
    choices = [each for each in get_args(kind) if each is not type(None)]
    if value is None and type(None) in get_args(kind):
        return None
    if len(choices) == 1 and kind is not Json and get_origin(kind) is not dict:
        return _made(choices[0], value)
    return value  # JSON, which holds anything
