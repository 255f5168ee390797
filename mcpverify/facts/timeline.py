"""What one trial of a shutdown brought back: every request, the process, and what came after.

A timeline is raw material, as a transcript is: `rollout` says what it means. All times are
seconds from the signal on one monotonic clock, negative before it. It can be written to a file
and judged again (`facts.timeline_text`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from mcpverify.facts.contract import Digests
from mcpverify.facts.revision import Era
from mcpverify.facts.target import Transport


class Purpose(StrEnum):
    """What a request was for."""

    CALL = "call"  # in flight when the signal comes: a named tool's call, or a request held back
    LOOP = "loop"  # one of the closed loop of safe requests on a session that was open before
    NEW_SESSION = "new-session"  # initialize or server/discover, every 50 ms from the signal on
    READINESS = "readiness"  # GET of the readiness URL, likewise
    LIVENESS = "liveness"  # GET of the liveness URL, likewise
    STREAM = "stream"  # the idle GET stream of Streamable HTTP; of HTTP+SSE, the stream itself
    FIRST_HANDSHAKE = "first-handshake"  # the first one that the restarted server answered
    OLD_SESSION = "old-session"  # a request under a session id from before the restart
    RESUMPTION = "resumption"  # a GET with Last-Event-ID, for an answer that was missed


class Connection(StrEnum):
    """Over what a request went."""

    FRESH = "fresh"  # opened for it
    KEPT = "kept"  # open since before the signal, and idle until then or in turn
    PIPE = "pipe"  # a child's standard streams


class RequestOutcome(StrEnum):
    """How a request ended, as its sender sees it."""

    OK = "ok"  # a JSON-RPC result with our id; of a GET, a status below 400; of a stream, its end
    TOOL_ERROR = "tool-error"  # a result with our id, in which the tool reports an error
    JSONRPC_ERROR = "jsonrpc-error"  # a JSON-RPC error with our id, with 2xx or 5xx but 503
    HTTP_503 = "http-503"  # whatever its body
    HTTP_5XX = "http-5xx"  # another one, without a JSON-RPC error
    HTTP_4XX = "http-4xx"  # whatever its body
    REFUSED = "refused"  # never sent, so that it can safely be sent again
    RESET = "reset"  # sent, and the connection was lost before a status: ambiguous
    TRUNCATED = "truncated"  # the connection was lost inside the answer
    ENDED_WITHOUT_REPLY = "ended-without-reply"  # a clean end of the answer, no reply in it
    TIMEOUT = "timeout"  # nothing within the budget
    BAD_ANSWER = "bad-answer"  # an answer that is no MCP

    @property
    def is_silent(self) -> bool:
        """Whether the sender is left without a word on what became of what it sent."""
        return self in _SILENT


_SILENT = {
    RequestOutcome.RESET,
    RequestOutcome.TRUNCATED,
    RequestOutcome.ENDED_WITHOUT_REPLY,
    RequestOutcome.TIMEOUT,
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a trial.

    `client` names who sent it, such as `handshake 1`, the same for all requests of one session or
    one probe. `method` is what was asked: `tools/list`, `tools/call brew`, `initialize`, `GET`.
    `sent` is when its last byte was on its way, None where it never was. `first_byte` is when the
    answer's body began. `media_type` is the answer's, "" without one. `received` counts bytes of
    the body, `excerpt` is how they begin. `event_id` is the last one that an event stream gave.
    `detail` is one sentence for people. `excerpt` and `detail` may hold what the server sent.
    """

    client: str
    purpose: Purpose
    connection: Connection
    era: Era | None
    transport: Transport
    method: str
    began: float
    sent: float | None
    first_byte: float | None
    ended: float
    outcome: RequestOutcome
    status: int | None = None
    media_type: str = ""
    received: int = 0
    retry_after: float | None = None  # seconds, from the header
    event_id: str = ""
    detail: str = ""
    excerpt: str = ""

    @property
    def hit(self) -> bool:
        """Whether it was in flight when the signal came."""
        return self.began <= 0.0 < self.ended

    @property
    def answered_by(self) -> str:
        """`json` or `sse`, "" where no answer had begun."""
        return {"application/json": "json", "text/event-stream": "sse"}.get(self.media_type, "")


class How(StrEnum):
    """By what the server is stopped, and so what can be seen of its end."""

    COMMAND = "command"  # we started it: exit code, children and ports are seen
    PID = "pid"  # something else started it: its end is seen, and no exit code
    STOP_COMMAND = "stop-command"  # somebody else stops it for us


