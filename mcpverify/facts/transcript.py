"""What went over the wire: exchanges, the transcripts they form, the recording of a run.

A transcript is raw material. `facts.observation` says what it shows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from mcpverify.facts.authorization import Authorization
from mcpverify.facts.json_text import Json
from mcpverify.facts.revision import Era
from mcpverify.facts.target import Transport


class Step(StrEnum):
    """What an exchange was for."""

    DISCOVER = "server/discover"
    INITIALIZE = "initialize"
    INITIALIZED = "notifications/initialized"
    TOOLS = "tools/list"
    PROMPTS = "prompts/list"
    RESOURCES = "resources/list"
    TEMPLATES = "resources/templates/list"
    OPEN_STREAM = "open-stream"  # the GET of HTTP+SSE
    REPLY = "reply"  # our answer to a request that the server made
    CALL = "tools/call"  # a golden call
    VERSION = "version"  # a GET or a call that tells which release this is
    SHARED_SESSION = "shared-session"  # a ping under our session id on another connection
    OWN_SESSION = "own-session"  # the same ping on the session's own connection
    READINESS = "readiness"  # a GET
    LIVENESS = "liveness"  # a GET
    RESOURCE_METADATA = "resource-metadata"  # of the protected resource, RFC 9728
    SERVER_METADATA = "server-metadata"  # of the authorization server, RFC 8414 or OpenID
    TOKEN = "token"  # asked of the authorization server; neither body is kept
    MADE_UP_SESSION = "made-up-session"  # a ping under a session id nobody issued
    END_SESSION = "end-session"  # the DELETE of our own session
    ENDED_SESSION = "ended-session"  # a ping under the id we have just ended


class FailureKind(StrEnum):
    """Why an exchange brought no usable answer."""

    DNS = "dns"  # the name did not resolve
    REFUSED = "refused"  # never sent: nobody listens there
    UNREACHABLE = "unreachable"  # no route, connect timed out at the operating system
    PROXY = "proxy"  # the proxy would not connect us
    TLS_UNTRUSTED = "tls-untrusted"  # the certificate did not verify
    TLS = "tls"  # the TLS handshake failed otherwise
    TIMEOUT = "timeout"  # our deadline passed
    RESET = "reset"  # sent, then the connection was lost before a status
    TRUNCATED = "truncated"  # the connection was lost inside the answer
    ENDED_WITHOUT_REPLY = "ended-without-reply"  # a clean end of stream, no answer in it
    BAD_HTTP = "bad-http"  # what came back is no HTTP
    REDIRECT = "redirect"  # to another origin, in a loop, or with the method changed
    TOO_LARGE = "too-large"  # past a cap of ours
    HTTP_STATUS = "http-status"  # a status that carries no answer to our request
    CONTENT_TYPE = "content-type"  # neither JSON nor an event stream
    BAD_JSON = "bad-json"  # not JSON that we can hold without loss
    BAD_MESSAGE = "bad-message"  # JSON, but not a JSON-RPC answer to our request
    NOT_STARTED = "not-started"  # the command could not be started
    PROCESS_EXITED = "process-exited"  # the command ended before it answered


# How the detail of a failure begins where our own time was up, whoever was asked.
RUN_IS_OVER: Final = "the run's deadline"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an exchange brought no answer. `detail` is one sentence for people.

    `detail` may quote the server; it is made inert where it is printed.
    `retry_after` is the server's wish in seconds, from Retry-After.
    """

    kind: FailureKind
    detail: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. `started` counts from the start of the run; the others from there.

    `connected` is None where a kept-alive connection or a pipe was used. `total` ends with
    the answer, not with the end of a stream that carried it.
    """

    started: float
    connected: float | None
    first_byte: float | None
    total: float


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and all that came back.

    `sent` is the JSON-RPC message (None for GET and DELETE), `answer` the JSON-RPC
    response to it, whole (`{"jsonrpc", "id", "result" | "error"}`), `asides` the
    other messages that came with it, in order. `answer` and `failure` may both be
    None: a notification that was accepted. They may both be set: an HTTP error
    status whose body is a JSON-RPC error. `body` is what was received, decompressed.
    `url` holds no credential. `echoes` names the credentials found in what came back.
    `call` is the place of the golden call that this is an attempt of, counted from 0.
    """

    step: Step
    method: str  # POST, GET, DELETE, or stdio
    url: str
    sent: Json
    status: int | None
    headers: tuple[tuple[str, str], ...]
    body: bytes
    answer: dict[str, Json] | None
    asides: tuple[dict[str, Json], ...]
    failure: Failure | None
    timing: Timing
    peer: str | None = None  # the address that answered: host:port
    redirects: tuple[str, ...] = ()
    echoes: tuple[str, ...] = ()
    call: int | None = None

    def header(self, name: str) -> str | None:
        """The value of the first response header of that name, in any case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def result(self) -> Json:
        """The JSON-RPC result, or None where there is none."""
        return self.answer.get("result") if self.answer else None

    @property
    def error(self) -> Json:
        """The JSON-RPC error object as sent, or None where there is none."""
        return self.answer.get("error") if self.answer else None


@dataclass(frozen=True, slots=True)
class Certificate:
    """The server's TLS certificate.

    `not_after` is seconds since the epoch; None where it could not be read.
    `trusted` is False where verification failed or was switched off (`-k`);
    `problem` then says why.
    """

    subject: str
    issuer: str
    not_after: float | None
    trusted: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ProcessEnd:
    """How a child process ended, and its last stderr lines.

    `exit_code` is negative for a signal, and None where the process ran until we ended it.
    """

    exit_code: int | None
    stderr: tuple[str, ...]


class Role(StrEnum):
    """Why a session was opened."""

    PRIMARY = "primary"  # the one that is judged
    OTHER_ERA = "other-era"  # the same server in the other era
    SAMPLE = "sample"  # a fresh connection, for replicas
    REPLICA = "replica"  # one replica, at an address that is known to be its own
    STRANGER = "stranger"  # without credentials
    HEALTH = "health"  # no session: what the health addresses answer
    AUTHORIZATION = "authorization"  # no session: how we came by a token


# Told of each exchange as it ends. Nothing is redacted yet; and of two eras that are tried
# both are primary until it is clear which one is judged.
Listener: TypeAlias = Callable[[Role, Era, Exchange], None]


@dataclass(frozen=True, slots=True)
class Transcript:
    """The exchanges of one session, in order.

    `noise` holds the first lines of a child's standard output that were no messages.
    """

    role: Role
    era: Era
    transport: Transport
    url: str
    exchanges: tuple[Exchange, ...]
    certificate: Certificate | None = None
    process: ProcessEnd | None = None
    noise: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReferenceTools:
    """What the `mcp` package's own client made of the server.

    `tools` are the names it lists, in its order, or None where it failed;
    `problem` is its own words; `log` what it logged at warning or above.
    """

    client: str  # mcp 2.3.0
    tools: tuple[str, ...] | None
    problem: str = ""
    log: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recording:
    """All that one attempt of a run brought back.

    `transport_reason` says which transport was used and why; `started` is seconds
    since the epoch; `capabilities` are the client capabilities we declared. `authorization` is
    what is known of how we were let in, None where nothing was asked for.
    """

    transcripts: tuple[Transcript, ...]
    transport_reason: str
    started: float
    seconds: float
    capabilities: dict[str, Json]
    reference: ReferenceTools | None = None
    authorization: Authorization | None = None

    def of(self, role: Role) -> tuple[Transcript, ...]:
        return tuple(each for each in self.transcripts if each.role is role)
