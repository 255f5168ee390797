"""Which targets were asked for: one by its address or command, or some of a file by their names."""

import difflib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mcpverify.checks import check_ids
from mcpverify.cli.gate_options import NamesOptions
from mcpverify.cli.invocation import Invocation
from mcpverify.cli.options import WayOptions
from mcpverify.cli.origins import refuse_second_origin
from mcpverify.cli.shards import Part
from mcpverify.errors import TargetInvalid, UsageError
from mcpverify.facts.shard import Shard
from mcpverify.facts.target import Target
from mcpverify.settings.configuration import Configuration
from mcpverify.settings.target_settings import TargetSettings

_IN_THE_FILE = "write it into the file, for the targets that it is meant for."
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\Z")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Targets of a file, in its order; only those of `shard` where this run is about a part."""

    targets: tuple[TargetSettings, ...]
    configuration: Configuration
    shard: Shard | None = None


def chosen_targets(
    words: Sequence[str], fleet: NamesOptions, invocation: Invocation, part: Part | None = None
) -> Chosen | None:
    """The targets of a configuration that were asked for; None where an address was.

    Of those that `part` leaves to other runs nothing is needed, their variables included.
    Raises UsageError: for names that are none, and for what does not go together.
    """
    named = [word for word in words if _NAME.match(word)]
    wants_file = fleet.all or bool(named) or fleet.from_file is not None or bool(fleet.server)
    if not wants_file:
        _refuse_idle(fleet)
        return None
    if len(named) < len(words) or invocation.command is not None:
        raise UsageError(
            "names of a configuration and an address or COMMAND were given",
            "Check them in runs of their own.",
        )
    configuration = _configuration(words, fleet)
    wanted = [*named, *fleet.server]
    for name in wanted:
        if name not in configuration.names:
            raise _unknown(name, configuration)
    if fleet.all and wanted:
        raise UsageError("--all and names were given", "Drop one of them.")
    if not wanted and not fleet.all and fleet.from_file is None:
        raise TargetInvalid("no TARGET was given", "Name targets, or say --all.")
    names = [name for name in configuration.names if not wanted or name in wanted]
    if not names:
        hint = "Add a [targets.NAME]."
        if fleet.from_file is not None:
            hint = "Add a server to it, or enable one: those that are disabled are left out."
        raise UsageError(f"{configuration.path} names no targets", hint)
    shard = None if part is None else part.of(tuple(names), configuration.path)
    mine = names if shard is None else shard.names
    targets = tuple(configuration.target(name, os.environ) for name in mine)
    return Chosen(targets, configuration, shard)


def _configuration(words: Sequence[str], fleet: NamesOptions) -> Configuration:
    from mcpverify.settings.discovery import configuration_at, foreign_configuration

    if fleet.from_file is not None:
        if fleet.config is not None:
            raise UsageError("--config and --from exclude each other", "Drop one of them.")
        return foreign_configuration(fleet.from_file)
    if fleet.server:
        raise UsageError("--server names one of the servers of --from FILE", "Give the FILE, too.")
    found = configuration_at(fleet.config, check_ids())
    if found is None:
        missing = "--all needs a configuration"
        if words:
            missing = "the TARGET is neither a URL nor host:port"
        raise TargetInvalid(
            f"{missing}, and there is no mcpverify.toml here or above",
            "Give a URL such as https://host/mcp, host:port, or a command after --.",
        )
    return found


def _unknown(name: str, configuration: Configuration) -> UsageError:
    near = difflib.get_close_matches(name, configuration.names, n=1)
    if near:
        return TargetInvalid(
            f"{configuration.path} has no target {name}", f"Did you mean {near[0]}?"
        )
    # What is like no name may be half of a header that lacks its quotes: it is not repeated.
    known = ", ".join(configuration.names[:8]) or "none"
    return TargetInvalid(f"{configuration.path} has no target of that name", f"It has {known}.")


def _refuse_idle(fleet: NamesOptions) -> None:
    for name in ("config", "jobs", "shard", "shard_index", "share_credentials"):
        if getattr(fleet, name, None) not in (None, False):
            flag = f"--{name.replace('_', '-')}"
            raise UsageError(f"{flag} is for targets of a configuration", "Name some, or --all.")


def only_target(words: Sequence[str], command: str) -> str | None:
    """The one address that was given, None where there is none. Raises UsageError for more."""
    if len(words) > 1:
        # They are not repeated: an unquoted -H leaves its token among them.
        raise UsageError(
            "there is more than one TARGET, or a value that lacks its quotes",
            f"Try: mcpverify {command} --help",
        )
    return words[0] if words else None


def refuse_sharing(typed: WayOptions, fleet: NamesOptions, targets: Iterable[Target]) -> None:
    """Raises UsageError where what was typed for one server would go to several origins."""
    if not fleet.share_credentials:
        refuse_second_origin(typed, targets, "the targets", _IN_THE_FILE)
