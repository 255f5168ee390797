"""Prints lines on standard output that are no messages, and is honest otherwise."""

import sys

from tests.servers.stdio import honest

BANNER = "Starting server...\n\x1b[32mINFO\x1b[0m listening on stdio\n[1, 2]\n\n{not json}\n"


def main(*options: str) -> None:
    sys.stdout.write(BANNER)
    sys.stdout.flush()
    honest.main(*options)
