"""Serves an SDK's own ASGI application on a free port of loopback, and says which one.

The port is the operating system's choice, so that peers never race for one. The line with
the URL is printed once the server accepts, which is the event the tests wait for. The
standard input is a leash: when whoever started the peer is gone, so is the peer.
"""

import os
import socket
import sys
import threading
from typing import Any

import uvicorn


class _AnnouncingServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, path: str) -> None:
        super().__init__(config)
        self._path = path

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            listening = sockets or self.servers[0].sockets
            host, port = listening[0].getsockname()[:2]
            print(f"listening http://{host}:{port}{self._path}", flush=True)


def _end_with_whoever_started_us() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def serve(app: Any, path: str, listener: socket.socket | None = None) -> None:
    """Serve `app` until killed, at `listener` if one is given; `path` is where it answers."""
    threading.Thread(target=_end_with_whoever_started_us, daemon=True).start()
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning")
    _AnnouncingServer(config, path).run(sockets=None if listener is None else [listener])
