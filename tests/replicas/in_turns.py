"""Replicas that share no sessions, behind a balancer that is no other process."""

import itertools
from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any

from tests.servers.dialog import Dialog
from tests.servers.honest import Call, Honest
from tests.servers.raw_http import RawServer, Request, Wire

Choice = Callable[[Request], int]


def by_request() -> Choice:
    """As nginx does: each request meets the next replica, whatever its connection."""
    numbers = itertools.count()
    return lambda request: next(numbers)


def by_connection() -> Choice:
    """As balancers of TCP do: a connection stays with one replica."""
    return lambda request: request.connection


def by_cookie() -> Choice:
    """By connection, and then by the cookie that the replica has set."""

    def choose(request: Request) -> int:
        found = SimpleCookie(request.header("Cookie") or "").get("route")
        return request.connection if found is None else int(found.value)

    return choose


def serve(choose: Choice, replicas: int = 2, *, cookies: bool = False, **options: Any) -> RawServer:
    """One address with `replicas` behind it; `options` are those of Honest."""

    def replica(index: int) -> Honest:
        def marked(call: Call) -> bytes:
            line, end, rest = call.honest.partition(b"\r\n")
            own = b"X-Served-By: web-%d\r\n" % index
            if cookies:
                own += b"Set-Cookie: route=%d; Path=/\r\n" % index
            return line + end + own + rest

        return Honest(Dialog(), {"*": marked}, **options)

    behind = [replica(index) for index in range(replicas)]

    def behave(request: Request, wire: Wire) -> bool:
        return behind[choose(request) % replicas](request, wire)

    return RawServer(behave)
