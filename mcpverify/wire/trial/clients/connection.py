"""One HTTP/1.1 connection of a trial: opened, written and read piece by piece, each byte timed.

The gate's own client (`wire.http_client`) sends a request in one breath. Here the last bytes of
a body are held back, an answer is read while they are, and an idle connection is watched.
"""

import asyncio
import base64
import errno
import os
import ssl
from dataclasses import dataclass, field, replace
from urllib.parse import unquote, urlsplit

import h11

from mcpverify import __version__
from mcpverify.errors import McpverifyError
from mcpverify.facts.target import HttpEndpoint
from mcpverify.wire.network import routed
from mcpverify.wire.tls import context_for

_CHUNK = 65_536
_PORTS = {"http": 80, "https": 443}
_OURS = {errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS}


class Refused(Exception):
    """There is no connection: nothing was sent. The message says why."""


class Lost(Exception):
    """The connection broke while it was used. The message says how."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where requests go: an origin, how it is reached, and a path there."""

    host: str
    port: int
    secure: bool
    path: str  # with the query
    endpoint: HttpEndpoint = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    context: ssl.SSLContext | None = field(repr=False, default=None)

    @classmethod
    def of(cls, endpoint: HttpEndpoint, url: str, *, trusted: bool = True) -> "Place":
        """The place of `url`. The user's headers go along where it is `trusted` with them."""
        parts = urlsplit(url)
        scheme = parts.scheme.lower()
        port = parts.port or _PORTS[scheme]
        host = (parts.hostname or "").encode(
            "idna" if ":" not in (parts.hostname or "") else "utf-8"
        )
        named = host.decode("ascii")
        shown = f"[{named}]" if ":" in named else named
        authority = shown if port == _PORTS[scheme] else f"{shown}:{port}"
        headers = [("Host", authority), ("User-Agent", f"mcpverify/{__version__}")]
        if trusted and parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            headers.append(("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"))
        own = endpoint.headers if trusted else ()
        replaced = {header.name.lower() for header in own}
        headers = [each for each in headers if each[0].lower() not in replaced]
        headers += [(header.name, header.value) for header in own]
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        secure = scheme == "https"
        context = context_for(endpoint.tls) if secure else None
        return cls(named, port, secure, path, endpoint, tuple(headers), context)

    def at(self, path: str) -> "Place":
        """Another path on the same origin."""
        return replace(self, path=path)


class HttpConnection:
    """An open connection. One request at a time; nothing of it is retried."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._protocol = h11.Connection(h11.CLIENT)

    @classmethod
    async def open(cls, place: Place) -> "HttpConnection":
        """Connect, by the routes of the endpoint. Raises Refused.

        Raises McpverifyError where it is this machine that has no more to give.
        """
        host, port = routed(place.host, place.port, place.endpoint.routes)
        name = place.host if place.secure else None
        try:
            reader, writer = await asyncio.open_connection(
                host, port, ssl=place.context, server_hostname=name
            )
        except ssl.SSLError as error:
            raise Refused(f"the TLS handshake failed: {error.reason or error}".lower()) from None
        except (OSError, UnicodeError) as error:
            if getattr(error, "errno", None) in _OURS:
                hint = "Take fewer --sessions, or allow more open files (ulimit -n)."
                raise McpverifyError(f"no more connections here: {_words(error)}", hint) from None
            raise Refused(_words(error)) from None
        return cls(reader, writer)

    @property
    def closed(self) -> bool:
        """Whether the peer has closed it while it was idle: then nothing can be sent."""
        return (
            self._reader.at_eof()
            or self._reader.exception() is not None
            or self._writer.is_closing()
            or self._protocol.our_state is not h11.IDLE
        )

    async def send_head(
        self, method: str, place: Place, headers: dict[str, str], length: int | None
    ) -> None:
        """Raises Lost."""
        pairs = list(place.headers)
        named = {name.lower() for name, _ in pairs}
        pairs += [(name, value) for name, value in headers.items() if name.lower() not in named]
        if length is not None:
            pairs.append(("Content-Length", str(length)))
        request = h11.Request(
            method=method,
            target=place.path.encode("ascii", "ignore"),
            headers=[(name.encode("ascii"), value.encode("latin-1")) for name, value in pairs],
        )
        await self._write(self._protocol.send(request))

    async def send_body(self, data: bytes) -> None:
        """Raises Lost."""
        await self._write(self._protocol.send(h11.Data(data)))

    async def end_request(self) -> None:
        await self._write(self._protocol.send(h11.EndOfMessage()))

    async def head(self) -> h11.Response:
        """The answer's status and headers. Raises Lost."""
        while True:
            event = await self._event()
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse):
                raise Lost("the server closed the connection without an answer")

    async def body(self) -> bytes:
        """The next piece of the answer's body, b"" at its clean end. Raises Lost."""
        event = await self._event()
        if isinstance(event, h11.Data):
            return bytes(event.data)
        return b""

    def rest(self) -> bool:
        """Make the connection ready for another request; whether that is possible."""
        states = (self._protocol.our_state, self._protocol.their_state)
        if states == (h11.DONE, h11.DONE):
            self._protocol.start_next_cycle()
            if not self.closed:
                return True
        self.close()
        return False

    def close(self) -> None:
        self._writer.transport.abort()

    async def _write(self, data: bytes | None) -> None:
        try:
            if data:
                self._writer.write(data)
                await self._writer.drain()
        except (OSError, RuntimeError) as error:
            raise Lost(f"the connection was lost: {_words(error)}") from None

    async def _event(self) -> h11.Event:
        try:
            while (event := self._protocol.next_event()) is h11.NEED_DATA:
                self._protocol.receive_data(await self._reader.read(_CHUNK))
        except h11.RemoteProtocolError as error:
            raise Lost(_protocol_words(str(error))) from None
        except (OSError, RuntimeError) as error:
            raise Lost(f"the connection was lost: {_words(error)}") from None
        if not isinstance(event, h11.Event):  # paused: an answer after the answer
            raise Lost("more came than one answer")
        return event


def _protocol_words(text: str) -> str:
    if "ConnectionClosed" in text:
        return "the server closed the connection without an answer"
    if "closed connection" in text:
        return "the connection was closed inside the answer"
    return f"the answer is no HTTP: {text}"


def _words(error: Exception) -> str:
    number = getattr(error, "errno", None)
    if isinstance(number, int) and number > 0:
        return os.strerror(number).lower()
    return (str(error) or type(error).__name__).lower()
