"""A process that has imported mcpverify once, and forks itself for each run that a test wants.

Most of a short run is the start of an interpreter and its imports. A fork of this process has that
behind it, and is otherwise what `python -m mcpverify` is: a process of its own in a session of its
own, with the arguments, the environment, the folder and the files that it was given. It knows
nothing of earlier runs, since this process itself runs nothing.
"""

import gc
import json
import os
import runpy
import socket
import sys
import time
from contextlib import suppress
from typing import Any

# What most tests run. Other commands, and what these import when they need it, are imported late.
_COMMANDS = ("check", "snapshot", "diff", "explain")


def main(channel: int) -> None:
    """Forks for each message, until whoever sends them is gone.

    With a message come three files: standard output, standard error, and the one that is told the
    process group, to kill it, and in the end how the run ended, and its peak memory.
    """
    del sys.path[0]  # the folder of this file
    from mcpverify.cli.app import app_with

    app_with(_COMMANDS)
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=channel) as asked:
        while True:
            message, files, _, _ = socket.recv_fds(asked, 2**20, 3)
            if not message:
                return
            if os.fork() == 0:
                asked.close()
                _lead(json.loads(message), *files)
            for each in files:
                os.close(each)
            _bury()


def _bury() -> None:
    """Waits for those that have ended. One may stay a zombie until the next message."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass


def _lead(wanted: dict[str, Any], stdout: int, stderr: int, told: int) -> None:
    """Leads the session of one run, as tests/measured.py does."""
    os.setsid()
    os.write(told, f"{os.getpid()}\n".encode())
    pid = os.fork()
    if pid == 0:
        os.close(told)
        _become(wanted, stdout, stderr)
    _, status, usage = os.wait4(pid, 0)
    os.write(told, f"{os.waitstatus_to_exitcode(status)} {usage.ru_maxrss}\n".encode())
    os._exit(0)


def _become(wanted: dict[str, Any], stdout: int, stderr: int) -> None:
    """From here on it is `python -m mcpverify`, whose interpreter has just started."""
    for number, each in ((1, stdout), (2, stderr)):
        os.dup2(each, number)
        os.close(each)
    os.chdir(wanted["cwd"])
    os.umask(wanted["umask"])
    os.environ.clear()
    os.environ.update(wanted["environment"])
    time.tzset()
    sys.path.insert(0, wanted["cwd"])
    sys.argv = ["-m", *wanted["arguments"]]
    runpy.run_module("mcpverify", run_name="__main__", alter_sys=True)
    sys.exit()


if __name__ == "__main__":
    main(int(sys.argv[1]))
