"""A process that does not serve the address would be stopped for nothing: it is refused before."""

import os
from collections.abc import Sequence

import psutil

from mcpverify.errors import UsageError
from mcpverify.wire.trial.process.subject import Listening

_HERE = {"127.0.0.1", "::1", "localhost"}


def refuse_bystander(pid: int, listening: Sequence[Listening], host: str, port: int) -> None:
    """Raises UsageError where another process than `pid` is seen to listen on `port` here.

    `listening` is what the process and its children listen on. In another network namespace, as
    in a container, ports are other ports: there nothing is said.
    """
    if host.lower() not in _HERE or port in {each.port for each in listening} or _apart(pid):
        return
    holders = _holders(port)
    if listening or holders:
        ports = ", ".join(str(each) for each in sorted({each.port for each in listening}))
        where = f"listens on {ports}, not on {port}" if ports else f"does not listen on {port}"
        who = f" (process {holders[0]} does)" if holders else ""
        raise UsageError(
            f"process {pid} {where}{who}", "Give the pid of the process that serves the address."
        )


def _apart(pid: int) -> bool:
    try:
        return os.readlink(f"/proc/{pid}/ns/net") != os.readlink("/proc/self/ns/net")
    except OSError:
        return False


def _holders(port: int) -> list[int]:
    try:
        found = psutil.net_connections("tcp")
    except (psutil.Error, OSError):
        return []
    return sorted(
        each.pid
        for each in found
        if each.pid is not None
        and each.status == psutil.CONN_LISTEN
        and each.laddr
        and each.laddr.port == port
    )
