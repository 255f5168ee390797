"""One HTTP request at a time under a deadline, on httpx: the connections of one session.

A client starts with no connection, so a new client is a fresh connection (and may
meet another replica). Redirects are followed on the same origin only, with the
method kept. Bodies are decompressed within a cap. Nothing here knows MCP.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.cookiejar import CookieJar

import httpcore
import httpx

from mcpverify import __version__
from mcpverify.errors import TargetInvalid
from mcpverify.facts.credentials import masked_url
from mcpverify.facts.target import HttpEndpoint, Limits, Route
from mcpverify.facts.transcript import Certificate, FailureKind
from mcpverify.wire.content_encoding import ACCEPTED, Decoder
from mcpverify.wire.deadline import Broken, Deadline, broken
from mcpverify.wire.network import Dial, Network
from mcpverify.wire.proxies import parts_of, proxy_for
from mcpverify.wire.tls import context_for, no_context

MAX_REDIRECTS = 5
_KEPT_REDIRECTS = {307, 308}
_OTHER_REDIRECTS = {301, 302, 303}


@dataclass(slots=True)
class Answer:
    """A response whose body is still to be read with `chunks`."""

    status: int
    headers: tuple[tuple[str, str], ...]
    redirects: tuple[str, ...]
    peer: str | None
    connected: float | None
    _response: httpx.Response
    _limits: Limits
    received: bytearray = field(default_factory=bytearray)

    def header(self, name: str) -> str:
        return str(self._response.headers.get(name, ""))

    @property
    def media_type(self) -> str:
        return self.header("content-type").partition(";")[0].strip().lower()

    def chunks(self) -> Iterator[bytes]:
        """The decompressed body as it arrives, kept in `received`. Raises Broken."""
        inflate = Decoder(self.header("content-encoding"), self._limits.answer_bytes)
        wire_bytes = 0
        with _as_broken():
            for raw in self._response.iter_raw():
                wire_bytes += len(raw)
                chunk = inflate(raw)
                self.received += chunk
                if max(wire_bytes, len(self.received)) > self._limits.answer_bytes:
                    megabytes = self._limits.answer_bytes >> 20
                    detail = f"the answer is larger than {megabytes} MiB"
                    raise broken(FailureKind.TOO_LARGE, detail)
                if chunk:
                    yield chunk
            inflate.finish()

    def body(self) -> bytes:
        for _ in self.chunks():
            pass
        return bytes(self.received)


class HttpClient:
    """The connections of one session with an HTTP endpoint.

    `cookies` may be shared between clients of one session, so that a load balancer
    that keeps sessions by cookie sees one client.
    """

    def __init__(
        self, endpoint: HttpEndpoint, limits: Limits, cookies: CookieJar | None = None
    ) -> None:
        self._endpoint = endpoint
        self._limits = limits
        self._headers = [
            (header.name.encode(), header.value.encode()) for header in endpoint.headers
        ]
        self._named = {header.name.lower() for header in endpoint.headers}
        self._cookies = CookieJar() if cookies is None else cookies
        self._dial = Dial(
            Deadline(float("inf"), ""),
            routes=endpoint.routes,
            insecure=endpoint.tls.insecure,
        )
        self._client: httpx.Client | None = None
        self._origin = ""
        self._moved: dict[str, str] = {}

    @property
    def certificate(self) -> Certificate | None:
        return self._dial.certificate

    @property
    def peer(self) -> str | None:
        return self._dial.peer

    @contextmanager
    def request(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        content: bytes | None,
        deadline: Deadline,
        *,
        once: bool = False,
    ) -> Iterator[Answer]:
        """Send one request; the answer's body can be read inside the with block.

        `once`: what may have arrived is not sent again, whatever became of its connection.

        Redirects that keep method and origin are followed, and remembered for this
        session. Raises Broken for all that goes wrong outside this process.
        """
        self._dial.deadline = deadline
        asked, redirects = url, []
        url = self._moved.get(url, url)
        while True:
            response = self._send(method, url, headers, content, once)
            try:
                if response.status_code not in _KEPT_REDIRECTS | _OTHER_REDIRECTS:
                    break
                location = _redirect_target(response, method, url)
            except BaseException:
                response.close()
                raise
            response.close()
            redirects.append(masked_url(location))
            if len(redirects) > MAX_REDIRECTS:
                detail = f"more than {MAX_REDIRECTS} redirects, the last to {redirects[-1]}"
                raise broken(FailureKind.REDIRECT, detail)
            url = location
        if redirects:
            self._moved[asked] = url
        try:
            yield Answer(
                status=response.status_code,
                headers=tuple(
                    (name.decode("latin-1"), value.decode("latin-1"))
                    for name, value in response.headers.raw
                ),
                redirects=tuple(redirects),
                peer=self._dial.peer,
                connected=self._dial.connect_seconds,
                _response=response,
                _limits=self._limits,
            )
        finally:
            with _as_broken():
                response.close()

    def limit(self, deadline: Deadline) -> None:
        """Change the deadline that is in force for the request under way."""
        self._dial.deadline = deadline

    @property
    def routes(self) -> tuple[Route, ...]:
        return self._endpoint.routes

    def reroute(self, routes: tuple[Route, ...]) -> None:
        """Connect by other routes from now on, as the same client, with the same cookies."""
        self.close()
        self._endpoint = replace(self._endpoint, routes=routes)
        self._dial.routes = routes

    @contextmanager
    def set_aside(self) -> Iterator[None]:
        """Make fresh connections within, and go on with the one that is open afterwards."""
        kept, self._client = self._client, None
        routes = self._endpoint.routes
        try:
            yield
        finally:
            self.reroute(routes)
            self._client = kept

    def cookies_for(self, url: str) -> str | None:
        """The Cookie header that a request to `url` carries."""
        request = httpx.Request("POST", url)
        httpx.Cookies(self._cookies).set_cookie_header(request)
        found: str | None = request.headers.get("cookie")
        return found

    def sever(self) -> None:
        """Break all connections at once, waking a thread that reads from one."""
        self._dial.sever()

    def close(self) -> None:
        """Let go of all connections; the next request makes a fresh one."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _send(
        self, method: str, url: str, headers: dict[str, str], content: bytes | None, once: bool
    ) -> httpx.Response:
        dial, before = self._dial, self._dial.connections
        dial.connect_seconds = None
        dial.head.clear()
        client = self._client_for(url)
        ours = {"User-Agent": f"mcpverify/{__version__}", **headers}
        kept = [
            (name.encode(), value.encode("latin-1"))  # a session id goes back byte for byte
            for name, value in ours.items()
            if name.lower() not in self._named
        ]
        request = client.build_request(method, url, headers=kept + self._headers, content=content)
        try:
            with _as_broken():
                return client.send(request, stream=True)
        except Broken as error:
            if dial.head and error.failure.kind in (FailureKind.RESET, FailureKind.BAD_HTTP):
                raise _no_response(bytes(dial.head)) from None
            reused = dial.connections == before
            if once or not (reused and before and error.failure.kind is FailureKind.RESET):
                raise
            # The server closed a kept-alive connection as we wrote to it: that says nothing
            # about this request, which any client sends again (RFC 9110, section 9.3.1).
            with _as_broken():
                return client.send(request, stream=True)

    def _client_for(self, url: str) -> httpx.Client:
        origin = origin_of(url)
        if self._client is None or origin != self._origin:
            self.close()
            self._origin = origin
            pool = self._pool(url)
            self._client = httpx.Client(
                transport=_PoolTransport(pool),
                trust_env=False,
                verify=no_context(),
                cookies=self._cookies,
                headers={"Accept-Encoding": ACCEPTED},
            )
        return self._client

    def _pool(self, url: str) -> httpcore.ConnectionPool:
        secure = url.lower().startswith("https:")
        context = context_for(self._endpoint.tls) if secure else no_context()
        network = Network(self._dial)
        proxy = proxy_for(self._endpoint, url)
        if proxy is None:
            return httpcore.ConnectionPool(ssl_context=context, network_backend=network)
        proxy_url, self._dial.proxy, credentials = parts_of(proxy)
        return httpcore.HTTPProxy(
            proxy_url, proxy_auth=credentials, ssl_context=context, network_backend=network
        )


