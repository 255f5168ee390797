"""Reads nothing, answers nothing, and stays."""

import time


def main() -> None:
    while True:
        time.sleep(60)
