"""Clients that call all the time while something else happens, and count what they lose."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.servers.dialog import CAPABILITIES_KEY, STATELESS, VERSION_KEY
from tests.servers.raw_client import INITIALIZE

_ACCEPT = {"Accept": "application/json, text/event-stream", "Host": "mcp.example.com"}
PARAMS = {"_meta": {VERSION_KEY: STATELESS, CAPABILITIES_KEY: {}}}
_STATELESS = {"MCP-Protocol-Version": STATELESS, "Mcp-Method": "tools/list"}
HEADERS = _ACCEPT | _STATELESS
# Far shorter than anything starts or ends in; without it the clients take the processor from what
# they look at.
_PAUSE = 0.02


@dataclass
class Traffic:
    """What the clients have seen. `reopened` are sessions that a 404 made a client open again."""

    answered: int = 0
    lost: list[str] = field(default_factory=list)
    reopened: int = 0
    some: threading.Event = field(default_factory=threading.Event)

    def count(self, response: httpx.Response | httpx.HTTPError) -> None:
        if isinstance(response, httpx.HTTPError):
            self.lost.append(repr(response))
        elif response.status_code == 200 and '"tools"' in response.text:
            self.answered += 1
            if self.answered >= 3:
                self.some.set()
        else:
            self.lost.append(f"{response.status_code} {response.text[:200]}")


@dataclass(frozen=True, slots=True)
class Caller:
    """Posts to the public name at a port of this machine."""

    port: int
    context: ssl.SSLContext

    def client(self) -> httpx.Client:
        return httpx.Client(verify=self.context, trust_env=False, timeout=20)

    def post(
        self, client: httpx.Client, method: str, params: Any, **headers: str
    ) -> httpx.Response | httpx.HTTPError:
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        if not method.startswith("notifications/"):
            message["id"] = 1
        try:
            return client.post(
                f"https://127.0.0.1:{self.port}/mcp",
                json=message,
                headers=_ACCEPT | headers,
                extensions={"sni_hostname": "mcp.example.com"},
            )
        except httpx.HTTPError as error:
            return error

    def listing(self, client: httpx.Client) -> httpx.Response | httpx.HTTPError:
        """tools/list as of 2026-07-28, without a session."""
        return self.post(client, "tools/list", PARAMS, **_STATELESS)


def on_fresh_connections(caller: Caller, traffic: Traffic, over: threading.Event) -> None:
    """Each call on a connection of its own, and without a session (2026-07-28)."""
    while not over.wait(_PAUSE):
        with caller.client() as client:
            traffic.count(caller.listing(client))


def on_one_connection(caller: Caller, traffic: Traffic, over: threading.Event) -> None:
    """All calls on one connection, as long as the other side keeps it open."""
    with caller.client() as client:
        while not over.wait(_PAUSE):
            traffic.count(caller.listing(client))


def in_sessions(caller: Caller, traffic: Traffic, over: threading.Event) -> None:
    """As the handshake era has it: at 404 a client opens a new session and asks again."""
    session = ""
    while not over.wait(_PAUSE):
        with caller.client() as client:
            if not session:
                session = _opened(caller, client)
            answer = caller.post(
                client,
                "tools/list",
                {},
                **{"Mcp-Session-Id": session, "MCP-Protocol-Version": "2025-11-25"},
            )
        if isinstance(answer, httpx.Response) and answer.status_code == 404:
            session = ""
            traffic.reopened += 1
        else:
            traffic.count(answer)


def _opened(caller: Caller, client: httpx.Client) -> str:
    answer = caller.post(client, "initialize", INITIALIZE)
    if isinstance(answer, httpx.HTTPError):
        return ""
    session = str(answer.headers.get("Mcp-Session-Id", ""))
    caller.post(client, "notifications/initialized", {}, **{"Mcp-Session-Id": session})
    return session


Client = Callable[[Caller, Traffic, threading.Event], None]


@contextmanager
def calling(port: int, bundle: Path, target: Client) -> Iterator[Traffic]:
    """Calls from now on until the block ends, one call after the other."""
    caller = Caller(port, ssl.create_default_context(cafile=str(bundle)))
    traffic, over = Traffic(), threading.Event()
    thread = threading.Thread(target=target, args=(caller, traffic, over))
    thread.start()
    try:
        assert traffic.some.wait(20), f"no answer at all: {traffic.lost}"
        yield traffic
    finally:
        over.set()
        thread.join(30)
