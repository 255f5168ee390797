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
    until: float  # by the monotonic clock

    @property
    def is_over(self) -> bool:
        """Whether the time for it is spent."""
        return time.monotonic() >= self.until

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
    git = Git(SECONDS, folder)
    until = time.monotonic() + SECONDS
    try:
        place = git.asked("rev-parse", "--is-shallow-repository")
        if place.is_distrust:
            problem = "git does not trust this checkout, which belongs to someone else"
            return History(path, "", (), problem, git, until)
        base = commit or git.commit("HEAD")
        if place.code or base is None:
            return None
        found = [*_logged(git, name, base, "HEAD")]
        found += _logged(git, name, "--all", "--not", base, "HEAD")
    except UsageError:  # there is no git, or it does not answer in time
        return None
    if not found:
        return None
    by_blob: dict[str, PastVersion] = {}
    for version in found:
        by_blob.setdefault(version.blob, version)
    problem = ""
    if place.text.strip() == "true":
        problem = "this clone is shallow (fetch-depth: 0 or git fetch --unshallow mends that)"
    return History(path, base, tuple(by_blob.values()), problem, git, until)


def _logged(git: Git, name: str, *revisions: str) -> Iterator[PastVersion]:
    """The last versions among the commits that `revisions` name; a removal is none."""
    log = git.asked(
        "log",
        f"--max-count={LIMIT}",
        "--format=%x00%H %ct",
        "--raw",
        "--no-abbrev",
        "--no-renames",
        "--diff-merges=first-parent",
        *revisions,
        "--",
        name,
    )
    for entry in log.text.split("\0")[1:]:
        head, _, rest = entry.partition("\n")
        hash_, seconds = head.split()
        for line in rest.splitlines():
            if not line.startswith(":"):
                continue
            blob = line.split()[3]
            if blob.strip("0"):
                yield PastVersion(hash_, float(seconds), blob)
