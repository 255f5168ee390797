"""`python -m mcpverify`, and the entry point of the `mcpverify` command."""

import gc
import os
import sys
from contextlib import suppress


def main() -> None:
    """Run the command line and exit with its code, SIGINT and SIGTERM included.

    A run is short and makes few reference cycles: collecting them less often and not
    taking the interpreter apart at the end saves a tenth of its time. Leaving at once also
    means that no thread can keep us: a resolver that hangs, say.
    """
    gc.set_threshold(100_000)
    from mcpverify.cli.interruption import Stopped, stop_on_signals

    try:
        stop_on_signals()
        from mcpverify.cli.app import main as run

        code = run(sys.argv[1:])
    except Stopped as stopped:
        code = int(stopped.code)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # None where it was closed
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
