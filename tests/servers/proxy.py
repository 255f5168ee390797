"""A forward proxy: absolute-form requests and CONNECT tunnels, recorded as they come.

`routes` maps `host:port` as the client names it to where the proxy really connects, so
that made-up host names lead to servers on loopback.
"""

import select
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

from tests.servers.raw_http import RawServer, Request, Wire, response


class Proxy(RawServer):
    """`refusal` answers every request with that status; `silent` answers none."""

    def __init__(
        self,
        routes: Mapping[str, str] | None = None,
        *,
        refusal: int | None = None,
        silent: bool = False,
    ) -> None:
        super().__init__(self._forward, path="")
        self._routes = dict(routes or {})
        self._refusal = refusal
        self._silent = silent

    @property
    def tunnels(self) -> list[str]:
        """The `host:port` of each CONNECT, in order."""
        return [request.path for request in self.requests if request.method == "CONNECT"]

    def _forward(self, request: Request, wire: Wire) -> bool:
        if self._silent:
            wire.hold()
        elif self._refusal:
            wire.send(response(self._refusal, b"not through here", "text/plain"))
            return request.method != "CONNECT"
        elif request.method == "CONNECT":
            self._tunnel(request.path, wire)
        else:
            self._relay(request, wire)
        return False

    def _connected(self, authority: str) -> socket.socket:
        host, _, port = self._routes.get(authority, authority).rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), 5)

    def _tunnel(self, authority: str, wire: Wire) -> None:
        with self._connected(authority) as upstream:
            wire.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            _splice(wire, upstream)

    def _relay(self, request: Request, wire: Wire) -> None:
        url = urlsplit(request.path)
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        own = ("connection", "proxy-authorization", "proxy-connection")
        kept = [f"{key}: {value}" for key, value in request.headers if key.lower() not in own]
        lines = [f"{request.method} {path} HTTP/1.1", "Connection: close", *kept, "", ""]
        with self._connected(f"{url.hostname}:{url.port or 80}") as upstream:
            upstream.sendall("\r\n".join(lines).encode("latin-1") + request.body)
            # One request a connection: the next one may be for another host.
            status, end, rest = upstream.recv(65536).partition(b"\r\n")
            wire.send(status + end + b"Connection: close" + end + rest)
            _splice(wire, upstream)


def _splice(wire: Wire, upstream: socket.socket) -> None:
    """Copies both ways until either side ends."""
    client = wire.socket
    while not wire.stopped.is_set():
        ready, _, _ = select.select([client, upstream], [], [], 0.5)
        for source in ready:
            data = source.recv(65536)
            if not data:
                return
            (upstream if source is client else client).sendall(data)


def serve(
    routes: Mapping[str, str] | None = None, *, refusal: int | None = None, silent: bool = False
) -> Proxy:
    return Proxy(routes, refusal=refusal, silent=silent)
