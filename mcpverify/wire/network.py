"""Sockets under absolute deadlines: name look-up, routes, connect, TLS.

httpcore's own time-outs count anew at every read, so a server that drips a byte
now and then would never meet them. Every operation here ends at the deadline
that is in force, whatever arrives.
"""

import socket
import ssl
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

import httpcore

from mcpverify.facts.target import Route
from mcpverify.facts.transcript import Certificate, FailureKind
from mcpverify.wire.deadline import Broken, Deadline, broken
from mcpverify.wire.stopping import woken_by
from mcpverify.wire.tls import certificate_of, untrusted

_HEAD_BYTES = 60


@dataclass(slots=True)
class Dial:
    """What a client's connections share: the deadline in force, and what was seen."""

    deadline: Deadline
    routes: tuple[Route, ...] = ()
    proxy: str | None = None
    insecure: bool = False
    connections: int = 0
    connect_seconds: float | None = None
    peer: str | None = None
    certificate: Certificate | None = None
    streams: "list[_Stream]" = field(default_factory=list)
    head: bytearray = field(default_factory=bytearray)  # how the answer under way begins

    def sever(self) -> None:
        """Close every socket at once; a thread that reads from one is woken."""
        for stream in self.streams:
            stream.sever()


class Network(httpcore.NetworkBackend):
    """The network as httpcore wants it, under the deadlines of a Dial."""

    def __init__(self, dial: Dial) -> None:
        self._dial = dial

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        dial = self._dial
        began = time.monotonic()
        to_host, to_port = routed(host, port, dial.routes) if dial.proxy is None else (host, port)
        try:
            sock = _connect(to_host, to_port, dial.deadline)
        except Broken as error:
            if dial.proxy is None or error.failure.kind is FailureKind.TIMEOUT:
                raise
            detail = f"the proxy {dial.proxy} cannot be reached: {error.failure.detail}"
            raise broken(FailureKind.PROXY, detail) from None
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        dial.connections += 1
        dial.connect_seconds = time.monotonic() - began
        dial.peer = _address(sock.getpeername())
        stream = _Stream(sock, dial)
        dial.streams.append(stream)
        return stream


class _Stream(httpcore.NetworkStream):
    def __init__(self, sock: socket.socket, dial: Dial) -> None:
        self._sock = sock
        self._dial = dial

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._sock.settimeout(self._dial.deadline.remaining())
        try:
            with woken_by(self.sever):
                data = self._sock.recv(max_bytes)
        except TimeoutError:
            raise self._dial.deadline.passed() from None
        except OSError as error:
            raise _lost(error, _alert(error)) from None
        if len(self._dial.head) < _HEAD_BYTES:
            self._dial.head += data[:_HEAD_BYTES]
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        view = memoryview(buffer)
        while view:
            self._sock.settimeout(self._dial.deadline.remaining())
            try:
                with woken_by(self.sever):
                    view = view[self._sock.send(view) :]
            except TimeoutError:
                raise self._dial.deadline.passed() from None
            except OSError as error:
                raise _lost(error, _alert(error) or self._pending_alert()) from None

    def _pending_alert(self) -> str:
        """Why a TLS server left: with TLS 1.3 its word may come after our first write."""
        if isinstance(self._sock, ssl.SSLSocket):
            self._sock.settimeout(min(0.2, self._dial.deadline.remaining()))
            try:
                self._sock.recv(1)
            except OSError as error:
                return _alert(error)
        return ""

    def close(self) -> None:
        if self in self._dial.streams:
            self._dial.streams.remove(self)
        self._sock.close()

    def sever(self) -> None:
        _shut(self._sock)

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        if isinstance(self._sock, ssl.SSLSocket):
            # TLS inside TLS, through a proxy that is itself reached over https.
            raise broken(FailureKind.PROXY, "a proxy reached over https cannot carry https here")
        began = time.monotonic()
        self._sock.settimeout(self._dial.deadline.remaining())
        try:
            sock = _shaken(ssl_context, self._sock, server_hostname)
        except ssl.SSLCertVerificationError as error:
            self._dial.certificate = untrusted(error)
            detail = f"the TLS certificate is not trusted: {self._dial.certificate.problem}"
            raise broken(FailureKind.TLS_UNTRUSTED, detail) from None
        except TimeoutError:
            raise self._dial.deadline.passed() from None
        except (ssl.SSLError, OSError) as error:
            raise broken(FailureKind.TLS, f"the TLS handshake failed: {_words(error)}") from None
        except ValueError as error:  # a host that is no legal server name
            raise broken(FailureKind.TLS, f"the TLS handshake failed: {error}") from None
        self._dial.certificate = certificate_of(sock, insecure=self._dial.insecure)
        secured = _Stream(sock, self._dial)
        self._dial.streams[:] = [each for each in self._dial.streams if each is not self]
        self._dial.streams.append(secured)
        if self._dial.connect_seconds is not None:
            self._dial.connect_seconds += time.monotonic() - began
        return secured

    def get_extra_info(self, info: str) -> Any:
        match info:
            case "ssl_object":
                return self._sock if isinstance(self._sock, ssl.SSLSocket) else None
            case "is_readable":
                return _readable(self._sock)
            case "socket":
                return self._sock
            case _:
                return None


