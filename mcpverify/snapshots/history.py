"""The versions of a snapshot file that git keeps, newest first, as far as this clone has them."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mcpverify.errors import UsageError
from mcpverify.facts.release import Descent
from mcpverify.snapshots.files import MAX_BYTES
from mcpverify.snapshots.git_process import Git

LIMIT: Final = 50  # versions
SECONDS: Final = 10.0  # for all questions to git about one history
SLOW: Final = "git took too long to tell all of its history"
_SHALLOW: Final = "this clone is shallow (fetch-depth: 0 or git fetch --unshallow mends that)"
_DISTRUST: Final = (
    "git does not trust this checkout (git config --global safe.directory mends that)"
)
_EVERYWHERE: Final = ("--branches", "--tags", "--remotes")  # a stash is no release


@dataclass(frozen=True, slots=True)
class PastVersion:
    """A content that the file had: `commit`, a full hash, brought it; seconds since the epoch."""

    commit: str
    committed: float
    blob: str


@dataclass(frozen=True, slots=True)
class History:
    """The last versions of the file at `path`, each content once, where it was brought last.

    `base` is the commit of the version that is compared, HEAD for a file of the working tree.
    `problem` says why git cannot tell all of the last ones, "" where it can.
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

    def descent(self, version: PastVersion) -> Descent:
        """How the commit of `version` stands to the one that is compared."""
        if self._leads(version.commit, self.base):
            return Descent.OLDER
        return Descent.NEWER if self._leads(self.base, version.commit) else Descent.ELSEWHERE

    def _leads(self, ancestor: str, commit: str) -> bool:
        return self.git.asked("merge-base", "--is-ancestor", ancestor, commit).code == 0


def history_of(path: str, commit: str | None) -> History | None:
    """The history of the snapshot at `path`, None where git keeps none of it.

    `commit` is where the version that is compared lies, None for the working tree. Versions
    that lead to it, or to HEAD, come before those of other branches.
    """
    folder, name = ".", path
    if commit is None:
        folder, name = os.path.split(os.path.realpath(path))
    git = Git(SECONDS, folder, time.monotonic() + SECONDS)
    try:
        place = git.asked("rev-parse", "--is-shallow-repository")
        if place.is_distrust:
            return History(path, "", (), _DISTRUST, git)
        base = commit or git.commit("HEAD")
    except UsageError:  # there is no git
        return None
    if place.code or base is None:
        return None
    problem = _SHALLOW if place.text.strip() == "true" else ""
    by_blob: dict[str, PastVersion] = {}
    for revisions in ((base, "HEAD"), (*_EVERYWHERE, "--not", base, "HEAD")):
        try:
            for version in _logged(git, name, *revisions):
                by_blob.setdefault(version.blob, version)
        except UsageError:
            problem = problem or SLOW
    if not by_blob and not problem:
        return None
    return History(path, base, tuple(by_blob.values()), problem, git)


def _logged(git: Git, name: str, *revisions: str) -> Iterator[PastVersion]:
    """The last versions among the commits that `revisions` name; a removal is none."""
    log = git.asked(
        "log",
        f"--max-count={LIMIT}",
        "--format=%x00%H %ct",
        "--raw",
        "--no-abbrev",
        "--no-renames",
        "--no-follow",
        "--no-show-signature",
        "-m",  # what a merge brought, against each of its parents
        *revisions,
        "--",
        name,
    )
    for entry in log.text.split("\0")[1:]:
        head, _, rest = entry.partition("\n")
        hash_, seconds = head.split()
        for line in rest.splitlines():
            # `:100644 100644 <blob before> <blob after> M<tab>path`
            blob = line.split()[3] if line.startswith(":") else ""
            if blob.strip("0"):
                yield PastVersion(hash_, float(seconds), blob)
