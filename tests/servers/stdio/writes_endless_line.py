"""Begins its answer and never ends the line."""

import sys


def main() -> None:
    sys.stdin.buffer.readline()
    sys.stdout.buffer.write(b'{"jsonrpc":"2.0","id":1,"result":"')
    while True:
        sys.stdout.buffer.write(b"x" * 65536)
