"""Honest, but ignores the end of its input and SIGTERM, as does a grandchild it has.

The process ids of both are written to the file that the first argument names.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.servers.stdio import honest

_GRANDCHILD = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
os.write(int(sys.argv[1]), b"x")
time.sleep(600)
"""


def main(pids: str, mood: str = "honest") -> None:
    """`mood` silent: it answers nothing either. `leaves`: it ends, its grandchild stays."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # The grandchild inherits stdout and stderr: whoever waits for their end waits for it.
    ready, told = os.pipe()
    grandchild = subprocess.Popen(
        [sys.executable, "-c", _GRANDCHILD, str(told)],
        stdin=subprocess.DEVNULL,
        pass_fds=(told,),
    )
    os.read(ready, 1)
    Path(pids).write_text(f"{os.getpid()} {grandchild.pid}\n")
    if mood != "silent":
        honest.main()
    if mood == "leaves":
        os._exit(0)
    while True:
        time.sleep(60)
