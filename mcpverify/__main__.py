"""`python -m mcpverify`, and the entry point of the `mcpverify` command."""

import gc
import os
import sys
import time
from contextlib import suppress

_BEGAN = time.monotonic()


def main() -> None:
    """Run the command line and exit with its code, SIGINT and SIGTERM included.

    A run is short and makes few reference cycles: collecting them less often and not
    taking the interpreter apart at the end saves a tenth of its time. Leaving at once also
    means that no thread can keep us: a resolver that hangs, say.
    """
    if _told_version(sys.argv[1:]):
        os._exit(0)
    gc.set_threshold(100_000)
    from mcpverify.cli.interruption import Stopped, stop_on_signals

    try:
        stop_on_signals()
        code = _run(sys.argv[1:])
    except Stopped as stopped:
        code = int(stopped.code)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # None where it was closed
            stream.flush()
    os._exit(code)


def _run(argv: list[str]) -> int:
    if argv[:1] == ["ready"] and not {"-h", "--help"}.intersection(argv) and not _completing():
        # A probe that is started every few seconds loads nothing that it does not use.
        from mcpverify.cli.ready import main as probe

        return probe(argv[1:], _BEGAN)
    from mcpverify.cli.app import main as run

    return run(argv)


def _completing() -> bool:
    return "_MCPVERIFY_COMPLETE" in os.environ


def _told_version(argv: list[str]) -> bool:
    """Print the version if that is all that was asked, before anything heavy is imported."""
    if "--version" not in argv or not {"--version", "--debug"}.issuperset(argv):
        return False
    from mcpverify import __version__

    try:
        sys.stdout.write(f"mcpverify {__version__}\n")
        sys.stdout.flush()
    except (OSError, AttributeError):  # closed or full: the command line knows what to say
        return False
    return True


if __name__ == "__main__":
    main()
