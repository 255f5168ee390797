"""What a trial of a shutdown is to do, and what a look at the server before and after it found."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from mcpverify.facts.contract import Digests
from mcpverify.facts.json_text import Json
from mcpverify.facts.revision import Era
from mcpverify.facts.target import HttpEndpoint, Target, Transport
from mcpverify.facts.timeline import How, ServerKind

SIGNALS = ("SIGTERM", "SIGINT")  # by which a server may be told to end


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the user named, to be called while the server is stopped.

    `schema` is its inputSchema as the server listed it, once that is known.
    """

    name: str
    arguments: dict[str, Json] = field(default_factory=dict)
    schema: Json = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class TrialPlan:
    """One trial. Seconds.

    `target` is where the server is reached. Its endpoint is an HttpEndpoint without urls where
    the port and the path are to be found, and a StdioCommand for a server over stdio. `command`
    is what starts the server (then `pid` and `stop_command` are None); else one of those two is
    set. `stop_command` and `restart_command` are lines for `sh -c`. `signal` is a name such as
    SIGTERM. `rate` is in requests a second over all sessions.
    """

    target: Target
    command: tuple[str, ...] | None = None
    pid: int | None = None
    stop_command: str | None = None
    restart_command: str | None = None
    signal: str = "SIGTERM"
    group: bool = False
    twice: bool = False
    pid1: bool = False
    grace: float = 30.0
    sessions: int = 4
    rate: float = 100.0
    call: ToolCall | None = None
    readiness: str | None = None
    liveness: str | None = None
    p99: float | None = None
    start_seconds: float = 60.0  # until a started server must have answered

    @property
    def how(self) -> How:
        if self.command is not None:
            return How.COMMAND
        return How.PID if self.pid is not None else How.STOP_COMMAND


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the server with the gate's own eyes, before the trial or after the restart.

    `endpoint` is the server as it was found: one url, the path completed, a redirect followed,
    credentials included. `eras` are those that opened. `tools` are the names of the tools with
    whether each says that it only reads, `schemas` their inputSchemas. `digests` is None where
    the contract was not fully seen; `problem` then says why. With no era, `problem` says why the
    server cannot be used.
    """

    endpoint: HttpEndpoint | None = field(repr=False)
    transport: Transport
    eras: tuple[Era, ...]
    server: ServerKind = ServerKind()
    tools: tuple[tuple[str, bool], ...] = ()
    digests: Digests | None = None
    problem: str = ""
    schemas: dict[str, Json] = field(default_factory=dict, repr=False)


# How the wire asks for a look: recording and judging a whole session is not its business.
Looker: TypeAlias = Callable[[Target], Look]
