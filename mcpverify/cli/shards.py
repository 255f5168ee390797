"""--shard and --shard-index: which part of the targets this run is about, and of which whole.

Reports of parts are joined later, by `merge`, which must not take one of another run for ours.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from mcpverify.cli.gate_options import FleetOptions
from mcpverify.errors import FileUnusable, UsageError
from mcpverify.facts.credentials import masked_url
from mcpverify.facts.shard import Shard

_PART = re.compile(r"([0-9]{1,5})/([0-9]{1,5})")
# What names a run, the first that is set: ours, for who runs jobs on no CI, before those of CI.
# A second attempt of a run is a run of its own: what it left behind must not stand in for it.
_RUNS: Final = (
    ("MCPVERIFY_RUN_ID",),
    ("GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT"),
    ("CI_PIPELINE_ID",),
    ("BUILDKITE_BUILD_ID",),
    ("CIRCLE_WORKFLOW_ID",),
    ("BITBUCKET_PIPELINE_UUID",),
    ("BUILD_BUILDID",),
    ("CODEBUILD_BUILD_ID",),
    ("BUILD_TAG",),
)
_MAX_RUN: Final = 200
# Options that say what is written, or which part of what is met when: no verdict hangs on them.
_ASIDE: Final = frozenset(
    {
        "targets", "all", "server", "config", "from_file", "jobs", "shard", "shard_index",
        "format", "quiet", "verbose", "report", "transcript",
    }
)  # fmt: skip
_HEADER: Final = "header"


@dataclass(frozen=True, slots=True)
class Part:
    """Part `index` of `count`, counted from 1, of targets that are yet to be named.

    `run` and `options` are what the parts of one whole have in common.
    """

    index: int
    count: int
    run: str | None = None
    options: str = "{}"

    def of(self, names: tuple[str, ...], path: str) -> Shard:
        """That part of the targets of the configuration at `path`. Raises FileUnusable."""
        try:
            with open(path, "rb") as file:
                # Jobs on Windows and on Linux may check out one file with other line ends.
                text = file.read().replace(b"\r\n", b"\n")
        except OSError as error:
            raise FileUnusable(f"{path}: {error.strerror}", "Check its permissions.") from None
        digest = sha256(sha256(text).digest() + self.options.encode("utf-8", "backslashreplace"))
        return Shard(self.index, self.count, names, self.run, f"sha256:{digest.hexdigest()}")


def run_of(environ: Mapping[str, str]) -> str | None:
    """The run of CI that this job is of, as its environment tells; None where nothing does."""
    for names in _RUNS:
        values = [environ.get(name, "").strip() for name in names]
        if values[0]:
            told = "/".join(value for value in values if value)
            return f"{names[0]}={told}"[:_MAX_RUN]
    return None


def told_options(values: Mapping[str, object]) -> str:
    """The options that were typed and can change a verdict, by their Python names, as one text.

    Credentials stay out, so that not even a digest of them leaves.
    """
    told = {name: _told(name, value) for name, value in values.items() if name not in _ASIDE}
    return json.dumps(told, sort_keys=True)


def _told(name: str, value: object) -> list[str] | str:
    if isinstance(value, list | tuple):
        return [str(_told(name, each)) for each in value]
    text = str(value)
    if name == _HEADER:
        return text.partition(":")[0].strip().lower()
    return masked_url(text) if "://" in text else text


def part_of(
    options: FleetOptions,
    typed: Mapping[str, object] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Part | None:
    """The part that the flags ask for, None for all. Raises UsageError for nonsense.

    `typed` are the values of all options that were given.
    """
    part = _asked(options)
    if part is None:
        return None
    return replace(part, run=run_of(environ), options=told_options(typed or {}))


def _asked(options: FleetOptions) -> Part | None:
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
