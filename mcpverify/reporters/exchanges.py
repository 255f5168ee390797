"""What went over the wire, for -v: each exchange with its status, sizes, times and failure."""

import json
from collections.abc import Iterator

from mcpverify.facts.json_text import Json
from mcpverify.facts.transcript import Exchange, Recording, Role, Transcript
from mcpverify.reporters.inert import inert
from mcpverify.reporters.layout import duration, hung, joined, padded, size, wrapped

MAX_EXCHANGES = 40  # of one session
MAX_TEXT = 300
_STEP = 29
_NO_SESSIONS = {Role.HEALTH, Role.AUTHORIZATION}
_INDENT = "  "


def exchange_lines(recording: Recording, width: int) -> Iterator[str]:
    """The sessions of a run in order, and under each its exchanges."""
    for transcript in recording.transcripts:
        yield from hung("", joined(_session(transcript), width), 0)
        shown = transcript.exchanges[:MAX_EXCHANGES]
        for exchange in shown:
            yield from _exchange(exchange, width)
        if len(transcript.exchanges) > len(shown):
            yield f"{_INDENT}… and {len(transcript.exchanges) - len(shown):,} more"
        yield from _child(transcript, width)
    if recording.reference is not None:
        reference = recording.reference
        saw = reference.problem if reference.tools is None else f"{len(reference.tools):,} tools"
        text = f"reference client {reference.client}: {inert(saw, MAX_TEXT)}"
        yield from wrapped(text, width)
        for line in reference.log:
            yield from _quoted("log", line, width)


def _session(transcript: Transcript) -> Iterator[str]:
    if transcript.role in _NO_SESSIONS:
        yield f"beside the sessions: {transcript.role}"
    else:
        yield f"session: {transcript.role}"
        yield transcript.era
        yield transcript.transport
    yield inert(transcript.url, MAX_TEXT)
    certificate = transcript.certificate
    if certificate is not None:
        yield f"certificate of {inert(certificate.subject, 80)} by {inert(certificate.issuer, 80)}"
        if certificate.problem:
            yield inert(certificate.problem, MAX_TEXT)


def _exchange(exchange: Exchange, width: int) -> Iterator[str]:
    timing = exchange.timing
    items = (
        f"{exchange.method:<6} {exchange.status or '---'}",
        f"sent {size(_sent_bytes(exchange.sent))}",
        f"got {size(len(exchange.body))}",
        duration(timing.total),
    )
    step = padded(f"{_INDENT}{exchange.step}", _STEP)
    yield from hung(step, joined(items, width - _STEP), _STEP)
    yield from hung("", joined(_circumstances(exchange), width - 4), 4)
    for url in exchange.redirects:
        yield from _quoted("redirected to", url, width)
    if exchange.failure is not None:
        yield from _quoted(exchange.failure.kind, exchange.failure.detail, width)
    error = exchange.error
    if isinstance(error, dict):
        said = f"{error.get('code')} {error.get('message')}"
        yield from _quoted("error", said, width)
    for name in exchange.echoes:
        yield from _quoted("repeats our credential", name, width)


def _circumstances(exchange: Exchange) -> Iterator[str]:
    timing = exchange.timing
    yield f"at {timing.started:.2f} s"
    if timing.connected is not None:
        yield f"connected after {duration(timing.connected)}"
    if timing.first_byte is not None:
        yield f"first byte after {duration(timing.first_byte)}"
    if exchange.peer:
        yield f"from {inert(exchange.peer, MAX_TEXT)}"
    if exchange.asides:
        yield f"{len(exchange.asides):,} other messages"


def _child(transcript: Transcript, width: int) -> Iterator[str]:
    process = transcript.process
    if process is not None:
        code = process.exit_code
        ended = "ended by us" if code is None else f"exit code {code}"
        yield from _quoted("process", ended, width)
        for line in process.stderr:
            yield from _quoted("stderr", line, width)
    for line in transcript.noise:
        yield from _quoted("stdout", line, width)


def _quoted(label: str, text: str, width: int) -> Iterator[str]:
    indent = 4
    yield from hung("", wrapped(f"{label}: {inert(text, MAX_TEXT)}", width - indent), indent)


def _sent_bytes(message: Json) -> int:
    if message is None:
        return 0
    return len(
        json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    )
