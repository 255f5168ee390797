"""What a server leaves behind: processes that outlive it, and addresses still listened on."""

import time
from collections.abc import Callable

import psutil

from mcpverify.facts.timeline import Leftover
from mcpverify.wire.trial import ports
from mcpverify.wire.trial.family import Family, command_line

# A helper that ends because its parent did needs a moment to see it.
_PATIENCE = 0.3
_EVERY = 0.02
_COMMAND_LINE = 200


def left_behind(
    family: Family, addresses: frozenset[ports.Bound], ours: bool
) -> tuple[tuple[psutil.Process, ...], tuple[Leftover, ...]]:
    """The processes of `family` that stay, and all that is to be told.

    Who listens on `addresses` matters only where the server was not `ours`: a supervisor's next
    server may do so by right, and so may the parent that gave the server its socket.
    """
    until = time.monotonic() + _PATIENCE
    while True:
        living = family.living()
        pids = {each.pid for each in living}
        taken = {
            address: pid
            for address, pid in ports.still_bound(addresses).items()
            if ours or pid in pids
        }
        if not (living or taken) or time.monotonic() >= until:
            break
        time.sleep(_EVERY)
    processes = (
        Leftover("process", words[:_COMMAND_LINE], each.pid)
        for each in living
        if (words := command_line(each))
    )
    listeners = (
        Leftover("port", ports.words(address), pid) for address, pid in sorted(taken.items())
    )
    return living, (*processes, *listeners)


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
