"""How the demo server is started: its options, and the command line they make."""

import sys
from dataclasses import dataclass
from typing import Final

from mcpverify.demo.faults.fault import Fault, Reach
from mcpverify.demo.faults.registry import FAULTS
from mcpverify.errors import UsageError
from mcpverify.facts.target import Transport

LAME_DUCK: Final = 1.0
DRAIN_LIMIT: Final = 10.0


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """One way to run the demo server.

    `port` 0 takes a free one. `lifeline`: end when standard input does, so that a
    server never outlives whoever holds the other end. `lame_duck` and `drain_limit` are
    seconds from the signal on: how long the server still listens, and may answer calls.
    """

    transport: Transport = Transport.STREAMABLE_HTTP
    host: str = "127.0.0.1"
    port: int = 0
    fault: Fault | None = None
    json_response: bool = False
    stateless: bool = False
    lifeline: bool = False
    lame_duck: float = LAME_DUCK
    drain_limit: float = DRAIN_LIMIT

    def __post_init__(self) -> None:
        """Raises UsageError where the options contradict each other."""
        if self.transport is Transport.AUTO:
            raise UsageError("The demo server needs one transport.", "Leave out --transport auto.")
        if self.transport is not Transport.STREAMABLE_HTTP and (
            self.json_response or self.stateless
        ):
            raise UsageError(
                f"--json-response and --stateless mean nothing over {self.transport}.",
                "Use --transport streamable-http.",
            )
        if not 0 <= self.lame_duck <= self.drain_limit:
            raise UsageError(
                "The lame duck cannot last longer than the drain limit.",
                "Both count from the signal: raise --drain-limit, or lower --lame-duck.",
            )
        if self.fault is not None:
            self._refuse_out_of_reach(self.fault)

    def _refuse_out_of_reach(self, fault: Fault) -> None:
        sessions = self.transport is Transport.STREAMABLE_HTTP and not self.stateless
        match FAULTS[fault].reach:
            case Reach.HTTP if self.transport is Transport.STDIO:
                raise UsageError(
                    f"The fault {fault} is one of HTTP.",
                    "Use --transport streamable-http or sse.",
                )
            case Reach.STREAMABLE if self.transport is not Transport.STREAMABLE_HTTP:
                raise UsageError(
                    f"The fault {fault} is one of Streamable HTTP.",
                    "Use --transport streamable-http.",
                )
            case Reach.SESSIONS if not sessions:
                raise UsageError(
                    f"The fault {fault} needs sessions.",
                    "Use --transport streamable-http without --stateless.",
                )

    @property
    def command(self) -> tuple[str, ...]:
        """The command that runs a demo server of these options."""
        return (
            *(sys.executable, "-m", "mcpverify.demo"),
            *("--transport", self.transport.value),
            *("--host", self.host, "--port", str(self.port)),
            *(("--fault", self.fault.value) if self.fault else ()),
            *(("--json-response",) if self.json_response else ()),
            *(("--stateless",) if self.stateless else ()),
            *(("--lifeline",) if self.lifeline else ()),
            *(("--lame-duck", str(self.lame_duck)) if self.lame_duck != LAME_DUCK else ()),
            *(("--drain-limit", str(self.drain_limit)) if self.drain_limit != DRAIN_LIMIT else ()),
        )
