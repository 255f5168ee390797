"""The `mcp` package's own client, as an oracle: what it makes of the same server.

It is imported here only, and only when `--reference-client` asks for it: importing it
takes longer than a whole run. It is no lens either: it hides statuses and drops fields.
"""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from threading import get_ident
from typing import Any

from mcpverify.facts.target import HttpEndpoint, StdioCommand, Target, Transport
from mcpverify.facts.transcript import ReferenceTools
from mcpverify.wire.deadline import Deadline
from mcpverify.wire.processes import inherited
from mcpverify.wire.stopping import woken_by
from mcpverify.wire.tls import context_for

_MAX_PAGES = 1_000


class _Log(logging.Handler):
    """What is logged by this thread: other targets have clients of their own."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []
        self._thread = get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread and len(self.lines) < 20:
            self.lines.append(record.getMessage())


def reference_tools(
    target: Target,
    transport: Transport,
    url_index: int,
    deadline: Deadline,
    *,
    keep_session: bool,
) -> ReferenceTools:
    """The names of the tools that the reference client lists, within the deadline.

    `transport` and `url_index` say what our own run found to work; with `keep_session` the
    client sends no DELETE.
    """
    import importlib.metadata

    import anyio

    name = f"mcp {importlib.metadata.version('mcp')}"
    log = _Log()
    logger = logging.getLogger("mcp")
    propagated = logger.propagate
    logger.addHandler(log)
    logger.propagate = False
    # What nobody handles is printed to stderr: asyncio's tracebacks, when a signal ends us.
    silence = logging.NullHandler()
    logging.getLogger().addHandler(silence)
    try:
        seconds = deadline.remaining()
        tools = anyio.run(_listed, target, transport, url_index, seconds, keep_session)
        return ReferenceTools(name, tools, log=tuple(log.lines))
    except TimeoutError:
        return ReferenceTools(name, None, "it was not done in time", tuple(log.lines))
    except Exception as error:
        return ReferenceTools(name, None, _innermost(error), tuple(log.lines))
    finally:
        logger.removeHandler(log)
        logger.propagate = propagated
        logging.getLogger().removeHandler(silence)


async def _listed(
    target: Target, transport: Transport, url_index: int, seconds: float, keep_session: bool
) -> tuple[str, ...]:
    import asyncio

    import anyio
    from mcp import Client

    names: list[str] = []
    cursor: str | None = None
    loop = asyncio.get_running_loop()
    with (
        anyio.fail_after(seconds) as scope,
        woken_by(partial(loop.call_soon_threadsafe, scope.cancel)),
    ):
        async with (
            _server(target, transport, url_index, keep_session) as server,
            Client(server, cache=None) as client,
        ):
            for _ in range(_MAX_PAGES):
                page = await client.list_tools(cursor=cursor)
                names += [tool.name for tool in page.tools]
                cursor = page.next_cursor
                if cursor is None:
                    break
    return tuple(names)


@asynccontextmanager
async def _server(
    target: Target, transport: Transport, url_index: int, keep_session: bool
) -> AsyncIterator[Any]:
    """What the reference client wants in order to connect as we did."""
    match target.endpoint:
        case StdioCommand(argv=argv, environment=environment, directory=directory):
            from mcp import StdioServerParameters
            from mcp.client.stdio import stdio_client

            with open(os.devnull, "w", encoding="utf-8") as quiet:
                parameters = StdioServerParameters(
                    command=argv[0],
                    args=list(argv[1:]),
                    env=inherited() | dict(environment),
                    cwd=directory,
                )
                yield stdio_client(parameters, errlog=quiet)
        case HttpEndpoint() as endpoint:
            import httpx2

            url = endpoint.urls[url_index]
            own_headers = {header.name: header.value for header in endpoint.headers}
            secure = url.lower().startswith("https:")

            def client(
                headers: dict[str, str] | None = None,
                timeout: httpx2.Timeout | None = None,
                auth: httpx2.Auth | None = None,
            ) -> httpx2.AsyncClient:
                return httpx2.AsyncClient(
                    headers={**(headers or {}), **own_headers},
                    timeout=timeout,
                    auth=auth,
                    verify=context_for(endpoint.tls) if secure else True,
                    trust_env=endpoint.proxies,
                )

            if transport is Transport.SSE:
                from mcp.client.sse import sse_client

                yield sse_client(url, httpx_client_factory=client)
                return
            from mcp.client.streamable_http import streamable_http_client

            async with client() as http_client:
                yield streamable_http_client(
                    url, http_client=http_client, terminate_on_close=not keep_session
                )


def _innermost(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
