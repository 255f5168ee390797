"""Standard input that can end before its writer closes it: at a signal."""

import asyncio
import signal
import sys
import threading
from collections.abc import AsyncIterator
from typing import Any

from mcpverify.demo.draining import Drain

_IN_THE_PIPE = 0.1  # seconds after a signal in which what was written before it is still read


def lines(drain: Drain) -> Any:
    """The lines of standard input until it ends or a signal comes, for `stdio_server`.

    Takes over SIGINT and SIGTERM: call it from the main thread, in a running loop. Typed as what
    `stdio_server` asks for, of which it only uses that it can be iterated.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Queue[str | None] = asyncio.Queue()
    signaled = False

    def put(line: str | None) -> None:
        # Not anyio's threads: one that waits for input cannot be told to leave it.
        loop.call_soon_threadsafe(found.put_nowait, line)

    def read() -> None:
        for line in sys.stdin.buffer:
            put(line.decode("utf-8", "replace"))
        put(None)

    def stop(number: int, frame: object) -> None:
        nonlocal signaled
        if signaled:
            drain.signaled_again(number)
            return
        signaled = True
        loop.call_soon_threadsafe(loop.call_later, _IN_THE_PIPE, put, None)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    threading.Thread(target=read, daemon=True).start()

    async def until_none() -> AsyncIterator[str]:
        while (line := await found.get()) is not None:
            yield line

    return until_none()
