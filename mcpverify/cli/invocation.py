"""What was typed: the options before `--`, the command after it, and how to type it again."""

import os
import re
import shlex
from dataclasses import dataclass, replace

from mcpverify.cli.options import ConnectionOptions, WayOptions
from mcpverify.cli.target_argument import endpoint_by, revision_of, shown_url
from mcpverify.cli.token_options import token_of
from mcpverify.errors import TargetInvalid, UsageError
from mcpverify.facts.credentials import (
    MASK,
    credentials_of,
    masked_arguments,
    masked_command,
    masked_line,
    masked_url,
    of_environment,
    secrets_of,
)
from mcpverify.facts.redaction import Redactor
from mcpverify.facts.target import (
    HttpEndpoint,
    Limits,
    StdioCommand,
    Target,
    Transport,
)

_VALUE_FLAGS = {"-H", "--header"}
# Their values are lines for a shell, and JSON, in which credentials may stand.
LINE_FLAGS = {"--stop-command", "--restart-command"}
# And these are URLs, or paths of one.
URL_FLAGS = {"--readiness", "--liveness", "--health", "--replica", "--version-from"}
JSON_FLAG = "--args"
# How a server is reached; these take a value.
_CONNECTING = {
    "-H", "--header", "--bearer-env", "--bearer-file", "--oauth-client-id", "--oauth-issuer",
    "--oauth-secret-env", "--oauth-key", "--oauth-scope", "--transport", "--protocol", "--cacert",
    "--cert", "--key",
    "--resolve", "--connect-to", "--timeout", "--deadline", "--config", "--from", "--server",
}  # fmt: skip
_BARE_CONNECTING = {"-k", "--insecure", "--no-proxy"}
# All that take no value.
_BARE = _BARE_CONNECTING | {
    "--all", "--check", "--expect-auth", "--keep-session", "--no-snapshot", "--open-world", "-q",
    "--quiet", "--reference-client", "--resolve-all", "--share-credentials", "--strict", "-v",
    "-vv", "--verbose",
}  # fmt: skip
# What concerns many targets, and not each of them.
_OF_MANY = {
    "--all", "--server", "--jobs", "--shard", "--shard-index", "--report", "--share-credentials",
}  # fmt: skip
# What `snapshot` stores in the file, or does itself: `check` reads it from there.
_ONLY_OF_SNAPSHOT = ("--snapshot", "--tool", "--ignore-field", "--include", "--check")


@dataclass(frozen=True, slots=True)
class Invocation:
    """`arguments` come before the first `--`; `command` after it, None where there is none.

    `--debug` may stand anywhere among the arguments, and is taken out of them.
    """

    arguments: tuple[str, ...]
    command: tuple[str, ...] | None
    debug: bool = False

    @classmethod
    def of(cls, argv: list[str]) -> "Invocation":
        at = argv.index("--") if "--" in argv else len(argv)
        arguments = tuple(word for word in argv[:at] if word != "--debug")
        command = tuple(argv[at + 1 :]) if at < len(argv) else None
        return cls(arguments, command, len(arguments) < at)

    @property
    def from_file(self) -> bool:
        """Whether targets are taken from a file of another tool."""
        return any(word.partition("=")[0] == "--from" for word in self.arguments)

    def again(self) -> str:
        """The command line that repeats this run, without credentials."""
        return shlex.join(["mcpverify", *self._shown_arguments(), *self._shown_command()])

    def checking(self, snapshot: str) -> str:
        """The `check` that compares the same target with the file that `snapshot` wrote.

        "" for the one that its configuration names.
        """
        words = ["mcpverify"]
        skip_next = False
        for word in self._shown_arguments():
            flag = word.partition("=")[0]
            if skip_next or flag in _ONLY_OF_SNAPSHOT:
                skip_next = not skip_next and word in _ONLY_OF_SNAPSHOT and word != "--check"
                continue
            words.append("check" if word == "snapshot" and len(words) == 1 else word)
        named = ["--snapshot", snapshot] if snapshot else []
        return shlex.join([*words, *named, *self._shown_command()])

    def naming(self, target: str) -> "Invocation":
        """The same of one target of a configuration alone, as if only its name had been typed."""
        words: list[str] = []
        before = ""
        for word in self.arguments[1:]:
            is_value = before.startswith("-") and "=" not in before and before not in _BARE
            of_many = (before if is_value else word.partition("=")[0]) in _OF_MANY
            if not of_many and (is_value or word.startswith("-")):
                words.append(word)
            before = "" if is_value else word
        named = ("--server", target) if self.from_file else (target,)
        return replace(self, arguments=(*self.arguments[:1], *words, *named))

    def accepting(self, target: str, snapshot: str) -> str:
        """The `snapshot` that records `target`, or else the command, in the file `snapshot`.

        "" for the file that its configuration names.
        """
        words = ["mcpverify", "snapshot", *([target] if target else []), *self.reaching()]
        named = ["--snapshot", snapshot] if snapshot else []
        return shlex.join([*words, *named, *self._shown_command()])

    def reaching(self) -> tuple[str, ...]:
        """The options that say how a server is reached, without credentials."""
        words = []
        takes_value = False
        for word in self._shown_arguments():
            flag = word.partition("=")[0]
            if takes_value or flag in _CONNECTING | _BARE_CONNECTING or word.startswith("-H"):
                words.append(word)
            takes_value = not takes_value and word in _CONNECTING
        return tuple(words)

    def _shown_arguments(self) -> list[str]:
        words = []
        flag = ""
        for word in self.arguments:
            words.append(_masked_value(flag, word) if flag else _masked(word))
            flag = word if word in {*_VALUE_FLAGS, *LINE_FLAGS, *URL_FLAGS, JSON_FLAG} else ""
        return words

    def _shown_command(self) -> list[str]:
        return [] if self.command is None else ["--", *masked_command(self.command)]


