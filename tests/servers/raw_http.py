"""The ground that all servers here stand on: an HTTP server whose every byte is ours.

It accepts, reads whole requests, records them, and leaves the answer to a behavior that
writes raw bytes. `http.server` would correct what the tests need to be wrong.
"""

import contextlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, BinaryIO, Self


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it was read. `connection` counts accepted connections from 1."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    connection: int

    def header(self, name: str) -> str | None:
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def message(self) -> Any:
        """The JSON in the body, or None where there is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def step(self) -> str:
        """The JSON-RPC method, or the HTTP method in lower case where there is none."""
        message = self.message
        if isinstance(message, dict) and isinstance(message.get("method"), str):
            return str(message["method"])
        return "reply" if isinstance(message, dict) else self.method.lower()


class Wire:
    """An accepted connection, as a behavior sees it. Writing to a lost one is an OSError."""

    def __init__(self, connection: socket.socket, stopped: threading.Event) -> None:
        self.socket = connection
        self.stopped = stopped

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def chunk(self, data: bytes) -> None:
        """Sends one piece of a chunked body. An empty one ends the body."""
        self.send(b"%x\r\n%b\r\n" % (len(data), data))

    def pause(self, seconds: float) -> None:
        """Waits, and gives up at once when the server is stopped."""
        if self.stopped.wait(seconds):
            raise ConnectionAbortedError

    def drip(self, data: bytes, seconds: float = 0.05) -> None:
        """Sends byte after byte, with a pause after each."""
        for position in range(len(data)):
            self.send(data[position : position + 1])
            self.pause(seconds)

    def hold(self) -> None:
        """Keeps the connection open and silent, reading nothing, until the server stops."""
        self.stopped.wait()

    def reset(self) -> None:
        """Ends the connection with RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


_TLS = b"\x16"  # the first byte of every TLS handshake

Behavior = Callable[[Request, Wire], bool]
"""Answers one request; True keeps the connection for another one."""


class RawServer:
    """Listens on loopback while its `with` block runs; leaving the block closes everything.

    `on_connect` meets a connection before anything is read from it; it returns False to
    be done with it. With `tls`, connections are wrapped with that server-side context.
    """

    def __init__(
        self,
        behavior: Behavior,
        *,
        on_connect: Callable[[Wire], bool] | None = None,
        tls: ssl.SSLContext | None = None,
        path: str = "/mcp",
        host: str = "127.0.0.1",
        port: int = 0,
        scheme: str | None = None,
    ) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self.canary: RawServer | None = None  # another server that nobody may contact
        self._behavior = behavior
        self._on_connect = on_connect
        self._tls = tls
        self._path = path
        self._host = host
        self._scheme = scheme or ("https" if tls else "http")
        self._stopped = threading.Event()
        self._news = threading.Condition()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.socket(family, socket.SOCK_STREAM)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((host, port))
        self.port = int(self._listener.getsockname()[1])
        self._listener.listen(128)

    @property
    def origin(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{self._scheme}://{host}:{self.port}"

    @property
    def url(self) -> str:
        return self.origin + self._path

    @property
    def steps(self) -> list[str]:
        """What each request was for, in the order of arrival."""
        with self._news:
            return [request.step for request in self.requests]

    def wait_for(self, step: str, times: int = 1, seconds: float = 10.0) -> None:
        """Returns once `step` was asked for that often. Raises TimeoutError."""
        with self._news:
            if not self._news.wait_for(lambda: self._count(step) >= times, seconds):
                raise TimeoutError(f"{step} was not asked for within {seconds} s")

    def wait_for_connection(self, times: int = 1, seconds: float = 10.0) -> None:
        """Returns once that many connections were accepted. Raises TimeoutError."""
        with self._news:
            if not self._news.wait_for(lambda: self.connections >= times, seconds):
                raise TimeoutError(f"no {times} connections within {seconds} s")

    def _count(self, step: str) -> int:
        return sum(request.step == step for request in self.requests)

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Closes the listener and all connections, and waits for the threads to end."""
        self._stopped.set()
        _shut(self._listener)
        self._listener.close()
        with self._news:
            waiting = list(self._open)
        for connection in waiting:
            _shut(connection)
        for thread in list(self._threads):
            thread.join(5)

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._news:
                self.connections += 1
                number = self.connections
                self._open.add(connection)
                self._news.notify_all()
            self._start(self._attend, connection, number)

    def _attend(self, connection: socket.socket, number: int) -> None:
        try:
            if self._tls:
                connection = self._wrapped(self._tls, connection)
            if not self._stopped.is_set():
                self._converse(connection, number)
        except OSError:
            pass  # the client left, or we were stopped: both are ordinary here
        finally:
            with self._news:
                self._open.discard(connection)
            connection.close()

    def _wrapped(self, tls: ssl.SSLContext, plain: socket.socket) -> socket.socket:
        # The handshake comes after the socket is listed, so that stop() can end it.
        wrapped = tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        with self._news:
            self._open.discard(plain)
            self._open.add(wrapped)
        try:
            wrapped.do_handshake()
        except OSError:
            with self._news:
                self._open.discard(wrapped)
            wrapped.close()
            raise
        return wrapped

    def _converse(self, connection: socket.socket, number: int) -> None:
        wire = Wire(connection, self._stopped)
        if self._on_connect and not self._on_connect(wire):
            return
        with connection.makefile("rb") as stream:
            if stream.peek(1)[:1] == _TLS:
                # As web servers do: a TLS handshake has no line end that could be waited for.
                wire.send(response(400, b"This port speaks plain HTTP", "text/plain"))
                return
            while request := _read(stream, number):
                with self._news:
                    self.requests.append(request)
                    self._news.notify_all()
                if not self._behavior(request, wire) or request.header("Connection") == "close":
                    return


def _shut(connection: socket.socket) -> None:
    # Past ssl.SSLSocket.shutdown, which pulls the TLS state from under a reading thread.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


def _read(stream: BinaryIO, number: int) -> Request | None:
    words = stream.readline(65536).decode("latin-1").split()
    if len(words) < 2:
        return None
    headers: list[tuple[str, str]] = []
    while line := stream.readline(65536).decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers.append((name.strip(), value.strip()))
    lengths = [value for name, value in headers if name.lower() == "content-length"]
    body = stream.read(int(lengths[0])) if lengths else b""
    return Request(words[0], words[1], tuple(headers), body, number)


def response(
    status: int,
    body: bytes = b"",
    content_type: str | None = None,
    headers: tuple[tuple[str, str], ...] = (),
) -> bytes:
    """A whole HTTP response with its Content-Length."""
    return head(status, content_type, (*headers, ("Content-Length", str(len(body))))) + body


def head(
    status: int,
    content_type: str | None = None,
    headers: tuple[tuple[str, str], ...] = (),
) -> bytes:
    """The status line and headers of a response, the empty line included."""
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Status')}"]
    if content_type is not None:
        lines.append(f"Content-Type: {content_type}")
    lines.extend(f"{name}: {value}" for name, value in headers)
    # "replace" would spoil what hostile headers hold: they are sent as the UTF-8 they are.
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape")


CHUNKED = (("Transfer-Encoding", "chunked"),)

_REASONS = {
    200: "OK",
    202: "Accepted",
    204: "No Content",
    303: "See Other",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    421: "Misdirected Request",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}
