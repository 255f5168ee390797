"""Prints lines for ever, and never a message."""

import sys


def main() -> None:
    while True:
        sys.stdout.write("still compiling...\n" * 500)
        sys.stdout.flush()
