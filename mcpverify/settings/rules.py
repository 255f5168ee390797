"""What a schema cannot say of a target: which keys go together, and what a text looks like."""

import math
import shlex
from collections.abc import Iterator, Mapping
from typing import Any, Final

from mcpverify.errors import UsageError
from mcpverify.facts.definition import parse_ignored
from mcpverify.facts.durations import seconds_of
from mcpverify.facts.health import is_health_address
from mcpverify.settings.merging import (
    COMMAND_ONLY,
    URL_ONLY,
    MergedTarget,
    is_path,
    needs_origin,
)
from mcpverify.settings.places import Key
from mcpverify.settings.problem import Problem
from mcpverify.settings.variables import malformed

TEXTS: Final = (
    "url", "environment", "directory", "headers", "bearer-file", "tls", "resolve", "connect-to",
    "snapshot", "expect-digest", "expect-name", "expect-version", "version-from", "replicas",
)  # fmt: skip
"""Keys in whose texts `${NAME}` is read; there are some more within other tables."""

_DURATIONS: Final = ("timeout", "deadline", "wait", "max-latency")
# Of each pair only one can hold, whatever its value; False is none.
_EXCLUSIVE: Final = (
    ("url", "command"),
    ("bearer-env", "bearer-file"),
    ("bearer-env", "oauth"),
    ("bearer-file", "oauth"),
    ("snapshot", "no-snapshot"),
    ("samples", "replicas"),
    ("replicas", "resolve-all"),
    ("reference-client", "resolve"),
    ("reference-client", "connect-to"),
)


def broken_rules(target: MergedTarget) -> Iterator[Problem]:
    """What is wrong with a target that the schema has nothing against."""
    table = target.table
    if "url" not in table and "command" not in table:
        yield Problem(("targets", target.name), "it has neither url nor command: give one")
    for one, other in _EXCLUSIVE:
        if table.get(one) and table.get(other):
            yield Problem(target.key(other), f"{one} and {other} exclude each other")
    yield from _of_the_other_kind(target)
    yield from _command(target)
    yield from _tokens(target)
    yield from _choices(target)
    yield from _forms(target)


def _of_the_other_kind(target: MergedTarget) -> Iterator[Problem]:
    """Keys that only a command, or only a URL, has. Defaults of that kind were left out."""
    if ("url" in target.table) == target.is_command:
        return
    foreign = URL_ONLY if target.is_command else COMMAND_ONLY
    for key in foreign:
        if key in target.table:
            kind = "a command" if target.is_command else "a url"
            yield Problem(target.key(key), f"it means nothing to a target with {kind}: drop it")
    transport = target.table.get("transport", "auto")
    if target.is_command and transport not in ("auto", "stdio"):
        yield Problem(target.key("transport"), f"{transport} needs a url")
    if not target.is_command and transport == "stdio":
        yield Problem(target.key("transport"), "stdio needs a command")
    if target.is_command and needs_origin(target.table.get("version-from", "")):
        yield Problem(target.key("version-from"), "a command has neither headers nor paths")


def _command(target: MergedTarget) -> Iterator[Problem]:
    command = target.table.get("command")
    if isinstance(command, str):
        try:
            words = shlex.split(command)
        except ValueError:
            yield Problem(target.key("command"), "a quote in it is not closed")
            return
    else:
        words = command if command is not None else ["-"]
    if not words or not words[0].strip():
        yield Problem(target.key("command"), "its first word, the program, is empty")
    if any(malformed(word) for word in words):
        yield Problem(target.key("command"), _REFERENCES)


def _tokens(target: MergedTarget) -> Iterator[Problem]:
    table = target.table
    if any(name.lower() == "authorization" for name in table.get("headers", ())):
        for key in ("bearer-env", "bearer-file", "oauth"):
            if key in table:
                yield Problem(target.key(key), "headers has an Authorization, too: drop one")
    if table.get("no-token"):
        for key in ("bearer-env", "bearer-file", "oauth"):
            if key in table:
                yield Problem(target.key("no-token"), f"{key} asks for one: drop one of them")
    tls = table.get("tls", {})
    if "key" in tls and "cert" not in tls:
        yield Problem(target.key("tls", "key"), "it needs cert, the client certificate, too")
    if "oauth" in table:
        oauth = table["oauth"]
        for key in ("client-id", "issuer"):
            if key not in oauth:
                yield Problem(target.key("oauth"), f"{key} is missing")
        if "secret-env" in oauth and "key" in oauth:
            yield Problem(target.key("oauth", "key"), "secret-env and key exclude each other")
        if "secret-env" not in oauth and "key" not in oauth:
            yield Problem(target.key("oauth"), "it has neither secret-env nor key: give one")


