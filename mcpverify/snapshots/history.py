"""The versions of a snapshot file that git keeps, newest first, as far as this clone has them."""

import os
import time
from dataclasses import dataclass
from typing import Final

from mcpverify.errors import UsageError
from mcpverify.facts.release import MOST_VERSIONS, Descent, Release
from mcpverify.snapshots.files import MAX_BYTES
from mcpverify.snapshots.git_process import Git

COMMITS: Final = 1_000  # that are read for them
SECONDS: Final = 10.0  # for all questions to git about one history
SLOW: Final = "git took too long to tell all of its history"
_SHALLOW: Final = "this clone is shallow (fetch-depth: 0 or git fetch --unshallow mends that)"
_DISTRUST: Final = (
    "git does not trust this checkout (git config --global safe.directory mends that)"
)
_RENAMED: Final = "what it held under another name was not searched"
_MANY: Final = f"only the last {COMMITS:,} commits that touched it were read"
_EVERYWHERE: Final = ("--branches", "--tags", "--remotes")  # a stash is no release


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that brought a content: its full hash, and its time in seconds since the epoch.

    `mainline`: whether it lies on the first parents of what is compared or of HEAD. What a
    branch held before it was merged never came that far.
    """

    hash: str
    time: float
    mainline: bool


@dataclass(frozen=True, slots=True)
class PastVersion:
    """A content that the file had, and the commits that brought it, newest first."""

    blob: str
    commits: tuple[Commit, ...]


@dataclass(frozen=True, slots=True)
class History:
    """The last versions of the file at `path`, newest first, each content once.

    `base` is the commit that brought the content that is compared, or else HEAD. `problem` says
    why git cannot tell all of the last ones, "" where it can.
    """

    path: str
    base: str
    versions: tuple[PastVersion, ...]
    problem: str
    git: Git

    def octets(self, version: PastVersion) -> bytes | None:
        """What the file held then, None where git cannot say."""
        try:
            size = self.git.asked("cat-file", "-s", version.blob)
            if size.code or int(size.text) > MAX_BYTES:
                return None
            blob = self.git.asked("cat-file", "blob", version.blob)
        except UsageError:
            return None
        return None if blob.code else blob.octets

    def release(self, version: PastVersion) -> Release:
        """The release that has the content of `version`, an older one if there is one."""
        for commit in version.commits:
            if commit.mainline and self._leads(commit.hash, self.base):
                return self._release(commit, Descent.OLDER)
        newest = version.commits[0]
        newer = newest.mainline and self._leads(self.base, newest.hash)
        return self._release(newest, Descent.NEWER if newer else Descent.ELSEWHERE)

    def _release(self, commit: Commit, descent: Descent) -> Release:
        return Release(self.path, commit.hash, commit.time, descent)

    def _leads(self, ancestor: str, commit: str) -> bool:
        return self.git.asked("merge-base", "--is-ancestor", ancestor, commit).code == 0


def history_of(path: str, commit: str | None) -> History | None:
    """The history of the snapshot at `path`, None where git keeps none of it.

    `commit` is where the version that is compared lies, None for the working tree. Versions
    that lead to it, or to HEAD, come before those of other branches.
    """
    folder, name = _place(path) if commit is None else (".", path)
    git = Git(SECONDS, folder, time.monotonic() + SECONDS)
    try:
        place = git.asked("rev-parse", "--is-shallow-repository")
        if place.is_distrust:
            return History(path, "", (), _DISTRUST, git)
        head = git.commit("HEAD")
    except UsageError:  # there is no git
        return None
    base = commit or head
    if place.code or base is None:
        return None
    problem = _SHALLOW if place.text.strip() == "true" else ""
    by_blob: dict[str, list[Commit]] = {}
    try:
        lines = [base, *([head] if head else [])]
        for mainline, revisions in ((True, ["--first-parent", *lines]), (False, [*_EVERYWHERE])):
            problem = _read(git, name, revisions, mainline, by_blob) or problem
        if commit is None:
            base = _base(git, name, by_blob) or base
        if not problem and _was_renamed(git, name, by_blob):
            problem = _RENAMED
    except UsageError:
        problem = problem or SLOW
    if not by_blob and not problem:
        return None
    versions = [PastVersion(blob, tuple(commits)) for blob, commits in by_blob.items()]
    # One more, which is the one that is compared.
    return History(path, base, tuple(versions[: MOST_VERSIONS + 1]), problem, git)


def _place(path: str) -> tuple[str, str]:
    """Where to ask git for a file of the working tree, and what it is called from there."""
    real = os.path.realpath(path)
    if "GIT_DIR" in os.environ:  # hooks are given it, and it may be relative
        return ".", os.path.relpath(real)
    return os.path.split(real)


def _read(
    git: Git, name: str, revisions: list[str], mainline: bool, by_blob: dict[str, list[Commit]]
) -> str:
    """Adds the commits that `revisions` name to `by_blob`; returns why not all, or ""."""
    log = git.asked(
        "log",
        f"--max-count={COMMITS}",
        "--format=%x00%H %ct",
        "--raw",
        "--no-abbrev",
        "--no-renames",
        "--no-relative",
        "--no-follow",
        "--no-show-signature",
        "-m",  # what a merge brought, against each of its parents
        *revisions,
        "--",
        name,
    )
    entries = log.text.split("\0")[1:]
    for entry in entries:
        head, _, rest = entry.partition("\n")
        hash_, seconds = head.split()
        for line in rest.splitlines():
            # `:100644 100644 <blob before> <blob after> M<tab>path`; a removal leaves no blob.
            blob = line.split()[3] if line.startswith(":") else ""
            if not blob.strip("0"):
                continue
            commits = by_blob.setdefault(blob, [])
            if all(each.hash != hash_ for each in commits):
                commits.append(Commit(hash_, float(seconds), mainline))
    return log.failure or (
        _MANY if len(entries) >= COMMITS and len(by_blob) <= MOST_VERSIONS else ""
    )


def _base(git: Git, name: str, by_blob: dict[str, list[Commit]]) -> str | None:
    """The commit that brought what the file of the working tree holds, None where none did."""
    blob = git.asked("hash-object", "--", name).text.strip()
    commits = [each for each in by_blob.get(blob, ()) if each.mainline]
    return commits[0].hash if commits else None


def _was_renamed(git: Git, name: str, by_blob: dict[str, list[Commit]]) -> bool:
    """Whether the file came into its history under another name."""
    mainline = [each for commits in by_blob.values() for each in commits if each.mainline]
    if not mainline:
        return False
    first = min(reversed(mainline), key=lambda each: each.time).hash
    told = git.asked(
        *("diff-tree", "-r", "-m", "--root", "-M", "--diff-filter=R", "--name-only"),
        *("--no-commit-id", "--relative", "-z", first),
    )
    return os.path.normpath(name) in told.text.split("\0")