@dataclass(frozen=True, slots=True)
class Signal:
    """`name` is SIGTERM, SIGINT, SIGKILL, `stdin closed`, or `stop command`.

    `to` is `process` or `group`.
    """

    name: str
    at: float
    to: str = "process"


@dataclass(frozen=True, slots=True)
class Leftover:
    """A child process that outlived the server, or a port that something still listens on.

    `what` is its command line, or the address; `pid` None where it is not known.
    """

    kind: str  # process, port
    what: str
    pid: int | None = None


@dataclass(frozen=True, slots=True)
class ProcessEnd:
    """How the server's process ended.

    `ended` is None where it had not when the budget was over, or where it was not seen (then
    `observed` is False). `exit_code` is negative for a signal, None where it is not known.
    `killed` says that we ended it with SIGKILL. `stderr` are its last lines.
    """

    ended: float | None
    exit_code: int | None
    killed: bool = False
    observed: bool = True
    leftovers: tuple[Leftover, ...] = ()
    stderr: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What came after the end.

    `restart` says how the server was started again: `the same command`, `the restart command`,
    `by itself`, or "" where it was not. `began` is when. `problem` says why there was no good
    handshake, "" where there was one, or where `restart` is "". The digests are those of the
    contract, None where it was not fully seen; `contract_problem` then says why.
    `first_handshake` was the last of the attempts, whose outcome is ok where one succeeded, and
    `readiness` likewise, None where no readiness URL was given.
    """

    restart: str = ""
    began: float | None = None
    first_handshake: Request | None = None
    readiness: Request | None = None
    problem: str = ""
    old_sessions: tuple[Request, ...] = ()
    resumptions: tuple[Request, ...] = ()
    before: Digests | None = None
    after: Digests | None = None
    contract_problem: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """How the trial was set up. Seconds.

    `target` names the server for people, without credentials. `grace` is the budget from the
    signal to the end. `release` is when the bytes that were held back were sent, None where a
    tool was called instead. `call` is the tool of `--call`, None where there is none. `p99` is
    what the user gave with `--p99`. `skipped` says what the sessions did not cover, and why.
    """

    target: str
    how: How
    transport: Transport
    eras: tuple[Era, ...]
    grace: float
    signal: str = "SIGTERM"
    group: bool = False
    twice: bool = False
    pid1: bool = False
    sessions: int = 4
    rate: float = 0.0
    call: str | None = None
    release: float | None = 1.0
    poll: float = 0.05
    readiness: str | None = None
    liveness: str | None = None
    p99: float | None = None
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerKind:
    """What a server says of itself, from which a known cause may be found.

    `headers` are `server`, `x-powered-by` and `via`, as far as it sent them; `program` is the
    file name of what runs (`python`, `node`), "" where it is not known. Of the server: inert.
    """

    name: str = ""
    version: str = ""
    revision: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    program: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """One trial. Requests are in the order in which they began.

    `problem` says why the trial could not be made ("" where it was): then the rest may be empty.
    `siblings` says how it is known that others answer at the address, "" where nothing shows it.
    `started` is seconds since the epoch; `seconds` how long the whole trial took.
    """

    setting: Setting
    server: ServerKind
    requests: tuple[Request, ...]
    signals: tuple[Signal, ...]
    end: ProcessEnd
    aftermath: Aftermath = Aftermath()
    siblings: str = ""
    problem: str = ""
    started: float = 0.0
    seconds: float = 0.0

    def of(self, *purposes: Purpose) -> tuple[Request, ...]:
        return tuple(each for each in self.requests if each.purpose in purposes)

    @property
    def in_flight(self) -> tuple[Request, ...]:
        """The calls and the requests of the loop that the signal hit."""
        return tuple(each for each in self.of(Purpose.CALL, Purpose.LOOP) if each.hit)


class Phase(StrEnum):
    """Where a trial is, for whoever watches it."""

    STARTING = "starting"  # the command, until the server answers
    FILLING = "filling"  # calls are put in flight
    SIGNALED = "signaled"
    RESTARTING = "restarting"
    AFTERWARDS = "afterwards"  # the restarted server is looked at
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Moment:
    """A phase that began. `at` is seconds from the signal, None before it; `detail` for people."""

    phase: Phase
    at: float | None = None
    detail: str = ""


# Told of each phase as it begins, of each request as it ends, and of each signal.
Watcher: TypeAlias = Callable[[Moment | Request | Signal], None]
