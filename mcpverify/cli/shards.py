"""--shard and --shard-index: which part of the targets this run is about."""

import re
from dataclasses import dataclass

from mcpverify.cli.gate_options import FleetOptions
from mcpverify.errors import UsageError
from mcpverify.facts.shard import Shard

_PART = re.compile(r"([0-9]{1,5})/([0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Part:
    """Part `index` of `count`, counted from 1, of targets that are yet to be named."""

    index: int
    count: int

    def of(self, names: tuple[str, ...]) -> Shard:
        return Shard(self.index, self.count, names)


def part_of(options: FleetOptions) -> Part | None:
    """The part that the flags ask for, None for all. Raises UsageError for nonsense."""
    if options.shard is not None and options.shard_index is not None:
        raise UsageError("--shard and --shard-index exclude each other", "Drop one of them.")
    if options.shard is not None:
        return _part("--shard", options.shard, 1)
    if options.shard_index is not None:
        return _part("--shard-index", options.shard_index, 0)
    return None


def _part(flag: str, text: str, first: int) -> Part:
    found = _PART.fullmatch(text.strip())
    if found is None:
        if not text.strip("/ ") or text.strip().startswith("/") or text.strip().endswith("/"):
            raise UsageError(f"{flag} {text}: a number is empty", "Is the variable behind it set?")
        raise UsageError(f"{flag} {text}: it takes I/N", f"As in {flag} {first}/3.")
    index, count = int(found.group(1)), int(found.group(2))
    last = count - 1 + first
    if count < 1:
        raise UsageError(f"{flag} {text}: there is no part of none", "N is 1 or more.")
    if not first <= index <= last:
        raise UsageError(
            f"{flag} {text}: of {count} parts counted from {first} the last is {last}",
            "--shard counts from 1, --shard-index from 0.",
        )
    return Part(index - first + 1, count)
