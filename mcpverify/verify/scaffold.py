"""`init`: looks at servers, and writes their first snapshots and CI jobs, over nothing."""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from mcpverify.drift.changes import comparable
from mcpverify.errors import UsageError
from mcpverify.facts.report import Report, TargetReport
from mcpverify.facts.snapshot import Snapshot
from mcpverify.forges import github, gitlab
from mcpverify.forges.detection import Forge, Found, found_forge, top_of_checkout
from mcpverify.forges.recipe import JobFile, Served
from mcpverify.snapshots.files import create
from mcpverify.snapshots.paths import default_path, recorded_paths, slug
from mcpverify.snapshots.snapshot_file import dump, load
from mcpverify.verify.gate import Gate
from mcpverify.verify.snapshot import Recorder, take

_NAMELESS = "server"
_LONGEST_TEXT = 2**20


@dataclass(frozen=True, slots=True)
class Candidate:
    """A server to look at, and how its jobs reach it.

    `url` is "" where it is a `command`. `place` tells two servers of one name apart, such as
    the host; `reach` and `variables` are those of `forges.recipe.Served`.
    """

    gate: Gate
    url: str = ""
    command: str = ""
    place: str = ""
    reach: str = ""
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """What `init` was asked. Where there is a command, the URLs are what it is deployed to."""

    urls: tuple[Candidate, ...]
    command: Candidate | None = None
    forge: Forge | None = None


