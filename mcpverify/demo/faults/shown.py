"""What we say of each fault: the gate of most, and `drain` of those that show at the end alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mcpverify.demo.faults.fault import Fault
from mcpverify.facts.drain import Shutdown
from mcpverify.facts.situation import Situation


@dataclass(frozen=True, slots=True)
class Shown:
    """`check` is the id of the check that `mcpverify demo --fault NAME` blames, "" where none is.

    `situation` is the one of a run outside of git; inside, a contract that differs may be told
    more precisely.
    """

    check: str
    situation: Situation


_DIFFERS: Final = Shown("matches-snapshot", Situation.CONTRACT_DIFFERS)
_INVALID: Final = Shown("tool-schemas-valid", Situation.CONTRACT_DIFFERS)
_UNLISTED: Final = Shown("tools-listed", Situation.BROKEN_SERVER)
_MISSHAKEN: Final = Shown("handshake", Situation.BROKEN_SERVER)
_REFUSED: Final = Shown("handshake", Situation.NOT_LET_IN)

SHOWN: Final[Mapping[Fault, Shown]] = {
    Fault.RENAMED_TOOL: _DIFFERS,
    Fault.CHANGED_SCHEMA: _DIFFERS,
    Fault.CHANGED_TEXT: Shown("matches-snapshot", Situation.TOLERATED),
    Fault.MISSING_OUTPUTSCHEMA: _DIFFERS,
    Fault.INVALID_SCHEMA: _INVALID,
    Fault.DANGLING_REF: _INVALID,
    Fault.DUPLICATE_NAMES: Shown("tool-names", Situation.BROKEN_SERVER),
    Fault.NO_TOOLS: _UNLISTED,
    Fault.TOOLS_LIST_ERROR: _UNLISTED,
    Fault.TOOLS_LIST_HANGS: _UNLISTED,
    Fault.CURSOR_LOOPS: Shown("pagination-terminates", Situation.BROKEN_SERVER),
    Fault.SLOW: Shown("", Situation.REVIEWED),  # no latency is demanded
    Fault.BROKEN_TOOL: Shown("golden-calls", Situation.GOLDEN_CALL_FAILED),
    Fault.WRONG_PROTOCOL_VERSION: Shown("protocol-version", Situation.BROKEN_SERVER),
    Fault.WRONG_ID: _MISSHAKEN,
    Fault.SESSION_FORGOTTEN: Shown("handshake", Situation.NO_SESSION_AFFINITY),
    Fault.DELETE_KILLS: Shown("session-lifecycle", Situation.BROKEN_SERVER),
    Fault.HTML_PAGE: Shown("handshake", Situation.NO_MCP_SERVER),
    Fault.UNAUTHORIZED: _REFUSED,
    Fault.MISDIRECTED: _REFUSED,
    Fault.UNAVAILABLE: Shown("handshake", Situation.UNAVAILABLE),
    Fault.FLAPPING_REPLICAS: Shown("replicas-agree", Situation.REPLICAS_DIFFER),
    Fault.EVIL_TEXT: Shown("tool-names", Situation.CONTRACT_DIFFERS),
    Fault.ECHOES_TOKEN: Shown("matches-snapshot", Situation.TOLERATED),
}


@dataclass(frozen=True, slots=True)
class Ended:
    """`point` is the id of the point of a good shutdown that `mcpverify drain` blames."""

    shutdown: Shutdown
    point: str


# The gate passes them: what they do wrong they do when they are stopped, or after it.
ENDED: Final[Mapping[Fault, Ended]] = {
    Fault.DROPS_AT_ONCE: Ended(Shutdown.ABRUPT, "calls-complete"),
    Fault.REFUSES_WITHOUT_503: Ended(Shutdown.DEGRADED, "lame-duck"),
    Fault.HANGS_ON_OPEN_GET: Ended(Shutdown.HUNG, "idle-streams-close"),
    Fault.EXITS_ZERO_WHILE_LOSING: Ended(Shutdown.LOSSY, "calls-complete"),
    Fault.FAILS_AT_THE_LIMIT: Ended(Shutdown.LOSSY, "drain-limit"),
    Fault.IGNORES_THE_SIGNAL: Ended(Shutdown.HUNG, "exit-in-budget"),
    Fault.LEAVES_A_CHILD: Ended(Shutdown.DEGRADED, "nothing-left-behind"),
    Fault.OLD_SESSION_400: Ended(Shutdown.DEGRADED, "old-session"),
    Fault.OLD_SESSION_UNANSWERED: Ended(Shutdown.DEGRADED, "old-session"),
}
