"""`init`: looks at servers, and writes their first snapshots and CI jobs, over nothing."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from mcpverify.drift.changes import comparable
from mcpverify.errors import McpverifyError, UsageError
from mcpverify.facts.report import Report
from mcpverify.facts.snapshot import Snapshot
from mcpverify.forges import github, gitlab
from mcpverify.forges.detection import Forge, Found, found_forge, top_of_checkout
from mcpverify.forges.recipe import JobFile, Served
from mcpverify.snapshots.files import create
from mcpverify.snapshots.paths import FOLDER, default_path, recorded_paths, slug
from mcpverify.snapshots.snapshot_file import dump, load
from mcpverify.verify.gate import Gate
from mcpverify.verify.snapshot import Recorder, Taken, take

_NAMELESS = "server"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A server to look at, and the words for it in a job; `url` and `place` are "" for a command.

    `place` is its host and port. `reach` and `variables` are those of `forges.recipe.Served`.
    """

    gate: Gate
    words: str
    url: str = ""
    place: str = ""
    reach: str = ""
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """What `init` was asked. `command` starts the server that the URLs are deployments of."""

    urls: tuple[Candidate, ...]
    command: Candidate | None = None
    forge: Forge | None = None


class Fate(StrEnum):
    """What became of a file."""

    RECORDED = "recorded"
    WRITTEN = "written"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Written:
    """A file, and what is to be said of it."""

    path: str
    fate: Fate
    note: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Scaffold:
    """What was done. `refused` has the reports of servers that could not be recorded.

    `jobs` are the servers that have jobs now, and `includes` the files that the pipeline of
    GitLab has to include and does not.
    """

    files: tuple[Written, ...]
    served: tuple[tuple[Candidate, Served], ...]
    refused: Report
    forge: Found
    includes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Recorded:
    """What is to be recorded, path by path, and what is to be said of it."""

    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


def scaffold(wish: Wish) -> Scaffold:
    """Look at all servers, then write for those that were fully seen.

    Raises UsageError, SnapshotUnusable and FileUnusable with nothing written.
    """
    top = top_of_checkout()
    if top is not None:
        raise UsageError(
            f"this is not the top of the checkout: {top} is", "CI starts there: run it there."
        )
    recorded = _Recorded()
    served: list[tuple[Candidate, Served]] = []
    refused = []
    for candidate, taken in _taken(wish):
        if taken.snapshot is None:
            refused.append(candidate.gate.redactor.target_report(taken.report))
        else:
            served.append((candidate, _served(wish, candidate, taken, recorded, served)))
    served = _told_apart(served)
    forge = found_forge() if wish.forge is None else Found(wish.forge, "as you chose")
    jobs, includes = _jobs(forge.forge, [each for _, each in served if each.url or each.command])
    files = _written(recorded, jobs)
    return Scaffold(tuple(files), tuple(served), Report(tuple(refused)), forge, includes)


def _taken(wish: Wish) -> Iterator[tuple[Candidate, Taken]]:
    command = wish.command
    beside = ""
    if command is not None:
        taken = take(Recorder(command.gate, placed=partial(_path, command)))
        beside = taken.path
        yield command, taken
    for url in wish.urls:
        yield url, take(Recorder(url.gate, placed=lambda name, url=url: beside or _path(url, name)))  # type: ignore[misc]


def _path(candidate: Candidate, name: str) -> str:
    """Where the server of that name is recorded; one without a name is called by its place."""
    named = slug(name) or slug(candidate.place) or _NAMELESS
    return default_path("", named)


def _served(
    wish: Wish,
    candidate: Candidate,
    taken: Taken,
    recorded: _Recorded,
    served: list[tuple[Candidate, Served]],
) -> Served:
    """What the jobs of this server need to know; notes what is to be recorded of it."""
    ...
