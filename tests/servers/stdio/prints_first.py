"""Prints lines on standard output that are no messages, and is honest otherwise."""

import sys

from tests.servers.stdio import honest

BANNER = """Starting server...
\x1b[32mINFO\x1b[0m listening on stdio

{"level": 30, "msg": "a logger that writes JSON"}
{'and': one that writes Python}
[1, 2]
"""


def main(*options: str) -> None:
    sys.stdout.write(BANNER)
    sys.stdout.flush()
    honest.main(*options)
