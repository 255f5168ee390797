"""Closes its standard output when asked to initialize, and stays alive."""

import os
import sys
import time


def main() -> None:
    sys.stdin.buffer.readline()
    os.close(1)
    while True:
        time.sleep(60)