class _PoolTransport(httpx.BaseTransport):
    """httpx's client over an httpcore pool that we configured (its own takes no network)."""

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self._pool = pool

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
            )
        )
        assert not isinstance(answer.stream, bytes)
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


def require_legal_host(url: str) -> None:
    """Raises TargetInvalid for a host that cannot be written in a request, as `xn--`."""
    try:
        origin_of(url)
    except (httpx.InvalidURL, ValueError):
        shown = masked_url(url)
        raise TargetInvalid(f"{shown} names no legal host", "Check its spelling.") from None


def origin_of(url: str) -> str:
    """scheme://host:port, in lower case, the port always spelled out. Raises as httpx.URL."""
    parts = httpx.URL(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{parts.host}:{port}".lower()


def _redirect_target(response: httpx.Response, method: str, url: str) -> str:
    """Where a redirect leads, if it may be followed. Raises Broken (redirect)."""
    location = response.headers.get("location", "")
    try:
        target = httpx.URL(url).join(location)
        same = origin_of(str(target)) == origin_of(url)
    except (httpx.InvalidURL, ValueError):
        raise _unreadable_location() from None
    shown = masked_url(str(target))
    status = response.status_code
    if not location:
        raise broken(FailureKind.REDIRECT, f"HTTP {status} without a Location")
    if target.scheme not in ("http", "https") or not same:
        raise broken(
            FailureKind.REDIRECT,
            f"HTTP {status} redirects to another origin, {shown}: not followed",
        )
    if method == "POST" and status not in _KEPT_REDIRECTS:
        detail = f"HTTP {status} redirects to {shown}, which turns a POST into a GET"
        raise broken(FailureKind.REDIRECT, detail)
    asked = httpx.URL(url)
    if asked.userinfo:
        target = target.copy_with(username=asked.username, password=asked.password)
    return str(target)


@contextmanager
def _as_broken() -> Iterator[None]:
    """Turn what httpcore and httpx raise into Broken."""
    try:
        yield
    except (httpcore.RemoteProtocolError, httpx.RemoteProtocolError) as error:
        raise _protocol_failure(str(error)) from None
    except (httpcore.LocalProtocolError, httpx.LocalProtocolError) as error:
        raise broken(FailureKind.BAD_HTTP, f"the request cannot be sent: {error}") from None
    except httpcore.ProxyError as error:
        raise broken(FailureKind.PROXY, f"the proxy refused to connect us: {error}") from None
    except (httpcore.NetworkError, httpcore.TimeoutException) as error:
        raise broken(FailureKind.RESET, f"the connection was lost: {error}") from None
    except (httpx.InvalidURL, UnicodeError):  # httpx reads a Location that it will not follow
        raise _unreadable_location() from None


def _unreadable_location() -> Broken:
    return broken(FailureKind.REDIRECT, "a redirect to an unreadable Location")


def _no_response(head: bytes) -> Broken:
    """Bytes came, but no HTTP response: `head` is how they begin."""
    if head.startswith(b"HTTP/"):
        return broken(FailureKind.TRUNCATED, "the connection was closed inside the answer's head")
    first = head.split(maxsplit=1)[0] if head.strip() else b""
    # A whole word or none: half of one could be half of a credential that was sent back.
    shown = f", it begins with {first.decode('latin-1')!r}" if 0 < len(first) <= 24 else ""
    return broken(FailureKind.BAD_HTTP, f"the answer is no HTTP{shown}")


def _protocol_failure(words: str) -> Broken:
    if "location header" in words:
        return _unreadable_location()
    if "without sending a response" in words:
        return broken(FailureKind.RESET, "the server closed the connection without an answer")
    if "closed" in words and "body" in words:
        return broken(FailureKind.TRUNCATED, "the connection was closed inside the answer")
    return broken(FailureKind.BAD_HTTP, f"the answer is no HTTP: {words}")