def _choices(target: MergedTarget) -> Iterator[Problem]:
    table = target.table
    for at, check in enumerate(table.get("require", ())):
        if check in table.get("skip", ()):
            yield Problem(target.key("require", at), f"skip leaves {check} out")
        elif table.get("only") and check not in table["only"]:
            yield Problem(target.key("require", at), f"only leaves {check} out")
    if table.get("only") and not set(table["only"]) - set(table.get("skip", ())):
        yield Problem(target.key("only"), "skip leaves out all of these checks")


def _forms(target: MergedTarget) -> Iterator[Problem]:
    table = target.table
    for key in _DURATIONS:
        value = table.get(key)
        if isinstance(value, Mapping):
            for step, text in value.items():
                yield from duration_problem(text, target.key(key, step))
        else:
            yield from duration_problem(value, target.key(key))
    for key in ("health", "liveness"):
        yield from _probe(target, key)
    for at, text in enumerate(table.get("ignore", ())):
        try:
            parse_ignored(text)
        except UsageError:
            form = "must be TOOLGLOB:/pointer, such as 'search:/inputSchema/properties/*/default'"
            yield Problem(target.key("ignore", at), form)
    for key in TEXTS:
        if key in table:
            yield from reference_problems(table[key], target.key(key))
    oauth = {name: text for name, text in table.get("oauth", {}).items() if name != "secret-env"}
    yield from reference_problems(oauth, target.key("oauth"))


def _probe(target: MergedTarget, key: str) -> Iterator[Problem]:
    probe = target.table.get(key)
    if probe is None:
        return
    at = target.key(key)
    if isinstance(probe, Mapping):
        yield from duration_problem(probe.get("max-latency"), (*at, "max-latency"))
        yield from reference_problems(probe, at)
        yield from value_problems(probe.get("json", {}), (*at, "json"))
        url = probe.get("url", "")
    else:
        yield from reference_problems(probe, at)
        url = probe
    if target.is_command and is_path(probe):
        yield Problem(at, "a command has no paths: write a whole URL")
    elif "${" not in url and not is_health_address(url):
        yield Problem(at, "must be an http or https URL, or a path such as /healthz")


def duration_problem(value: Any, key: Key) -> Iterator[Problem]:
    """What the schema lets through, and yet is no duration: 48 hours, say."""
    if isinstance(value, str):
        try:
            seconds_of(value)
        except ValueError as error:
            yield Problem(key, str(error).replace("'", '"'))
    elif isinstance(value, float) and not math.isfinite(value):
        yield Problem(key, "it is no number")


_REFERENCES: Final = "only ${NAME} is read from the environment; $${ stands for ${ itself"


def reference_problems(value: Any, key: Key) -> Iterator[Problem]:
    """A `${` that begins no reference, in any text of `value`."""
    match value:
        case str():
            if malformed(value):
                yield Problem(key, _REFERENCES)
        case list():
            for at, each in enumerate(value):
                yield from reference_problems(each, (*key, at))
        case dict():
            for name, each in value.items():
                yield from reference_problems(each, (*key, name))


def value_problems(value: Any, key: Key) -> Iterator[Problem]:
    """What TOML can say and JSON cannot: dates, and numbers that are none."""
    match value:
        case None | bool() | int() | str():
            return
        case float():
            if not math.isfinite(value):
                yield Problem(key, "JSON has no such number")
        case list():
            for at, each in enumerate(value):
                yield from value_problems(each, (*key, at))
        case dict():
            for name, each in value.items():
                yield from value_problems(each, (*key, name))
        case _:
            yield Problem(key, "JSON has no dates: put it in quotes")
