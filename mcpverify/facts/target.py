"""Where to connect and how: the target of a run, and the limits it is held to."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from mcpverify.facts.authorization import TokenSource
from mcpverify.facts.revision import Revision

# More entries than this in one list are not held: no agent could use them.
MAX_ITEMS = 50_000


class Transport(StrEnum):
    """How messages travel. `auto` finds the right one by the specification's rules."""

    AUTO = "auto"
    STREAMABLE_HTTP = "streamable-http"
    SSE = "sse"
    STDIO = "stdio"


@dataclass(frozen=True, slots=True)
class Header:
    """A request header that the user asked for. Its value is a credential."""

    name: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Route:
    """Connect elsewhere for one origin, keeping Host and SNI (curl --resolve, --connect-to).

    `host` "" stands for any host, `port` None for any port; `to_host` and `to_port`
    likewise keep what was asked for.
    """

    host: str
    port: int | None
    to_host: str
    to_port: int | None


@dataclass(frozen=True, slots=True)
class Tls:
    """TLS settings. Paths are those of PEM files; None means the system's defaults."""

    cacert: str | None = None
    cert: str | None = None
    key: str | None = None
    insecure: bool = False


@dataclass(frozen=True, slots=True)
class HttpEndpoint:
    """A server behind a URL.

    `urls` are tried in order (more than one only for a bare origin). They may
    hold userinfo and query values, which are credentials: print `Target.display`.
    `token` says where a bearer token comes from, where it is not among the headers.
    """

    urls: tuple[str, ...] = field(repr=False)
    headers: tuple[Header, ...] = ()
    tls: Tls = Tls()
    proxies: bool = True
    routes: tuple[Route, ...] = ()
    token: TokenSource | None = None

    def for_others(self, urls: tuple[str, ...] = ()) -> "HttpEndpoint":
        """How an origin is asked that nothing was given for: by this network, trusting the same."""
        tls = Tls(cacert=self.tls.cacert, insecure=self.tls.insecure)
        return replace(self, urls=urls, headers=(), tls=tls, token=None)


@dataclass(frozen=True, slots=True)
class StdioCommand:
    """A server that we start ourselves and speak to over its standard streams.

    `environment` is what it gets beside our own; `directory` is where it starts, None for ours.
    """

    argv: tuple[str, ...] = field(repr=False)
    environment: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    directory: str | None = None


@dataclass(frozen=True, slots=True)
class Replicas:
    """How replicas behind one address are met, beyond taking fresh connections at random.

    `urls` are addresses of their own, one for each; `resolve_all` takes every A and AAAA record of
    the target's host, with its Host and SNI. Either is the whole list; with neither, none is known.
    """

    urls: tuple[str, ...] = field(default=(), repr=False)
    resolve_all: bool = False

    @property
    def known(self) -> bool:
        return bool(self.urls) or self.resolve_all


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server may cost us at most. Seconds and bytes."""

    step_seconds: float = 30.0
    run_seconds: float = 120.0  # what is left of it, where the run has begun before
    run_told: str = ""  # what was configured, where that is not `run_seconds`
    first_answer_seconds: float = 60.0  # of a child process, which may still be installing
    closing_seconds: float = 2.0  # to end sessions and children, beyond the others
    answer_bytes: int = 16 * 2**20
    session_bytes: int = 48 * 2**20
    events: int = 10_000
    pages: int = 1_000
    items: int = MAX_ITEMS


@dataclass(frozen=True, slots=True)
class Target:
    """One server to verify.

    `display` names it for people and holds no credential: its name in the configuration, or its
    address or command. `protocol` is the revision the user pinned, if any.
    """

    display: str
    endpoint: HttpEndpoint | StdioCommand
    transport: Transport = Transport.AUTO
    protocol: Revision | None = None
    limits: Limits = Limits()
    replicas: Replicas = Replicas()
