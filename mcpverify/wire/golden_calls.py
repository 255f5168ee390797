"""Golden calls, made in the session that is judged.

They come after all that is listed, for one of them may be the end of the server. Each attempt is
an exchange of its own; a call that may not be made is none, and the check knows why.
"""

import time
from collections.abc import Sequence

from mcpverify.facts.golden_call import (
    GoldenCall,
    Permission,
    definitions,
    permission,
    retry_reason,
)
from mcpverify.facts.json_text import Json
from mcpverify.facts.observation import observe
from mcpverify.facts.target import Limits, Transport
from mcpverify.facts.transcript import RUN_IS_OVER, Exchange, FailureKind
from mcpverify.wire.session import Session

# Of the run's time, what sessions and children may need to be ended in order.
_RESERVED_SECONDS = 2.0
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.2, 10.0

# After these nothing more is heard over a pipe, or over the one stream of HTTP+SSE.
_ENDS = {
    Transport.STDIO: {FailureKind.PROCESS_EXITED, FailureKind.TOO_LARGE},
    Transport.SSE: {
        FailureKind.ENDED_WITHOUT_REPLY,
        FailureKind.RESET,
        FailureKind.TRUNCATED,
        FailureKind.TOO_LARGE,
        FailureKind.BAD_HTTP,
    },
}


def make_calls(session: Session, calls: Sequence[GoldenCall], limits: Limits) -> None:
    """Call each tool that may be called, retried for the reasons that were named."""
    tools = observe(session.transcript()).tools
    if not tools.complete:
        return
    for index, call in enumerate(calls):
        if permission(call, tools.items) is not Permission.GRANTED:
            continue
        schema = next(definitions(call.tool, tools.items)).get("inputSchema")
        for attempt in range(1 + call.retries):
            left = session.seconds_left - _RESERVED_SECONDS
            if left <= 0:
                return
            made = _made(session, index, call, schema, _patience(call, limits), left)
            if _is_over(session, made):
                return
            if attempt < call.retries and retry_reason(call, made) in call.retry_on:
                _pause(made, attempt, session.seconds_left - _RESERVED_SECONDS)
                continue
            break


def _made(
    session: Session, index: int, call: GoldenCall, schema: Json, patience: float, left: float
) -> Exchange:
    """One attempt. What the end of the run cuts off is told as that: the tool is not to blame."""
    over = f"{RUN_IS_OVER} left it {left:.3g} s, in which no answer came" if left < patience else ""
    return session.call_tool(
        call.tool, call.arguments, schema, seconds=min(patience, left), call=index, over=over
    )


def _patience(call: GoldenCall, limits: Limits) -> float:
    """A call that is slow for its budget is still waited for: by how much is worth knowing."""
    return max(limits.step_seconds, call.max_seconds or 0.0)


def _is_over(session: Session, made: Exchange) -> bool:
    failure = made.failure
    return failure is not None and failure.kind in _ENDS.get(session.channel.transport, set())


def _pause(made: Exchange, attempt: int, left: float) -> None:
    """Wait as long as the server asks for, or a little longer each time."""
    asked = None if made.failure is None else made.failure.retry_after
    seconds = _PAUSE_SECONDS * 2**attempt if asked is None else asked
    time.sleep(max(min(seconds, _LONGEST_PAUSE_SECONDS, left), 0.0))
