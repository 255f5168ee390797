"""Files as git keeps them: `git:REF:PATH` is PATH, seen from here, at the commit that REF names.

git itself is asked: see git_process.
"""

import os
import posixpath
from dataclasses import dataclass
from typing import Final

from mcpverify.errors import FileUnusable, UsageError
from mcpverify.snapshots.files import MAX_BYTES
from mcpverify.snapshots.git_process import SECONDS, Answer, Git
from mcpverify.snapshots.paths import PREFIX

_FORM: Final = "Write git:REF:PATH, as in git:origin/main:snapshots/weather.json."
_SHALLOW: Final = (
    "This clone is shallow: fetch the commit first, with `git fetch --unshallow`, or in CI "
    "with a checkout of the full history (fetch-depth: 0)."
)


@dataclass(frozen=True, slots=True)
class Version:
    """A file at a commit. `path` is seen from the working directory, `commit` a full hash."""

    ref: str
    path: str
    commit: str
    octets: bytes


def version_of(text: str, seconds: float = SECONDS) -> Version:
    """The file that `git:REF:PATH` names. Raises UsageError and FileUnusable."""
    ref, path = _parted(text)
    git = Git(seconds)
    place = git.asked("rev-parse", "--show-prefix", "--is-shallow-repository")
    if place.code:
        raise _outside(text, place)
    prefix, _, shallow = place.text.removesuffix("\n").rpartition("\n")
    commit = git.commit(ref)
    if commit is None:
        raise _unknown(git, ref, path, shallow == "true")
    return Version(ref, path, commit, _blob(git, ref, commit, prefix, path))


def _parted(text: str) -> tuple[str, str]:
    """REF and PATH: the first colon parts them that stands in no braces, as in `@{12:00}`."""
    rest = text.removeprefix(PREFIX)
    depth = 0
    at = len(rest)
    for index, character in enumerate(rest):
        depth += (character == "{") - (character == "}")
        if character == ":" and depth <= 0:
            at = index
            break
    ref, path = rest[:at], rest[at + 1 :]
    if not ref or not path:
        missing = "REF" if not ref else "PATH"
        hint = f"{_FORM} Is the variable behind it set?"
        raise UsageError(f"{text}: the {missing} is empty", hint)
    if ref.startswith("-"):
        raise UsageError(f"{text}: a REF does not begin with -", _FORM)
    if any(ord(character) < 32 or ord(character) == 127 for character in rest):
        raise UsageError("git:REF:PATH holds control characters", "Check the quoting.")
    return ref, path


def _inside(prefix: str, path: str, ref: str) -> str:
    """`path`, which is seen from the working directory, as seen from the top of the tree."""
    if os.path.isabs(path):
        folder, name = os.path.split(path)
        path = os.path.relpath(os.path.join(os.path.realpath(folder), name), os.getcwd())
    inside = posixpath.normpath(posixpath.join(prefix, path.replace(os.sep, "/")))
    if inside.partition("/")[0] in ("..", "."):
        raise UsageError(
            f"{PREFIX}{ref}:{path}: the path leads out of the repository, or is the whole of it",
            _FORM,
        )
    return inside


def _blob(git: Git, ref: str, commit: str, prefix: str, path: str) -> bytes:
    inside = _inside(prefix, path, ref)
    found = git.asked("ls-tree", "--full-tree", "-z", "-l", commit, "--", inside)
    if found.code:
        raise _failed(f"{path} cannot be looked up at {ref}", found)
    if not found.text:
        raise _missing(git, ref, commit, prefix, path)
    mode, kind, name, size = found.text.partition("\t")[0].split()
    if kind == "tree":
        raise FileUnusable(f"{path} is a directory at {ref}", "Name the file in it.")
    if kind != "blob":
        raise FileUnusable(f"{path} is a submodule at {ref}", "Compare from inside of it.")
    if int(size) > MAX_BYTES:
        raise FileUnusable(
            f"{path} at {ref} is larger than {MAX_BYTES // 2**20} MiB", "Name a smaller file."
        )
    blob = git.asked("cat-file", "blob", name)
    if blob.code:
        raise _failed(f"{path} at {ref} cannot be read", blob)
    if mode == "120000":
        target = blob.text[:200]
        raise FileUnusable(f"{path} is a symbolic link to {target} at {ref}", "Name that file.")
    return blob.octets


def _missing(git: Git, ref: str, commit: str, prefix: str, path: str) -> FileUnusable:
    hint = f"Look with `git log --oneline -- {path}` for the commits that have it."
    from_top = git.asked("ls-tree", "--full-tree", "-z", commit, "--", posixpath.normpath(path))
    if from_top.code == 0 and from_top.text:
        from_here = posixpath.relpath(posixpath.normpath(path), prefix or ".")
        hint = f"Paths are seen from the working directory: write {PREFIX}{ref}:{from_here}"
    elif os.path.lexists(path):
        hint = f"It is in the working tree only: commit it first, or compare with {path} itself."
    return FileUnusable(f"there is no {path} at {ref} (commit {commit[:12]})", hint)


def _unknown(git: Git, ref: str, path: str, shallow: bool) -> UsageError:
    remote = f"origin/{ref}"
    if git.commit(remote) is not None:
        hint = f"Did you mean {PREFIX}{remote}:{path}?"
    elif shallow:
        hint = _SHALLOW
    elif git.commit("HEAD") is None:
        hint = "Nothing was committed here yet."
    else:
        hint = "Check the spelling, or run `git fetch`. REF is a branch, a tag or a commit."
    return UsageError(f"git knows no commit {ref}", hint)


def _outside(text: str, answer: Answer) -> UsageError:
    if answer.is_outside:
        return UsageError(
            f"{text}: this is no git checkout", "Run it inside of the repository, or name a file."
        )
    if answer.is_distrust:
        return UsageError(
            f"{text}: git does not trust this checkout, which belongs to someone else",
            'In CI, run `git config --global --add safe.directory "$PWD"` first.',
        )
    return _failed(f"{text} cannot be looked up", answer)


def _failed(problem: str, answer: Answer) -> FileUnusable:
    return FileUnusable(f"{problem}: {answer.failure}", "Ask git for it by hand to see more.")