def _masked(word: str) -> str:
    if word.startswith("-H") and len(word) > 2 and not word.startswith("--"):
        return "-H" + _masked_header(word[2:])
    if word.startswith("--header="):
        return "--header=" + _masked_header(word.partition("=")[2])
    flag, equals, value = word.partition("=")
    if equals and flag in {*LINE_FLAGS, *URL_FLAGS, JSON_FLAG}:
        return f"{flag}={_masked_value(flag, value)}"
    if word.startswith("--") and equals and "://" in value:
        return f"{flag}={masked_url(value)}"
    if "://" in word:
        return masked_url(word)
    return word


def _masked_value(flag: str, value: str) -> str:
    if flag in _VALUE_FLAGS:
        return _masked_header(value)
    if flag == "--version-from":
        # Before the URL stands what it is, and behind it where in its answer to look.
        kind, colon, rest = value.partition(":")
        url, hash_sign, pointer = rest.partition("#")
        return f"{kind}{colon}{masked_url(url)}{hash_sign}{pointer}"
    if flag in URL_FLAGS:
        return masked_url(value)
    return masked_line(value) if flag in LINE_FLAGS else masked_arguments(value)


def _masked_header(line: str) -> str:
    name, colon, value = line.partition(":")
    # A reference to the environment is no credential: it can be typed again as it was.
    value = value if re.fullmatch(r"[\sA-Za-z]*\$\{\w+\}\s*", value) else f" {MASK}"
    return f"{name}{colon}{value}" if colon else MASK


def target_of(options: ConnectionOptions, invocation: Invocation) -> tuple[Target, Redactor]:
    """The target that was asked for, and what must not be printed. Raises UsageError."""
    limits = Limits(step_seconds=options.timeout, run_seconds=options.deadline)
    limits = _with_first_answer(limits)
    protocol = revision_of(options.protocol)
    if options.target is not None and invocation.command is not None:
        raise TargetInvalid("both a TARGET and a COMMAND were given", "Give one of them.")
    if invocation.command is not None:
        if not invocation.command or not invocation.command[0]:
            raise TargetInvalid("there is no COMMAND after --", "Write -- COMMAND ARGS...")
        if options.transport not in (Transport.AUTO, Transport.STDIO):
            raise UsageError(f"--transport {options.transport} needs a URL", "Drop it.")
        refuse_http_flags(options)
        display = shlex.join(masked_command(invocation.command))
        target = Target(
            display, StdioCommand(invocation.command), Transport.STDIO, protocol, limits
        )
        secrets = (*credentials_of(target), *of_environment(os.environ))
        return target, Redactor(secrets_of(secrets))
    if options.target is None:
        raise TargetInvalid(
            "no TARGET was given", "Give a URL such as https://host/mcp, or -- COMMAND ARGS..."
        )
    if options.transport is Transport.STDIO:
        raise UsageError("--transport stdio needs a COMMAND", "Write -- COMMAND ARGS...")
    endpoint = endpoint_of(options, options.target)
    display = shown_url(endpoint, options.target)
    target = Target(display, endpoint, options.transport, protocol, limits)
    proxies = {k: v for k, v in os.environ.items() if k.lower().endswith("_proxy")}
    secrets = (*credentials_of(target), *of_environment(proxies))
    return target, Redactor(secrets_of(secrets))


def endpoint_of(options: WayOptions, url: str | None) -> HttpEndpoint:
    """The endpoint at `url`, or one whose address is yet to be found. Raises UsageError."""
    return endpoint_by(options, url, token_of(options, url))


def _with_first_answer(limits: Limits) -> Limits:
    """A child may still be installing when it is first asked; never past the whole run."""
    first = max(limits.first_answer_seconds, limits.step_seconds)
    if limits.step_seconds != Limits().step_seconds:
        first = limits.step_seconds
    return replace(limits, first_answer_seconds=min(first, limits.run_seconds))


def refuse_http_flags(options: WayOptions) -> None:
    """Raises UsageError for what only a server behind a URL can be asked with."""
    for flag in http_flags(options):
        raise UsageError(f"{flag} means nothing to a COMMAND", "It is for URLs: drop it.")


def http_flags(options: WayOptions) -> tuple[str, ...]:
    """The flags among `options` that were given and concern HTTP alone."""
    given = {
        "-H": options.header,
        "--bearer-env": options.bearer_env,
        "--bearer-file": options.bearer_file,
        "--oauth-client-id": options.oauth_client_id,
        "--oauth-issuer": options.oauth_issuer,
        "--oauth-secret-env": options.oauth_secret_env,
        "--oauth-key": options.oauth_key,
        "--oauth-scope": options.oauth_scope,
        "--cacert": options.cacert,
        "--cert": options.cert,
        "--key": options.key,
        "--insecure": options.insecure,
        "--no-proxy": options.no_proxy,
        "--resolve": options.resolve,
        "--connect-to": options.connect_to,
    }
    return tuple(flag for flag, value in given.items() if value)