class Fate(StrEnum):
    """What became of a file."""

    RECORDED = "recorded"
    WRITTEN = "written"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class File:
    """A file that is there now. `text` is that of a job that was written, or ""."""

    path: str
    fate: Fate
    note: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A server that was fully seen, and the file that holds its contract."""

    candidate: Candidate
    snapshot: Snapshot
    path: str


@dataclass(frozen=True, slots=True)
class Scaffold:
    """What was done. `refused` are the servers that could not be recorded.

    `includes` are the files that the pipeline of GitLab has yet to include, and `behind` the
    URLs where something else is served than the command serves.
    """

    files: tuple[File, ...]
    recorded: tuple[Recorded, ...]
    refused: Report
    forge: Found
    includes: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()


def scaffold(wish: Wish) -> Scaffold:
    """Look at all servers, then write for those that were fully seen.

    Raises UsageError, SnapshotUnusable and FileUnusable, with nothing written.
    """
    top = top_of_checkout()
    if top is not None:
        raise UsageError(
            "this is not the top of the checkout, where CI starts", f"Run it in {top}."
        )
    recorded, refused = _seen(wish)
    forge = found_forge() if wish.forge is None else Found(wish.forge, "as you chose")
    jobs, includes = _jobs(forge.forge, _served(recorded))
    files = _written(recorded, jobs)
    behind = [
        each.candidate.url
        for each in recorded[1:]
        if wish.command and not _same(recorded[0].snapshot, each.snapshot)
    ]
    return Scaffold(files, recorded, Report(refused), forge, includes, tuple(behind))


def _seen(wish: Wish) -> tuple[tuple[Recorded, ...], tuple[TargetReport, ...]]:
    """The servers that were fully seen, and the reports of the others."""
    recorded: list[Recorded] = []
    refused: list[TargetReport] = []
    for candidate in (*([wish.command] if wish.command else []), *wish.urls):
        beside = recorded[0].path if wish.command and recorded else ""
        taken = take(Recorder(candidate.gate, placed=partial(_path, candidate, beside)))
        if taken.snapshot is None:
            refused.append(candidate.gate.redactor.target_report(taken.report))
            if candidate is wish.command:
                break  # what is deployed has no snapshot to be compared with
            continue
        seen = Recorded(candidate, taken.snapshot, taken.path)
        recorded.append(seen if beside else _told_apart(seen, recorded))
    return tuple(recorded), tuple(refused)


def _path(candidate: Candidate, beside: str, name: str) -> str:
    """Where a server of that name is recorded; one without a name is called by its place."""
    return beside or default_path("", slug(name) or slug(candidate.place) or _NAMELESS)


def _told_apart(seen: Recorded, before: Sequence[Recorded]) -> Recorded:
    """With a path of its own, where another of the same name lists something else."""
    for each in before:
        if each.path == seen.path and not _same(each.snapshot, seen.snapshot):
            name = slug(f"{_name(seen.path)}-{seen.candidate.place}")
            return replace(seen, path=default_path("", name))
    return seen


def _name(path: str) -> str:
    return os.path.basename(path).removesuffix(".json")


def _served(recorded: Sequence[Recorded]) -> tuple[Served, ...]:
    """What the jobs have to know. A command and the first that it is deployed to share theirs."""
    served: list[Served] = []
    for each in recorded:
        it = each.candidate
        if it.url and served and served[-1].command and not served[-1].url:
            served[-1] = replace(served[-1], url=it.url, reach=it.reach, variables=it.variables)
            continue
        name = _name(each.path)
        if any(other.slug == name for other in served):
            name = slug(f"{name}-{it.place}")
        served.append(Served(name, each.path, it.url, it.command, it.reach, it.variables))
    others = {*recorded_paths("")} - {each.path for each in recorded}
    alone = len(served) == 1 and not others
    return tuple(replace(each, alone=alone) for each in served)


def _jobs(
    forge: Forge | None, served: Sequence[Served]
) -> tuple[tuple[JobFile, ...], tuple[str, ...]]:
    """The files of the jobs, and those that a pipeline of GitLab has yet to include."""
    if forge is Forge.GITHUB:
        return tuple(job for each in served for job in github.job_files(each)), ()
    if forge is None or not served:
        return (), ()
    pipeline = _text(gitlab.PIPELINE)
    if len(served) == 1 and pipeline is None:
        return tuple(gitlab.pipeline_files(served[0])), ()
    own = [each for each in served if pipeline is not None and each.snapshot in pipeline]
    others = [each for each in served if each not in own]
    jobs = [job for each in own for job in gitlab.pipeline_files(each)]
    jobs += [job for each in others for job in gitlab.included_files(each)]
    if pipeline is None:
        return (gitlab.including(others), *jobs), ()
    paths = [gitlab.included_path(each) for each in others]
    return tuple(jobs), tuple(path for path in paths if path not in pipeline)


def _text(path: str) -> str | None:
    """What is in a file, as far as it matters; None where there is none."""
    if not os.path.lexists(path):
        return None
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(_LONGEST_TEXT)
    except OSError:
        return ""


def _written(recorded: Sequence[Recorded], jobs: Sequence[JobFile]) -> tuple[File, ...]:
    """All files, written where there was nothing; or none of them, where one cannot be written."""
    created: list[str] = []
    files: list[File] = []
    try:
        for each in recorded:
            if each.path in (file.path for file in files):
                continue  # one file for two that list the same, or for what is deployed
            if create(each.path, dump(each.snapshot)):
                created.append(each.path)
                files.append(File(each.path, Fate.RECORDED, _tools(each.snapshot)))
            else:
                files.append(File(each.path, Fate.KEPT, _against(each)))
        for job in jobs:
            if create(job.path, job.text.encode()):
                created.append(job.path)
                files.append(File(job.path, Fate.WRITTEN, text=job.text))
            else:
                text = _text(job.path) or ""
                missing = [word for word in job.about if word not in text]
                note = f"it says nothing of {' or '.join(missing)}" if missing else ""
                files.append(File(job.path, Fate.KEPT, note))
    except BaseException:  # Ctrl-C, too: what is half there would be taken for whole next time
        for path in created:
            with suppress(OSError):
                os.unlink(path)
        raise
    return tuple(files)


def _tools(snapshot: Snapshot) -> str:
    count = len(snapshot.contract.tools)
    return f"{count} tool{'' if count == 1 else 's'}"


def _against(each: Recorded) -> str:
    """What is to be said of a snapshot that was there before."""
    if _same(load(each.path), each.snapshot):
        return "it is up to date"
    return "it differs from what the server lists: compare them with the command below"


def _same(one: Snapshot, other: Snapshot) -> bool:
    both = comparable(one.contract, other.contract, one.era, other.era)
    return both.snapshot.digests == both.live.digests
