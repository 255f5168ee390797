"""Is the contract the same after the restart?

A restart is no release: the tools, prompts and resources should be what they were. Where they are
not, the server reads them from something that changed meanwhile, registers them in the
background, or what was started is not what was stopped: another version, another configuration.
Where titles or descriptions alone differ, it is a warning, as it is to the gate.

To mend it: compare the two with `mcpverify snapshot` before and `mcpverify check` after. Register
all tools before the first request is taken, and start what you stopped.
"""

from mcpverify.facts.check import Check, Stage
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.timeline import Timeline
from mcpverify.rollout.points.restart import NOT_STARTED

CHECK = Check(
    __name__,
    title="The contract is the same after the restart",
    stage=Stage.AFTERWARDS,
    severity=Severity.ERROR,
    hint="Record it with `mcpverify snapshot` before, and `mcpverify check` it after.",
)
NUMBER = 8

_SHOWN = len("sha256:") + 12


def judge(timeline: Timeline) -> Finding:
    after = timeline.aftermath
    if not after.restart:
        return CHECK.not_observed(NOT_STARTED)
    if after.problem:
        return CHECK.not_observed(f"the restarted server did not answer: {after.problem}")
    one, other = after.before, after.after
    if one is None:
        why = after.contract_problem or "it was not fully seen"
        return CHECK.not_observed(f"the contract was not seen before the signal: {why}")
    if other is None:
        why = after.contract_problem or "it was not fully seen"
        return CHECK.failed(f"the contract cannot be seen any more after the restart: {why}")
    if one.digest == other.digest:
        return CHECK.passed(f"{one.digest[:_SHOWN]} before and after")
    differing = (
        Detail(one.digest[:_SHOWN], "before"),
        Detail(other.digest[:_SHOWN], "after"),
    )
    if one.contract == other.contract:
        return CHECK.warned("titles or descriptions differ after the restart", differing)
    return CHECK.failed("the contract differs after the restart", differing)
