"""OLD and NEW of `diff`: a server or a file each, and which server gets which credentials."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from mcpverify.cli.invocation import Invocation, target_of
from mcpverify.cli.options import ConnectionOptions, ReachOptions
from mcpverify.cli.origins import refuse_second_origin
from mcpverify.cli.target_argument import (
    connect_route,
    refuse_unused,
    resolve_route,
    urls_of,
)
from mcpverify.errors import TargetInvalid, UsageError
from mcpverify.facts.redaction import Redactor
from mcpverify.facts.target import Route, Target
from mcpverify.snapshots.paths import is_version
from mcpverify.verify.sources import InFile, InGit, Operand

_HOST_AND_PORT = re.compile(r"[^/\s]+:[0-9]+(?:/.*)?\Z")
_RECORD_FIRST = (
    "record one of them first, with mcpverify check --transcript FILE, and compare with that."
)


@dataclass(frozen=True, slots=True)
class Operands:
    """What is compared. `accepting` is the command that records NEW where OLD lies, or ""."""

    old: Operand
    new: Operand
    accepting: str
    redactor: Redactor


def operands_of(
    old: str | None,
    new: str | None,
    reach: ReachOptions,
    invocation: Invocation,
    *,
    share_credentials: bool,
) -> Operands:
    """The two sides, and what must not be printed. Raises UsageError."""
    texts = _both(old, new, invocation.command)
    urls = {
        at: urls_of(text, reach.transport)
        for at, text in enumerate(texts)
        if text is not None and _is_url(text)
    }
    if not urls and invocation.command is None:
        _refuse_beside_files(reach)
    _refuse_idle_routes(reach, [url for each in urls.values() for url in each])
    sides: list[Operand] = []
    secrets: list[str] = []
    for at, text in enumerate(texts):
        if text is not None and at not in urls:
            sides.append(InGit(text) if is_version(text) else InFile(text))
            continue
        if text is None:
            options = ConnectionOptions(**_common(reach) if urls else _all(reach))
            target, redactor = target_of(options, invocation)
        else:
            options = ConnectionOptions(target=text, **_routed(reach, urls[at]))
            target, redactor = target_of(options, replace(invocation, command=None))
        sides.append(target)
        secrets += redactor.secrets
    before, after = sides
    if not share_credentials:
        servers = [each for each in sides if isinstance(each, Target)]
        refuse_second_origin(reach, servers, "OLD and NEW", _RECORD_FIRST)
    accepting = ""
    if isinstance(before, InFile) and isinstance(after, Target):
        accepting = invocation.accepting("" if texts[1] is None else after.display, before.path)
    return Operands(before, after, accepting, Redactor(tuple(dict.fromkeys(secrets))))


def _both(
    old: str | None, new: str | None, command: tuple[str, ...] | None
) -> tuple[str | None, str | None]:
    """OLD and NEW as they were typed; None for the command after `--`."""
    if command is not None and new is not None:
        raise TargetInvalid("both NEW and a COMMAND were given", "Give one of them.")
    if old is None or (new is None and command is None):
        missing = "OLD" if old is None else "NEW"
        hint = "As in: mcpverify diff git:HEAD~1:snapshots/weather.json snapshots/weather.json"
        raise TargetInvalid(f"no {missing} was given", hint)
    for name, text in (("OLD", old), ("NEW", new)):
        if text is not None and not text.strip():
            raise TargetInvalid(f"{name} is empty", "Is the variable behind it set?")
    return old, new


def _is_url(text: str) -> bool:
    """Whether `text` names a server. A file that exists is a file, whatever its name."""
    if is_version(text) or os.path.lexists(text):
        return False
    return "://" in text or _HOST_AND_PORT.match(text) is not None


def _all(reach: ReachOptions) -> dict[str, Any]:
    return {each.name: getattr(reach, each.name) for each in fields(reach)}


def _common(reach: ReachOptions) -> dict[str, Any]:
    """What concerns a command, too, where the rest is meant for a URL beside it."""
    return {name: getattr(reach, name) for name in ("protocol", "timeout", "deadline")}


def _refuse_beside_files(reach: ReachOptions) -> None:
    default = ReachOptions()
    for name, value in _all(reach).items():
        if value != getattr(default, name):
            flag = "-H" if name == "header" else f"--{name.replace('_', '-')}"
            raise UsageError(f"{flag} means nothing to files", "It is for servers: drop it.")


def _routed(reach: ReachOptions, urls: Sequence[str]) -> dict[str, Any]:
    """The options for one of two servers: the routes that are not its own left out."""
    return _all(reach) | {
        "resolve": [each for each in reach.resolve if _is_taken(resolve_route(each), urls)],
        "connect_to": [each for each in reach.connect_to if _is_taken(connect_route(each), urls)],
    }


def _refuse_idle_routes(reach: ReachOptions, urls: Sequence[str]) -> None:
    if urls:
        routes = [*map(resolve_route, reach.resolve), *map(connect_route, reach.connect_to)]
        refuse_unused(routes, urls)


def _is_taken(route: Route, urls: Sequence[str]) -> bool:
    try:
        refuse_unused([route], urls)
    except UsageError:
        return False
    return True
