"""Servers over standard streams, each a module with a `main()`.

`command("honest")` is the argv that starts one, from any working directory.
"""

import sys
from pathlib import Path

_RUN = str(Path(__file__).with_name("run.py"))


def command(name: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, _RUN, name, *arguments)
