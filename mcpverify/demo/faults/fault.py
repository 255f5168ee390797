"""The names of the faults, and what an entry in the registry holds."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from mcp.server.context import ServerMiddleware
    from starlette.types import ASGIApp

    from mcpverify.demo.draining import Drain

Answers: TypeAlias = "Callable[[], ServerMiddleware[Any]]"
Wrapper: TypeAlias = "Callable[[ASGIApp], ASGIApp]"
DrainMaker: TypeAlias = "Callable[[float, float], Drain]"  # from the lame duck and the limit


class Fault(StrEnum):
    # the contract is another one
    RENAMED_TOOL = "renamed-tool"
    CHANGED_SCHEMA = "changed-schema"
    CHANGED_TEXT = "changed-text"
    MISSING_OUTPUTSCHEMA = "missing-outputschema"
    # the listing is broken
    INVALID_SCHEMA = "invalid-schema"
    DANGLING_REF = "dangling-ref"
    DUPLICATE_NAMES = "duplicate-names"
    NO_TOOLS = "no-tools"
    TOOLS_LIST_ERROR = "tools-list-error"
    TOOLS_LIST_HANGS = "tools-list-hangs"
    CURSOR_LOOPS = "cursor-loops"
    SLOW = "slow"
    # what is listed does not work
    BROKEN_TOOL = "broken-tool"
    # the protocol is broken
    WRONG_PROTOCOL_VERSION = "wrong-protocol-version"
    WRONG_ID = "wrong-id"
    SESSION_FORGOTTEN = "session-forgotten"
    DELETE_KILLS = "delete-kills"
    # something else answers
    HTML_PAGE = "html-page"
    UNAUTHORIZED = "unauthorized"
    MISDIRECTED = "misdirected"
    UNAVAILABLE = "unavailable"
    FLAPPING_REPLICAS = "flapping-replicas"
    # the server is hostile
    EVIL_TEXT = "evil-text"
    ECHOES_TOKEN = "echoes-token"
    # it ends badly
    DROPS_AT_ONCE = "drops-at-once"
    REFUSES_WITHOUT_503 = "refuses-without-503"
    HANGS_ON_OPEN_GET = "hangs-on-open-get"
    EXITS_ZERO_WHILE_LOSING = "exits-zero-while-losing"
    FAILS_AT_THE_LIMIT = "fails-at-the-limit"
    IGNORES_THE_SIGNAL = "ignores-the-signal"
    LEAVES_A_CHILD = "leaves-a-child"
    OLD_SESSION_400 = "old-session-400"
    OLD_SESSION_UNANSWERED = "old-session-unanswered"


class Reach(StrEnum):
    """Where a fault can show."""

    ANYWHERE = "anywhere"
    HTTP = "http"  # over either HTTP transport
    STREAMABLE = "streamable"  # over Streamable HTTP
    SESSIONS = "sessions"  # over Streamable HTTP, where sessions are kept


@dataclass(frozen=True, slots=True)
class Misbehavior:
    """How a fault is brought about. `summary` is one line for people.

    One of `answers`, `http` and `drain` is set. `answers` makes a fresh middleware of the
    `mcp` server, since some remember what they saw. `drain` makes an end that is no good one.
    """

    summary: str
    reach: Reach
    answers: "Answers | None" = None
    http: "Wrapper | None" = None
    drain: "DrainMaker | None" = None


def summary_of(documented: object) -> str:
    """The docstring's first line."""
    return (documented.__doc__ or "").strip().partition("\n")[0]
