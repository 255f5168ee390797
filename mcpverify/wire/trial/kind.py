"""Over what a command serves, where nobody said: it is started once and asked.

A server over stdio answers `initialize` on its standard streams; one over HTTP listens. What
was started for this is ended before anything else begins.
"""

import signal
import time

from mcpverify.errors import McpverifyError, TargetInvalid
from mcpverify.facts.target import Transport
from mcpverify.facts.timeline import RequestOutcome
from mcpverify.facts.trial_plan import TrialPlan
from mcpverify.wire.deadline import Broken, Deadline
from mcpverify.wire.processes import describe_exit
from mcpverify.wire.revisions.handshake import Handshake
from mcpverify.wire.trial.clients.pipe_client import PipeClient
from mcpverify.wire.trial.process.output import telling
from mcpverify.wire.trial.process.undisturbed import closed_for_sure
from mcpverify.wire.trial.recorder import Draft, Recorder

_EVERY = 0.05
# A server over stdio may listen as well, say for its metrics, before it answers.
_AFTER_LISTENING = 0.5


def kind_of_server(plan: TrialPlan) -> Transport:
    """STDIO, or AUTO for a server over HTTP of either kind.

    Raises McpverifyError where the command ends, or does neither within `plan.start_seconds`.
    """
    assert plan.command is not None
    limits = plan.target.limits
    argv, recorder = plan.command, Recorder(None)
    try:
        with closed_for_sure(
            lambda: PipeClient(argv, Handshake(), recorder, limits, pid1=plan.pid1)
        ) as client:
            return _kind(client, plan.start_seconds)
    except Broken as error:
        hint = "Is the command spelled right?"
        raise TargetInvalid(error.failure.detail, hint) from None


def _kind(client: PipeClient, seconds: float) -> Transport:
    until = time.monotonic() + seconds
    opening = client.begin_opening(None, Deadline.after(seconds, "nothing was read"))
    listening: float | None = None
    due = 0.0
    while client.exited is None and (now := time.monotonic()) < until:
        if _is_answered(opening):
            return Transport.STDIO
        if listening is None and now >= due:
            # All processes of the machine are looked through: not with every breath.
            listening = now if client.listens else None
            due = time.monotonic() + _EVERY
        if listening is not None and now >= listening + _AFTER_LISTENING:
            # A server over HTTP need not end with its input.
            client.signal(signal.SIGTERM, group=True)
            return Transport.AUTO
        client.take_in()
    if _is_answered(opening):
        return Transport.STDIO
    raise _neither(client, seconds)


def _is_answered(opening: Draft) -> bool:
    """Whether any answer of JSON-RPC came, an error included."""
    return opening.outcome in {
        RequestOutcome.OK,
        RequestOutcome.JSONRPC_ERROR,
        RequestOutcome.BAD_ANSWER,
    }


def _neither(client: PipeClient, seconds: float) -> McpverifyError:
    code = client.exit_code
    if code is None:
        where = "nothing answered on its standard output, and it listened nowhere"
        what = f"the command served nothing within {seconds:g} s: {where}"
    else:
        what = f"the command {describe_exit(code)} before it served anything"
    said = telling(client.stderr())
    hint = "Run it by hand: it should serve MCP, over HTTP or on its standard streams."
    return McpverifyError(what + (f"; it said: {said}" if said else ""), hint)
