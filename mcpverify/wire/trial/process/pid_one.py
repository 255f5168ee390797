"""A process namespace of its own for a server, in which it is PID 1 as in a container.

The default actions of signals do not apply to PID 1: a server without a handler of its own never
sees SIGTERM there. `unshare` stays outside and passes the exit status on.
"""

import shutil
import subprocess
import sys

from mcpverify.errors import UsageError

# Best first: as root, with a user namespace, and both where /proc cannot be mounted, as in most
# containers. Then the server sees the /proc of everybody, which few notice.
_ROOT = ("--fork", "--pid", "--kill-child=SIGKILL")
_USER = ("--user", "--map-root-user", *_ROOT)
_WAYS = ((*_ROOT, "--mount-proc"), (*_USER, "--mount-proc"), _ROOT, _USER)
_HINT = (
    "Run mcpverify as root or where user namespaces are allowed, or stop the server in its own "
    "container: --stop-command 'docker stop -t 30 NAME'."
)
_SIGKILL = 9


def prefix() -> tuple[str, ...]:
    """What to put before a command. Raises UsageError where that is not allowed here."""
    unshare = shutil.which("unshare") if sys.platform == "linux" else None
    if unshare is None:
        raise UsageError("--pid1 needs Linux and its command unshare, which is not here.", _HINT)
    words = ""
    for way in _WAYS:
        command = (unshare, *way)
        try:
            run = subprocess.run(
                (*command, "true"),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=5,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UsageError(f"--pid1: unshare does not work here: {error}", _HINT) from None
        if run.returncode == 0:
            return (*command, "--")
        words = words or run.stderr.decode("utf-8", "replace").strip()
    raise UsageError(f"--pid1 is not allowed here: {words}", _HINT)


def exit_code(code: int, stderr: tuple[str, ...]) -> int:
    """The server's code, negative for a signal, from that of unshare and the last words of both.

    unshare ends itself by the signal that ended the server. Up to util-linux 2.38 it stumbles over
    SIGKILL, which has no handler to reset: it complains and exits with 1.
    """
    return -_SIGKILL if code == 1 and any(map(_is_complaint, stderr)) else code


def without_complaints(stderr: tuple[str, ...]) -> tuple[str, ...]:
    """The server's words only."""
    return tuple(line for line in stderr if not _is_complaint(line))


def _is_complaint(line: str) -> bool:
    return line.startswith("unshare: sigprocmask ")
