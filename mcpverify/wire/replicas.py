"""The replicas behind a target that are known one by one."""

from dataclasses import replace
from ipaddress import ip_address
from typing import Final

import httpx

from mcpverify.facts.replica_address import completed
from mcpverify.facts.target import HttpEndpoint, Replicas, Route
from mcpverify.facts.transcript import FailureKind
from mcpverify.wire.deadline import Deadline, broken
from mcpverify.wire.network import look_up, routed

MOST_ADDRESSES: Final = 64
_PORTS = {"http": 80, "https": 443}


def replica_endpoints(
    endpoint: HttpEndpoint, url: str, replicas: Replicas, deadline: Deadline
) -> tuple[HttpEndpoint, ...]:
    """An endpoint with one URL for each. Raises Broken where the names cannot be looked up.

    A replica at a URL of its own gets the target's headers and token: whoever named it wants it
    asked as the target is. A URL without a path takes that of the target. Those that the name
    resolves to get the target's own URL, and so its Host and SNI, by a route to their address.
    """
    if replicas.urls:
        return tuple(replace(endpoint, urls=(completed(each, url),)) for each in replicas.urls)
    host, port = _place(url)
    # Where the user routes the name is where its replicas are looked for.
    to_host, to_port = routed(host, port, endpoint.routes)
    addresses = {found[4][0] for found in look_up(to_host, to_port, deadline)}
    if len(addresses) > MOST_ADDRESSES:
        told = f"{to_host} has {len(addresses)} addresses, and at most {MOST_ADDRESSES} are asked"
        raise broken(FailureKind.DNS, told)
    return tuple(
        replace(endpoint, urls=(url,), routes=(Route(host, port, each, to_port), *endpoint.routes))
        for each in sorted(addresses, key=_order)
    )


def _place(url: str) -> tuple[str, int]:
    """Host and port as a connection is asked for: a name of other letters as `xn--`."""
    parts = httpx.URL(url)
    return parts.raw_host.decode("ascii"), parts.port or _PORTS[parts.scheme]


def _order(address: str) -> tuple[int, bytes]:
    parsed = ip_address(address)
    return parsed.version, parsed.packed
