"""Replicas of one server: honest, and each says in every way which release it runs."""

import itertools
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.servers.dialog import Dialog
from tests.servers.honest import Call, Honest, Hook, dumps
from tests.servers.raw_http import RawServer, Request, Wire, response


@dataclass
class Release:
    """What a replica runs. It may be exchanged while the replica serves."""

    version: str


def serve(
    release: Release | str = "2.4.1",
    *,
    server_info: str = "1.0.0",
    header: str | None = "X-Version",
    named: str | None = None,
    health: bytes | None = None,
    health_status: int = 200,
    built: Any = None,
    sessions: bool = False,
    hooks: Mapping[str, Hook] | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: ssl.SSLContext | None = None,
    **contract: Any,
) -> RawServer:
    """A replica that runs `release`, and tells it in `header`, at /version and by `build_info`.

    serverInfo says something else. `named` adds X-Request-Id, which begins with it. `health` is
    what /version answers in place of {"build": {"version": ...}}, `built` what the tool does.
    """
    running = Release(release) if isinstance(release, str) else release
    numbers = itertools.count(1)

    def traced(call: Call) -> bytes:
        own = b""
        if header is not None:
            own += f"{header}: {running.version}\r\n".encode()
        if named is not None:
            own += f"X-Request-Id: {named}-{next(numbers)}\r\n".encode()
        line, end, rest = call.honest.partition(b"\r\n")
        return line + end + own + rest

    def tell(call: Call) -> bytes:
        version = {"version": running.version}
        call.honest = call.answer(
            built
            or {
                "content": [{"type": "text", "text": running.version}],
                "structuredContent": version,
                "resultType": "complete",
            }
        )
        return traced(call)

    told = Dialog(version=server_info, **contract)
    honest = Honest(told, {"tools/call": tell, **(hooks or {}), "*": traced}, sessions=sessions)

    def behave(request: Request, wire: Wire) -> bool:
        if request.path.partition("?")[0] != "/version":
            return honest(request, wire)
        page = health if health is not None else dumps({"build": {"version": running.version}})
        wire.send(response(health_status, page, "application/json"))
        return True

    return RawServer(behave, tls=tls, host=host, port=port)
