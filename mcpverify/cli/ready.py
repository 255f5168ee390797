"""`mcpverify ready`: the smallest exec probe. An exit code, and one line where it is not 0.

A probe is started every few seconds for months, so this is all that runs: `__main__` comes here
before Typer is loaded, and what only a failure needs is imported when there is one.
`cli.ready_command` has the same options for the help.
"""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, Final

from mcpverify.cli.target_argument import endpoint_by, revision_of, shown_url
from mcpverify.errors import FileUnusable, McpverifyError, TargetInvalid, UsageError
from mcpverify.facts.authorization import BearerFile
from mcpverify.facts.durations import seconds_of
from mcpverify.facts.revision import Era
from mcpverify.facts.target import Limits, Target, Transport
from mcpverify.verify.ready import problem_of

SECONDS: Final = 5.0
# Of the time, to end the session.
_CLOSING = 1 / 5
_LONGEST_CLOSING = 1.0
VALUES: Final = {
    "-H": "header", "--header": "header", "--bearer-env": "bearer_env",
    "--bearer-file": "bearer_file", "--timeout": "timeout", "--transport": "transport",
    "--protocol": "protocol", "--cacert": "cacert", "--cert": "cert", "--key": "key",
    "--resolve": "resolve", "--connect-to": "connect_to",
}  # fmt: skip
SWITCHES: Final = {
    "--tools": "tools", "--keep-session": "keep_session", "--no-proxy": "no_proxy",
    "-k": "insecure", "--insecure": "insecure", "-q": "quiet", "--quiet": "quiet",
    "--debug": "debug",
}  # fmt: skip
_REPEATABLE = ("header", "resolve", "connect_to")


@dataclass(frozen=True, slots=True)
class ReadyOptions:
    """What was typed, each flag under its own name."""

    target: str | None = None
    transport: Transport = Transport.AUTO
    protocol: str | None = None
    header: tuple[str, ...] = ()
    bearer_env: str | None = None
    bearer_file: str | None = None
    cacert: str | None = None
    cert: str | None = None
    key: str | None = None
    insecure: bool = False
    no_proxy: bool = False
    resolve: tuple[str, ...] = ()
    connect_to: tuple[str, ...] = ()
    timeout: float = SECONDS
    tools: bool = False
    keep_session: bool = False
    quiet: bool = False
    debug: bool = False


def main(words: Sequence[str], began: float) -> int:
    """Ask, and return the exit code. `began` is when the process did, on the monotonic clock.

    Raises nothing but Stopped.
    """
    try:
        options = options_in(words)
        target = _target(options)
        left = options.timeout - (time.monotonic() - began)
        with ending_after(left, quiet=options.quiet):
            problem = problem_of(
                target,
                left - target.limits.closing_seconds,
                tools=options.tools,
                keep=options.keep_session,
            )
    except Exception as error:
        return _told(error, words)
    if problem and not options.quiet:
        from mcpverify.cli.writing import complain

        complain(f"not ready: {problem}")
    return 1 if problem else 0


def options_in(words: Sequence[str]) -> ReadyOptions:
    """What the words after `ready` say. Raises UsageError."""
    values: dict[str, Any] = {}
    waiting = list(reversed(words))
    while waiting:
        word = waiting.pop()
        if word == "--":
            raise UsageError("ready takes no COMMAND", "It asks a server that runs: give its URL.")
        if not word.startswith("-") or word == "-":
            if "target" in values:
                # They are not repeated: an unquoted -H leaves its token among them.
                raise UsageError(
                    "there is more than one TARGET, or a value that lacks its quotes",
                    "Try: mcpverify ready --help",
                )
            values["target"] = word
            continue
        flag, equals, value = _taken_apart(word)
        if flag in SWITCHES and not equals:
            values[SWITCHES[flag]] = True
            if value:
                waiting.append(f"-{value}")  # -kq
        elif flag in VALUES:
            if not equals and not value:
                if not waiting:
                    raise UsageError(f"{flag} needs a value", "Try: mcpverify ready --help")
                value = waiting.pop()
            name = VALUES[flag]
            more = (*values.get(name, ()), value) if name in _REPEATABLE else value
            values[name] = more
        else:
            raise UsageError(f"ready has no option {flag}", "Try: mcpverify ready --help")
    return _typed(values)


def _taken_apart(word: str) -> tuple[str, str, str]:
    if word.startswith("--"):
        return word.partition("=")
    return word[:2], "", word[2:]


def _typed(values: dict[str, Any]) -> ReadyOptions:
    if "timeout" in values:
        try:
            values["timeout"] = seconds_of(values["timeout"])
        except ValueError as error:
            raise UsageError(f"--timeout: {error}", "As in --timeout 3s.") from None
    if "transport" in values:
        known = [each.value for each in Transport if each is not Transport.STDIO]
        if values["transport"] not in known:
            raise UsageError("--transport: no such way to a URL", f"Known are {', '.join(known)}.")
        values["transport"] = Transport(values["transport"])
    return ReadyOptions(**values)


def _target(options: ReadyOptions) -> Target:
    if options.target is None:
        raise TargetInvalid("no TARGET was given", "Give a URL such as http://127.0.0.1:8000/mcp.")
    token = None
    if options.bearer_file is not None:
        if options.bearer_env is not None:
            raise UsageError("--bearer-env and --bearer-file both say who we are", "Drop one.")
        if not os.path.isfile(options.bearer_file):
            # Not repeated: who takes the flag for one of the token has just typed that.
            if os.path.exists(options.bearer_file):
                raise FileUnusable(
                    "--bearer-file: that is no regular file",
                    "Write the token to a file: it is read again whenever it is asked for.",
                )
            raise FileUnusable("--bearer-file: there is no file of that name", "Name the file.")
        token = BearerFile(options.bearer_file)
    endpoint = endpoint_by(options, options.target, token, takes_command=False)
    seconds = options.timeout
    limits = Limits(
        step_seconds=seconds,
        run_seconds=seconds,
        closing_seconds=min(seconds * _CLOSING, _LONGEST_CLOSING),
    )
    protocol = revision_of(options.protocol)
    if (
        protocol is not None
        and protocol.era is Era.STATELESS
        and options.transport is Transport.SSE
    ):
        raise UsageError(f"--transport sse knows no {protocol.value}", "Drop one of them.")
    shown = shown_url(endpoint, options.target)
    return Target(shown, endpoint, options.transport, protocol, limits)


@contextmanager
def ending_after(seconds: float, *, quiet: bool) -> Iterator[None]:
    """End the process then, whatever it does: no deadline of ours sees a file system that hangs."""

    def end(number: int, frame: FrameType | None) -> None:
        if not quiet:
            os.write(2, b"mcpverify: not ready: nothing came of it in the time there was\n")
        os._exit(1)

    if not hasattr(signal, "setitimer"):  # Windows
        yield
        return
    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _told(error: Exception, words: Sequence[str]) -> int:
    """Say what went wrong with us, without credentials, and return the exit code."""
    from mcpverify.cli.debugging import redactor_for, traceback_text
    from mcpverify.cli.exit_codes import exit_code
    from mcpverify.cli.invocation import Invocation
    from mcpverify.cli.writing import complain, grumble

    invocation = Invocation.of(["ready", *words])
    redactor = redactor_for(invocation, os.environ)
    if invocation.debug:
        grumble(redactor.text(traceback_text(error)))
    if isinstance(error, McpverifyError):
        complain(redactor.text(error.message), redactor.text(error.hint))
    else:
        complain(f"a bug of mcpverify: {type(error).__name__}", "Run it again with --debug.")
    return int(exit_code(error))
