"""The history of a file: what people configure changes nothing, and a slow git ends in time."""

import os
import shutil
from pathlib import Path

import pytest

from mcpverify.facts.release import Descent
from mcpverify.snapshots import history
from mcpverify.snapshots.history import History, PastVersion, history_of
from tests.repositories import commit, git
from tests.snapshots.conftest import PATH


def told(path: str = PATH, at: str | None = None) -> History:
    found = history_of(path, at)
    assert found is not None
    return found


def descents(found: History) -> dict[bytes | None, Descent]:
    return {found.octets(each): found.release(each).descent for each in found.versions}


def contents(found: History) -> list[bytes | None]:
    return [found.octets(version) for version in found.versions]


def test_versions_come_newest_first(repository: Path) -> None:
    assert contents(told()) == [b"two", b"one"]


def test_a_content_that_came_back_is_told_once_where_it_came_last(repository: Path) -> None:
    last = commit("one", PATH)

    found = told()

    assert contents(found) == [b"one", b"two"]
    assert found.versions[0].commits[0].hash == last


@pytest.mark.parametrize(
    "setting",
    [
        "log.showRoot=false",
        "log.showSignature=true",
        "log.follow=true",
        "log.date=relative",
        "log.diffMerges=cc",
        "diff.relative=true",
    ],
)
def test_what_people_configure_changes_nothing(repository: Path, setting: str) -> None:
    git("config", *setting.split("="))

    assert contents(told()) == [b"two", b"one"]


def merged(last: str) -> dict[bytes | None, PastVersion]:
    """The versions, by what they hold, once a branch of two commits was merged."""
    git("checkout", "-q", "-b", "feature", "HEAD~1")
    commit("refused", PATH)
    commit("approved", PATH)
    git("checkout", "-q", "main")
    git("merge", "-q", "--no-ff", "-X", "theirs", "-m", "a merge", "feature")
    commit(last, PATH)
    found = told()
    return dict(zip(contents(found), found.versions, strict=True))


@pytest.mark.parametrize("setting", ["separate", "cc", "off"])
def test_what_a_merge_brought_is_an_old_release(repository: Path, setting: str) -> None:
    git("config", "log.diffMerges", setting)

    version = merged("last")[b"approved"]

    assert told().release(version).descent is Descent.OLDER


def test_what_a_branch_held_before_it_was_merged_is_none(repository: Path) -> None:
    version = merged("last")[b"refused"]

    assert told().release(version).descent is Descent.ELSEWHERE


def test_a_file_that_was_put_back_is_older_than_what_head_has(repository: Path) -> None:
    git("checkout", "-q", "HEAD~1", "--", PATH)

    assert descents(told()) == {b"two": Descent.NEWER, b"one": Descent.OLDER}


def test_of_equal_contents_the_older_one_counts(repository: Path) -> None:
    base = git("rev-parse", "HEAD")
    commit("one", PATH)

    assert descents(told(at=base))[b"one"] is Descent.OLDER


def test_a_history_that_git_cannot_tell_whole_is_said_so(repository: Path) -> None:
    git("config", "diff.orderFile", "is-not-there")

    assert "order" in told().problem


def test_what_was_held_under_another_name_is_said_not_to_be_searched(repository: Path) -> None:
    git("mv", PATH, "snapshots/other.json")
    git("commit", "-q", "-m", "renamed")
    commit("three", "snapshots/other.json")

    found = told("snapshots/other.json")

    assert contents(found) == [b"three", b"two"]
    assert "another name" in found.problem


def test_a_file_that_was_never_renamed_has_no_such_problem(repository: Path) -> None:
    assert told().problem == ""


@pytest.mark.parametrize(
    ("name", "value"), [("GIT_DIR", ".git"), ("GIT_ICASE_PATHSPECS", "1"), ("GIT_PREFIX", "x/")]
)
def test_what_hooks_are_given_changes_nothing(
    repository: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    assert contents(told()) == [b"two", b"one"]


def test_a_stash_is_no_release(repository: Path) -> None:
    (repository / PATH).write_text("not committed")
    git("stash", "-q")

    assert contents(told()) == [b"two", b"one"]


def test_a_removal_is_no_version(repository: Path) -> None:
    git("rm", "-q", PATH)
    git("commit", "-q", "-m", "removed")
    commit("again", PATH)

    assert contents(told()) == [b"again", b"two", b"one"]


def test_a_path_is_no_pattern(repository: Path) -> None:
    commit("a star", "snapshots/*.json")

    assert contents(told("snapshots/*.json")) == [b"a star"]


def test_a_file_may_be_named_from_elsewhere(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    assert contents(told(str(repository / PATH))) == [b"two", b"one"]


def test_a_version_is_seen_from_the_working_directory(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = git("rev-parse", "HEAD~1")
    monkeypatch.chdir(repository / "snapshots")

    found = told("weather.json", head)

    assert found.base == head
    assert descents(found) == {b"two": Descent.NEWER, b"one": Descent.OLDER}


def test_a_slow_git_is_given_up(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.which("git")
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text(f'#!/bin/sh\ncase "$*" in *" log "*) exec sleep 30;; esac\nexec {real} "$@"\n')
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(history, "SECONDS", 0.5)

    found = told()

    assert found.versions == ()
    assert found.problem == history.SLOW