def _shaken(context: ssl.SSLContext, plain: socket.socket, name: str | None) -> ssl.SSLSocket:
    sock = context.wrap_socket(plain, server_hostname=name, do_handshake_on_connect=False)
    try:
        with woken_by(partial(_shut, sock)):
            sock.do_handshake()
    except BaseException:
        sock.close()
        raise
    return sock


def _shut(sock: socket.socket) -> None:
    """Wakes whoever waits for it. Past SSLSocket.shutdown, which takes TLS from under a reader."""
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        pass  # already gone


def routed(host: str, port: int, routes: tuple[Route, ...]) -> tuple[str, int]:
    """Where to connect for host and port: the first route that names them, else there."""
    for route in routes:
        if route.host.lower() in ("", host.lower()) and route.port in (None, port):
            return route.to_host or host, port if route.to_port is None else route.to_port
    return host, port


def _connect(host: str, port: int, deadline: Deadline) -> socket.socket:
    addresses = look_up(host, port, deadline)
    problem: OSError | None = None
    for index, (family, kind, protocol, _, address) in enumerate(addresses):
        # Each address gets a fair share, so that one dead one does not use up the time.
        share = deadline.remaining() / (len(addresses) - index)
        sock = socket.socket(family, kind, protocol)
        sock.settimeout(share)
        try:
            with woken_by(partial(_shut, sock)):
                sock.connect(address)
            return sock
        except OSError as error:
            sock.close()
            problem = error
        except BaseException:
            sock.close()
            raise
    place = _address((host, port))
    if isinstance(problem, TimeoutError):
        raise broken(FailureKind.TIMEOUT, f"no connection to {place} in time")
    if isinstance(problem, ConnectionRefusedError):
        raise broken(FailureKind.REFUSED, f"{place} refused the connection")
    words = "no address" if problem is None else _words(problem)
    raise broken(FailureKind.UNREACHABLE, f"{place} cannot be reached: {words}")


def look_up(host: str, port: int, deadline: Deadline) -> list[Any]:
    """The addresses of a host, as getaddrinfo gives them. Raises Broken.

    The resolver can hang and cannot be cancelled: it gets a thread.
    """
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except (OSError, ValueError):
            continue
        return [(family, socket.SOCK_STREAM, 0, "", (host, port))]
    found: SimpleQueue[list[Any] | OSError | UnicodeError] = SimpleQueue()

    def ask() -> None:
        try:
            found.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except (OSError, UnicodeError) as error:
            found.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        with woken_by(partial(found.put, OSError("stopped"))):
            answer = found.get(timeout=deadline.remaining())
    except Empty:
        raise broken(FailureKind.TIMEOUT, f"the name {host} did not resolve in time") from None
    if isinstance(answer, list):
        return answer
    raise broken(FailureKind.DNS, f"the name {host} does not resolve: {_words(answer)}")


def _readable(sock: socket.socket) -> bool:
    """Whether a read would return at once: on an idle connection, the peer has closed it."""
    import select

    try:
        poll = select.poll() if hasattr(select, "poll") else None
        if poll is None:
            return bool(select.select([sock], [], [], 0)[0])
        poll.register(sock, select.POLLIN)
        return bool(poll.poll(0))
    except (OSError, ValueError):
        return True


def _address(name: Any) -> str:
    if not isinstance(name, tuple):
        return str(name)
    host, port = name[0], name[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _lost(error: OSError, alert: str) -> Broken:
    if alert:
        return broken(FailureKind.TLS, f"the server refused the TLS connection: {alert}")
    return broken(FailureKind.RESET, f"the connection was lost: {_words(error)}")


def _alert(error: OSError) -> str:
    """The TLS alert behind an error, in words; "" where it is none."""
    reason = error.reason if isinstance(error, ssl.SSLError) else None
    return _words(error) if reason and "ALERT" in reason else ""


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.replace("_", " ").lower()
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
