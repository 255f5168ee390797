"""Runs a command and writes its wait status and peak memory to a file.

Linux counts the memory of the process that forks into the peak of the one it starts. So
the tests start this small process, and it starts the command that is measured.
"""

import os
import sys


def main(report: str, *command: str) -> None:
    pid = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(pid, 0)
    with open(report, "w", encoding="utf-8") as file:
        file.write(f"{os.waitstatus_to_exitcode(status)} {usage.ru_maxrss}")


if __name__ == "__main__":
    main(*sys.argv[1:])
