"""Starts the stdio server whose module is named by the first argument."""

import importlib
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[3])
    importlib.import_module(f"tests.servers.stdio.{sys.argv[1]}").main(*sys.argv[2:])
