"""Are all child processes and listening ports gone when the server has ended?

A child that outlives its server keeps a port, a lock or a session of its own. In a container it
dies with the rest; anywhere else the next start meets it: "address already in use", or an old
worker that still answers. The signal goes to the started process alone, as container runtimes
send it, so that a wrapper which passes nothing on leaves the real server running.

Seen of a server that mcpverify started, and of children that a process had when it was told to
stop. Whatever was found is ended after the trial. Where the server was started here and its
address answers on without it, something left its parent, as daemons do, or another server was
there already.

To mend it: pass the signal on to every child and wait for it, or let the server take the place of
its wrapper (`exec node server.js` in a shell script, the exec form of CMD). Under systemd
KillMode=control-group, the default, ends the others; try it with --signal-group.
"""

from mcpverify.facts.check import Check, Stage
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.timeline import How, Leftover, Timeline
from mcpverify.rollout.words import count

CHECK = Check(
    __name__,
    title="No child process and no listening port stays behind",
    stage=Stage.SHUTDOWN,
    severity=Severity.ERROR,
    hint="Pass the signal on to every child and wait for it, or start the server with exec.",
)
NUMBER = 7

_SHOWN = 8
_LISTENS_HINT = "Is it a daemon that left its parent, or was the port taken before the start?"


def judge(timeline: Timeline) -> Finding:
    left = timeline.end.leftovers
    if left:
        processes = sum(each.kind == "process" for each in left)
        ports = sum(each.kind == "port" for each in left)
        parts = (
            count(processes, "child process").replace("processs", "processes"),
            count(ports, "listening port"),
        )
        told = " and ".join(part for part in parts if not part.startswith("0 "))
        details = [_detail(each) for each in left[:_SHOWN]]
        if left[_SHOWN:]:
            details.append(Detail(f"and {len(left) - _SHOWN} more"))
        if timeline.siblings and timeline.setting.how is How.COMMAND:
            details.append(Detail(timeline.siblings))
        return CHECK.failed(f"it left {told} behind", details)
    if timeline.setting.how is How.COMMAND and timeline.siblings:
        told = "something of it, or another server, still listens at the address"
        return CHECK.failed(f"{told}: {timeline.siblings}", hint=_LISTENS_HINT)
    if timeline.setting.how is How.COMMAND:
        return CHECK.passed("no child process and no port")
    if timeline.setting.how is How.PID and timeline.end.observed:
        return CHECK.passed("none of the children that it had")
    return CHECK.not_observed("what the process left cannot be seen from here")


def _detail(left: Leftover) -> Detail:
    pid = "" if left.pid is None else f" (process {left.pid})"
    return Detail(f"{left.what}{pid}", left.kind)
