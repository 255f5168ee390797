"""What a server leaves behind: processes that outlive it, and where they still listen."""

import time
from collections.abc import Callable

import psutil

from mcpverify.facts.timeline import Leftover
from mcpverify.wire.trial.process.family import Family, command_line
from mcpverify.wire.trial.process.ports import Bound, bound, words

# A worker that ends because its parent did needs a moment to see it, a server of its own
# about two seconds to drain; nobody waits where nothing is left.
_PATIENCE = 3.0
_EVERY = 0.02
_COMMAND_LINE = 200


def left_behind(family: Family) -> tuple[Leftover, ...]:
    """The processes of `family` that stay, and where they listen.

    Who else listens there now is not asked: a supervisor's next server does so by right, and so
    does the parent that gave the server its socket.
    """
    until = time.monotonic() + _PATIENCE
    while (living := family.living()) and time.monotonic() < until:
        time.sleep(_EVERY)
    processes: list[Leftover] = []
    listeners: dict[Bound, Leftover] = {}
    for each in living:
        if line := command_line(each):
            processes.append(Leftover("process", line[:_COMMAND_LINE], each.pid))
        for address in sorted(bound((each,)) - listeners.keys()):
            listeners[address] = Leftover("port", words(address), each.pid)
    return (*processes, *listeners.values())


def ended(living: Callable[[], tuple[psutil.Process, ...]], seconds: float) -> None:
    """Kill all that `living` gives, those born meanwhile included, for up to `seconds`."""
    until = time.monotonic() + seconds
    while (found := living()) and time.monotonic() < until:
        for each in found:
            try:
                each.kill()
            except psutil.Error:
                continue  # it was faster, or it is not ours any more (setuid)
        psutil.wait_procs(found, timeout=0.1)
