"""A process that has imported mcpverify once, and forks itself for each run that a test wants.

Most of a short run is the start of an interpreter and its imports. A fork of this process has that
behind it, and is otherwise what `python -m mcpverify` is: a process of its own in a session of its
own, with the arguments, the environment, the folder and the files that it was given. It knows
nothing of earlier runs, since this process itself runs nothing. Another such process does the same
for `python -m mcpverify.demo`, whose SDK takes longer to import than all else.
"""

import gc
import json
import os
import runpy
import socket
import sys
import time
from contextlib import suppress
from importlib import import_module
from typing import Any

# What most tests run. Other commands, and what these import when they need it, are imported late.
_COMMANDS = ("check", "snapshot", "diff", "explain")

_OF_A_DEMO = (
    "mcpverify.demo.draining",
    "mcpverify.demo.faults.registry",
    "mcpverify.demo.handlers",
    "mcp.server.streamable_http_manager",
    "anyio._backends._asyncio",
    "uvicorn.lifespan.on",
    "uvicorn.loops.asyncio",
    "uvicorn.protocols.http.h11_impl",
)


def main(module: str, channel: int) -> None:
    """Forks for each message, until whoever sends them is gone.

    With a message come four files: standard input, output and error, and the one that is told the
    process group, to kill it, and in the end how the run ended, and its peak memory.
    """
    del sys.path[0]  # the folder of this file
    if module == "mcpverify":
        from mcpverify.cli.app import app_with

        app_with(_COMMANDS)
    else:
        for name in _OF_A_DEMO:
            import_module(name)
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=channel) as asked:
        while True:
            message, files, _, _ = socket.recv_fds(asked, 2**20, 4)
            if not message:
                return
            if os.fork() == 0:
                asked.close()
                _lead(module, json.loads(message), *files)
            for each in files:
                os.close(each)
            _bury()


def _bury() -> None:
    """Waits for those that have ended. One may stay a zombie until the next message."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass


def _lead(module: str, wanted: dict[str, Any], *files: int) -> None:
    """Leads the session of one run, as tests/measured.py does."""
    *streams, told = files
    os.setsid()
    os.write(told, f"{os.getpid()}\n".encode())
    pid = os.fork()
    if pid == 0:
        os.close(told)
        _become(module, wanted, streams)
    for each in streams:
        os.close(each)
    _, status, usage = os.wait4(pid, 0)
    os.write(told, f"{os.waitstatus_to_exitcode(status)} {usage.ru_maxrss}\n".encode())
    os._exit(0)


def _become(module: str, wanted: dict[str, Any], streams: list[int]) -> None:
    """From here on it is `python -m MODULE`, whose interpreter has just started."""
    for number, each in enumerate(streams):
        os.dup2(each, number)
        os.close(each)
    os.chdir(wanted["cwd"])
    os.umask(wanted["umask"])
    os.environ.clear()
    os.environ.update(wanted["environment"])
    time.tzset()
    sys.path.insert(0, wanted["cwd"])
    sys.argv = ["-m", *wanted["arguments"]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    sys.exit()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
