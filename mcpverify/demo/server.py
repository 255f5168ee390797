"""Serving the demo in this process, over any transport, until a signal makes it drain."""

import os
import signal
import socket
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING, Any

from mcpverify.demo.faults.registry import FAULTS
from mcpverify.demo.options import DemoOptions
from mcpverify.errors import UsageError
from mcpverify.facts.target import Transport

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server
    from starlette.types import ASGIApp, Receive, Scope, Send

    from mcpverify.demo.draining import Drain

LISTENING = "listening "


def serve(options: DemoOptions) -> None:
    """Serve until SIGINT or SIGTERM, or until stdin ends (stdio and `lifeline`).

    Over HTTP, prints `listening URL` once requests are accepted, and nothing else. Ends as
    `draining` says, and at once where the lifeline does. Takes over this process's signals: call
    it from the main thread, last. Raises UsageError where the address cannot be had.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end_at_once)  # until it serves
    if options.transport is Transport.STDIO:
        _serve_stdio(options)
    else:
        with _bound_socket(options.host, options.port) as listener:
            if options.lifeline:
                threading.Thread(target=_end_with_stdin, daemon=True).start()
            _serve_http(options, listener)
    sys.stdout.flush()
    # All has been answered: what a thread still does, such as reading stdin, keeps nobody.
    os._exit(0)


def _end_at_once(number: int, frame: FrameType | None) -> None:
    os._exit(128 + number)


def _end_with_stdin() -> None:
    # The descriptor, not sys.stdin: that one's lock would be held while the process ends.
    while os.read(0, 4096):
        pass
    os._exit(0)


def _bound_socket(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 becomes a free one here. Raises UsageError."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family)
        # Inherited by connections; asyncio sets it only where the protocol is named. Without
        # it the last bytes of an event stream wait 40 ms for an acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"Cannot listen on {host} port {port}: {str(error).rstrip('.')}.",
            "Choose another --host or --port; port 0 takes a free one.",
        ) from error


def _server(options: DemoOptions) -> "Server[Any]":
    from mcpverify.demo.handlers import honest_server

    server = honest_server()
    if options.fault and (make := FAULTS[options.fault].answers):
        server.middleware.append(make())
    return server


def _drain(options: DemoOptions, lame_duck: float) -> "Drain":
    from mcpverify.demo.draining import Drain

    if options.fault and (make := FAULTS[options.fault].drain):
        return make(lame_duck, options.drain_limit)
    return Drain(lame_duck, options.drain_limit)


def _serve_stdio(options: DemoOptions) -> None:
    import asyncio

    from mcp.server.stdio import stdio_server

    from mcpverify.demo.pairs import relayed
    from mcpverify.demo.standard_input import lines

    async def run() -> None:
        server = _server(options)
        drain = _drain(options, 0.0)  # there is nobody who could be turned away
        async with (
            stdio_server(lines(drain)) as (read, write),
            relayed(drain, read, write, drain.run) as (incoming, outgoing),
        ):
            await server.run(incoming, outgoing, server.create_initialization_options())

    asyncio.run(run())


def _serve_http(options: DemoOptions, listener: socket.socket) -> None:
    import uvicorn

    from mcpverify.demo.draining import Draining, DrainingServer

    server = _server(options)
    drain = _drain(options, options.lame_duck)
    app: ASGIApp
    if options.transport is Transport.SSE:
        path = "/sse"
        app = Draining(_sse_app(server, options.host, drain), drain, sse_path=path)
    else:
        path = "/mcp"
        app = server.streamable_http_app(
            streamable_http_path=path,
            json_response=options.json_response,
            stateless_http=options.stateless,
            host=options.host,
        )
        app = Draining(app, drain)
    if options.fault and (wrap := FAULTS[options.fault].http):
        app = wrap(app)
    host = f"[{options.host}]" if ":" in options.host else options.host
    url = f"http://{host}:{listener.getsockname()[1]}{path}"

    class Announcing(DrainingServer):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            print(f"{LISTENING}{url}", flush=True)

    # h11 and asyncio by name: what else is installed must not change the wire.
    config = uvicorn.Config(app, http="h11", loop="asyncio", ws="none", log_level="critical")
    Announcing(config, drain).run(sockets=[listener])


def _sse_app(server: "Server[Any]", host: str, drain: "Drain") -> "ASGIApp":
    """HTTP+SSE: the stream at /sse, the messages at /messages/."""
    from mcp.server.sse import SseServerTransport
    from mcp.server.transport_security import TransportSecuritySettings
    from starlette.applications import Starlette
    from starlette.routing import Mount, Route

    from mcpverify.demo.pairs import relayed

    local = host in ("127.0.0.1", "localhost", "::1")
    names = ("127.0.0.1:*", "localhost:*", "[::1]:*")
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=local,
        allowed_hosts=list(names),
        allowed_origins=[f"http://{name}" for name in names],
    )
    transport = SseServerTransport("/messages/", security)

    class Stream:
        # A class and not a function: Starlette hands a function a Request, no `send`.
        async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
            async with (
                transport.connect_sse(scope, receive, send) as (read, write),
                relayed(drain, read, write) as (incoming, outgoing),
            ):
                await server.run(incoming, outgoing, server.create_initialization_options())

    return Starlette(
        routes=[
            Route("/sse", Stream(), methods=["GET"]),
            Mount("/messages/", transport.handle_post_message),
        ]
    )
