"""How a trial is spoken of: seconds, counts, signals, and what became of a request."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from mcpverify.facts.revision import Era
from mcpverify.facts.timeline import Connection, Purpose, Request, RequestOutcome, Timeline

NO_TOOL: Final = "tools/list; no tool was called"  # without --call
_EXCERPT = 60
_AFTER = 0.01  # seconds after the signal from which on that is worth a word

OUTCOMES: Final = {
    RequestOutcome.OK: "answered",
    RequestOutcome.TOOL_ERROR: "answered with an error of the tool",
    RequestOutcome.JSONRPC_ERROR: "answered with a JSON-RPC error",
    RequestOutcome.HTTP_503: "answered 503",
    RequestOutcome.HTTP_5XX: "answered with another HTTP 5xx",
    RequestOutcome.HTTP_4XX: "answered with HTTP 4xx",
    RequestOutcome.REFUSED: "refused",
    RequestOutcome.RESET: "dropped before an answer",
    RequestOutcome.TRUNCATED: "cut inside the answer",
    RequestOutcome.ENDED_WITHOUT_REPLY: "ended without a reply",
    RequestOutcome.TIMEOUT: "never answered",
    RequestOutcome.BAD_ANSWER: "answered with something else",
}
_ENDS: Final = {
    RequestOutcome.TOOL_ERROR: "a result came in which the tool reports an error",
    RequestOutcome.JSONRPC_ERROR: "a JSON-RPC error came",
    RequestOutcome.HTTP_503: "a bare HTTP 503 came",
    RequestOutcome.HTTP_5XX: "a bare HTTP 5xx came",
    RequestOutcome.HTTP_4XX: "an HTTP 4xx came",
    RequestOutcome.REFUSED: "the connection was refused",
    RequestOutcome.RESET: "the connection was lost before an answer",
    RequestOutcome.TRUNCATED: "the connection was lost inside the answer",
    RequestOutcome.ENDED_WITHOUT_REPLY: "the answer ended with no reply in it",
    RequestOutcome.TIMEOUT: "no answer came",
    RequestOutcome.BAD_ANSWER: "something else came than an answer",
}
_CONNECTIONS: Final = {
    Connection.FRESH: "fresh connection",
    Connection.KEPT: "kept connection",
    Connection.PIPE: "standard streams",
}
_ANSWERS: Final = {"sse": "answered over SSE", "json": "answered as JSON"}


def seconds(value: float) -> str:
    """To the hundredth, for shutdowns differ by less than a second; from 10 s on to the tenth."""
    text = f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
    return f"{text.rstrip('0').rstrip('.')} s"


def span(values: Iterable[float]) -> str:
    """The first and the last of them, or the one that both are."""
    values = list(values)
    first, last = seconds(min(values)), seconds(max(values))
    return first if first == last else f"{first.removesuffix(' s')} to {last}"


def stopping(timeline: Timeline) -> str:
    """What happened at second 0, to stand after `after`."""
    name = timeline.signals[0].name if timeline.signals else timeline.setting.signal
    if name == "stdin closed":
        return "its input was closed"
    return "the stop command" if name == "stop command" else name


def count(number: int, noun: str) -> str:
    """1 call, 2 calls."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def era_words(era: Era | None) -> str:
    """How people name an era: the second one by the revision that began it."""
    if era is None:
        return ""
    return "handshake era" if era is Era.HANDSHAKE else "2026-07-28"


def tally(requests: Iterable[Request]) -> str:
    """What became of how many: 48 answered 503, 10 refused."""
    counts = Counter(each.outcome for each in requests)
    return ", ".join(f"{number} {OUTCOMES[outcome]}" for outcome, number in counts.most_common())


def way(request: Request) -> str:
    """Who asked what over what: handshake era, tools/list, kept connection, answered over SSE."""
    loop = " of the loop" if request.purpose is Purpose.LOOP else ""
    parts = (
        era_words(request.era),
        f"{request.method}{loop}",
        _CONNECTIONS[request.connection],
        _ANSWERS.get(request.answered_by, ""),
    )
    return ", ".join(part for part in parts if part)


def progress(request: Request) -> str:
    """How far a request that was not answered got: what of it was sent, and what came back."""
    sent = "sent in full" if request.sent is not None else "its last bytes were never sent"
    if request.sent is not None and request.sent >= _AFTER:
        sent = f"its last bytes sent at {seconds(request.sent)}"
    status = "no status" if request.status is None else f"HTTP {request.status}"
    if request.connection is Connection.PIPE:
        return sent
    received = f", {count(request.received, 'byte')} of the answer" if request.status else ""
    return f"{sent}; {status}{received}"


def ending(request: Request) -> str:
    """How it ended: the status itself rather than its class, and what is wrong with an answer."""
    if request.outcome is RequestOutcome.BAD_ANSWER and request.detail:
        return request.detail
    words = _ENDS.get(request.outcome, "a reply came")
    return words.replace("5xx", str(request.status or "5xx")).replace(
        "4xx", str(request.status or "4xx")
    )


def excerpt(request: Request) -> str:
    """How the answer began, on one line; "" where nothing came."""
    text = " ".join(request.excerpt.split())
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}…"
