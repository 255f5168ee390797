"""Which forge hosts this repository: told by the files it has, or else by git's remotes."""

import os
import re
from dataclasses import dataclass
from enum import StrEnum

from mcpverify.errors import UsageError
from mcpverify.snapshots.git_process import Git

_SECONDS = 20.0
_HOST = re.compile(r"(?:[a-z+]+://)?(?:[^@/]*@)?(\[[^\]]*\]|[^:/]+)[:/]", re.IGNORECASE)


class Forge(StrEnum):
    GITHUB = "github"
    GITLAB = "gitlab"


@dataclass(frozen=True, slots=True)
class Found:
    """What was found. `forge` None: none, or both; `reason` says what told it, for people."""

    forge: Forge | None
    reason: str


def found_forge() -> Found:
    """The forge of the repository that the working directory is the top of."""
    files = {
        Forge.GITHUB: ".github" if os.path.isdir(".github") else "",
        Forge.GITLAB: ".gitlab-ci.yml" if os.path.lexists(".gitlab-ci.yml") else "",
    }
    for told in (files, _by_remotes()):
        there = {forge: reason for forge, reason in told.items() if reason}
        if len(there) == 1:
            (forge,) = there
            return Found(forge, there[forge])
        if there and told is not files:
            return Found(None, f"both forges: {' and '.join(there.values())}")
    return Found(None, "no forge: no .github folder, no .gitlab-ci.yml, no remote of theirs")


def _by_remotes() -> dict[Forge, str]:
    """A URL may hold a credential, so only its host is told."""
    answer = _asked("remote", "-v")
    hosts = {
        match[1].lower()
        for line in answer.splitlines()
        if (match := _HOST.match(line.partition("\t")[2].strip()))
    }
    told = {}
    for forge in Forge:
        known = sorted(host for host in hosts if forge.value in host)
        told[forge] = f"the remote at {known[0]}" if known else ""
    return told


def branch_here() -> str:
    """The branch that is checked out; "" where none is, or there is no git."""
    return _asked("symbolic-ref", "--quiet", "--short", "HEAD").strip()


def top_of_checkout() -> str | None:
    """The folder that git has as the top, if that is not this one: jobs run there."""
    top = _asked("rev-parse", "--show-toplevel").removesuffix("\n")
    if not top or os.path.realpath(top) == os.path.realpath(os.curdir):
        return None
    return top


def _asked(*arguments: str) -> str:
    """What git says; "" where it says nothing or is not there: it is asked for hints only."""
    try:
        answer = Git(_SECONDS).asked(*arguments)
    except UsageError:
        return ""
    return "" if answer.code else answer.text
