"""What processes listen on, as addresses that can be connected to."""

import ipaddress
import socket
from collections.abc import Iterable
from contextlib import suppress
from typing import TypeAlias

import psutil

from mcpverify.wire.trial.process.subject import Listening

# As the process bound it: an IP address and a port.
Bound: TypeAlias = tuple[str, int]


def bound(processes: Iterable[psutil.Process]) -> frozenset[Bound]:
    """What any of `processes` listens on, as far as we may see it."""
    found: set[Bound] = set()
    for process in processes:
        with suppress(psutil.Error, OSError):
            for each in process.net_connections("tcp"):
                if each.status == psutil.CONN_LISTEN and each.laddr:
                    found.add((each.laddr.ip, each.laddr.port))
    return frozenset(found)


def reachable(addresses: Iterable[Bound]) -> tuple[Listening, ...]:
    """Where `addresses` can be connected to from here, lowest port first, IPv4 before IPv6."""
    hosts = {(port, _host(ip)) for ip, port in addresses}
    ordered = sorted(hosts, key=lambda each: (each[0], ":" in each[1], each[1]))
    return tuple(Listening(host, port) for port, host in ordered)


def words(address: Bound) -> str:
    """`127.0.0.1:8000`, or `[::1]:8000`."""
    host = _host(address[0])
    return f"[{host}]:{address[1]}" if ":" in host else f"{host}:{address[1]}"


def _host(ip: str) -> str:
    address = ipaddress.ip_address(ip)
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    if not address.is_unspecified:
        return str(address)
    return "::1" if address.version == 6 and _has_ipv6_loopback() else "127.0.0.1"


def _has_ipv6_loopback() -> bool:
    """Many containers let a server bind :: but have no ::1: there it is reached over IPv4."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
